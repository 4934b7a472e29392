"""Floor 3: the screen. The only floor that knows Textual; it knows sources only by their Protocols."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.ui.ports import Desk


def run(desk: "Desk", *, ascii_only: bool = False, mouse: bool = False) -> int:
    """Open the console on ``desk`` and run it to its end; its exit code. Without UTF-8 the symbols are ASCII."""
    from console.ui.app import run as run_app  # noqa: PLC0415 - ports can be imported without Textual

    utf8 = (sys.__stdout__.encoding if sys.__stdout__ else "").lower().replace("-", "") == "utf8"
    return run_app(desk, ascii_only=ascii_only or not utf8, mouse=mouse)
