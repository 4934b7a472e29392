"""The pictures of the README and of the page beside them, made from the demo: ``python -m tests.screenshots``.

The cluster, its clock and the console's stand still at one instant, so that the same pictures come out everywhere.
"""

import argparse
import asyncio
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.model.snapshot import Topic
from console.settings import load
from console.ui.app import ConsoleApp
from console.wiring import Console
from tests.ui.user import User

FOLDER = Path(__file__).parents[1] / "screenshots"
WIDE, NARROW = (120, 40), (80, 24)
_INSTANT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
_IDENTITY = "[user]\n\tname = Home Operator\n\temail = operator@home.example\n"
# The font would be fetched from elsewhere; every viewer has a monospaced one.
_FONT_FACES = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """The demo in ``scenario``, after ``keys``, with ``sees`` on the screen."""

    name: str
    scenario: str
    keys: tuple[str, ...]
    sees: str
    size: tuple[int, int] = WIDE
    nodes: int = 1


PICTURES = (
    Picture("home", "held", ("4",), "0 blockers"),
    Picture("home-80x24", "held", ("2",), "4 Upgrades ▲2", NARROW),
    Picture("details", "held", ("4", "enter"), "Findings"),
    Picture("review", "held", ("4", "a"), "will reboot"),
    Picture("confirm", "held", ("4", "a", "a"), "to go on", NARROW),
    Picture("flux", "failing", ("2", "enter"), "Facts"),
    Picture("rollout", "upgrade-running", ("4", "w"), "tuppr", nodes=3),
)


@contextmanager
def desk(picture: Picture) -> Iterator[Console]:
    """A desk on a cluster that stands still."""
    topology = Topology(scenario=picture.scenario, nodes=picture.nodes, frozen=_INSTANT)
    with tempfile.TemporaryDirectory() as home, DemoThread(topology) as demo:
        identity = Path(home) / "gitconfig"
        identity.write_text(_IDENTITY)
        found = {
            "HOME": home,
            "KUBECONFIG": str(demo.kubeconfig),
            "TALOSCONFIG": str(demo.talosconfig),
            "HOMECONSOLE_REPOSITORY": str(demo.repository),
            "HOMECONSOLE_TALOSCTL": str(demo.bin / "talosctl"),
        }
        console = Console(replace(load({"write": True}, found), git_config=identity), now=lambda: _INSTANT)
        try:
            yield console
        finally:
            console.stop()


async def draw(picture: Picture, console: Console) -> str:
    """The picture as SVG."""
    app = ConsoleApp(console)
    async with app.run_test(size=picture.size) as pilot:
        user = User(app, pilot)
        await asyncio.to_thread(console.store.wait, [*Topic], 60)
        await user.sees("home")
        for key in picture.keys:
            await user.presses(key)
            await user._until(lambda: not user.waits, "an answer on", 60)
        await user.sees(picture.sees)
        svg = app.export_screenshot(title="homeconsole")
    return _FONT_FACES.sub("", svg)


def make(picture: Picture) -> str:
    """Start the cluster, drive the console, draw."""
    with desk(picture) as console:
        return asyncio.run(draw(picture, console))


def main() -> None:
    """Draw all, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="of pictures (all)")
    names = parser.parse_args().names
    for name in ("COLORTERM", "NO_COLOR", *(name for name in os.environ if name.startswith("TEXTUAL_"))):
        os.environ.pop(name, None)
    os.environ |= {"TERM": "xterm-256color", "TZ": "UTC"}
    time.tzset()
    for picture in PICTURES:
        if not names or picture.name in names:
            (FOLDER / f"{picture.name}.svg").write_text(make(picture), encoding="utf-8")
            print(picture.name)


if __name__ == "__main__":
    main()
