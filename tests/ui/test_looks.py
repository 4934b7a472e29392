"""How it looks: every pane, screen and dialog, small and large, the clock standing still.

After a wanted change: ``pytest tests/ui/test_looks.py --snapshot-update -n 0``, and look at each picture.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from textual.pilot import Pilot

from console.model.finding import Finding
from console.model.flux import FluxKey
from console.model.own import Command, Own
from console.model.snapshot import Topic
from console.model.step import Step, StepState
from console.model.updates import ApprovedCommit, RepositoryState
from console.sources.errors import Unauthorized, Unreachable
from console.sources.stop import Stop
from console.ui.app import ConsoleApp
from tests.ui.desk import BASE, NOON, TALOS, Desk, ago, review
from tests.ui.test_rollout import KEEPER, on_its_way
from tests.ui.user import LARGE, SMALL, User

Compare = Callable[..., bool]
Size = tuple[int, int]


class Busy(Desk):
    """A reconcile goes on and on."""

    def reconcile(
        self, key: FluxKey, *, with_source: bool, stop: Stop, force: bool = False, reset: bool = False
    ) -> Iterator[Step]:
        del key, with_source, force, reset
        yield Step("pass", StepState.RUNNING, "upgrading", self.now())
        stop.wait(60)


def rolled_out() -> Desk:
    """Talos was approved, and is on its way."""
    desk = Desk()
    update = desk.snapshot()[Topic.UPDATES].items[(TALOS,)]
    commit = ApprovedCommit(
        "7d20c4e" + "0" * 33, TALOS, "Merge", ago(minutes=4), "Home", update.changes, system="talos"
    )
    state = RepositoryState("url", "main", commit.commit, NOON, (commit.commit, BASE), (commit,))
    desk.store.put(Topic.REPOSITORY, [state])
    return desk


def broken() -> Desk:
    """Neither Talos nor the API can be read since a while."""
    desk = Desk()
    desk.clock.pass_by(minutes=6)
    desk.store.failed(
        Topic.TALOS,
        Unauthorized(
            "Talos refuses our certificate: it expired 2 days ago (2026-11-20).",
            "New one, on a machine with admin rights:\n"
            "  talosctl config new --roles os:reader --crt-ttl 8760h reader.yaml\n"
            "Then point TALOSCONFIG at it; this pane recovers by itself.",
        ),
    )
    for topic in (Topic.FLUX, Topic.KUBERNETES, Topic.TUPPR, Topic.WORKLOADS):
        desk.store.failed(
            topic, Unreachable("The API server at https://10.0.0.11:6443 refuses connections", "Is it up?")
        )
    desk.store.failed(Topic.UPDATES, Unreachable("The remote does not answer", "Try: git ls-remote origin"))
    return desk


def blocked() -> Desk:
    """The Talos update has a blocker."""
    desk = Desk()
    update = desk.snapshot()[Topic.UPDATES].items[(TALOS,)]
    blocker = Finding("pdb", "block", "fail", "PodDisruptionBudget database/postgres lets no pod go")
    desk.reviewed[TALOS] = replace(review(update), unanswered=(blocker,))
    return desk


def own() -> Desk:
    """A command of the operator's own."""
    desk = Desk()
    desk.own = Own(commands=(Command("ways", ("echo", "to", "{name}"), ("flux",), key="ctrl+t", says="where to"),))
    return desk


@dataclass(frozen=True)
class Look:
    """What is on the screen after ``keys``; ``wide`` are pressed after them where there is room for four panes."""

    name: str
    keys: tuple[str, ...]
    sees: str
    desk: Callable[[], Desk] = Desk
    wide: tuple[str, ...] = ()


