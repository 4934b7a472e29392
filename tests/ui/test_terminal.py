"""The real program in a pseudo-terminal: what it costs over a thin line, how it ends, what it leaves behind.

Bytes are counted with true colours, the dearest there are.
"""

import contextlib
import errno
import io
import os
import re
import select
import signal
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App
from textual.drivers._writer_thread import WriterThread

from console.ui.editor import Guest
from console.ui.terminal import Terminal as Driver
from tests.terminal import Terminal, terminal

DOWN = "j"
ESCAPE = "\x1b"
CTRL_C = "\x03"
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"


@contextlib.contextmanager
def console(*words: str, columns: int = 80, rows: int = 24, **env: str) -> Iterator[Terminal]:
    """The program, after its first frame and everything that follows by itself."""
    command = [sys.executable, "-m", "tests.ui.program", *words]
    with terminal(
        command, columns=columns, rows=rows, env={"COLORTERM": "truecolor", "COLUMNS": "", "LINES": "", **env}
    ) as screen:
        screen.sees("✔ ready" if "--ascii" not in words else "v ready")
        screen.quiet()
        yield screen


def test_the_start_takes_at_most_25_kb() -> None:
    with console() as screen:
        assert 0 < screen.written <= 25_000


@pytest.mark.parametrize("pane", ["1", "2", "3", "4"])
def test_opening_a_pane_repaints_the_screen_at_most_once(pane: str) -> None:
    with console() as screen:
        screen.presses("2" if pane != "2" else "1")
        assert 0 < screen.presses(pane) <= 8_000


@pytest.mark.parametrize("pane", ["2", "3"])
def test_a_cursor_move_takes_at_most_600_bytes(pane: str) -> None:
    with console() as screen:
        screen.presses(pane)
        assert [count for count in (screen.presses(DOWN) for _ in range(7)) if not 0 < count <= 600] == []


def test_a_row_that_changes_takes_at_most_400_bytes() -> None:
    with console() as screen:
        screen.presses("2")
        before = screen.written
        os.kill(screen.process.pid, signal.SIGUSR1)
        screen.sees("another message")
        screen.quiet()
        assert screen.written - before <= 400


def test_a_change_out_of_sight_takes_only_what_the_counts_take() -> None:
    with console() as screen:
        os.kill(screen.process.pid, signal.SIGUSR1)
        assert screen.quiet(1) == 0


def test_nothing_is_written_while_nothing_happens() -> None:
    with console() as screen:
        assert screen.quiet(6) == 0  # longer than the time between two looks at the ages


def test_opening_and_leaving_a_screen_takes_at_most_8_kb_each() -> None:
    with console() as screen:
        for key, seen in (("?", "esc back"), ("q", "✔ ready")):
            before = screen.written
            screen.presses(key)
            screen.sees(seen)
            screen.quiet()
            assert screen.written - before <= 8_000


def test_a_disturbed_terminal_is_written_anew_on_request() -> None:
    with console() as screen:
        screen.stream.feed(b"\x1b[H\x1b[2Jnoise")
        screen.presses("\x12")
        assert "✔ ready" in screen.text
        assert "noise" not in screen.text


