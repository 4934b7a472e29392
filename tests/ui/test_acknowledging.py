"""Findings are answered on the review, the worst first, with a reason."""

from tests.ui.desk import Desk, refused
from tests.ui.user import LARGE, using


async def test_the_worst_finding_is_answered_first_and_then_the_next() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses("4", "a")
        await user.sees("0 blockers  2 warnings")
        await user.presses("A")
        await user.sees("Acknowledge", "only control plane: API and apps are away", "1 more follow")
        await user.types("at night")
        await user.presses("enter")
        await user.sees("0 blockers  1 warning", "1 acknowledged", "acknowledged: at night")
        await user.presses("A")
        await user.sees("Acknowledge", "#2308 raises it")
        await user.types("together")
        await user.presses("enter")
        await user.sees("0 blockers  0 warnings", "2 acknowledged")
        await user.presses("A")
        await user.sees("no blocker or warning is left")
    assert desk.acknowledged == {"single-control-plane": "at night", "client-lags": "together"}


async def test_without_a_reason_nothing_is_acknowledged() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses("4", "a")
        await user.sees("0 blockers  2 warnings")
        await user.presses("A")
        await user.sees("Acknowledge")
        await user.presses("enter")
        await user.sees("A word is needed")
        desk.fails = refused("The state folder can't be written.")
        await user.types("why not")
        await user.presses("enter")
        await user.sees("The state folder can't be written.")
    assert not desk.acknowledged
