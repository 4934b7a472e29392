"""What was left is let go of: a console that runs for weeks holds what it shows, not what it has shown."""

import gc

from textual.strip import Strip

from tests.ui.desk import Desk
from tests.ui.user import LARGE, using


async def test_of_screens_that_were_left_no_line_is_kept() -> None:
    async with using(Desk(), LARGE) as user:
        await user.sees("k8s-control-1")
        kept = []
        for _ in range(4):
            await user.presses("question_mark")
            await user.sees("OSC 52")
            await user.presses("escape")
            await user.does_not_see("OSC 52")
            gc.collect()
            kept.append(sum(type(each) is Strip for each in gc.get_objects()))
        assert kept[-1] <= kept[0] + LARGE[1] / 2, kept