def test_the_editor_has_the_screen_to_itself_and_gives_it_back_whole(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "EDITOR HAS IT"\nread line\necho "# $line" >> "$1"\n')
    editor.chmod(0o755)
    with console(EDITOR=str(editor), VISUAL="") as screen:
        screen.presses("4a")
        screen.sees("Approve  Talos")
        screen.presses("e")
        screen.sees("A number, or the path")
        screen.presses("1\r")
        screen.sees("EDITOR HAS IT")
        assert LEAVES_ALTERNATE_SCREEN in screen.raw
        screen.presses("qqq\r")  # keys that would end the console
        screen.sees("Approve  Talos")
        screen.presses("\t")
        screen.sees("edited: ")
        assert "EDITOR HAS IT" not in screen.text
        screen.presses("qq")
        assert screen.ends() == 0


@pytest.mark.parametrize("key", [CTRL_C, "\x1c"])
def test_what_the_pager_is_sent_by_a_key_ends_the_pager_alone(key: str, tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\nulimit -c 0\necho PAGER HAS IT\nexec sleep 300\n")
    pager.chmod(0o755)
    with console("--controlled", PAGER=str(pager)) as screen:
        screen.presses("2y")
        screen.sees("apiVersion")
        screen.presses(":pager\r")
        screen.sees("PAGER HAS IT")
        screen.presses(key)
        screen.sees("apiVersion")
        assert "PAGER HAS IT" not in screen.text
        screen.presses(CTRL_C)  # the console's own again
        assert screen.ends() == 0
        assert "stopped 1, code 0, threads []" in screen.text


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """One that says who it is and waits for a line."""
    program = tmp_path / "pager"
    program.write_text("#!/bin/sh\necho PAGER $$ HAS IT\nread line\n")
    program.chmod(0o755)
    return program


def test_while_the_pager_has_the_terminal_all_goes_on_and_news_is_told_without_a_mark_on_its_screen(
    pager: Path,
) -> None:
    with console("--rollout", PAGER=str(pager)) as screen:
        screen.presses("2yp")
        screen.sees("HAS IT")
        screen.quiet()
        before = len(screen.raw)
        os.kill(screen.process.pid, signal.SIGUSR2)
        screen.is_titled("homeconsole home: Talos v1.13.8 failed")
        screen.quiet(6)  # also when the ages are looked at
        assert re.fullmatch(rb"\x07\x1b\]2;[^\x1b]*\x1b\\", screen.raw[before:])
        screen.presses("q\r")  # the pager's line, not our key
        screen.sees("apiVersion")
        assert "HAS IT" not in screen.text
        screen.presses("qq")
        assert screen.ends() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_pager_that_has_the_terminal_and_then_the_console(
    number: signal.Signals, pager: Path
) -> None:
    with console(PAGER=str(pager)) as screen:
        screen.presses("2yp")
        screen.sees("HAS IT")
        (reader,) = re.findall(r"PAGER (\d+) HAS IT", screen.text)
        os.kill(screen.process.pid, number)
        assert screen.ends() == 128 + number
        assert "threads []" in screen.text
        assert screen.raw.rfind(LEAVES_ALTERNATE_SCREEN) > screen.raw.rfind(b"\x1b[?1049h")
        with pytest.raises(ProcessLookupError):
            os.kill(int(reader), 0)


@pytest.mark.parametrize("numbers", [[signal.SIGTERM], [signal.SIGHUP, signal.SIGTERM]])
def test_a_pager_that_ends_at_no_signal_keeps_nobody_and_the_second_signal_does_not_wait_for_it(
    numbers: list[signal.Signals], pager: Path
) -> None:
    pager.write_text(f"#!/bin/sh\ntrap '' HUP TERM\n{pager.read_text()}")
    with console(PAGER=str(pager)) as screen:
        screen.presses("2yp")
        screen.sees("HAS IT")
        (reader,) = re.findall(r"PAGER (\d+) HAS IT", screen.text)
        for number in numbers:
            os.kill(screen.process.pid, number)
        assert screen.ends(60) in {128 + number for number in numbers}
        assert "threads []" in screen.text
        assert (screen.raw.count(b"\x1b[?1049h") == 1) == (len(numbers) == 2)  # it was not taken back before
        with pytest.raises(ProcessLookupError):
            os.kill(int(reader), 0)


def test_who_has_the_terminal_and_is_not_ours_to_signal_breaks_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """As sudoedit, which has become root."""
    guest = Guest()
    ended = threading.Thread(target=guest.run, args=(["cat"],))
    ours, theirs = os.pipe()
    before = os.dup(0)
    os.dup2(ours, 0)
    try:
        ended.start()
        while guest._process is None:
            ended.join(0.01)
        with monkeypatch.context() as patch:
            patch.setattr(os, "kill", _not_permitted)
            guest.hang_up()
        assert ended.is_alive()
    finally:
        os.dup2(before, 0)
        for descriptor in (before, ours, theirs):
            os.close(descriptor)
        ended.join()


def _not_permitted(*_: int) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


async def test_news_does_not_wait_for_a_lent_terminal_that_is_held_up() -> None:
    """As by ctrl-s."""
    driver = Driver(App())
    ours, theirs = os.openpty()
    before = os.dup(2)
    os.dup2(theirs, 2)
    telling = threading.Thread(target=driver.tell, args=("\x1b]2;one\x1b\\",))
    try:
        termios.tcflow(theirs, termios.TCOOFF)
        telling.start()
        telling.join(5)
        assert not telling.is_alive()
        termios.tcflow(theirs, termios.TCOON)
        driver.tell("\x1b]2;two\x1b\\")
        assert os.read(ours, 100) == b"\x1b]2;two\x1b\\"
    finally:
        termios.tcflow(theirs, termios.TCOON)
        telling.join()
        os.dup2(before, 2)
        for descriptor in (before, ours, theirs):
            os.close(descriptor)


@pytest.mark.parametrize("key", ["q", CTRL_C, ":q\r"])
def test_quitting_restores_the_terminal_and_leaves_nothing(key: str) -> None:
    with console() as screen:
        screen.presses(key)
        assert screen.ends() == 0
        assert LEAVES_ALTERNATE_SCREEN in screen.raw
        assert "stopped 1, code 0, threads []" in screen.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_order(number: signal.Signals) -> None:
    with console() as screen:
        os.kill(screen.process.pid, number)
        assert screen.ends() == 128 + number
        assert LEAVES_ALTERNATE_SCREEN in screen.raw
        assert "stopped 1" in screen.text
        assert "threads []" in screen.text


def test_a_terminal_that_goes_without_a_signal_ends_it() -> None:
    with console() as screen:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, screen.descriptor)  # nobody holds the other side any more
        os.close(nothing)
        screen.process.wait(60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_an_operation_that_runs(number: signal.Signals) -> None:
    with console() as screen:
        screen.presses("2R")
        screen.sees("running on and on")
        os.kill(screen.process.pid, number)
        assert screen.ends() == 128 + number
        assert "threads []" in screen.text


def test_quitting_asks_while_an_operation_runs() -> None:
    with console() as screen:
        screen.presses("2R")
        screen.sees("running on and on")
        screen.presses(CTRL_C)
        screen.sees("Still running:")
        screen.presses("n")
        assert "Still running:" not in screen.text
        screen.presses("q")
        screen.sees("Still running:")
        screen.presses("y")
        assert screen.ends() == 0
        assert "threads []" in screen.text


def test_the_process_goes_to_the_background_and_comes_back() -> None:
    with console() as screen:
        screen.presses("\x1a")
        assert LEAVES_ALTERNATE_SCREEN in screen.raw
        screen.stream.feed(b"\x1b[H\x1b[2Jshell$ ")
        os.kill(screen.process.pid, signal.SIGCONT)
        screen.sees("✔ ready")
        screen.quiet()
        assert "shell$" not in screen.text
        screen.presses("q")
        assert screen.ends() == 0


def test_another_size_is_drawn_anew() -> None:
    with console() as screen:
        screen.resize(140, 45)
        screen.sees("╭─ 4 Upgrades")
        screen.quiet()
        screen.resize(60, 15)
        screen.sees("1 Nodes")
        screen.quiet()
        assert "╭─ 4 Upgrades" not in screen.text


def test_the_terminal_is_not_to_tell_of_its_focus() -> None:
    def told(raw: bytearray) -> bool:
        return raw.rfind(b"\x1b[?1004h") > raw.rfind(b"\x1b[?1004l")

    with console() as screen:
        assert not told(screen.raw)
        screen.presses("\x1a")
        screen.stream.feed(b"\x1b[H\x1b[2J")
        os.kill(screen.process.pid, signal.SIGCONT)
        screen.sees("✔ ready")
        screen.quiet()
        assert not told(screen.raw)


def test_what_a_terminal_answers_is_never_taken_for_typing() -> None:
    answers = ["\x1b[?2026;2$y", "\x1b[?2048;0$y", "\x1b[I", "\x1b[O", "\x1b[24;80R", "\x1b[?62;22c\x1b[>41;354;0c"]
    answers += ["\x1b[?1016;2$y", "\x1b]11;rgb:0000/0000/0000\x1b\\", "\x1bP1+r544e=787465726d\x1b\\"]
    with console() as screen:
        screen.presses("2/")
        for answer in answers:
            screen.presses(answer)
        screen.presses("graf")
        screen.sees("/graf▏")


def test_keys_that_come_in_one_piece_are_taken_one_after_the_other() -> None:
    """As over a slow line. Of these g, a, R and q would press keys."""
    with console() as screen:
        screen.presses("2/garRq")
        screen.sees("/garRq▏")
        screen.presses("\x15graf\rj:updates\r/imm")
        screen.sees("/imm▏")
        assert "3 Updates" in screen.text
        screen.presses("\x1b")
        screen.presses("qq")
        assert screen.ends() == 0


def test_a_letter_of_an_old_terminal_does_not_end_it() -> None:
    with console() as screen:
        screen.presses("2/")
        os.write(screen.descriptor, b"gr\xe4f")  # Latin-1
        screen.sees("/gr�f▏")


def test_a_window_that_shrinks_and_grows_again_at_once_is_drawn_whole() -> None:
    with console(columns=140, rows=45) as screen:
        screen.sees("0 blockers")  # what is looked up after the first frame
        screen.quiet()
        before = screen.text
        screen.resize(90, 20)
        screen.resize(140, 45)
        screen.sees(before, 60)


def test_sixteen_colours_keep_the_cursor_in_sight() -> None:
    with console(TERM="xterm", COLORTERM="") as screen:
        screen.presses("2j")
        cursor = next(y for y, line in enumerate(screen.screen.display) if line.startswith("▌"))
        assert screen.screen.buffer[cursor][20].reverse
        assert b"38;2;" not in screen.raw
        assert b"38;5;" not in screen.raw


@pytest.mark.parametrize(
    "env", [{"TERM": "linux", "COLORTERM": "", "LC_ALL": "C"}, {"TERM": "xterm-256color", "COLORTERM": ""}, {}]
)
def test_without_colours_the_terminals_own_two_are_used_and_nothing_else(env: dict[str, str]) -> None:
    with terminal(
        [sys.executable, "-m", "tests.ui.program"], env={"COLORTERM": "truecolor", "NO_COLOR": "1"} | env
    ) as screen:
        screen.sees(" ready")
        screen.presses("2j")
        cells = [cell for line in screen.screen.buffer.values() for cell in line.values()]
        assert {(cell.fg, cell.bg) for cell in cells} == {("default", "default")}
        assert any(cell.reverse for cell in cells)
        assert any(cell.bold for cell in cells)
        assert not re.search(rb"\x1b\[[\d;]*\b(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]", screen.raw)


def test_ascii_mode_writes_nothing_but_ascii() -> None:
    with console("--ascii", columns=140, rows=45) as screen:
        for keys in ("2", "3", "4", "a", "a", ESCAPE):
            screen.presses(keys)
        assert "! only control plane" in screen.text
        screen.raw.decode("ascii")


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C"},
        {"LC_ALL": "", "LC_CTYPE": "", "LANG": "POSIX"},
        {"LC_ALL": "", "LC_CTYPE": "", "LANG": ""},
        {"LC_ALL": "en_US.ISO-8859-1"},
        {"TERM": "linux"},
    ],
)
def test_a_terminal_without_the_marks_gets_ascii(env: dict[str, str]) -> None:
    with terminal([sys.executable, "-m", "tests.ui.program"], env=env) as screen:
        screen.sees("v ready")
        screen.quiet()
        screen.raw.decode("ascii")
        assert "\\u" not in screen.text


