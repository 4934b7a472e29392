"""One run of talosctl from its arguments to its exit code."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from console.demo.talosctl.call import Call, Site, Write
from console.demo.talosctl.commands import config, etcd, get, mounts, streams, system
from console.demo.talosctl.failure import Failure
from console.demo.talosctl.invocation import Invocation, parse

_COMMANDS: dict[str, Callable[[Call], Awaitable[None]]] = {
    "config": config.config,
    "dmesg": streams.dmesg,
    "etcd": etcd.etcd,
    "events": streams.events,
    "get": get.get,
    "health": system.health,
    "logs": streams.logs,
    "memory": system.memory,
    "mounts": mounts.mounts,
    "service": system.services,
    "services": system.services,
    "stats": system.stats,
    "time": system.clock,
    "version": system.version,
}
_USAGE = "Usage:\n  talosctl{} [flags]\n\nFlags:\n  -h, --help   help for this command\n"


async def answer(site: Site, arguments: list[str], environment: dict[str, str], folder: Path, write: Write) -> int:
    """Run one invocation; gives the exit code."""
    words: list[str] = []
    try:
        invocation: Invocation = parse(arguments)
        words = invocation.words
        if not words or invocation.on("help"):
            await write(1, _USAGE.format("".join(f" {word}" for word in words)))
            return 0
        await _COMMANDS[words[0]](Call(site, invocation, environment, folder, write))
    except Failure as failure:
        if failure.text:
            await write(2, failure.text + "\n")
        if failure.shows_usage:
            await write(2, "\n" + _USAGE.format("".join(f" {word}" for word in words[:1])) + "\n")
        return failure.exit_code
    return 0
