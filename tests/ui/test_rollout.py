"""The screen of what was approved: what it tells, and what can be done from it, each after a question."""

from dataclasses import replace
from typing import Any

import pytest

from console.model.evidence import Blocker, JobLog
from console.model.rollout import Rollout
from console.model.snapshot import Topic
from console.model.step import Step, StepState
from console.model.updates import ApprovedCommit, Change, RepositoryState, Update
from console.model.upgrades import FailedNode, TupprUpgrade
from console.sources.errors import Unreachable
from console.ui.texts.rollout import describe
from tests.ui.desk import BASE, NOON, TALOS, Desk, ago
from tests.ui.user import LARGE, SMALL, User, using

COMMIT = "a" * 40


def on_its_way(*, evidence: tuple[Any, ...] = (), **changes: Any) -> Desk:
    """Talos v1.13.8 was approved 50 minutes ago; tuppr's resource stands as ``changes`` say."""
    desk = Desk()
    update: Update = desk.snapshot()[Topic.UPDATES].items[(TALOS,)]
    approval = ApprovedCommit(COMMIT, TALOS, "Merge", ago(minutes=50), "Home", update.changes, system="talos")
    state = RepositoryState("https://git.test/home", "main", COMMIT, NOON, (COMMIT, BASE), (approval,))
    desk.store.replace(Topic.REPOSITORY, [state])
    values: dict[str, Any] = {"phase": "Draining", "updated": ago(minutes=40), "current_nodes": ("k8s-control-1",)}
    resource = TupprUpgrade("TalosUpgrade", "talos", "talos", "v1.13.8", **(values | changes))
    desk.store.put(Topic.TUPPR, [resource])
    desk.store.replace(Topic.EVIDENCE, evidence)
    return desk


FAILED: dict[str, Any] = {
    "phase": "Failed",
    "current_nodes": (),
    "failed_nodes": (FailedNode("k8s-control-1", "exit 1"),),
}
JOB = JobLog("talos-x", "talos", "talos", "k8s-control-1", "failed", NOON, ("pulling the installer", "no space left"))
KEEPER = Blocker("k8s-control-1", "database", "postgres-0", "postgres", 1, 1)


async def opened(user: User, *texts: str) -> None:
    await user.presses("w")
    await user.sees("Rollout  Talos v1.13.8", *texts)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_stuck_drain_names_what_keeps_it_and_what_can_be_done(size: tuple[int, int]) -> None:
    async with using(on_its_way(evidence=(KEEPER,)), size) as user:
        await opened(user, "stuck", "PodDisruptionBudget", "database/postgres", "no earlier one was watched")
        await user.does_not_see("X reset")
        await user.sees("What you can do", "wait:", "mend:", "suspend:")


async def test_a_suspension_asks_why_and_is_followed_to_its_outcome() -> None:
    desk = on_its_way()
    async with using(desk) as user:
        await opened(user)
        await user.presses("s")
        await user.sees("Suspend", "starts nothing more until it is released", "Why:")
        await user.types("disk")
        await user.presses("enter")
        await user.sees("✔ suspend talos: tuppr has taken it in")
    assert ("suspend", "talos", "disk") in desk.done


async def test_what_is_suspended_is_released_with_the_same_key() -> None:
    desk = on_its_way(suspended="manual", phase="Pending")
    async with using(desk) as user:
        await opened(user, "is suspended by its annotation")
        await user.presses("s")
        await user.sees("Release", "Go on? y/N")
        await user.presses("n", "s", "y")
        await user.sees("✔ release talos: tuppr has taken it in")
    assert [done for done in desk.done if done[0] == "release"] == [("release", "talos", "")]


async def test_a_failure_shows_the_jobs_last_words_and_starts_over_after_a_question() -> None:
    desk = on_its_way(evidence=(JOB,), **FAILED)
    async with using(desk, LARGE) as user:
        await opened(user, "failed", "tuppr gave up: k8s-control-1: exit 1", "The last job wrote", "no space left")
        await user.presses("l")
        await user.sees("talos-x on k8s-control-1, failed", "pulling the installer")
        await user.presses("l")
        await user.sees("X reset")
        await user.presses("X")
        await user.sees("TalosUpgrade/talos", "never", "Go on? y/N")
        await user.presses("y")
        await user.sees("✔ reset talos: tuppr has taken it in")
    assert ("reset", "talos", "") in desk.done


