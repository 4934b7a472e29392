"""The console with all that it would write to its terminal kept: the same frame writer, no terminal needed."""

import contextlib
import inspect
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver
from textual.screen import Screen

from console.ui.app import ConsoleApp
from console.ui.ports import Desk
from tests.ui.user import User


class _Recorder(HeadlessDriver):
    """Keeps what is written."""

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self.written: list[str] = []

    def write(self, data: str) -> None:
        self.written.append(data)


class Recorded(ConsoleApp):
    """Headless but for the moment in which a frame is written."""

    CSS_PATH = str(Path(inspect.getfile(ConsoleApp)).with_name("console.tcss"))
    _writes = False

    @property
    def is_headless(self) -> bool:
        return not self._writes

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: tuple[int, int] | None) -> Driver:
        del headless, inline
        self._driver = _Recorder(self, mouse=mouse, size=size)
        return self._driver

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self._writes = True
        try:
            super()._display(screen, renderable)
        finally:
            self._writes = False

    @property
    def written(self) -> bytes:
        """Everything so far, as bytes."""
        assert isinstance(self._driver, _Recorder)
        return "".join(self._driver.written).encode("utf-8", "surrogateescape")


@contextlib.asynccontextmanager
async def recording(desk: Desk, size: tuple[int, int]) -> AsyncIterator[tuple[User, Recorded]]:
    """A console on ``desk``, open while inside."""
    app = Recorded(desk)
    async with app.run_test(size=size) as pilot:
        user = User(app, pilot)
        await user._until(lambda: bool(app.scene.views), "a first scene on", 60)
        yield user, app
    assert app.work.join(60)
