"""Writing is switched on and off on the screen, unless the run was started without it for good."""

from console.sources.errors import Refused
from tests.ui.desk import Desk
from tests.ui.user import using


class Forbidding(Desk):
    """Started with --read-only."""

    def set_writable(self, writable: bool) -> None:
        if writable:
            raise Refused("This run was started with --read-only.", kind="read-only")


async def test_where_writing_is_forbidden_the_reason_is_told_and_it_stays_off() -> None:
    async with using(Forbidding(writable=False)) as user:
        await user.presses(":")
        await user.types("write")
        await user.presses("enter")
        await user.sees("write: This run was started with --read-only.")
        assert not user.app.desk.writable
