"""Going to another cluster without a restart: what is left is left whole, and nothing comes along."""

import threading
from collections.abc import Iterator, Sequence

import pytest

from console.model.flux import FluxKey
from console.model.own import Place
from console.model.step import Step, StepState
from console.sources.stop import Stop
from console.ui import clusterverbs
from tests.ui.desk import Desk
from tests.ui.user import LARGE, User, using


async def goes(user: User, name: str) -> None:
    await user.presses(":")
    await user.types(f"ctx {name}")
    await user.presses("enter")


async def test_clusters_are_listed_and_one_is_gone_to() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses(":")
        await user.types("ctx")
        await user.presses("enter")
        await user.sees("Clusters  2", "home  here  admin@home  Talos home, by its name", "/repos/lab")
        await user.types("lab")
        await user.presses("enter")
        await user.sees(" lab    Talos v1.13.7", "read-only", seconds=60)
        assert (desk.stopped, desk.other and desk.other.started) == (1, 1)
    assert desk.other
    assert desk.other.stopped == 0  # ``run`` stops it: here the test does not


async def test_nothing_that_was_narrowed_marked_or_open_comes_along() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses("2", "space", "f", "z", "enter")
        await goes(user, "lab")
        await user.sees(" lab    Talos", "1 Nodes", "3 Updates", "▌k8s-control-1", seconds=60)
        await user.does_not_see("marked", "problems 4")
        assert len(user.app.screen_stack) == 1
        assert user.app.recent == []


async def test_what_is_asked_of_a_cluster_names_it() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("4", "a")
        await user.sees("Approve  Talos", "─ home ─", "2 warnings", seconds=60)
        await user.presses("a")
        await user.sees("Type v1.13.8", " home ─╮", seconds=60)


class Slow(Desk):
    """Answers late: when the question's cluster is long left."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = threading.Event(), threading.Event()

    def events(self, key: FluxKey) -> Sequence[str]:
        raise AssertionError(key)

    def failing(self) -> Sequence[FluxKey]:
        self.asked.set()
        self.answers.wait(60)
        return [FluxKey("HelmRelease", "observability", "grafana")]

    def reconcile(
        self, key: FluxKey, *, with_source: bool, stop: Stop, force: bool = False, reset: bool = False
    ) -> Iterator[Step]:
        del key, with_source, force, reset
        yield Step("pass", StepState.RUNNING, "on and on")
        self.asked.set()
        stop.wait(60)

    def stop(self) -> None:
        self.answers.set()
        super().stop()


async def test_an_answer_of_the_cluster_that_was_left_asks_nothing_on_the_other() -> None:
    desk = Slow()
    async with using(desk, LARGE) as user:
        await user.presses(":")
        await user.types("reconcile-failing")
        await user.presses("enter")
        assert desk.asked.wait(60)
        await goes(user, "lab")
        desk.answers.set()
        await user.sees(" lab    Talos", seconds=60)
        answering = {"job-failing", "job-leave home"}
        await user._until(lambda: answering.isdisjoint(each.name for each in threading.enumerate()), "answered on", 60)
        await user.pilot.pause()
        await user._until(lambda: not user.app.leaving, "left on", 60)
        assert "Reconcile what fails" not in user.screen


class Hanging(Desk):
    """Its cluster is not left before the test ends."""

    def __init__(self) -> None:
        super().__init__()
        self.lets_go = threading.Event()

    def stop(self) -> None:
        self.lets_go.wait(60)
        super().stop()


async def test_a_cluster_that_can_not_be_left_does_not_keep_the_next_one_from_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clusterverbs, "_LATE", 0.1)
    desk = Hanging()
    async with using(desk, LARGE) as user:
        await goes(user, "lab")
        await user._until(lambda: bool(desk.other and desk.other.started), "begun on", 60)
        assert (desk.stopped, user.app.leaving) == (0, False)
        desk.lets_go.set()
        await user._until(lambda: "job-leave home" not in {each.name for each in threading.enumerate()}, "left on", 60)
        await user.pilot.pause()
        assert desk.other
        assert (desk.stopped, desk.other.started) == (1, 1)


class Asking(Desk):
    """Says which clusters there are when the first one is long left."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = threading.Event(), threading.Event()

    def places(self) -> Sequence[Place]:
        self.asked.set()
        self.answers.wait(60)
        return super().places()


async def test_clusters_are_completed_on_the_next_one_where_this_one_was_left_before_it_answered() -> None:
    desk = Asking()
    async with using(desk, LARGE) as user:
        await user.presses(":")
        await user.types("ctx l")
        assert desk.asked.wait(60)
        await user.presses("a", "b", "enter")
        await user._until(lambda: user.app.desk is desk.other, "gone on", 60)
        desk.answers.set()
        await user.sees(" lab    Talos", seconds=60)
        await user.presses(":")
        await user.types("ctx ")
        await user._until(lambda: bool(user.app.clusters), "names on", 60)


async def test_what_acts_on_a_cluster_is_seen_to_its_end_first() -> None:
    desk = Slow()
    async with using(desk, LARGE) as user:
        await user.presses("2", "R")
        assert desk.asked.wait(60)
        await goes(user, "lab")
        await user.sees("ctx: wait for reconcile")
        assert (desk.stopped, user.app.desk) == (0, desk)
        user.app.work.stop()


async def test_a_cluster_that_there_is_not_is_told() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await goes(user, "prod")
        await user.sees("There is no cluster prod  There are: home, lab.")
        await goes(user, "home")
        await user.sees("ctx: home is the one that you see")
        assert user.app.desk is desk


async def test_clusters_are_completed() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses(":")
        await user.types("ctx ")
        await user._until(lambda: bool(user.app.clusters), "names on", 60)
        await user.types("l")
        await user.sees(":ctx l▏   lab")
        await user.presses("tab", "enter")
        await user.sees(" lab    Talos", seconds=60)
