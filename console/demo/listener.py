"""Accepting connections in such a way that none is lost when it ends."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable

BACKLOG = 512  # some hundred clients may come in the same moment
PAUSE = 1.0  # seconds without accepting, when there are no descriptors left for a connection


def give_up(connection: socket.socket) -> None:
    """Whenever it is closed now, it is reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Listener:
    """Makes connections on ``bound`` for ``protocol``, until it is closed: then not even a half-made one is left.

    asyncio's own server loses what it had accepted a moment before it was closed, and does not end what is still
    shaking hands.
    """

    def __init__(
        self, bound: socket.socket, protocol: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None = None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._protocol = protocol
        self._tls = tls
        self._making: dict[asyncio.Task[None], socket.socket] = {}
        self._socket = bound
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
            closing = 1 if self._tls else None  # seconds for the last words of TLS
            await self._loop.connect_accepted_socket(
                self._protocol, connection, ssl=self._tls, ssl_shutdown_timeout=closing
            )

    async def close(self) -> None:
        """Refuse whoever comes, reset whoever is coming. What is connected stays so."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        for connection in self._making.values():
            with contextlib.suppress(OSError):  # it has ended already
                give_up(connection)
                connection.shutdown(socket.SHUT_RDWR)  # its handshake fails by itself, and cleans up
        await asyncio.gather(*self._making, return_exceptions=True)