LOOKS = (
    Look("pane of nodes", ("1",), "▌", wide=("z",)),
    Look("pane of Flux", ("2",), "▌", wide=("z",)),
    Look("pane of updates", ("3",), "▌", wide=("z",)),
    Look("pane of upgrades", ("4",), "▌", wide=("z",)),
    Look("details of a node", ("1", "enter"), "back"),
    Look("details of a Flux object", ("2", "enter"), "Conditions"),
    Look("details of an update", ("3", "enter"), "back"),
    Look("details of an upgrade", ("4", "enter"), "TalosUpgrade/talos"),
    Look("YAML", ("2", "y"), "apiVersion"),
    Look("events", ("2", "e"), "Warning"),
    Look("tree", ("2", "t"), "brought by"),
    Look("controllers' lines", ("2", "l"), "Reconciler"),
    Look("origin", ("2", "t", "j", "j", "j", "j", "enter"), "back"),
    Look("a node's log", ("1", "l"), "boot sequence"),
    Look("diff", ("3", "D"), "@@"),
    Look("rollout", ("w",), "Rollout  Talos", rolled_out),
    Look("rollout that hangs", ("w",), "What you can do", lambda: on_its_way(evidence=(KEEPER,))),
    Look("help", ("2", "?"), "Keys  flux", lambda: Desk(writable=False)),
    Look("palette", ("2", "enter", "q", "ctrl+p"), "Find  flux"),
    Look("clusters", ("2", ":", *"ctx", "enter"), "Clusters  2"),
    Look("lines selected", ("2", "y", "v", "j", "j"), "3 lines selected"),
    Look("favourite", ("2", "j", "*"), "★"),
    Look("output of a command", ("2", "ctrl+t"), "has ended", own),
    Look("command line", ("2", ":", "r"), "reconcile"),
    Look("filter", ("2", "/", "g", "r", "a", "f"), "/graf▏"),
    Look("filter without a match", ("2", "/", "z", "z", "enter"), "Nothing matches"),
    Look("sources that fail", ("1",), "data 6m old", broken),
    Look("before any answer", (), "asking", lambda: Desk(held=False)),
    Look("many at once", ("2", "space", "space", "R"), "✔ 2 done"),
    Look("dry run", ("4", "a", "n"), "nothing is written"),
    Look("queue", ("3", "j", "j", "space", "space", "a"), "Approve 2"),
    Look("an outcome", ("2", "R"), "timed out"),
    Look("the word that approves", ("4", "a", "a"), "Type v1.13.8"),
    Look("yes or no", ("3", "G", "k", "k", "a", "a"), "y/N"),
    Look("why it is suspended", ("2", "s"), "Why:"),
    Look("why it is approved in spite of a blocker", ("4", "a", "a"), "Why:", blocked),
    Look("all that fails at once", ("2", ":", *"reconcile-failing", "enter"), "Go on?"),
    Look("quitting while something runs", ("2", "R", "q"), "Still running:", Busy),
)


def _shows(snap_compare: Compare, size: Size, look: Look, **how: Any) -> None:
    """The screen has ``sees`` on it, and looks as it did."""
    app = ConsoleApp(look.desk(), **how)

    async def before(pilot: Pilot[int]) -> None:
        user = User(app, pilot)
        await user._until(lambda: bool(app.scene.views), "a first scene on")
        for key in (*look.keys, *(look.wide if size == LARGE else ())):
            await user.presses("minus" if key == "-" else key)
            await user._until(lambda: not user.waits or bool(app.work.operations), "an answer on")
        await user.sees(look.sees)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "140x45"])
@pytest.mark.parametrize("look", LOOKS, ids=[look.name for look in LOOKS])
def test_a_look(snap_compare: Compare, look: Look, size: Size) -> None:
    _shows(snap_compare, size, look)


@pytest.mark.parametrize("tabs", range(5))
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "140x45"])
def test_a_part_of_a_review(snap_compare: Compare, tabs: int, size: Size) -> None:
    sees = f"‹{tabs + 1} of 5›" if size == SMALL else "Approved-by" if tabs < 2 else "╭─"
    _shows(snap_compare, size, Look("", ("4", "a", *(["tab"] * tabs)), sees))


@pytest.mark.parametrize("size", [LARGE, (100, 30)], ids=["140x45", "100x30"])
def test_all_four_panes(snap_compare: Compare, size: Size) -> None:
    _shows(snap_compare, size, Look("", ("2",), "4 Upgrades"))


@pytest.mark.parametrize(
    ("pane", "sees"),
    [("1", "Kubernetes"), ("2", "Why   "), ("3", "branch"), ("4", "Proposed   ")],
    ids=["nodes", "flux", "updates", "upgrades"],
)
def test_what_is_under_the_cursor_stands_beside_the_panes_where_there_is_room(
    snap_compare: Compare, pane: str, sees: str
) -> None:
    _shows(snap_compare, (170, 45), Look("", (pane,), sees))


def test_ascii(snap_compare: Compare) -> None:
    _shows(snap_compare, LARGE, Look("", ("2",), "4 Upgrades"), ascii_only=True)


@pytest.mark.parametrize("palette", ["light", "contrast", "terminal"])
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "140x45"])
def test_a_theme(snap_compare: Compare, palette: str, size: Size) -> None:
    _shows(snap_compare, size, Look("", ("2",), "▌✖ Failed"), palette=palette)


def test_without_colours(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    _shows(snap_compare, SMALL, Look("", ("2",), "▌✖ Failed"))


def test_sixteen_colours(snap_compare: Compare, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    _shows(snap_compare, SMALL, Look("", ("2",), "▌✖ Failed"))
