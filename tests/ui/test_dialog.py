"""Before something that reaches far: a question that stays on the screen, and no answer by accident."""

import pytest
from textual.app import App

from console.ui.screens.dialog import Dialog
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
