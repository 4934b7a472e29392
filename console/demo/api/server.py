"""The server: TLS on loopback, who asks, what is asked, and the answer."""

import asyncio
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from console.demo.api.access import Access
from console.demo.api.call import plain, refuse
from console.demo.api.connections import LOOPBACK, Port, reset
from console.demo.api.errors import ApiError
from console.demo.api.faults import Fault, Faults
from console.demo.api.kubeconfig import kubeconfig
from console.demo.api.ownership import Ownership
from console.demo.api.pods import Logs, started
from console.demo.api.routes import Routes
from console.demo.api.store import ObjectStore
from console.demo.listener import Listener

ADMIN = "admin"


class ApiServer:
    """Serves a store. ``folder`` must be private: it gets the server's key.

    ``access`` says who may, ``faults`` lets things go wrong, ``version`` is what ``/version`` tells (``vX.Y.Z``),
    ``logs`` gives what pods have written. All of them may be changed while it runs.
    """

    def __init__(self, store: ObjectStore, folder: Path, *, cluster: str = "home", version: str = "v1.36.2") -> None:
        self.store = store
        self.cluster = cluster
        self.version = version
        self.access = Access()
        self.faults = Faults()
        self.ownership = Ownership(store)
        self.logs: Logs = started
        self._folder = folder
        self._port: Port | None = None
        self._tls: ssl.SSLContext | None = None
        self._server: web.Server | None = None
        self._listener: Listener | None = None
        self._routes = Routes(self)
        self._token = self.access.token(ADMIN, ("system:masters",))

    @property
    def running(self) -> bool:
        """Whether it answers."""
        return self._listener is not None

    @property
    def url(self) -> str:
        """Where it answers; the same after a restart."""
        if self._port is None:
            raise RuntimeError("the server was never started")
        return f"https://{LOOPBACK}:{self._port.number}"

    async def start(self, port: int = 0) -> None:
        """Answer from now on: on ``port`` or, with 0, on a free one; later starts stay on the first one's."""
        if self._listener is not None:
            return
        if self._tls is None:
            self._tls = self._make_tls()
        if self._port is None:
            self._port = Port(port)
        self._server = web.Server(self._handle, handler_cancellation=True, keepalive_timeout=75)
        self._listener = Listener(self._port.listener(), self._server, self._tls)

    async def stop(self) -> None:
        """Refuse new connections, reset all others: as when the machine is switched off."""
        listener, server, self._listener, self._server = self._listener, self._server, None, None
        if listener is None or server is None:
            return
        await listener.close()
        for connection in list(server.connections):
            reset(connection.transport)
        await server.shutdown(1)
        await asyncio.sleep(0)  # what was aborted is closed in the next round

    def kubeconfig(self, user: str = ADMIN, *, token: str = "") -> str:
        """A kubeconfig for ``user``, with ``token`` or the administrator's."""
        return kubeconfig(self.cluster, self.url, self.certificate_authority, user, token or self._token)

    @property
    def certificate_authority(self) -> bytes:
        """What clients trust, PEM."""
        return (self._folder / "ca.crt").read_bytes()

    def _make_tls(self) -> ssl.SSLContext:
        from console.demo.api.certificates import Authority, write  # noqa: PLC0415  (only who serves waits for it)

        self.authority = Authority(self.cluster)
        (self._folder / "ca.crt").write_bytes(self.authority.certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*write(self.authority.server(), self._folder, "server"))
        context.load_verify_locations(self._folder / "ca.crt")
        context.verify_mode = ssl.CERT_OPTIONAL
        context.set_alpn_protocols(["http/1.1"])
        return context

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if not self.running:  # a connection that was being made when the server stopped
            reset(request.transport)
            return plain("", 503)
        if _is_a_page_s(request):
            return refuse(ApiError(403, "Forbidden", "a web page, or another host's name, has no business here"))
        fault = self.faults.due(request)
        if fault and fault.hang:
            await self.faults.released()
        if fault and (fault.status or fault.text is not None):
            return _broken(fault)
        try:
            response = await self._routes.answer(request, fault)
        except ApiError as error:
            response = refuse(error)
        response_headers(response)
        if fault and fault.cut_after is not None and isinstance(response, web.Response):
            return await _cut(request, response, fault.cut_after)
        return response


def _is_a_page_s(request: web.BaseRequest) -> bool:
    """Whether a browser asks for a page, or by a name that somebody made mean the loopback (DNS rebinding)."""
    host = urlsplit(f"//{request.headers.get('Host', LOOPBACK)}").hostname
    return "Origin" in request.headers or host not in {LOOPBACK, "::1", "localhost"}


def response_headers(response: web.StreamResponse) -> None:
    """What every answer carries, unless it has begun already."""
    if not response.prepared:
        response.headers.setdefault("Cache-Control", "no-cache, private")


def _broken(fault: Fault) -> web.Response:
    if fault.text is not None:
        return plain(fault.text, fault.status)
    reasons = {401: "Unauthorized", 403: "Forbidden", 410: "Expired", 429: "TooManyRequests", 503: "ServiceUnavailable"}
    reason = reasons.get(fault.status, "InternalError")
    return refuse(ApiError(fault.status, reason, f"told to answer {fault.status}", retry_after=fault.retry_after))


async def _cut(request: web.BaseRequest, response: web.Response, after: int) -> web.StreamResponse:
    body = response.body if isinstance(response.body, bytes) else b""
    part = web.StreamResponse(status=response.status, headers={"Content-Type": "application/json"})
    part.content_length = len(body)
    await part.prepare(request)
    await part.write(body[:after])
    if request.transport is not None:
        request.transport.close()
    return part
