"""An embedded API server in a thread of its own, driven from a test as if by an operator and his controllers."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

from console.demo.api.faults import Fault, Faults
from console.demo.api.server import ApiServer
from console.demo.api.store import ObjectStore

T = TypeVar("T")
Object = dict[str, Any]


class Home:
    """The server and its store; every call runs on the server's own loop and waits for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="home", daemon=True)
        self._thread.start()
        self.store = ObjectStore(lambda: datetime.now(UTC).replace(microsecond=0))
        self.server = ApiServer(self.store, folder)
        self.requests: list[str] = []
        self._record()
        self.up()
        self.kubeconfig.write_text(self.does(self.server.kubeconfig))

    def does(self, call: Callable[..., T], *arguments: Any, **keywords: Any) -> T:
        """Run a plain function on the loop."""

        async def run() -> T:
            return call(*arguments, **keywords)

        return self.waits(run())

    def waits(self, awaitable: Awaitable[T]) -> T:
        """Run a coroutine on the loop."""

        async def run() -> T:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def _record(self) -> None:
        """Note every request's path and query, in their order."""
        due = self.server.faults.due

        def noted(request: web.BaseRequest) -> Fault | None:
            self.requests.append(f"{request.method} {request.path_qs}")
            return due(request)

        self.server.faults.due = noted  # type: ignore[method-assign]

    @property
    def faults(self) -> Faults:
        return self.server.faults

    def up(self) -> None:
        self.waits(self.server.start())

    def down(self) -> None:
        self.waits(self.server.stop())

    def create(self, *objects: Object) -> None:
        for item in objects:
            self.does(self.store.create, {key: value for key, value in item.items() if key != "status"})
            if "status" in item:
                metadata = item["metadata"]
                self.status(item["kind"], metadata["name"], metadata.get("namespace", ""), item["status"])

    def status(self, kind: str, name: str, namespace: str, status: Object) -> None:
        self.does(self.store.set_status, kind, name, namespace, status)

    def patch(self, kind: str, name: str, namespace: str, patch: Object) -> None:
        self.does(self.store.patch, kind, name, namespace, patch)

    def delete(self, kind: str, name: str, namespace: str = "") -> None:
        self.does(self.store.delete, kind, name, namespace)

    def end(self) -> None:
        with contextlib.suppress(Exception):
            self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


@contextlib.contextmanager
def home(folder: Path) -> Iterator[Home]:
    """A server that ends with the block."""
    server = Home(folder)
    try:
        yield server
    finally:
        server.end()