@pytest.mark.parametrize(
    "env",
    [
        {"TERM": "xterm", "LC_ALL": "", "LC_CTYPE": "", "LANG": "C.UTF-8"},
        {"TERM": "xterm", "LC_ALL": "", "LC_CTYPE": "", "LANG": "en_US.UTF-8"},  # though this machine may not have it
        {"LC_ALL": "de_DE.utf8@euro", "LANG": "C"},
    ],
)
def test_a_terminal_with_utf8_gets_the_marks(env: dict[str, str]) -> None:
    with terminal([sys.executable, "-m", "tests.ui.program"], env=env) as screen:
        screen.sees("✔ ready")


async def test_a_signal_while_it_writes_tears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.pipe()
    raw = io.TextIOWrapper(io.FileIO(theirs, "w"), encoding="utf-8", write_through=True)  # as under PYTHONUNBUFFERED
    monkeypatch.setattr(sys, "__stderr__", raw)
    writer = WriterThread(Driver(App())._file)  # type: ignore[arg-type]
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    writer.start()
    writer.write("x" * 1_000_000)  # more than a pipe takes
    select.select([ours], [], [])
    signal.pthread_kill(writer.ident or 0, signal.SIGUSR1)
    ended = threading.Thread(target=writer.stop)
    ended.start()
    length = 0
    while ended.is_alive() or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.05)[0]:
            length += len(os.read(ours, 65536))
    raw.close()
    os.close(ours)
    signal.signal(signal.SIGUSR1, before)
    assert length == 1_000_000
