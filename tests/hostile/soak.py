"""A life of the console, accelerated: random keys, while everything around it fails and comes back.

    python -m tests.hostile.soak --hours 2 [--seed N] [--nodes N]

The real program in a pseudo-terminal, in write mode, against an embedded cluster. At the end nothing may have grown,
nothing strange may have been written, and what is on the screen is what is in the cluster.
"""

import argparse
import contextlib
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.ui.actions import ACTIONS
from tests.cli.conftest import environment
from tests.hostile.measure import Held, growth, held
from tests.hostile.trouble import Trouble
from tests.hostile.wire import strange
from tests.terminal import Terminal, terminal

ESCAPE = "\x1b"
_BYTES = {
    "down": "\x1b[B",
    "up": "\x1b[A",
    "left": "\x1b[D",
    "right": "\x1b[C",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "shift+tab": "\x1b[Z",
    "enter": "\r",
    "tab": "\t",
    "space": " ",
}
# Those that would end the console, or put it in the background; escape is sent on its own.
_NOT = frozenset(("q", "ctrl+c", "ctrl+z", "escape"))
_TYPED = ("y", "n", "v1.13.8\r", "v1.36.3\r", "soak\r", "/graf\r", ":flux\r", ":write\r", ":reconcile-failing\r", "\t")
_SIZES = ((80, 24), (140, 45), (100, 30), (40, 10))
_BEGINS = re.compile(rb"(?<!\x07)\x1b(?!\\)")  # a sequence; a bell before it may be another one's end, or its bell
_PAGER = """sh -c 'head -n 3 "$1"; sleep 0.5' pager"""  # it shows something, and ends by itself: no key here would
SAMPLE = 2.0  # seconds between two looks at what the process holds
SETTLES = 180.0  # seconds: far beyond what the console needs to see the whole truth again


def _bytes(key: str) -> str:
    if key.startswith("ctrl+"):
        return chr(ord(key[-1]) - 0x60)
    return _BYTES.get(key, key)


KEYS = tuple(_bytes(key) for action in ACTIONS for key in action.keys if key not in _NOT)


@dataclass
class Soak:
    """One run. ``log`` gets a line for whatever happens."""

    demo: DemoThread
    screen: Terminal
    trouble: Trouble
    chance: random.Random
    log: Callable[[str], None]
    samples: list[Held] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    _sampled: float = 0.0
    _last: bytes = b""

    def live(self, seconds: float) -> None:
        """Keys and troubles for so long. AssertionError when the console ends meanwhile."""
        over = time.monotonic() + seconds
        next_trouble = 0.0
        while time.monotonic() < over:
            if time.monotonic() > next_trouble:
                self.log(self.trouble.strikes())
                next_trouble = time.monotonic() + self.chance.uniform(1, 15)
            self._key()
            self._watch()

    def _key(self) -> None:
        draw = self.chance.random()
        if draw < 0.03:
            self.screen.resize(*self.chance.choice(_SIZES))
        elif draw < 0.2:
            self._send(ESCAPE)
        elif draw < 0.3:
            self._send(self.chance.choice(_TYPED))
        else:
            self._send(self.chance.choice(KEYS))

    def _send(self, keys: str) -> None:
        os.write(self.screen.descriptor, keys.encode())
        self.screen.read(self.chance.uniform(0.02, 0.3))
        while self.screen.read(0.02):
            pass
        if self.screen.process.poll() is not None:
            said = (self._last + bytes(self.screen.raw)).decode(errors="replace")
            raise AssertionError(f"it ended with {self.screen.process.returncode}:\n{said[-20_000:]}")

    def _watch(self) -> None:
        written = bytes(self.screen.raw)
        starts = [found.start() for found in _BEGINS.finditer(written)]
        if starts and not written.endswith(b"\x1b"):  # the end of the last one may come with the next piece
            self.strange += strange(written[: starts[-1]])
            self._last = (self._last + written[: starts[-1]])[-20_000:]
            del self.screen.raw[: starts[-1]]
        if time.monotonic() - self._sampled >= SAMPLE:
            self._sampled = time.monotonic()
            self.samples.append(held(self.screen.process.pid))

    # The end

    def settle(self) -> None:
        """All is mended, and all dialogs, details, filters are left."""
        self.trouble.ends()
        for _ in range(12):
            self.screen.presses(ESCAPE)
        self.screen.resize(99, 250)  # one pane, all of it
        self.screen.quiet()

    def differences(self) -> list[str]:
        """What is in the cluster and was not seen as it is there, by rows; each is waited for."""
        deadline = time.monotonic() + SETTLES
        missing = {row for row, _ in self._wanted()}
        while missing and time.monotonic() < deadline:
            for pane in "123":
                wanted = self._wanted()
                text = self._pane(pane)
                missing &= {row for row, shown in wanted if not shown.search(text)}
        if missing:
            self.log("\n".join(map(self._pane, "123")))
        return [f"not on the screen as it is: {row}" for row in sorted(missing)]

    def _pane(self, number: str) -> str:
        """All rows of one pane: its own filter is left, too."""
        self.screen.presses(number)
        self.screen.presses(ESCAPE)
        return self.screen.text

    def _wanted(self) -> list[tuple[str, re.Pattern[str]]]:
        """Rows that must be on the screen: nodes, Flux objects, branches; how each looks, with its state."""
        rows = self.demo.call(lambda: [*_nodes(self.demo), *_flux(self.demo)])
        return [*rows, *((f"soak {n}", re.compile(rf"\bsoak {n}\b")) for n in self.trouble.proposals())]


