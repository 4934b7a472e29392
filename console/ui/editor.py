"""The operator's editor, pager or command, with the terminal lent to it and taken back whole.

It runs in a thread of its own. The loop goes on meanwhile: what happens is seen and told (see herald), but not drawn.
"""

import contextlib
import os
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.sources.errors import Refused
from console.sources.folder import private_folder
from console.ui.messages import Ended

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp


class Guest:
    """Who has the terminal. In our own process group, so that ctrl-z stops both, and ``fg`` brings both back."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._unwanted = False

    def run(
        self, words: Sequence[str], env: Mapping[str, str] | None = None, hint: str = "Set EDITOR, or PAGER."
    ) -> int:
        """Its exit code. It has no deadline: a person is at work in it. Refused when it can't be started."""
        try:
            process = subprocess.Popen(words, env=env)
        except OSError as error:
            raise Refused(f"{words[0]} can't be started: {error.strerror}.", hint) from None
        with process:
            self._process = process
            if self._unwanted:
                self.send(signal.SIGHUP)
            return process.wait()

    def hang_up(self) -> None:
        """The terminal is wanted back for good: whoever works in it is told as when a line drops, and keeps what an
        editor keeps then. Once: vim drops all at a second signal."""
        if not self._unwanted:
            self._unwanted = True
            self.send(signal.SIGHUP)

    def send(self, number: signal.Signals) -> None:
        """To whoever works in it, as far as that is ours to send (sudoedit is not)."""
        if self._process:
            with contextlib.suppress(OSError):
                self._process.send_signal(number)


def lend(app: "ConsoleApp", what: str, run: Callable[[Guest], Any], then: Callable[[Ended], None]) -> None:
    """Lend the terminal to what ``run`` runs; once it is back ``then`` gets what ``run`` gave. Returns at once.
    While another has it (an answer may come late) it is lent after that one."""
    if app.guest:
        app.next_guests.append(partial(lend, app, what, run, then))
        return
    guest, lent = Guest(), contextlib.ExitStack()
    if not app.is_headless:
        lent.enter_context(app.suspend())
        lent.enter_context(_keys_are_its_own())
    app.guest = guest

    def back(ended: Ended) -> None:
        app.guest = None
        lent.close()
        then(ended)
        app.taken_back()

    app.work.ask(what, lambda: run(guest), back)


def edited(guest: Guest, path: str, data: bytes) -> bytes:
    """``data`` as it is when the editor (VISUAL, EDITOR, else vi) ends; ``path`` gives the copy its name.

    Refused when the editor can't be started, says by its exit code that it is not meant, or leaves no such file; and
    when there is no room for the copy.
    """
    words = _words()
    with private_folder("edit") as folder:
        copy = folder / Path(path).name
        copy.write_bytes(data)
        code = guest.run([*words, str(copy)])
        if code:
            raise Refused(f"{words[0]} ended with {code}: nothing is changed.", "Set EDITOR to one that works here.")
        try:
            return copy.read_bytes()
        except OSError as error:
            text = f"{words[0]} left no file to read: {error.strerror}. Nothing is changed."
            raise Refused(text, "Save the file under its own name.") from None


def looked_at(guest: Guest, what: str, text: str) -> None:
    """``text`` in the ``pager`` (PAGER, else less) or the ``editor``; what becomes of the copy is nobody's business.

    Refused as above.
    """
    words = _words() if what == "editor" else _words(("PAGER",), "less")
    with private_folder("read") as folder:
        copy = folder / "text"
        copy.write_text(f"{text}\n", encoding="utf-8")
        code = guest.run([*words, str(copy)])
    if code:
        raise Refused(f"{words[0]} ended with {code}.", f"Set {what.upper()} to one that works here.")


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
