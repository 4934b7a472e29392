"""One child: bounded, ended with all it started, never near the terminal."""

import os
import selectors
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from console.sources import process
from console.sources.stop import Stop

ENV = {"PATH": os.environ["PATH"]}
LIMIT = 1_000_000


def shell(
    script: str, *, timeout: float = 20, limit: int = LIMIT, stop: Stop | None = None, stdin: bytes = b""
) -> process.Done:
    return process.run(["/bin/sh", "-c", script], env=ENV, timeout=timeout, limit=limit, stop=stop, stdin=stdin)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def gone(pid: int) -> bool:
    """Whether a process that was told to end does so."""
    waiting = threading.Event()
    for _ in range(3000):
        if not is_alive(pid):
            return True
        waiting.wait(0.02)
    return False


def test_output_errors_and_code() -> None:
    done = shell("echo out; echo err >&2; exit 3")
    assert (done.code, done.out, done.err, done.end) == (3, b"out\n", "err\n", "exited")


def test_much_goes_in_and_out_at_once() -> None:
    data = os.urandom(900_000)
    assert shell("cat", stdin=data).out == data


def test_a_child_that_does_not_read_is_no_problem() -> None:
    assert shell("exit 0", stdin=b"x" * 1_000_000).code == 0


def test_standard_input_is_empty_when_nothing_is_given() -> None:
    assert shell("read -r x || echo nothing").out == b"nothing\n"


def test_no_terminal_can_be_opened() -> None:
    assert shell("(: < /dev/tty) 2>/dev/null && echo open || echo none").out == b"none\n"


def test_it_has_a_session_of_its_own() -> None:
    assert int(shell("cut -d ' ' -f 6 /proc/self/stat").out) != os.getsid(0)


def test_a_deadline_ends_it_and_what_it_started() -> None:
    done = shell("sleep 300 & echo $!; sleep 300", timeout=0.3)
    assert done.end == "expired"
    assert gone(int(done.out))


def test_one_that_ignores_the_polite_signal_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_GRACE", 0.2)
    done = shell("trap '' TERM; while :; do :; done", timeout=0.2)
    assert (done.end, done.code) == ("expired", -signal.SIGKILL)


def test_stop_ends_it() -> None:
    stop = Stop()
    threading.Timer(0.2, stop.set).start()
    assert shell("sleep 300", stop=stop).end == "stopped"


def test_too_much_output_ends_it() -> None:
    done = shell("yes", limit=10_000)
    assert done.end == "overflow"
    assert len(done.out) < 1_000_000


def test_only_the_last_words_of_a_talker_are_kept() -> None:
    done = shell(
        "i=0; while [ $i -lt 3000 ]; do echo 'a line that says nothing much' >&2; i=$((i+1)); done; echo end >&2"
    )
    assert len(done.err) <= 64 * 1024
    assert done.err.endswith("end\n")


def test_something_left_behind_holds_nothing_up() -> None:
    done = shell("setsid sleep 300 & echo $!; exit 0")
    os.kill(int(done.out), signal.SIGKILL)
    assert (done.code, done.end) == (0, "exited")


def test_its_last_words_are_heard_however_late_it_is_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It speaks and ends between a moment in which nothing was heard and the look whether it is still there."""
    child, speaks = tmp_path / "child", tmp_path / "speaks"

    class Late(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            ready = super().select(timeout)
            if not ready and child.exists() and not speaks.exists():
                speaks.touch()
                os.waitid(os.P_PID, int(child.read_text()), os.WEXITED | os.WNOWAIT)
            return ready

    monkeypatch.setattr(selectors, "DefaultSelector", Late)
    tells = f"echo $$ > {child}.new && mv {child}.new {child}"
    done = shell(f"{tells}; until test -e {speaks}; do sleep 0.01; done; echo said; echo last words >&2; exit 3")
    assert (done.code, done.out, done.err) == (3, b"said\n", "last words\n")


def test_one_that_is_not_there_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        process.run(["/nonexistent"], env=ENV, timeout=1, limit=1)


def test_a_watched_child_dies_with_a_console_that_is_killed(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    program = textwrap.dedent(
        f"""
        from console.sources import process
        script = "sleep 300 & echo $$ $! > {pids}.new; mv {pids}.new {pids}; wait"
        process.run(["/bin/sh", "-c", script], env={ENV!r}, timeout=300, limit=1000, watched=True)
        """
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[3]) as console:
        waiting = threading.Event()
        while not pids.exists() and console.poll() is None:
            waiting.wait(0.02)
        assert all(is_alive(int(pid)) for pid in pids.read_text().split())
        console.kill()
    assert all(gone(int(pid)) for pid in pids.read_text().split())


def test_a_watched_child_that_ends_well_is_left_alone() -> None:
    done = process.run(["/bin/sh", "-c", "echo fine"], env=ENV, timeout=20, limit=LIMIT, watched=True)
    assert (done.out, done.end) == (b"fine\n", "exited")