def _nodes(demo: DemoThread) -> Iterator[tuple[str, re.Pattern[str]]]:
    for machine in demo.world.machines.values():
        yield machine.name, re.compile(rf"{machine.name} .*{'✔ ready' if machine.is_back else '[✖◌▶?]'}")


def _flux(demo: DemoThread) -> Iterator[tuple[str, re.Pattern[str]]]:
    for kind, short in (("Kustomization", "ks"), ("HelmRelease", "hr")):
        for found in demo.store.list(kind):
            name = f"{found['metadata']['namespace']}/{found['metadata']['name']}"
            conditions = found.get("status", {}).get("conditions") or []
            ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
            mark = "‖" if found["spec"].get("suspend") else "✔" if ready else "[✖◌▶?]"
            yield f"{short} {name}", re.compile(rf"{mark} [\w ]*? {re.escape(name)} +{short}\b")


@contextlib.contextmanager
def soaking(seed: int, nodes: int, log: Callable[[str], None]) -> Iterator[Soak]:
    """A console and a cluster, in a folder of their own, once the first facts are on the screen."""
    with tempfile.TemporaryDirectory(prefix="homeconsole-soak-") as name, contextlib.ExitStack() as stack:
        folder, chance = Path(name), random.Random(seed)  # noqa: S311 - a life, no secret
        demo = stack.enter_context(DemoThread(Topology(nodes=nodes, speed=60), within=folder))
        trouble = Trouble(demo, folder, chance)
        variables = environment(folder, demo) | {
            "HOMECONSOLE_TALOSCTL": str(trouble.talosctl),
            "EDITOR": "true",
            "PAGER": _PAGER,
            "VISUAL": "",
            "SSH_CONNECTION": "here",
        }
        _configure(folder)
        command = [sys.executable, "-P", "-m", "console", "--write"]
        # What is read is what was written: by the console, and not by the terminal of our keys while a pager has it.
        screen = stack.enter_context(terminal(command, columns=140, rows=45, env=variables, echoes=False))
        screen.sees("Talos v1.13.7", 120)
        yield Soak(demo, screen, trouble, chance, log)


def _configure(home: Path) -> None:
    file = home / ".config" / "homeconsole" / "config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("talos: {interval: 5}\nrepository: {interval: 5}\napproval: {reconcile: true}\n")


def run(
    seed: int, seconds: float, nodes: int = 1, *, slack: float = 1, log: Callable[[str], None] = print
) -> list[str]:
    """One whole soak; everything that is wrong at its end, nothing when all is well."""
    with soaking(seed, nodes, log) as soak:
        soak.live(seconds)
        wrong = growth(soak.samples, slack)
        log(f"first {soak.samples[0]}, last {soak.samples[-1]}")
        soak.settle()
        wrong += soak.differences()
        return wrong + soak.strange


def main() -> int:
    """Say what happens, and at last what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=2)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))  # noqa: S311
    parser.add_argument("--nodes", type=int, default=3)
    options = parser.parse_args()
    began = time.monotonic()

    def log(text: str) -> None:
        print(f"{time.monotonic() - began:8.1f}  {text}", flush=True)

    log(f"seed {options.seed}")
    wrong = run(options.seed, options.hours * 3600, options.nodes, log=log)
    log("\n".join(["wrong:", *wrong]) if wrong else "all is well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
