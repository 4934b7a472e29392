"""The console in a terminal at the near end of ssh: what it draws, what that costs, how it goes and comes back."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.live.terminals.conftest import PROGRAM, Far, python
from tests.terminal import Terminal

LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
_COLOUR = re.compile(rb"\x1b\[[\d;]*\b(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
# What a sequence leaves on the screen that a terminal does not take as one.
_STRAY = re.compile(r"\[[?>]?\d+[;$hlmHJK]|\$[py]|rgb:|\\x1b|\\u[0-9a-f]{4}")

PASTE, END = "\x1b[200~", "\x1b[201~"


def clean(screen: Terminal) -> str:
    """What is on the screen, once all has come; it holds no piece of a sequence."""
    screen.quiet()
    assert not _STRAY.search(screen.text), screen.text
    return screen.text


TERMINALS = [
    ("xterm-256color", {}),
    ("tmux-256color", {}),
    ("screen", {}),
    ("linux", {}),
    ("vt100", {}),
    ("xterm-256color", {"LC_ALL": "C"}),
    ("xterm-256color", {"LC_ALL": "en_US.ISO-8859-1"}),
    ("xterm-256color", {"NO_COLOR": "1"}),
    ("linux", {"NO_COLOR": "1", "LC_ALL": "POSIX"}),
]


@pytest.mark.parametrize(("term", "env"), TERMINALS)
def test_every_terminal_shows_it_small_and_large_and_is_left_as_it_was(
    far: Far, term: str, env: dict[str, str]
) -> None:
    ascii_only = term == "linux" or "LC_ALL" in env
    columns, rows = (140, 45) if term == "tmux-256color" else (80, 24)
    with far(columns=columns, rows=rows, TERM=term, **env) as screen:
        screen.sees("v ready" if ascii_only else "✔ ready", 60)
        screen.quiet(1)
        screen.presses("2jj")
        before = clean(screen)
        assert (">" if ascii_only else "▌") in before
        screen.resize(40, 10)
        screen.sees("1 Nodes", 60)
        small = clean(screen)
        assert max(map(len, small.split("\n"))) <= 40
        screen.resize(columns, rows)
        screen.sees(before, 60)
        screen.presses("?")
        clean(screen)
        screen.presses("q")
        assert clean(screen) == before
        screen.presses("q")
        assert screen.ends(60) == 0
        assert LEAVES_ALTERNATE_SCREEN in screen.raw
        assert "stopped 1, code 0, threads []" in screen.text
        if ascii_only:
            screen.raw.decode("ascii")
        if "NO_COLOR" in env:
            assert not _COLOUR.search(screen.raw)
        elif "256" not in term:
            assert b"38;5;" not in screen.raw
        assert b"38;2;" not in screen.raw  # COLORTERM does not come through ssh


def test_a_dumb_one_is_told_what_to_type_instead(far: Far) -> None:
    with far(python("-m", "console", "demo"), TERM="dumb") as screen:
        assert screen.ends(60) == 2
        assert "homeconsole status" in screen.text
        assert b"\x1b" not in screen.raw


def test_each_thing_costs_what_it_may(far: Far, tmp_path: Path) -> None:
    """Bytes as they leave ssh at the near end."""
    pid = tmp_path / "pid"
    with far(f"echo $$ > {pid}; {PROGRAM}") as screen:
        screen.sees("✔ ready", 60)
        screen.quiet(1)
        assert 0 < screen.written <= 25_000
        screen.presses("2")
        moves = [screen.presses("j") for _ in range(7)]
        assert [count for count in moves if not 0 < count <= 600] == []
        before = screen.written
        os.kill(int(pid.read_text()), signal.SIGUSR1)
        screen.sees("another message", 60)
        screen.quiet()
        assert 0 < screen.written - before <= 400
        assert screen.quiet(6) == 0  # longer than the time between two looks at the ages


class TestPasting:
    def test_into_a_line_types_it_and_elsewhere_presses_nothing(self, far: Far) -> None:
        with far() as screen:
            screen.sees("✔ ready", 60)
            before = clean(screen)
            screen.presses(f"{PASTE}q2aRy\r:q\r{END}")
            assert clean(screen) == before
            screen.presses(f"2/{PASTE}graf\x1bana: not this\x1b one, which would be keys\rq\r{END}")
            screen.sees("/graf␛ana: not this␛ one, which would be keys▏", 60)
            screen.presses("\x1b")
            screen.presses("q")
            assert screen.ends(60) == 0

    def test_one_that_the_terminal_does_not_mark_is_typed_whole(self, far: Far) -> None:
        """A paste of many keys at once: none is lost, none comes twice."""
        text = "grafana-and-a-long-name-" * 9
        with far(columns=140, rows=45) as screen:
            screen.sees("✔ ready", 60)
            screen.presses("2")
            screen.presses("/" + text)
            screen.sees(text[-80:] + "▏", 60)
            for _ in range(3):
                screen.presses("\x7f" * (len(text) // 3))
            screen.sees("/▏", 60)


def test_a_terminals_answers_stay_out_of_the_line_that_is_typed(far: Far) -> None:
    with far() as screen:
        screen.sees("✔ ready", 60)
        screen.presses(":")
        for answer in ("\x1b[>41;354;0c", "\x1b[?1016;2$y", "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", "\x1bP1+r544e\x1b\\"):
            screen.presses(answer)
        screen.presses("flux")
        screen.sees(":flux▏", 60)


def test_it_goes_behind_the_shell_and_comes_back(far: Far) -> None:
    with far("PS1='far$ ' ENV= exec sh -i") as screen:
        screen.sees("far$", 60)
        screen.presses(f"({PROGRAM})\r")
        screen.sees("✔ ready", 60)
        screen.presses("2j")
        before = clean(screen)
        screen.presses("\x1a")
        screen.sees("far$", 60)
        assert LEAVES_ALTERNATE_SCREEN in screen.raw
        screen.presses("echo its $((40 + 2))\r")
        screen.sees("its 42", 60)
        screen.resize(60, 15)
        screen.presses("fg\r")
        screen.sees("1 Nodes", 60)
        screen.resize(80, 24)
        screen.sees(before, 60)
        screen.presses("q")
        screen.sees("stopped 1, code 0", 60)
        screen.presses("exit\r")
        assert screen.ends(60) == 0
