"""A minute in which nothing happens, all sources connected: CPU and requests, beside what a user would open instead.

The console stands on one embedded cluster; where ``k9s`` or ``flux9s`` is on PATH it stands, in the same minute, before
the same server with 500 Flux objects as a console does, and more is told of both: time to a full list, memory, bytes
of a key.
"""

import os
import resource
import shutil
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figure import Figure, most, unmeasured
from tests.benchmarks.fluxserver import Server, serving
from tests.benchmarks.programs import CONSOLE, cpu, demo, home
from tests.terminal import Terminal, terminal

MINUTE = 60.0
# A terminal that a program can ask for as /dev/tty: who opens one first has it.
_OWNING_IT = ("sh", "-c", 'exec "$@" <"$(tty)"', "sh")
OBJECTS = 500
_COLUMNS, _ROWS = 120, 40
_WHY = (
    "the process of the console alone: some fifteen polls of the node, each of which starts a process and changes a "
    "row; ages, every 5 s; a look for keys, ten times a second"
)


@dataclass(frozen=True, slots=True)
class Peer:
    """What one would open instead: how it is started on a list of Kustomizations, and the keys that move the cursor."""

    name: str
    words: Sequence[str]
    shows: str


PEERS = (
    Peer("k9s", ("--readonly", "--all-namespaces", "--command", "kustomizations", "--headless"), "app-"),
    Peer("flux9s", (), "app-"),
)


@dataclass
class Seen:
    """Of one program: milliseconds of wall to the list, bytes, percent of a core, requests."""

    name: str
    full: float = 0
    memory: float = 0
    key: float = 0
    cpu: float = 0
    requests: float = 0


def measure(runs: int) -> Iterator[Figure]:
    """Whole minutes: one at five runs, two at six."""
    minutes = max(1, runs // 3)
    with home() as env, demo(env, "--scenario", "healthy", "--speed", "1") as served:
        own, children = zip(*_minutes(served, minutes), strict=True)
        yield Figure("CPU of an idle minute", "% of a core", own, goal=most(0.5), why=_WHY)
        yield Figure("CPU of talosctl and git in it", "% of a core", children)
        yield from _peers(env)


def _minutes(env: Mapping[str, str], minutes: int) -> Iterator[tuple[float, float]]:
    """Percent of a core: of the console, and of what it started and has ended."""
    with terminal(CONSOLE, env=env, columns=_COLUMNS, rows=_ROWS) as screen:
        screen.sees("ready", 60)
        screen.quiet(5)
        for _ in range(minutes):
            before = cpu(screen.process.pid), _children(screen.process.pid)
            _wait(screen, MINUTE)
            yield (
                100 * (cpu(screen.process.pid) - before[0]) / MINUTE,
                100 * (_children(screen.process.pid) - before[1]) / MINUTE,
            )


def _children(pid: int) -> float:
    """Seconds of CPU of those children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _wait(screen: Terminal, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        screen.read(left)


def _peers(env: Mapping[str, str]) -> Iterator[Figure]:
    """The console, and each peer that is there, on the same objects, in one minute."""
    there = [peer for peer in PEERS if shutil.which(peer.name)]
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(OBJECTS)) for _ in ("ours", *there)]
        ours = Peer("homeconsole", (*CONSOLE, "--read-only"), "app-")
        programs = [ours, *(Peer(p.name, (*_OWNING_IT, p.name, *p.words), p.shows) for p in there)]
        seen = _together(programs, servers, env)
    console, others = seen[0], seen[1:]
    yield Figure(
        "requests of an idle minute, beyond watches", "requests", [console.requests], goal=most(0),
        why="the API is asked once more for what is not watched",
    )  # fmt: skip
    for peer in PEERS:
        found = next((each for each in others if each.name == peer.name), None)
        if found is None:
            yield unmeasured(f"beside {peer.name}", f"{peer.name} is not on PATH")
            continue
        for what, unit, field in (
            ("start to a full list", "ms wall", "full"), ("memory", "MB", "memory"), ("bytes of a key", "bytes", "key"),
            ("CPU of an idle minute", "% of a core", "cpu"), ("requests of an idle minute", "requests", "requests"),
        ):  # fmt: skip
            values = ([getattr(console, field)], [getattr(found, field)])
            yield Figure(f"{OBJECTS} objects: {what}", unit, values[0], peer.name, values[1])


def _together(programs: Sequence[Peer], servers: Sequence[Server], env: Mapping[str, str]) -> list[Seen]:
    with ExitStack() as stack:
        screens, seen = [], []
        for program, server in zip(programs, servers, strict=True):
            where = {**env, "KUBECONFIG": str(server.kubeconfig), "PATH": os.environ["PATH"]}
            began = time.perf_counter()
            screen = stack.enter_context(terminal(program.words, env=where, columns=_COLUMNS, rows=_ROWS))
            screen.sees(program.shows, 60)
            seen.append(Seen(program.name, 1000 * (time.perf_counter() - began)))
            screens.append(screen)
        for screen, each in zip(screens, seen, strict=True):
            _wait(screen, 3)  # some draw again and again: it is never quiet
            if each.name == "homeconsole":
                screen.presses("2z")
            each.key = statistics.median(_bytes(screen) for _ in range(5))
            each.memory = _resident(screen.process.pid)
        before = [(cpu(s.process.pid), server.says("count")) for s, server in zip(screens, servers, strict=True)]
        end = time.monotonic() + MINUTE
        while time.monotonic() < end:
            for screen in screens:
                screen.read(0.2)
        for screen, each, server, (spent, asked) in zip(screens, seen, servers, before, strict=True):
            each.cpu = 100 * (cpu(screen.process.pid) - spent) / MINUTE
            each.requests = server.says("count") - asked
        return seen


def _bytes(screen: Terminal) -> int:
    """What a move of the cursor sends."""
    return screen.presses("j")


def _resident(pid: int) -> float:
    """Megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
