"""Requests to the Kubernetes API: bytes and JSON. Typed models of the official client cost ten times as much."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from kubernetes.client.rest import RESTClientObject
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from console.model.unstructured import decoded
from console.sources.errors import CLOSED, Malformed, SourceError, Unreachable
from console.sources.kubernetes import access, faults
from console.sources.kubernetes.grip import Grip, pools, shut
from console.sources.kubernetes.silence import QUIET, Silence
from console.sources.stop import Stop

CONNECT = 4.0  # seconds
ANSWER = 15.0
PIECE = 16384  # bytes: a list of thousands may come as one chunk; who waits for more keeps no more than this
PROBE = 5.0
RENEW = 5.0  # a refused credential is read again at most this often
JSON = "application/json"
# A node that loses its power says no goodbye: after about 25 s without a sign, a silent connection is given up.
_KEEP_ALIVE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPALIVE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))


@dataclass(frozen=True, slots=True)
class Call:
    """A request. ``doing`` is ``verb resource.group``, as RBAC rules say it."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: object = None
    content_type: str = JSON
    accept: str = JSON
    doing: str = ""


_PROBE = Call("/version", doing="get /version")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's value. Raises Malformed."""
        try:
            return decoded(self.body)
        except ValueError as error:
            raise Malformed("The Kubernetes API answered something that is not JSON") from error


