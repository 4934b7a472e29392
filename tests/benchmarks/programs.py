"""Programs as a user starts them: with compiled bytecode, in a home of their own, timed by wall and by CPU."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.terminal import Terminal, terminal

CONSOLE = (sys.executable, "-m", "console")


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds."""

    wall: float
    cpu: float


@contextlib.contextmanager
def home() -> Iterator[dict[str, str]]:
    """The environment of a user who has nothing configured. Bytecode is kept in it, as it is of an installed program:
    the first run of anything pays for that, and does not count.
    """
    with tempfile.TemporaryDirectory(prefix="homeconsole-benchmark-") as folder:
        names = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
        yield dict.fromkeys(names, folder) | {
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode"),
            "PYTHONDONTWRITEBYTECODE": "",
        }


def command(words: Sequence[str], env: Mapping[str, str]) -> Cost:
    """Of a command from its start to its end, what it starts included. Its exit code does not matter."""
    began = time.perf_counter()
    process = subprocess.Popen(words, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, spent = os.wait4(process.pid, 0)
    process.returncode = 0
    return Cost(1000 * (time.perf_counter() - began), 1000 * (spent.ru_utime + spent.ru_stime))


def shown(
    words: Sequence[str], env: Mapping[str, str], there: str, gone: Sequence[str] = (), size: tuple[int, int] = (80, 24)
) -> Cost:
    """Of a program in a terminal, until ``there`` is on the screen and ``gone`` are not. CPU without its children's."""
    began = time.perf_counter()
    with terminal(words, env=env, columns=size[0], rows=size[1]) as screen:
        screen.sees(there, 60)
        while any(word in screen.text for word in gone):
            _more(screen, began)
        wall = time.perf_counter() - began
        return Cost(1000 * wall, 1000 * cpu(screen.process.pid))


def _more(screen: Terminal, began: float) -> None:
    if time.perf_counter() - began > 60:
        raise TimeoutError(screen.text)
    screen.read(0.2)


def cpu(pid: int) -> float:
    """Seconds that all threads of a process which runs have had of a core, by the scheduler's own count (Linux)."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # it has just ended
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


@contextlib.contextmanager
def demo(env: Mapping[str, str], *words: str) -> Iterator[dict[str, str]]:
    """The embedded cluster, served: the environment that reaches it, with ``env``."""
    with subprocess.Popen(
        [*CONSOLE, "demo", "--serve", *words], env={**os.environ, **env}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        found = dict(env)
        for line in process.stdout:
            name, _, value = line.removeprefix("export ").strip().partition("=")
            found[name] = value.strip("'")
            if name == "HOMECONSOLE_REPOSITORY":
                break
        try:
            yield found
        finally:
            process.terminate()
