"""Floor 3: the screen. The only floor that knows Textual; it knows sources only by their Protocols."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.ui.ports import Desk


def run(
    desk: "Desk", *, ascii_only: bool | None = None, palette: str = "dark", mouse: bool = False, tells: bool = True
) -> int:
    """Open the console on ``desk`` and run it to its end; its exit code. ``ascii_only``: None is what is found.

    ``tells``: what ends or hangs rings the bell, and sets the title.
    """
    from console.ui.app import run as run_app  # noqa: PLC0415 - ports can be imported without Textual

    plain = not _has_symbols() if ascii_only is None else ascii_only
    return run_app(desk, ascii_only=plain, palette=palette, mouse=mouse, tells=tells)


def _has_symbols() -> bool:
    """Whether the terminal shows more than ASCII: its locale says so, as to any program, and its font has the marks."""
    if os.environ.get("TERM") == "linux":  # the console of the kernel: 256 or 512 characters
        return False
    return _is_utf8(sys.__stdout__.encoding if sys.__stdout__ else "") and _is_utf8(_locale())


def _locale() -> str:
    """Of characters, as the environment has it. Python itself puts C.UTF-8 where it finds C (PEP 538)."""
    ctype = os.environ.get("LC_CTYPE", "")
    if ctype == "C.UTF-8" and sys.flags.utf8_mode and "PYTHONUTF8" not in os.environ:
        ctype = ""
    return os.environ.get("LC_ALL") or ctype or os.environ.get("LANG", "")


def _is_utf8(name: str) -> bool:
    return name.lower().replace("-", "").partition("@")[0].endswith("utf8")
