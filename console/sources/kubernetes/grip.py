"""Connections that can be cut from outside, in whatever they are doing: connecting, TLS, waiting, reading."""

import contextlib
import errno
import os
import selectors
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.response import HTTPResponse

from console.sources.stop import Stop

_SLICE = 0.1  # seconds: how long a connect goes on after it was cut


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

    def check(self) -> None:
        """Raises OSError when this thread was told to let go."""
        hand: _Hand | None = getattr(self._own, "hand", None)
        if hand is not None and hand.was_cut:
            raise OSError(errno.ECANCELED, "cancelled")

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
        self.was_cut = False

    def hold(self, sock: socket.socket) -> None:
        with self._lock:
            self._socket = sock
            if self.was_cut:
                shut(sock)

    def cut(self) -> None:
        with self._lock:
            self.was_cut = True
            if self._socket is not None:
                shut(self._socket)


def pools(grip: Grip) -> dict[str, Any]:
    """urllib3's pools by scheme, with connections that are in ``grip`` from the first moment."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, self._dns_host, grip)

        def getresponse(self) -> HTTPResponse:  # type: ignore[override]
            grip.hold(self.sock)
            return super().getresponse()

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connected(self, self._dns_host, grip)

        def getresponse(self) -> HTTPResponse:  # type: ignore[override]
            grip.hold(self.sock)  # TLS has put another one in the place of the first
            return super().getresponse()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _connected(connection: HTTPConnection, host: str, grip: Grip) -> socket.socket:
    """As urllib3 connects, but it can be cut while it does."""
    try:
        found = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    timeout = connection.timeout if isinstance(connection.timeout, int | float) else None
    failure: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        sock = socket.socket(family, kind, protocol)
        grip.hold(sock)
        try:
            for option in connection.socket_options or ():
                sock.setsockopt(*option)
            _connect(sock, address, timeout, grip)
        except OSError as error:
            failure = error
            sock.close()
        else:
            return sock
    message = f"Failed to establish a new connection: {failure}"
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, message) from failure
    raise NewConnectionError(connection, message) from failure


def _connect(sock: socket.socket, address: Any, timeout: float | None, grip: Grip) -> None:
    """Connect within ``timeout`` seconds. In slices: nothing wakes a connect that waits for an answer."""
    sock.setblocking(False)
    end = None if timeout is None else time.monotonic() + timeout
    failure = sock.connect_ex(address)
    while failure in {errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK}:
        grip.check()
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_WRITE)
            ready = selector.select(_SLICE)
        failure = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if ready else errno.EINPROGRESS
        if not ready and end is not None and time.monotonic() >= end:
            raise TimeoutError(errno.ETIMEDOUT, "timed out")
    if failure:
        raise OSError(failure, os.strerror(failure))
    sock.settimeout(timeout)
