"""Tells without being looked at: the terminal's bell, its title, and a notification where the terminal has them.

OSC 9 (iTerm2), OSC 777 (rxvt-unicode's, which most others took over), OSC 99 (kitty's own). A terminal that is not
known to have one of them gets the bell and the title alone: unknown sequences may be drawn.
"""

from collections.abc import Callable, Iterable, Mapping

from console.model.news import News, headline, sentence
from console.model.rollout import Rollout
from console.model.text import safe

BELL, END = "\a", "\x1b\\"
KEEP_TITLE, GIVE_TITLE_BACK = "\x1b[22;2t", "\x1b[23;2t"
_URXVT = ("ghostty", "wezterm", "foot", "rxvt", "konsole", "contour")


class Herald:
    """Looks at each scene, and writes what is news to the terminal by ``write``."""

    def __init__(self, write: Callable[[str], None], environment: Mapping[str, str]) -> None:
        self._write = write
        self._environment = environment
        self._news = News()
        self._titled = False
        self._cluster = ""

    def look(self, cluster: str, rollouts: Iterable[Rollout]) -> None:
        """Tell what has ended or hangs since the last look. In another cluster what stands so already is no news."""
        if cluster != self._cluster:
            self._cluster, self._news = cluster, News()
            self._say(titled(cluster))
        for rollout in self._news.of(rollouts):
            self._say(announcement(cluster, rollout, self._environment))

    def _say(self, sequence: str) -> None:
        self._write(("" if self._titled else KEEP_TITLE) + sequence)
        self._titled = True

    def leave(self) -> None:
        """The terminal gets the title back that it had."""
        if self._titled:
            self._titled = False
            self._write(GIVE_TITLE_BACK)


def titled(cluster: str, text: str = "") -> str:
    """The terminal's title: which cluster, and what is new there."""
    words = ": ".join(part for part in (safe(cluster), text) if part)
    return f"\x1b]2;homeconsole {words}{END}"


def announcement(cluster: str, rollout: Rollout, environment: Mapping[str, str]) -> str:
    """What is written to the terminal for one piece of news. All text in it was made safe."""
    title, text = headline(rollout), sentence(rollout)
    notice = _notice(f"{safe(cluster)}: {title}", text, environment)
    return f"{BELL}{titled(cluster, title)}{_wrapped(notice, environment)}"


def _notice(title: str, text: str, environment: Mapping[str, str]) -> str:
    names = " ".join(environment.get(name, "") for name in ("TERM", "TERM_PROGRAM", "LC_TERMINAL")).lower()
    names += " kitty" if "KITTY_WINDOW_ID" in environment else ""
    body = f"{title}: {text}" if text else title
    if "kitty" in names:
        return f"\x1b]99;;{body}{END}"
    if "iterm" in names:
        return f"\x1b]9;{body}{END}"
    if any(name in names for name in _URXVT):
        return f"\x1b]777;notify;homeconsole;{body.replace(';', ',')}{END}"
    return ""


def _wrapped(sequence: str, environment: Mapping[str, str]) -> str:
    """tmux hands on what is doubled and framed, where its ``allow-passthrough`` is on."""
    if not sequence or "TMUX" not in environment:
        return sequence
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}{END}"
