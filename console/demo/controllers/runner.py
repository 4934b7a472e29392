"""Runs controllers as real ones are run: one pass of a key at a time, again on a change, again after a while."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from console.demo.api.errors import ApiError
from console.demo.api.store import Change
from console.demo.controllers.objects import Key
from console.demo.controllers.site import Site

log = logging.getLogger(__name__)

# However fast the demo runs: passes by interval and retries never come more often than this (real seconds), so that
# the machine is left to those who look at the cluster.
SHORTEST_RETRY = 0.2
SHORTEST_INTERVAL = 15.0


class Controller(Protocol):
    """``kinds`` are those whose changes it wants to hear of."""

    kinds: ClassVar[frozenset[str]]

    def concerns(self, change: Change) -> Iterable[Key]:
        """The keys that need a pass because of a change."""

    def first(self) -> Iterable[tuple[Key, float]]:
        """The keys that are there at the start, each with the seconds (of life) until its next pass."""

    async def reconcile(self, key: Key) -> float | None:
        """One pass. Gives the seconds (of life) until the next, or None: only when something changes."""


@dataclass(slots=True)
class _Work:
    task: asyncio.Task[None] | None = None
    timer: asyncio.TimerHandle | None = None
    again: bool = False


@dataclass(slots=True)
class Runner:
    """All controllers on one loop. While ``open`` is not set (the API server is away) no pass begins."""

    site: Site
    controllers: list[Controller]
    open: asyncio.Event = field(default_factory=asyncio.Event)
    failures: list[Exception] = field(default_factory=list)
    _work: dict[tuple[int, Key], _Work] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _stopped: bool = False

    async def run(self) -> None:
        """Until cancelled."""
        kinds = {kind for controller in self.controllers for kind in controller.kinds}
        subscription = self.site.store.watch(kinds)
        self.open.set()
        try:
            for number, controller in enumerate(self.controllers):
                for key, delay in controller.first():
                    self._later(number, key, delay)
            while changes := await subscription.take():
                for change in changes:
                    self._tell(change)
        finally:
            subscription.close()
            await self.stop()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside the passes; it ends with the runner."""
        task = asyncio.get_running_loop().create_task(self._guarded(coroutine))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: coroutine.close())  # where it was cancelled before it began
        return task

    async def stop(self) -> None:
        """Cancel whatever runs or waits."""
        self._stopped = True
        for work in self._work.values():
            if work.timer:
                work.timer.cancel()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._work.clear()

    def now(self, controller: Controller, key: Key) -> None:
        """Ask for a pass."""
        self._now(self.controllers.index(controller), key)

    def _tell(self, change: Change) -> None:
        for number, controller in enumerate(self.controllers):
            if change.kind in controller.kinds:
                for key in controller.concerns(change):
                    self._now(number, key)

    def _now(self, number: int, key: Key) -> None:
        if self._stopped:
            return
        work = self._work.setdefault((number, key), _Work())
        if work.timer:
            work.timer.cancel()
            work.timer = None
        if work.task:
            work.again = True
        else:
            work.task = self.spawn(self._pass(number, key, work))

    def _later(self, number: int, key: Key, seconds: float) -> None:
        if self._stopped:
            return
        work = self._work.setdefault((number, key), _Work())
        if work.timer:
            work.timer.cancel()
        shortest = SHORTEST_INTERVAL if seconds >= 300 else SHORTEST_RETRY
        real = max(seconds / self.site.clock.speed, min(shortest, seconds))
        work.timer = asyncio.get_running_loop().call_later(real, self._now, number, key)

    async def _pass(self, number: int, key: Key, work: _Work) -> None:
        next_in: float | None = 60
        try:
            await self.open.wait()
            next_in = await self.controllers[number].reconcile(key)
        except ApiError as error:
            if error.code == 404:  # deleted while we worked on it
                next_in = None
            else:
                self._failed(error)
        except Exception as error:  # noqa: BLE001 - one controller's defect must not stop the others; tests look here
            self._failed(error)
        finally:
            work.task = None
        if work.again:
            work.again = False
            self._now(number, key)
        elif next_in is not None:
            self._later(number, key, next_in)

    async def _guarded(self, coroutine: Coroutine[Any, Any, None]) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            try:
                await coroutine
            except Exception as error:  # noqa: BLE001 - as above
                self._failed(error)

    def _failed(self, error: Exception) -> None:
        self.failures.append(error)
        log.error("a controller of the demo failed", exc_info=error)
