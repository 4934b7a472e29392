"""A command of one's own that writes is an operation: never begun anew by a refresh, never ended without a question."""

from pathlib import Path

from console.model.own import Command, Own
from tests.ui.desk import Desk
from tests.ui.user import LARGE, using


async def test_one_that_writes_is_not_left_or_repeated_without_a_question(tmp_path: Path) -> None:
    desk, may_end = Desk(), tmp_path / "end"
    waits = ("sh", "-c", 'until [ -e "$1" ]; do sleep 0.05; done; echo "in $KUBECONFIG"', "sh", str(may_end))
    desk.own = Own(commands=(Command("waits", waits, ("flux",), key="ctrl+t", writes=True),), source="config.yaml")
    async with using(desk, LARGE) as user:
        await user.presses("2", "ctrl+t")
        await user.sees("▶ running")
        await user.presses("escape")
        await user.sees("waits still runs, and it writes")
        await user.presses("n", "ctrl+c")
        await user.sees("Still running:", "waits")
        await user.presses("n")
        may_end.touch()
        await user.sees("in home's", "has ended", seconds=60)
        desk.set_writable(False)
        await user.presses("ctrl+r")
        await user.sees("go back, and begin it there once more")
        assert len(desk.done) == 1
        await user.presses("escape", "ctrl+t")
        await user.sees("waits: read-only")


async def test_leaving_one_that_writes_stops_it_once_that_is_confirmed() -> None:
    desk = Desk()
    desk.own = Own(commands=(Command("waits", ("sleep", "600"), ("flux",), key="ctrl+t", writes=True),), source="c")
    async with using(desk, LARGE) as user:
        await user.presses("2", "ctrl+t")
        await user.sees("▶ running")
        await user.presses("escape", "y")
        await user._until(lambda: not user.app.work.operations, "it was stopped", 60)
