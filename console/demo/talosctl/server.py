"""The demo's side of the stand-in: answers on a unix socket, each connection one run of the client."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from console.demo.listener import Listener
from console.demo.talosctl import client
from console.demo.talosctl.answer import answer
from console.demo.talosctl.call import Site
from console.demo.talosctl.install import AUTHORITY
from console.demo.world import World


@contextlib.asynccontextmanager
async def serve(folder: Path, world: World) -> AsyncIterator[None]:
    """Answer on ``folder/talos.sock`` while inside. ``install`` must have run for the folder."""
    site = Site(world, world.talosctl, (folder / AUTHORITY).read_bytes())
    path = folder / client.SOCKET
    path.unlink(missing_ok=True)
    running: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_connection(site, reader, writer))
        running.add(task)
        task.add_done_callback(running.discard)

    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    bound.bind(str(path))
    listener = Listener(bound, lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader(), connected))
    try:
        yield
    finally:
        await listener.close()
        await asyncio.sleep(0)  # each has begun now: what is cancelled before closes nothing
        for task in tuple(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        path.unlink(missing_ok=True)


async def _connection(site: Site, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def write(channel: int, text: str) -> None:
        payload = text.encode("utf-8", "surrogateescape")
        writer.write(bytes([channel]) + len(payload).to_bytes(4, "big") + payload)
        await writer.drain()

    try:
        size = int.from_bytes(await reader.readexactly(4), "big")
        parts = [os.fsdecode(part) for part in (await reader.readexactly(size)).split(b"\0")[:-1]]
        pairs = list(zip(parts[::2], parts[1::2], strict=False))
        arguments = [value for name, value in pairs if not name]
        environment = {name: value for name, value in pairs if name}
        answering = asyncio.create_task(answer(site, arguments, environment, Path(environment.get("cwd", "/")), write))
        code = await _unless_gone(answering, reader)
        await write(0, str(code))
        writer.close()
    except (ConnectionError, EOFError, asyncio.CancelledError):
        pass  # nobody reads any more, or nothing may be waited for
    finally:
        if not writer.is_closing():
            writer.transport.abort()
        try:
            await writer.wait_closed()
        except ConnectionError:
            pass
        except asyncio.CancelledError:  # what was said last is not taken, and it is not waited for that any more
            writer.transport.abort()
            await asyncio.sleep(0)  # it is closed in the next round


async def _unless_gone(answering: asyncio.Task[int], reader: asyncio.StreamReader) -> int:
    """The exit code; the work ends when the client does, however it ends."""
    gone = asyncio.create_task(reader.read())
    try:
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            raise ConnectionResetError
        return answering.result()
    finally:
        gone.cancel()
        answering.cancel()
        await asyncio.gather(gone, answering, return_exceptions=True)
