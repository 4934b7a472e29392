"""Drives the console as a person does: looks at the screen, presses keys, types."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

from textual._context import visible_screen_stack
from textual.pilot import Pilot

from console.ui.app import ConsoleApp
from console.ui.ports import Desk

SMALL = (80, 24)
LARGE = (140, 45)


class User:
    """One person at one console."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> str:
        """All that is on the screen, as lines."""
        visible_screen_stack.set(self.app._background_screens)
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    @property
    def waits(self) -> bool:
        """Whether an answer is still to come."""
        return self.app.work.waits

    def line(self, text: str) -> str:
        """The first line in which ``text`` stands."""
        return next((line for line in self.screen.split("\n") if text in line), "")

    async def sees(self, *texts: str, seconds: float = 60) -> None:
        """Each of ``texts`` is on the screen, now or as soon as what runs is done."""
        await self._until(lambda: all(text in self.screen for text in texts), f"{texts} on", seconds)

    async def does_not_see(self, *texts: str) -> None:
        """None of ``texts`` is on the screen, now or soon."""
        await self._until(lambda: not any(text in self.screen for text in texts), f"{texts} gone from")

    async def presses(self, *keys: str) -> None:
        """Keys, one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def types(self, text: str) -> None:
        """Characters."""
        await self.presses(*(_KEYS.get(character, character) for character in text))

    async def _until(self, holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            await self.pilot.pause()
            if holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"waited for {what} the screen:\n{self.screen}")


_KEYS = {
    " ": "space",
    "/": "slash",
    ":": "colon",
    "!": "exclamation_mark",
    "?": "question_mark",
    ".": "full_stop",
    "-": "minus",
}


@contextlib.asynccontextmanager
async def using(desk: Desk, size: tuple[int, int] = SMALL, *, ascii_only: bool = False) -> AsyncIterator[User]:
    """A console on ``desk``, open while inside."""
    app = ConsoleApp(desk, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        user = User(app, pilot)
        await user._until(lambda: bool(app.scene.views), "a first scene on")
        yield user
    assert app.work.join(60)
