"""Text from outside is data: nothing in it may change anything on a terminal."""

import re
import unicodedata

# C0, DEL, C1; bidirectional controls (Unicode UAX #9); zero-width and other invisible format characters; line and
# paragraph separators; lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return "�"


def safe(text: str, limit: int = 4096) -> str:
    """``text`` on one line with control, bidirectional and invisible characters shown as symbols.

    At most ``limit`` characters; a longer text ends in ``…``.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return _UNSAFE.sub(_shown, cut)


def safe_lines(text: str, limit: int = 1_000_000) -> list[str]:
    """``text`` as lines, each made safe; tabs become spaces."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return [safe(line.expandtabs(4), limit) for line in cut.split("\n")]


def width(text: str) -> int:
    """How many terminal cells ``text`` takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
