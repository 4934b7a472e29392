"""A private folder for a moment."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.sources.errors import Refused


def make_private(folder: Path) -> None:
    """``folder``, and what is missing above it, for this user alone: ``mkdir`` gives its mode to the last one only."""
    for each in reversed([path for path in (folder, *folder.parents) if not path.is_dir()]):
        each.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def private_folder(purpose: str) -> Iterator[Path]:
    """A folder that only this user can read, gone afterwards.

    Refused with kind ``disk`` when it can't be made, or what is done in it can't be: then nothing is, anywhere.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=f"homeconsole-{purpose}-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except OSError as error:
        where = tempfile.gettempdir() if tempfile.tempdir else "the folder for temporary files"
        text = f"{where} can't be written ({error.strerror or error}); nothing was changed."
        raise Refused(text, "Make room there, or set TMPDIR to a folder that has some.", kind="disk") from error
