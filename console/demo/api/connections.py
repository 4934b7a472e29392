"""Sockets: a port that stays ours while nobody answers on it, and connections that break hard."""

import asyncio
import os
import socket
import weakref

from console.demo.listener import give_up

LOOPBACK = "127.0.0.1"


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Break a connection now: the other side sees a reset, not an end."""
    if not isinstance(transport, asyncio.Transport):
        return
    if not transport.is_closing():  # else its socket may be gone already
        give_up(transport.get_extra_info("socket"))
    transport.abort()


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


def _bound(number: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT") and not os.path.exists("/proc"):  # noqa: PTH110  (not Linux)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((LOOPBACK, number))
    return bound
