"""Text from outside is data: nothing in it may change anything on a terminal."""

import re
import unicodedata

from console.model.redaction import anonymous

# C0, DEL, C1; format characters (general category Cf: bidirectional controls, zero-width ones, tags); what a renderer
# leaves out (Default_Ignorable_Code_Point, Unicode 16: fillers, variation selectors); line and paragraph separators;
# lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_BEYOND_LATIN = re.compile("[^\x00-\u02ff]{4,}")  # where a flood of combining marks may be
_MARKS = 3  # combining marks on one character: more than any script needs, and few enough to stay on its line


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return "�"


def printable(text: str) -> str:
    """``text`` with control, bidirectional and invisible characters shown as symbols, and few marks on one character.

    Without the password that an address in it was given with, too.
    """
    if "@" in text and "://" in text:
        text = anonymous(text)  # a message quotes addresses as it was given them
    if text.isascii() and text.isprintable():
        return text
    return _BEYOND_LATIN.sub(_thinned, _UNSAFE.sub(_shown, text))


def _thinned(match: re.Match[str]) -> str:
    """Without the marks beyond the first few on a character: a flood of them is drawn over other lines."""
    kept, marks = [], 0
    for character in match.group():
        marks = marks + 1 if unicodedata.combining(character) or unicodedata.category(character) == "Me" else 0
        if marks <= _MARKS:
            kept.append(character)
    return "".join(kept)


def safe(text: str, limit: int = 4096) -> str:
    """``text`` on one line, printable. At most ``limit`` characters; a longer text ends in ``…``."""
    return printable(text if len(text) <= limit else text[: limit - 1] + "…")


def safe_lines(text: str, limit: int = 1_000_000) -> list[str]:
    """``text`` as lines, each made safe; tabs become spaces."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return [safe(line.expandtabs(4), limit) for line in cut.split("\n")]


def width(text: str) -> int:
    """How many terminal cells ``text`` takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