class Stream:
    """An answer without an end."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response
        self.chunks = self._chunks()
        self.heard = time.monotonic()
        self.failure: SourceError | None = None
        sock = getattr(response.connection, "sock", None)
        self._socket = sock if isinstance(sock, socket.socket) else None

    def patience(self, silence: float | None) -> None:
        """How many seconds without a byte are borne; None: any number."""
        if self._socket is not None:
            self._socket.settimeout(silence)

    def fail(self, error: SourceError) -> None:
        """See Silent."""
        self.failure = error
        self.cut()

    def cut(self) -> None:
        """Wake who reads. Below TLS: its object stays as the reader holds it."""
        if self._socket is not None:
            shut(self._socket)

    def _chunks(self) -> Iterator[bytes]:
        try:
            for chunk in self._response.stream(PIECE, decode_content=False):
                self.heard = time.monotonic()
                yield chunk
                del chunk
        except (HTTPError, OSError) as error:
            if self.failure:
                raise self.failure from error
            raise
        if self.failure:
            raise self.failure


class Transport:
    """All requests to one cluster. Thread-safe. Credentials are read again when the server refuses them."""

    def __init__(
        self, kubeconfig: Path | None, context: str | None, stop: Stop | None = None, quiet: float = QUIET
    ) -> None:
        """``quiet``: seconds after which it is asked whether a silent stream's server is still there."""
        self._where = (kubeconfig, context)
        self._lock = threading.Lock()
        self._grip = Grip()
        self._closed = Stop()
        self._silence = Silence(lambda: self.request(_PROBE, PROBE), self._closed, quiet)
        self._generation = 0
        self._renewed = 0.0
        self._complaint = ""
        self.access = access.read(kubeconfig, context, stop)
        self._rest = self._client()

    def request(self, call: Call, timeout: float = ANSWER, stop: Stop | None = None) -> Answer:
        """One request and its whole answer within about ``timeout`` seconds; ``stop`` ends it at once.

        Obeys Retry-After inside that time. Raises SourceError, or Refused, for whatever is not a success.
        """
        end = time.monotonic() + timeout
        ended = stop or self._closed
        while True:
            try:
                with self._grip.under(ended), self._opened(call, max(end - time.monotonic(), 0.1)) as response:
                    return Answer(response.status, _lower(response), response.data)
            except faults.Busy as busy:
                if time.monotonic() + busy.pause >= end or ended.wait(busy.pause):
                    raise
            except (HTTPError, OSError) as error:
                raise self._network(error) from error

    @contextlib.contextmanager
    def stream(self, call: Call, stop: Stop, silence: float | None = None) -> Iterator["Stream"]:
        """What arrives, as it arrives; ``stop`` ends it at once. ``silence``: see ``Stream.patience``."""
        try:
            with contextlib.ExitStack() as stack:
                with self._grip.under(stop):
                    response = stack.enter_context(self._opened(call, ANSWER))
                stream = Stream(response)
                stream.patience(silence)
                stack.enter_context(stop.closing(stream.cut))
                stack.enter_context(self._silence.over(stream))
                yield stream
        except (HTTPError, OSError) as error:
            raise self._network(error) from error

    def closing(self, close: Callable[[], None]) -> contextlib.AbstractContextManager[None]:
        """While inside, ``close`` is called when this is closed; at once if it already is."""
        return self._closed.closing(close)

    def close(self) -> None:
        """Cut every connection: who waits on one, wakes. There is no way back: another one must be made."""
        self._closed.set()
        self._grip.cut_all()
        self._rest.close()

    # Inside

    @contextlib.contextmanager
    def _opened(self, call: Call, timeout: float) -> Iterator[BaseHTTPResponse]:
        if self.access.expired():
            self._renew(self._generation)
        generation = self._generation
        response = self._sent(call, timeout)
        if response.status == 401 and self._renew(generation):
            response.close()
            response = self._sent(call, timeout)
        try:
            if response.status == 401:
                found = self.access
                raise faults.unauthorized(found.host, found.context, found.certificate_expiry, self._complaint)
            if not 200 <= response.status < 300:
                doing = call.doing or f"{call.method} {call.path}"
                raise faults.answered(response.status, response.data, _lower(response), doing)
            yield response
        finally:
            response.close()  # one that was read to its end has given its connection back before

    def _sent(self, call: Call, timeout: float) -> BaseHTTPResponse:
        if self._closed.is_set():
            raise Unreachable("The way to the cluster is closed", kind=CLOSED)
        headers = {
            "accept": call.accept,
            # A compressed watch holds events back.
            "accept-encoding": "identity",
            "user-agent": "homeconsole",
            **self.access.headers(),
        }
        if call.body is not None:
            headers["content-type"] = call.content_type
        response: BaseHTTPResponse = self._rest.pool_manager.request(
            call.method,
            self.access.host + call.path + (f"?{urlencode(call.query)}" if call.query else ""),
            body=None if call.body is None else json.dumps(call.body).encode(),
            headers=headers,
            preload_content=False,
            redirect=False,
            retries=False,
            timeout=Timeout(connect=min(CONNECT, timeout), read=timeout),
        )
        return response

    def _renew(self, generation: int) -> bool:
        """Read the credentials again, unless another thread just did; whether there may be new ones."""
        with self._lock:
            if self._generation != generation:
                return True
            if time.monotonic() - self._renewed < RENEW:
                return False
            self._renewed = time.monotonic()
            try:
                self.access = access.read(*self._where, self._closed)
            except SourceError as error:
                self._complaint = error.message
                return False
            self._complaint = ""
            old, self._rest = self._rest, self._client()
            self._generation += 1
            old.close()
            return True

    def _client(self) -> RESTClientObject:
        """The official client's pool, with our TLS side and with connections that can be cut from outside."""
        options = [*HTTPConnection.default_socket_options, (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
        options += [
            (socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in _KEEP_ALIVE if hasattr(socket, name)
        ]
        configuration = self.access.configuration
        configuration.socket_options = options
        configuration.connection_pool_maxsize = 64  # one for each watch, and some; more would be thrown away loudly
        rest = RESTClientObject(configuration)
        if self.access.tls is not None:
            keywords = rest.pool_manager.connection_pool_kw
            keywords.update(ssl_context=self.access.tls, ca_certs=None, cert_file=None, key_file=None)
        rest.pool_manager.pool_classes_by_scheme = pools(self._grip)
        return rest

    def _network(self, error: Exception) -> SourceError:
        found = self.access
        return faults.network(error, found.host, found.context, found.certificate_expiry)


def _lower(response: BaseHTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}
