"""Connections that can be cut from outside, in whatever they are doing: connecting, TLS, waiting, reading."""

import contextlib
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse

from console.sources.stop import Stop

Hold = Callable[[socket.socket], None]


def shut(sock: socket.socket) -> None:
    """Wake who waits on it. Below TLS: its object stays as the reader holds it."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Grip:
    """Knows every socket, and for each thread the one that it is busy with."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._own = threading.local()

    @contextlib.contextmanager
    def under(self, stop: Stop) -> Iterator[None]:
        """While inside, ``stop`` cuts the connection that this thread is busy with."""
        hand = _Hand()
        before = getattr(self._own, "hand", None)
        self._own.hand = hand
        try:
            with stop.closing(hand.cut):
                yield
        finally:
            self._own.hand = before

    def hold(self, sock: socket.socket) -> None:
        """This thread is busy with ``sock`` from now on."""
        with self._lock:
            self._all.add(sock)
        hand: _Hand | None = getattr(self._own, "hand", None)
        if hand is not None:
            hand.hold(sock)

    def cut_all(self) -> None:
        """Every connection, of every thread."""
        with self._lock:
            sockets = list(self._all)
        for sock in sockets:
            shut(sock)


class _Hand:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False

    def hold(self, sock: socket.socket) -> None:
        with self._lock:
            self._socket = sock
            if self._cut:
                shut(sock)

    def cut(self) -> None:
        with self._lock:
            self._cut = True
            if self._socket is not None:
                shut(self._socket)


def pools(hold: Hold) -> dict[str, Any]:
    """urllib3's pools by scheme, with connections that tell ``hold`` of their sockets from the first moment."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, self._dns_host, hold)

        def getresponse(self) -> HTTPResponse:  # type: ignore[override]
            hold(self.sock)
            return super().getresponse()

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, self._dns_host, hold)

        def getresponse(self) -> HTTPResponse:  # type: ignore[override]
            hold(self.sock)  # TLS has put another one in the place of the first
            return super().getresponse()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _connected(connection: HTTPConnection, host: str, hold: Hold) -> socket.socket:
    """As urllib3 connects, but the socket is known before it is connected."""
    try:
        found = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        sock = socket.socket(family, kind, protocol)
        hold(sock)
        try:
            for option in connection.socket_options or ():
                sock.setsockopt(*option)
            sock.settimeout(connection.timeout if isinstance(connection.timeout, int | float) else None)
            sock.connect(address)
        except OSError as error:
            failure = error
            sock.close()
        else:
            return sock
    message = f"Failed to establish a new connection: {failure}"
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, message) from failure
    raise NewConnectionError(connection, message) from failure
