"""What may be written to a terminal at all: a closed list of sequences, and text without a control character.

Whatever is not in the list came from outside, however it got there.
"""

import base64
import re

from console.model.text import _UNSAFE

_COLOUR = r"(?:[0-9]|2[1-9]|[34][0-79]|9[0-7]|10[0-7]|[34]8;5;\d{1,3}|[34]8;2;\d{1,3};\d{1,3};\d{1,3})"
_OURS = re.compile(
    rf"\x1b\[(?:{_COLOUR}(?:;{_COLOUR})*)?m"  # SGR, with parameters that there are
    r"|\x1b\[\d{1,3};\d{1,3}H"  # cursor position
    r"|\x1b\[\?(?:7|25|1004|1049|2004|2026|2048)[hl]|\x1b\[\?20(?:26|48)\$p|\x1b\[[<>]\d*u"  # modes: start and end
    r"|\x1b\]22;default\x07"  # the pointer's shape
    r"|\x1b\[2[23];2t"  # the title is kept, and given back
    r"|(?P<title>\x07?\x1b\]2;homeconsole(?P<told>[^\x1b\x07]*)\x1b\\)"
    r"|(?P<notice>\x1b\](?:9|99;|777;notify;homeconsole);(?P<said>[^\x1b\x07]*)\x1b\\)"
    r"|\x1b\]52;c;(?P<copied>[A-Za-z0-9+/=]*)\x07"
)
_AT_THE_END = re.compile(r"\r?\n")  # a shell's prompt comes on a new line


def strange(written: bytes) -> list[str]:
    """What of ``written`` is none of ours, each with what stands around it; text outside of UTF-8, too."""
    text = written.decode("utf-8", "surrogateescape")
    told = [found.group("told") or found.group("said") or "" for found in _OURS.finditer(text)]
    rest = _AT_THE_END.sub(" ", _OURS.sub(" ", text))
    return [_around(where, found) for where in (rest, *told) for found in _UNSAFE.finditer(where)]


def copied(written: bytes) -> list[str]:
    """What was put into the clipboard."""
    found = (match.group("copied") for match in _OURS.finditer(written.decode("utf-8", "surrogateescape")))
    return [base64.b64decode(each).decode() for each in found if each is not None]


def _around(text: str, found: re.Match[str]) -> str:
    return repr(text[max(0, found.start() - 30) : found.end() + 30])
