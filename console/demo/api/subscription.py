"""Listening to the object store."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from console.demo.api.versions import Change, Changes


class Subscription(AsyncIterator[tuple[str, dict[str, Any]]]):
    """Changes of some kinds, in order, none left out. Ends after ``close``."""

    def __init__(self, kinds: frozenset[str], among: "list[Subscription]") -> None:
        self._kinds = kinds
        self._among = among
        self._waiting: list[Change] = []
        self._wake = asyncio.Event()
        self._closed = False

    def tell(self, change: Change) -> None:
        """Called by the store for every change."""
        if change.kind in self._kinds:
            self._waiting.append(change)
            self._wake.set()

    async def take(self) -> Changes:
        """All changes that wait; waits for one when there is none. Empty when closed."""
        await self._come()
        return self.pending()

    def pending(self) -> Changes:
        """All changes that wait, perhaps none."""
        taken, self._waiting = self._waiting, []
        return taken

    async def __anext__(self) -> tuple[str, dict[str, Any]]:
        await self._come()
        if not self._waiting:
            raise StopAsyncIteration
        change = self._waiting.pop(0)
        return change.type, change.new.object

    async def _come(self) -> None:
        while not self._waiting and not self._closed:
            self._wake.clear()
            await self._wake.wait()

    def close(self) -> None:
        """Listen no longer; who waits is let go."""
        if not self._closed:
            self._closed = True
            self._among.remove(self)
            self._wake.set()
