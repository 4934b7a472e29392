"""Keys one after the other. Textual (8.2.8) hands a key to the screen, which hands it back, before it does what the key
stands for; what came with it in one piece, as over a slow line or from a paste, has been to the screen by then. What
was typed behind ``/`` or ``:`` would press keys.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import App
from textual.screen import Screen

if TYPE_CHECKING:
    from console.ui.editor import Guest

_TURNS = 20  # of the loop: what a key has posted (a line that ends, a dialog that closes) is done before the next key
_OPENING = 5.0  # seconds that a screen gets to stand


class InOrder(App[int]):
    """An app whose screens take keys and pastes by themselves (``on_key``, ``on_paste``): no widget has the focus."""

    guest: "Guest | None" = None  # who has the terminal

    async def on_event(self, event: events.Event) -> None:
        """See App. A key that was on its way when the terminal was lent is nobody's."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and self.screen_stack:
            if self.guest is None:
                await self._take(event)
        else:
            await super().on_event(event)

    async def _take(self, event: events.Key | events.Paste) -> None:
        screen = self.screen
        await _stands(screen)
        if isinstance(event, events.Paste):
            _given(screen, "on_paste", event)
        elif not await self._check_bindings(event.key, priority=True):
            _given(screen, "on_key", event)
            if not event._stop_propagation:  # noqa: SLF001 - there is no other way to see it
                await self._check_bindings(event.key)
        for _ in range(_TURNS):
            await asyncio.sleep(0)


async def _stands(screen: Screen[Any]) -> None:
    """A screen that opens gets its keys when it is there."""
    mounted: asyncio.Event = screen._mounted_event  # noqa: SLF001 - nor to wait for it
    if not mounted.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(mounted.wait(), _OPENING)


def _given(screen: Any, name: str, event: events.Event) -> None:
    taker: Callable[[events.Event], None] | None = getattr(screen, name, None)
    if taker is not None:
        taker(event)
