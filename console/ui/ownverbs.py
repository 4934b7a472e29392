"""Commands of the operator's own on what is chosen, in the background or with the screen handed over."""

import shlex
from functools import partial
from typing import TYPE_CHECKING

from console.model.redaction import redacted
from console.sources.errors import HomeconsoleError
from console.ui.messages import Ended
from console.ui.screens.base import Place
from console.ui.screens.home import Home

if TYPE_CHECKING:
    from console.model.own import Command
    from console.ui.app import ConsoleApp
    from console.ui.editor import Guest
    from console.ui.ports import Desk

_Words = tuple[list[str], dict[str, str]]


class OwnVerbs:
    """Bound to one app."""

    _app: "ConsoleApp"

    def do_own(self, command: "Command") -> None:
        """On the row under the cursor, or on each that is marked; after a question, where it is to be asked."""
        screen = self._app.screen
        if not isinstance(screen, Place):
            return
        scope = screen.place.removesuffix(" details")
        chosen = [row.key for row in screen.open.chosen] if isinstance(screen, Home) else [screen.situation().key]
        try:
            words = [self._app.desk.words(command, scope, key) for key in chosen]
        except HomeconsoleError as error:
            self._app.refuse(command.name, error.message, error.hint)
            return
        if command.confirm:
            lines = "\n".join(f"  {redacted(shlex.join(argv))}" for argv, _ in words)
            self._app.confirm(
                command.name.capitalize(), f"Run on this machine:\n{lines}", then=partial(self._run, command, words)
            )
        else:
            self._run(command, words)

    def _run(self, command: "Command", words: list[_Words], _: str = "") -> None:
        if not command.foreground:
            self._app.open("output", "Output", command, words)
            return
        from console.ui.editor import lend  # noqa: PLC0415 - only where it is asked for

        def back(ended: Ended) -> None:
            if ended.error:
                self._app.refuse(command.name, ended.error.message, ended.error.hint)
            elif ended.result:
                self._app.tell(f"{command.name}: {ended.result}", "bad")

        lend(self._app, command.name, partial(_on_terminal, self._app.desk, command, words), back)


def _on_terminal(desk: "Desk", command: "Command", words: list[_Words], guest: "Guest") -> str:
    """One after the other; which of them failed, and how."""
    for argv, env in words:
        with desk.standing(command) as ways:
            code = guest.run(argv, {**env, **ways}, "Is it installed, and on PATH?")
        if code:
            return f"{argv[0]} ended with {code}"
    return ""
