"""What can be done with any text that is read: hand it to a pager or an editor, keep it in a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from console.ui.messages import Ended
from console.ui.screens.base import Place
from console.ui.widgets.text import Text

if TYPE_CHECKING:
    from console.ui.app import ConsoleApp


class TextVerbs:
    """Bound to one app. What is handed on is what is shown: its secrets are masked as they are on the screen."""

    _app: "ConsoleApp"

    def do_pager(self) -> None:
        """In the operator's pager, which gets the screen."""
        self._hand_over("pager")

    def do_editor(self) -> None:
        """In the operator's editor; what is changed there changes nothing here."""
        self._hand_over("editor")

    def _hand_over(self, what: str) -> None:
        from console.ui.editor import lend, looked_at  # noqa: PLC0415 - only where it is asked for

        def back(ended: Ended) -> None:
            if ended.error:
                self._app.tell(f"{what}: {ended.error.message} {ended.error.hint}", "bad")

        text = self._text()
        if text is not None:
            lend(self._app, what, lambda guest: looked_at(guest, what, text), back)

    def do_save(self) -> None:
        """It needs a name."""
        self._app.tell("save: where to? :save FILE")

    def name_save(self, word: str) -> None:
        """Into the file of that name, which only its owner can read. One that is there is asked about."""
        text, path = self._text(), Path(os.path.expanduser(word))  # noqa: PTH111 - Path's raises for an unknown ~name
        if text is None:
            return
        with self._saving(path):
            if not path.exists():
                self._save(path, text, os.O_EXCL)
            elif not path.is_file():
                self._app.tell(f"save: {path} is no file", "bad")
            else:
                title = f"Overwrite {path.name}"
                told = f"{path} is there already, {path.stat().st_size} bytes."
                self._app.confirm(title, told, then=lambda _: self._save(path, text, 0))

    def _save(self, path: Path, text: str, only: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | only
        with self._saving(path):
            with open(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123 - with its mode
                os.fchmod(file.fileno(), 0o600)
                file.truncate()
                file.write(f"{text}\n")
            count = len(text.splitlines())
            self._app.tell(f"{count} {'line is' if count == 1 else 'lines are'} in {path}", "")

    @contextmanager
    def _saving(self, path: Path) -> Iterator[None]:
        """What is no path (a name that is too long, a NUL in it), or can't be looked at or written, is told."""
        try:
            yield
        except (OSError, ValueError) as error:
            self._app.tell(f"save: {getattr(error, 'strerror', None) or error}: {path}", "bad")

    def _text(self) -> str | None:
        screen = self._app.screen
        reader = screen.reader if isinstance(screen, Place) else None
        return reader.plain() if isinstance(reader, Text) else None
