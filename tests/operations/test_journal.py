"""The journal: append-only, chained, on the disk before anything is done."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.operations.journal import Journal
from console.sources.errors import Refused
from console.sources.stop import Stop


def now() -> datetime:
    return datetime(2026, 8, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "homeconsole", now)


def test_is_empty_before_the_first_record(journal: Journal) -> None:
    assert journal.records() == []
    assert not journal.path.exists()


def test_gives_back_what_was_written(journal: Journal) -> None:
    journal.append("approved", "a1", branch="renovate/x", files=["a.yaml"])
    journal.append("pushed", "a1", commit="7" * 40)
    first, second = journal.records()
    assert (first.event, first.id, first.at, first.line) == ("approved", "a1", now(), 1)
    assert first.data == {"branch": "renovate/x", "files": ["a.yaml"]}
    assert (second.data["commit"], second.intact) == ("7" * 40, True)


def test_is_for_the_operator_alone(journal: Journal) -> None:
    journal.append("approved", "a1")
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


def test_shows_from_where_on_it_was_altered(journal: Journal) -> None:
    for n in range(4):
        journal.append("approved", f"a{n}")
    lines = journal.path.read_text().splitlines()
    lines[1] = lines[1].replace("a1", "b1")
    journal.path.write_text("\n".join(lines) + "\n")
    assert [r.intact for r in journal.records()] == [True, True, False, False]


def test_shows_that_a_record_was_taken_out(journal: Journal) -> None:
    for n in range(3):
        journal.append("approved", f"a{n}")
    lines = journal.path.read_text().splitlines()
    journal.path.write_text("\n".join([lines[0], lines[2]]) + "\n")
    assert [r.intact for r in journal.records()] == [True, False]


@pytest.mark.parametrize("torn", [b'{"event":"appr', b"\xff\xfe", b"{}", b"[]", b'{"event":1}\n'])
def test_goes_on_after_a_line_that_a_crash_cut_short(journal: Journal, torn: bytes) -> None:
    journal.append("approved", "a1")
    with journal.path.open("ab") as file:
        file.write(torn)
    journal.append("pushed", "a1")
    assert [r.event for r in journal.records()] == ["approved", "torn", "pushed"]
    assert all(r.intact for r in journal.records())


def test_keeps_hostile_text_on_its_line(journal: Journal) -> None:
    journal.append("refused", "a1", reason="a\nb\x1b[2J\u202e\u2028")
    assert journal.path.read_bytes().count(b"\n") == 1
    assert journal.path.read_bytes().isascii()
    assert journal.records()[0].data["reason"] == "a\nb\x1b[2J\u202e\u2028"


def test_is_one_chain_however_many_write_at_once(journal: Journal) -> None:
    writers = [Journal(journal.path.parent, now) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: writers[n % 8].append("approved", f"a{n}", filler="x" * 5000), range(64)))
    assert len({r.id for r in journal.records()}) == 64
    assert all(r.intact and r.event == "approved" for r in journal.records())


def test_refuses_when_it_can_not_be_written(journal: Journal) -> None:
    journal.path.mkdir(parents=True)
    with pytest.raises(Refused, match="nothing is done that is not recorded") as refused:
        journal.append("approved", "a1")
    assert refused.value.kind == "journal"


def test_refuses_an_approval_when_its_lock_can_not_be_made(journal: Journal) -> None:
    journal.path.parent.parent.mkdir(parents=True, exist_ok=True)
    journal.path.parent.write_text("a file in the place of the folder")
    with pytest.raises(Refused) as caught, journal.exclusive(Stop()):
        pass
    assert caught.value.kind == "journal"


def test_refuses_when_the_disk_is_full(journal: Journal) -> None:
    """A file size limit stands for the full disk: the write comes back short, then fails."""
    program = (
        "import resource, signal, sys; from pathlib import Path; from console.operations.journal import Journal\n"
        "from console.sources.errors import Refused\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); journal = Journal(Path(sys.argv[1]))\n"
        "journal.append('approved', 'a1'); size = journal.path.stat().st_size\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, size + 20))\n"
        "try: journal.append('approved', 'a2')\n"
        "except Refused as error: print(error.kind)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(journal.path.parent)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (done.stdout, done.stderr) == ("journal\n", "")
    journal.append("refused", "a2")
    assert [r.event for r in journal.records()] == ["approved", "torn", "refused"]


def test_lets_one_approval_through_at_a_time(journal: Journal) -> None:
    other = Journal(journal.path.parent)
    with (
        journal.exclusive(Stop()),
        pytest.raises(Refused, match="under way"),
        other.exclusive(Stop(), seconds=0),
    ):
        pytest.fail("two at once")
    with journal.exclusive(Stop(), seconds=0):
        pass


def test_waiting_for_the_other_approval_ends_when_it_is_stopped(journal: Journal) -> None:
    stop = Stop()
    stop.set()
    with journal.exclusive(Stop()), pytest.raises(Refused), Journal(journal.path.parent).exclusive(stop):
        pytest.fail("two at once")


def test_its_lines_are_json_that_other_tools_read(journal: Journal) -> None:
    journal.append("approved", "a1", branch="x")
    assert json.loads(journal.path.read_text())["previous"] == "0" * 64
