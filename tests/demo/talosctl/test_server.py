"""The socket on which the stand-in is answered: whoever is on the way to it when it ends is not lost."""

import asyncio
import contextlib
import gc
import socket
from pathlib import Path
from typing import Any

import pytest

from console.demo.talosctl import install, serve, server
from console.demo.talosctl.call import Site
from tests.demo.talosctl.cluster import world


@pytest.mark.parametrize("rounds", range(6))
async def test_its_end_breaks_connections_that_are_being_made(tmp_path: Path, rounds: int) -> None:
    """They wait to be accepted, were accepted in the same round of the loop, or have just begun to talk."""
    made = world(1)
    install(tmp_path, made)
    clients = [socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(8)]
    async with serve(tmp_path, made):
        for client in clients:
            client.settimeout(10)
            client.connect(str(tmp_path / "talos.sock"))
        for client in clients[4:]:
            client.sendall(b"\0\0")
        for _ in range(rounds):
            await asyncio.sleep(0)
    await asyncio.sleep(0)
    for client in clients:
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.to_thread(client.recv, 1) == b""
        client.close()
    gc.collect()  # a connection that was lost on the server's side warns now
    assert not (tmp_path / "talos.sock").exists()


async def test_its_end_does_not_wait_for_who_does_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """All was said and the connection is closing, but the last of it is not taken."""
    theirs, ours = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)

    async def answer(*words: Any) -> int:
        while not writer.transport.get_write_buffer_size():
            await words[-1](1, "x" * 4096)
        return 0

    monkeypatch.setattr(server, "answer", answer)
    theirs.sendall(b"\0\0\0\5cwd\0\0")
    made = world(1)
    running = asyncio.create_task(server._connection(Site(made, "1.13", b""), reader, writer))
    for _ in range(100):
        await asyncio.sleep(0)
    assert writer.is_closing()
    running.cancel()
    await asyncio.wait([running], timeout=60)
    assert running.done()
    assert ours.fileno() == -1
    theirs.close()
