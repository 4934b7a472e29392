"""Sockets: a port that stays ours while nobody answers on it, and connections that break hard."""

import asyncio
import contextlib
import os
import socket
import ssl
import struct
import weakref
from collections.abc import Callable

LOOPBACK = "127.0.0.1"
BACKLOG = 256  # some two hundred clients may come in the same moment
PAUSE = 1.0  # seconds without accepting, when there are no descriptors left for a connection


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Break a connection now: the other side sees a reset, not an end."""
    if not isinstance(transport, asyncio.Transport):
        return
    if not transport.is_closing():  # else its socket may be gone already
        _break(transport.get_extra_info("socket"))
    transport.abort()


def _break(connection: socket.socket) -> None:
    """Whenever it is closed now, it is reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(transport: asyncio.BaseTransport | None) -> None:
    """End a connection when what was written is sent, in the middle of an answer or not."""
    if transport is not None:
        transport.close()


class Port:
    """A loopback port, kept by a socket that never listens: in between, connections are refused.

    Without it another program could be given the port while the server is down. Let go with this object.
    """

    def __init__(self, number: int = 0) -> None:
        keeper = _bound(number)
        self.number: int = keeper.getsockname()[1]
        weakref.finalize(self, os.close, keeper.detach())

    def listener(self) -> socket.socket:
        """A socket to listen on."""
        return _bound(self.number)


class Listener:
    """Makes connections on ``port`` for ``protocol``, until it is closed: then not even a half-made one is left.

    asyncio's own server loses what it had accepted a moment before it was closed, and does not end what is still
    shaking hands.
    """

    def __init__(self, port: Port, protocol: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext) -> None:
        self._loop = asyncio.get_running_loop()
        self._protocol = protocol
        self._tls = tls
        self._making: dict[asyncio.Task[None], socket.socket] = {}
        self._socket = port.listener()
        self._socket.setblocking(False)
        self._socket.listen(BACKLOG)
        self._listen()

    def _listen(self) -> None:
        if self._socket.fileno() >= 0:
            self._loop.add_reader(self._socket.fileno(), self._accept)

    def _accept(self) -> None:
        for _ in range(BACKLOG):
            try:
                connection, _peer = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:
                self._loop.remove_reader(self._socket.fileno())
                self._loop.call_later(PAUSE, self._listen)
                return
            connection.setblocking(False)
            task = self._loop.create_task(self._make(connection))
            self._making[task] = connection
            task.add_done_callback(self._making.pop)

    async def _make(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the other side did not come through with its handshake
            await self._loop.connect_accepted_socket(self._protocol, connection, ssl=self._tls, ssl_shutdown_timeout=1)

    async def close(self) -> None:
        """Refuse whoever comes, reset whoever is coming. What is connected stays so."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        for connection in self._making.values():
            with contextlib.suppress(OSError):  # it has ended already
                _break(connection)
                connection.shutdown(socket.SHUT_RDWR)  # its handshake fails by itself, and cleans up
        await asyncio.gather(*self._making, return_exceptions=True)


def _bound(number: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT") and not os.path.exists("/proc"):  # noqa: PTH110  (not Linux)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((LOOPBACK, number))
    return bound