async def test_its_passes_are_asked_for_by_key() -> None:
    desk = on_its_way()
    async with using(desk) as user:
        await opened(user)
        await user.presses("R")
        await user.sees("✔ reconcile aaaaaaa: all that carries it has it already")
    assert desk.done.count(("hasten", COMMIT)) == 1


async def test_what_makes_no_sense_is_refused_with_the_reason() -> None:
    async with using(on_its_way()) as user:
        await opened(user)
        await user.presses("X")
        await user.sees("reset: tuppr starts over only after a failure")
        await user.presses("l")
        await user.sees("tuppr drains the node itself; its job, and the log, begin after that.")


async def test_what_is_over_has_nothing_to_suspend_and_the_key_is_not_offered() -> None:
    desk = on_its_way(phase="Completed", current_nodes=())
    for topic, field in ((Topic.TALOS, "talos"), (Topic.KUBERNETES, "os_image")):
        nodes = [replace(n, **{field: "v1.13.8" if field == "talos" else "Talos (v1.13.8)"}) for n in _all(desk, topic)]
        desk.store.replace(topic, nodes)
    async with using(desk, LARGE) as user:
        await opened(user, "done")
        await user.does_not_see("s suspend")
        await user.presses("s")
        await user.sees("suspend: there is no upgrade of tuppr's under way here")


def _all(desk: Desk, topic: Topic) -> list[Any]:
    return list(desk.snapshot()[topic].items.values())


async def test_several_are_several_lines_and_tab_goes_on() -> None:
    desk = on_its_way()
    state: RepositoryState = desk.snapshot()[Topic.REPOSITORY].items[("repository",)]
    image = "ghcr.io/home-operations/sonarr"
    change = Change(image, f"4.0.1@sha256:{'a' * 64}", f"4.0.2@sha256:{'b' * 64}", "patch")
    title = f"Merge renovate/sonarr: {image} {change.old} → {change.new}"
    other = replace(
        state.approvals[0], commit="b" * 40, branch="renovate/sonarr", title=title, system=None, changes=(change,)
    )
    both = replace(state, history=("b" * 40, *state.history), approvals=(other, *state.approvals))
    desk.store.replace(Topic.REPOSITORY, [both])
    async with using(desk) as user:
        await user.presses("w")
        await user.sees("Rollout  sonarr 4.0.1 → 4.0.2   done", "‹1 of 2›", "Also on", "    stuck   Talos v1.13.8")
        await user.presses("tab")
        await user.sees("Rollout  Talos v1.13.8", "‹2 of 2›")


async def test_read_only_looks_and_changes_nothing() -> None:
    desk = on_its_way(**FAILED)
    desk.writable = False
    async with using(desk) as user:
        await opened(user)
        for key in ("s", "X", "R"):
            await user.presses(key)
            await user.sees("read-only: :write switches writing on")
    assert not [done for done in desk.done if done[0] in {"suspend", "reset", "hasten"}]


async def test_before_the_repository_was_read_it_says_so() -> None:
    async with using(Desk(held=False)) as user:
        await user.presses("w")
        await user.sees("The repository has not been read yet.")


def test_a_nodes_steps_are_whole_also_where_a_line_is_short() -> None:
    steps = tuple(Step(name, StepState.DONE) for name in ("drain", "install", "reboot", "ready", "back to work"))
    rollout = Rollout("a" * 40, "b", "t", "running", nodes=(("k8s-control-1.example.internal", steps),))
    told = ["".join(run.text for run in line).rstrip() for line in describe(rollout, 60)]
    assert all(len(line) <= 60 for line in told)
    assert [step.name in " ".join(told) for step in steps] == [True] * 5
    assert len(told) == 2


async def test_why_the_repository_could_not_be_read_is_told() -> None:
    desk = Desk(held=False)
    desk.store.failed(Topic.REPOSITORY, Unreachable("The remote does not answer", "Try by hand: git ls-remote"))
    async with using(desk) as user:
        await user.presses("w")
        await user.sees("The repository can't be read", "The remote does not answer. Try by hand: git ls-remote")
