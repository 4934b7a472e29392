"""An embedded cluster in a thread of its own, for callers without an event loop."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

from console.demo.cluster import DemoCluster
from console.demo.world import Topology

Result = TypeVar("Result")


class DemoThread:
    """``with DemoThread(topology) as demo``. ``call`` runs something on the cluster's loop and gives its result."""

    def __init__(self, topology: Topology, *, within: Path | None = None) -> None:
        self.cluster = DemoCluster(topology, within=within)
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def __enter__(self) -> "DemoThread":
        self._thread.start()
        self._ready.wait()
        if self._error:
            self._thread.join()
            raise self._error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop and self._over:
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        if self._error and error is None:
            raise self._error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cluster, name)

    def call(
        self,
        function: "Callable[[], Result] | Callable[[], Awaitable[Result]]",
        *,
        timeout: float = 30,
    ) -> Result:
        """Run ``function`` (a coroutine function, too) on the cluster's loop; its result, or its exception."""

        async def run() -> Any:
            result = function()
            return await result if inspect.isawaitable(result) else result

        assert self._loop is not None  # noqa: S101 - inside the with block there is one
        return cast("Result", asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout))

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            self._error = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with self.cluster:
            self._ready.set()
            await self._over.wait()
