"""An API server under test, as clients see it; and the embedded one, running in a thread of its own."""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import urllib3

from console.demo.api.server import ApiServer
from console.demo.api.store import ObjectStore

T = TypeVar("T")
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
TALOS = "/apis/tuppr.home-operations.com/v1alpha1/talosupgrades"
KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1"


@dataclass(frozen=True)
class Target:
    """Where the server is, and two users: ``admin`` may everything, ``viewer`` may get, list and watch pods."""

    url: str
    authority: Path
    admin: str
    viewer: str


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])


class Api:
    """Raw requests of one user."""

    def __init__(self, target: Target, token: str | None = None) -> None:
        self.target = target
        self._token = target.admin if token is None else token
        self._pool = urllib3.PoolManager(ca_certs=str(target.authority), retries=False, timeout=10)

    def __call__(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, /, **query: str
    ) -> Answer:
        response = self.raw(method, path, body, headers or {}, query)
        return Answer(response.status, response.headers, response.data)

    def raw(
        self,
        method: str,
        path: str,
        body: Any,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        *,
        preload: bool = True,
    ) -> urllib3.BaseHTTPResponse:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        sent |= {"Content-Type": "application/json"} if data else {}
        url = self.target.url + path
        return self._pool.request(
            method,
            url + ("?" if query else "") + urlencode(query),
            body=data,
            headers=sent | dict(headers),
            preload_content=preload,
        )

    def get(self, path: str, headers: Mapping[str, str] | None = None, /, **query: str) -> Answer:
        return self("GET", path, None, headers, **query)

    def post(self, path: str, body: Any, /, **query: str) -> Answer:
        return self("POST", path, body, **query)

    def patch(self, path: str, body: Any, media: str = MERGE, /, **query: str) -> Answer:
        return self("PATCH", path, body, {"Content-Type": media}, **query)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """Creates; the object."""
        answer = self.post(path, body)
        assert answer.status == 201, answer.body
        created: dict[str, Any] = answer.json
        return created

    @contextmanager
    def watching(self, path: str, headers: Mapping[str, str] | None = None, /, **query: str) -> Iterator["Watching"]:
        response = self.raw("GET", path, None, headers or {}, {"watch": "true", **query}, preload=False)
        try:
            yield Watching(response)
        finally:
            response.close()

    def close(self) -> None:
        self._pool.clear()


class Watching:
    """A watch stream, event by event."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.response = response
        self.bytes = b""
        self._chunks = response.stream(amt=None, decode_content=False)
        self._rest = b""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self

    def __next__(self) -> dict[str, Any]:
        while b"\n" not in self._rest:
            chunk = next(self._chunks)
            self.bytes += chunk
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        event: dict[str, Any] = json.loads(line)
        return event

    def names(self, count: int) -> list[tuple[str, str]]:
        """(type, object's name) of the next events."""
        return [(event["type"], event["object"]["metadata"]["name"]) for event in islice(self, count)]


class Embedded:
    """The embedded server on a loop of its own."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="embedded")
        self._thread.start()
        self.store = ObjectStore(lambda: datetime.now(UTC))
        self.server = ApiServer(self.store, folder)
        self.server.access.authorize = may
        self.run(self.server.start)
        for name in ("default", "kube-system", "flux-system"):
            self.do(self.store.create, {"kind": "Namespace", "metadata": {"name": name}, "status": {"phase": "Active"}})
        kubeconfig = json.loads(self.server.kubeconfig())
        admin = kubeconfig["users"][0]["user"]["token"]
        self.target = Target(self.server.url, folder / "ca.crt", admin, self.server.access.token("viewer"))

    def run(self, coroutine: Callable[[], Awaitable[T]]) -> T:
        """On the loop, to its end."""

        async def whole() -> T:
            return await coroutine()

        return asyncio.run_coroutine_threadsafe(whole(), self.loop).result(20)

    def do(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """A function, on the loop."""

        async def whole() -> T:
            return function(*args, **kwargs)

        return asyncio.run_coroutine_threadsafe(whole(), self.loop).result(20)

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits; fails when it does not come about."""
        give_up = time.monotonic() + 10
        while not self.do(holds):
            assert time.monotonic() < give_up
            threading.Event().wait(0.01)

    def close(self) -> None:
        self.run(self.server.stop)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


def may(*asked: str) -> bool:
    """What the two users may."""
    user, verb, _, resource, *_ = asked
    return user == "admin" or (verb in {"get", "list", "watch"} and resource == "pods")


def unique(stem: str) -> str:
    """A name that no other test uses."""
    return f"{stem}-{uuid.uuid4().hex[:8]}"


def upgrade(name: str, version: str = "v1.13.8", **metadata: Any) -> dict[str, Any]:
    """A TalosUpgrade."""
    kind = {"apiVersion": "tuppr.home-operations.com/v1alpha1", "kind": "TalosUpgrade"}
    return {**kind, "metadata": {"name": name, **metadata}, "spec": {"talos": {"version": version}}}


def config(name: str, labels: Mapping[str, str] | None = None, **data: str) -> dict[str, Any]:
    """A ConfigMap."""
    metadata = {"name": name, **({"labels": labels} if labels else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def pod(name: str, node: str = "", **labels: str) -> dict[str, Any]:
    """A Pod."""
    spec = {"containers": [{"name": "main", "image": "example/main:1"}], **({"nodeName": node} if node else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": spec}


def node(name: str) -> dict[str, Any]:
    """A Node with all that typed clients require."""
    info = ("bootID", "kubeProxyVersion", "machineID", "operatingSystem", "systemUUID")
    status = {
        "conditions": [{"type": "Ready", "status": "True"}],
        "addresses": [{"type": "InternalIP", "address": "10.0.0.11"}],
        "nodeInfo": {
            **dict.fromkeys(info, "x"),
            "architecture": "amd64",
            "containerRuntimeVersion": "containerd://2.1.4",
            "kernelVersion": "6.18.1-talos",
            "kubeletVersion": "v1.36.2",
            "osImage": "Talos (v1.13.7)",
        },
    }
    labels = {"node-role.kubernetes.io/control-plane": ""}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}, "status": status}


def event(name: str, about: Mapping[str, str], kind: str = "Normal") -> dict[str, Any]:
    """A core Event."""
    body = {"reason": "Told", "message": "as it is", "type": kind, "involvedObject": about, "count": 1}
    return {"apiVersion": "v1", "kind": "Event", "metadata": {"name": name}, **body}
