"""Before something that reaches far: a question that stays on the screen, and no answer by accident."""

import pytest
from textual import events
from textual.app import App

from console.ui.screens.dialog import Box, Dialog
from tests.ui.desk import GRAFANA, Desk
from tests.ui.user import SMALL, using


async def test_enter_alone_suspends_nothing() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "s")
        await user.sees("Suspend", "Why:")
        await user.presses("enter")
        await user.sees("A word is needed; esc leaves it.")
        await user.presses("escape")
        await user.does_not_see("Why:")
    assert GRAFANA.ref not in str(desk.done)


@pytest.mark.parametrize("asks", [{"typed": "v1.13.8"}, {"free": True}, {}])
async def test_a_long_text_gives_way_before_the_question_does(asks: dict[str, str]) -> None:
    async with using(Desk(), SMALL) as user:
        app: App[int] = user.app
        app.push_screen(Dialog("Suspend", " ".join(f"namespace/object-{n}" for n in range(200)), **asks))  # type: ignore[arg-type]
        await user.sees("Type v1.13.8 to go on:" if "typed" in asks else "Why:" if asks else "Go on?")


async def test_keys_that_come_at_once_leave_one_screen_and_answer_once() -> None:
    async with using(Desk()) as user:
        answers: list[str] = []
        await user.presses("2", "enter")
        user.app.confirm("Approve", "It will reboot.", then=answers.append, typed="v1")
        await user.sees("Type v1")
        await user.types("v1")
        box = user.app.screen.query_one(Box)
        for key in ("enter", "enter", "escape"):  # before the first of them is dealt with
            box.key(events.Key(key, None))
        await user.does_not_see("Type v1")
        assert answers == ["v1"]
        assert len(user.app.screen_stack) == 2
