"""Whole rollouts on the embedded cluster, headless: each fault ends with the right word, and each way out is one."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.demo.controllers.objects import Key
from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.model.review import Review
from console.model.rollout import Rollout
from console.model.snapshot import Topic
from console.model.step import StepState
from console.operations.rollout import rollouts
from console.settings import load
from console.sources.errors import Refused
from console.sources.stop import Stop
from console.wiring import Console

pytestmark = pytest.mark.timeout(240)

TOPICS = frozenset(Topic) - {Topic.ASSESSMENTS, Topic.APPROVALS, Topic.WORKLOADS}
TALOS, KUBELET = "renovate/siderolabs-talos-1.x", "renovate/ghcr.io-siderolabs-kubelet-1.x"
HOME_ASSISTANT = "renovate/ghcr.io-home-assistant-home-assistant-2026.x"
NODE = "k8s-control-1"


def settings(demo: DemoThread, home: Path) -> Any:
    (Path.home() / ".gitconfig").write_text("[user]\n\tname = Ada Op\n\temail = ada@home.example\n")
    environment = {"HOME": str(home), "HOMECONSOLE_TALOSCTL": str(demo.cluster.bin / "talosctl")}
    return replace(load({"write": True}, demo.cluster.environment() | environment), talos_interval=1)


@contextmanager
def console(demo: DemoThread, home: Path) -> Iterator[Console]:
    desk = Console(settings(demo, home), folder=home)
    try:
        desk.start(TOPICS, records=True)
        assert desk.read(TOPICS, 90)
        yield desk
    finally:
        desk.stop()


def until(desk: Console, holds: Callable[[], Any], seconds: float = 90) -> Any:
    """What ``holds`` gives, once it is something; time alone may bring it."""
    changed = threading.Event()
    with desk.listening(lambda _: changed.set()):
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if found := holds():
                return found
            changed.wait(1)
            changed.clear()
    raise AssertionError([(way.title, way.outcome, way.note, way.steps) for way in rollouts(desk.snapshot())])


def approve(desk: Console, branch: str) -> str:
    """Approve it, once all that blocks it could be asked; the commit."""

    def reviewed() -> Review | None:
        review = desk.review(branch)
        return None if review.unanswered else review

    steps = desk.approve(until(desk, reviewed), Stop())
    while True:
        try:
            next(steps)
        except StopIteration as end:
            commit: str = end.value.commit
            return commit


def way(desk: Console, commit: str) -> Rollout | None:
    return next((each for each in rollouts(desk.snapshot()) if each.commit == commit), None)


def becomes(desk: Console, commit: str, outcome: str, note: str = "") -> Rollout:
    def holds() -> Rollout | None:
        found = way(desk, commit)
        return found if found and found.outcome == outcome and note in found.note else None

    found: Rollout = until(desk, holds)
    return found


@pytest.mark.parametrize(("nodes", "source"), [(1, "oci"), (3, "git")])
def test_an_upgrade_goes_well_and_its_summary_is_in_the_journal(tmp_path: Path, nodes: int, source: str) -> None:
    with DemoThread(Topology(nodes=nodes, source=source, speed=200)) as demo:
        with console(demo, tmp_path) as desk:
            commit = approve(desk, TALOS)
            until(desk, lambda: (way(desk, commit) or Rollout("", "", "", "done")).outcome == "running")
            another = approve(desk, HOME_ASSISTANT)  # main moves on
            becomes(desk, commit, "done")
            becomes(desk, another, "done")
            until(desk, lambda: desk.snapshot()[Topic.RUNS].items[commit,].outcome == "done")
            (entry,) = [each for each in desk.history().entries if each.commit == commit]
            assert entry.rollout
            assert (entry.rollout.outcome, entry.rollout.target) == ("done", "v1.13.8")
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        with console(demo, elsewhere) as desk:
            assert becomes(desk, commit, "done").title == "Talos v1.13.8", "another machine has git and the cluster"


@pytest.mark.parametrize(
    ("fault", "nodes", "end"),
    [
        ("jobs", 1, ("failed", "tuppr gave up", "reset")),
        ("boots_old", 1, ("failed", "The node started its old version again", "reset")),
        ("never_back", 3, ("failed", "did not become ready", "reset")),
        ("pulls", 1, ("stuck", "can't pull the installer image", "wait")),
    ],
)
def test_a_fault_on_the_node_ends_with_its_word_and_a_way_out(
    tmp_path: Path, fault: str, nodes: int, end: tuple[str, str, str]
) -> None:
    with DemoThread(Topology(nodes=nodes, speed=200)) as demo, console(demo, tmp_path) as desk:
        faults = demo.cluster.faults
        outcome, note, verb = end
        if fault in {"boots_old", "never_back"}:
            getattr(faults, fault).add(NODE)
        else:
            getattr(faults, fault)[NODE] = "no space left on device"
        commit = approve(desk, TALOS)
        found = becomes(desk, commit, outcome, note)
        assert verb in [choice.verb for choice in found.choices]
        if fault == "never_back":
            return  # only a hand at its power button brings it back
        getattr(faults, fault).clear()
        if outcome == "failed":
            *_, last = desk.intervene("reset", "talos", "", Stop())
            assert last.state is StepState.DONE
            with pytest.raises(KeyError):
                demo.store.get("TalosUpgrade", "talos")["metadata"]["annotations"]["tuppr.home-operations.com/reset"]
        becomes(desk, commit, "done")


def test_a_suspension_holds_until_it_is_released_and_kubernetes_waits_behind_it(tmp_path: Path) -> None:
    with DemoThread(Topology(speed=200)) as demo, console(demo, tmp_path) as desk:
        *_, last = desk.intervene("suspend", "talos", "a look at the disk", Stop())
        assert (last.state, "a look at the disk" in last.text) == (StepState.DONE, True)
        with pytest.raises(Refused, match="suspended already"):
            list(desk.intervene("suspend", "talos", "", Stop()))
        commit = approve(desk, KUBELET)
        assert [c.verb for c in becomes(desk, commit, "stuck", "which is suspended").choices] == ["release"]
        *_, last = desk.intervene("release", "talos", "", Stop())
        assert last.state is StepState.DONE
        becomes(desk, commit, "done")


def test_a_source_that_can_not_fetch_fails_it_until_it_is_asked_again(tmp_path: Path) -> None:
    with DemoThread(Topology(source="git", nodes=3, speed=200)) as demo, console(demo, tmp_path) as desk:
        source = Key("GitRepository", "flux-system", "flux-system")
        demo.cluster.faults.sources[source] = "dial tcp: lookup git.example: no such host"
        commit = approve(desk, TALOS)
        steps = list(desk.hasten(commit, Stop()))
        assert steps[-1].state is StepState.FAILED, steps
        found = becomes(desk, commit, "failed", "can't fetch: ")
        assert [choice.verb for choice in found.choices] == ["mend", "reconcile"]
        demo.cluster.faults.sources.clear()
        steps = list(desk.hasten(commit, Stop()))
        assert steps[-1].state is StepState.DONE, steps
        becomes(desk, commit, "done")


def test_without_the_right_to_change_it_an_intervention_is_refused_with_the_verb(tmp_path: Path) -> None:
    with DemoThread(Topology()) as demo, console(demo, tmp_path) as desk:
        demo.api.access.authorize = lambda *asked: asked[1] != "patch"
        with pytest.raises(Refused) as caught:
            list(desk.intervene("reset", "talos", "", Stop()))
        assert '"patch" on talosupgrades.tuppr.home-operations.com' in caught.value.hint
