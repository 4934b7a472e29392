"""The operator's editor on a file, with the screen handed over to it and taken back whole."""

import contextlib
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from console.sources.errors import Refused

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp


def edited(app: "ConsoleApp", path: str, data: bytes) -> bytes:
    """``data`` as it is when the editor (VISUAL, EDITOR, else vi) ends; ``path`` gives the copy its name.

    Refused when the editor can't be started, says by its exit code that it is not meant, or leaves no such file.
    """
    words = _words()
    with tempfile.TemporaryDirectory(prefix="homeconsole-edit-") as folder:
        copy = Path(folder) / Path(path).name
        copy.write_bytes(data)
        with _handed_over(app):
            code = _run([*words, str(copy)])
        if code:
            raise Refused(f"{words[0]} ended with {code}: nothing is changed.", "Set EDITOR to one that works here.")
        try:
            return copy.read_bytes()
        except OSError as error:
            text = f"{words[0]} left no file to read: {error.strerror}. Nothing is changed."
            raise Refused(text, "Save the file under its own name.") from None


def _words() -> list[str]:
    """The editor's command."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(os.environ.get(name, ""))
        except ValueError as error:
            raise Refused(f"{name} is no command: {error}.", f"Set {name} to your editor.") from None
        if words:
            return words
    return ["vi"]


def _run(words: list[str]) -> int:
    """The editor's exit code. It has no deadline: a person is at work in it."""
    try:
        return subprocess.run(words, check=False).returncode
    except OSError as error:
        raise Refused(f"{words[0]} can't be started: {error.strerror}.", "Set EDITOR to your editor.") from None


@contextlib.contextmanager
def _handed_over(app: "ConsoleApp") -> Iterator[None]:
    """The terminal is the editor's while inside; what comes to the screen meanwhile waits."""
    if app.is_headless:
        yield
    else:
        with app.suspend():
            yield
