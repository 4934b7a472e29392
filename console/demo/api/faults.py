"""Bad days of a server, on request: for tests and for those who want to see what the console makes of them."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from console.demo.api.connections import reset
from console.demo.api.subscription import Subscription

ANY = ""


@dataclass(slots=True)
class Fault:
    """For the next ``times`` requests whose path and query contain ``path`` and whose method is ``method``."""

    times: int
    path: str = ANY
    method: str = ANY
    status: int = 0  # answered in the place of the real answer
    text: str | None = None
    retry_after: int | None = None
    hang: bool = False
    cut_after: int | None = None  # bytes of the body

    def concerns(self, request: web.BaseRequest) -> bool:
        """Whether it applies to this request."""
        return self.times > 0 and self.path in request.path_qs and self.method in {ANY, request.method}


class Faults:
    """Nothing goes wrong until it is told to."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._streams: list[tuple[asyncio.BaseTransport | None, Subscription]] = []
        self._released = asyncio.Event()

    def answer(
        self, status: int, times: int = 1, *, retry_after: int | None = None, path: str = ANY, method: str = ANY
    ) -> None:
        """Answer the next requests with ``status`` (and ``Retry-After`` in seconds)."""
        self._faults.append(Fault(times, path, method, status=status, retry_after=retry_after))

    def garble(self, text: str, times: int = 1, *, status: int = 200, path: str = ANY) -> None:
        """Answer the next requests with this text in the place of JSON."""
        self._faults.append(Fault(times, path, status=status, text=text))

    def hang(self, times: int = 1, *, path: str = ANY, method: str = ANY) -> None:
        """Don't answer the next requests, until ``release``."""
        self._faults.append(Fault(times, path, method, hang=True))

    def drop(self, after: int, times: int = 1, *, path: str = ANY, method: str = ANY) -> None:
        """Reset the connections of the next requests when ``after`` bytes of the body are sent."""
        self._faults.append(Fault(times, path, method, cut_after=after))

    def release(self) -> None:
        """All is well from now on, also for those who hang."""
        self._faults.clear()
        self._released.set()
        self._released = asyncio.Event()

    @property
    def watches(self) -> int:
        """How many watch streams are open."""
        return len(self._streams)

    def cut_watches(self) -> None:
        """Reset the connections of all watch streams now."""
        for transport, _ in list(self._streams):
            reset(transport)

    def end_watches(self) -> None:
        """End all watch streams cleanly now."""
        for _, subscription in list(self._streams):
            subscription.close()

    # For the server

    def due(self, request: web.BaseRequest) -> Fault | None:
        """The fault that applies to this request; counts it."""
        fault = next((fault for fault in self._faults if fault.concerns(request)), None)
        if fault:
            fault.times -= 1
        return fault

    async def released(self) -> None:
        """Until all is well."""
        await self._released.wait()

    @contextlib.contextmanager
    def stream(self, transport: asyncio.BaseTransport | None, subscription: Subscription) -> Iterator[None]:
        """While inside, this stream can be cut or ended."""
        entry = (transport, subscription)
        self._streams.append(entry)
        try:
            yield
        finally:
            self._streams.remove(entry)
