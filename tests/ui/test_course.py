"""A rollout shows what took how long: of each node, and of the rollouts before."""

from datetime import timedelta

import pytest

from console.model.runs import NodeRun, Run
from console.model.snapshot import Topic
from tests.ui.desk import ago
from tests.ui.test_rollout import COMMIT, on_its_way, opened
from tests.ui.user import LARGE, SMALL, using

UNDER_WAY = NodeRun("k8s-control-1", (("pre-pull", ago(minutes=45)), ("drain", ago(minutes=40))))


def earlier(name: str, minutes: int) -> Run:
    began = ago(hours=100 - minutes)
    return Run(name, system="talos", outcome="done", started=began, ended=began + timedelta(minutes=minutes))


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_each_nodes_steps_are_a_bar_and_the_earlier_rollouts_a_line(size: tuple[int, int]) -> None:
    desk = on_its_way()
    runs = [Run(COMMIT, system="talos", started=ago(minutes=50), nodes=(UNDER_WAY,)), earlier("a", 9), earlier("b", 3)]
    desk.store.put(Topic.RUNS, runs)
    async with using(desk, size) as user:
        await opened(user)
        await user.presses("G")
        await user.sees("What took how long", "├", "drain──", "so far", "Earlier ones", "▃█  3m to 9m")


async def test_what_nobody_watched_has_no_bar() -> None:
    async with using(on_its_way(), LARGE) as user:
        await opened(user)
        await user.does_not_see("What took how long", "Earlier ones")
