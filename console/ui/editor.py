"""The operator's editor, pager or command, with the screen handed over to it and taken back whole."""

import contextlib
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.sources.errors import Refused
from console.sources.folder import private_folder

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp


def edited(app: "ConsoleApp", path: str, data: bytes) -> bytes:
    """``data`` as it is when the editor (VISUAL, EDITOR, else vi) ends; ``path`` gives the copy its name.

    Refused when the editor can't be started, says by its exit code that it is not meant, or leaves no such file; and
    when there is no room for the copy.
    """
    words = _words()
    with private_folder("edit") as folder:
        copy = folder / Path(path).name
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


def looked_at(app: "ConsoleApp", what: str, text: str) -> None:
    """``text`` in the ``pager`` (PAGER, else less) or the ``editor``; what becomes of the copy is nobody's business.

    Refused as above.
    """
    words = _words() if what == "editor" else _words(("PAGER",), "less")
    with private_folder("read") as folder:
        copy = folder / "text"
        copy.write_text(f"{text}\n", encoding="utf-8")
        with _handed_over(app):
            code = _run([*words, str(copy)])
    if code:
        raise Refused(f"{words[0]} ended with {code}.", f"Set {what.upper()} to one that works here.")


def run_on_screen(app: "ConsoleApp", argv: Sequence[str], env: Mapping[str, str]) -> int:
    """A command of the operator's own, which has the terminal until it ends; its exit code. Refused when it can't be
    started.
    """
    with _handed_over(app):
        try:
            return subprocess.run(argv, env=env, check=False).returncode
        except OSError as error:
            raise Refused(f"{argv[0]} can't be started: {error.strerror}.", "Is it installed, and on PATH?") from None


def _words(names: Sequence[str] = ("VISUAL", "EDITOR"), usual: str = "vi") -> list[str]:
    """The command that the first of these variables names."""
    for name in names:
        try:
            words = shlex.split(os.environ.get(name, ""))
        except ValueError as error:
            raise Refused(f"{name} is no command: {error}.", f"Set {name} to one.") from None
        if words:
            return words
    return [usual]


def _run(words: list[str]) -> int:
    """Its exit code. It has no deadline: a person is at work in it."""
    try:
        return subprocess.run(words, check=False).returncode
    except OSError as error:
        raise Refused(f"{words[0]} can't be started: {error.strerror}.", "Set EDITOR, or PAGER.") from None


@contextlib.contextmanager
def _handed_over(app: "ConsoleApp") -> Iterator[None]:
    """The terminal is the editor's while inside; what comes to the screen meanwhile waits."""
    if app.is_headless:
        yield
    else:
        with app.suspend(), _keys_are_its_own():
            yield


@contextlib.contextmanager
def _keys_are_its_own() -> Iterator[None]:
    """Ctrl-C and ctrl-\\ reach all that the terminal runs: they are meant for what is seen there, and end nothing here.

    By a handler that does nothing: what is ignored would be ignored by the child, too.
    """
    before = {number: signal.signal(number, _nothing) for number in (signal.SIGINT, signal.SIGQUIT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nothing(*_: Any) -> None:
    """The child's own affair."""
