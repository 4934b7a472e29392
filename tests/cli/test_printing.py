"""What plain commands print where there is no UTF-8, or where plain ASCII was asked for; and the words they explain."""

import io
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from console.model.flux_graph import OUTDATED, REFUSED, UNTOUCHED
from console.model.meaning import MEANINGS
from console.model.snapshot import Topic
from console.model.updates import RepositoryState
from console.plain import flux, updates
from console.plain.printing import only_ascii, print_lines, say
from console.store import Store
from tests.cli.conftest import Shell
from tests.model.flux_objects import made, seen, unready
from tests.ui.desk import NOON


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    only_ascii(None)


def printed(line: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    print_lines([line])
    out.seek(0)
    return out.read()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_asked_for_ascii_there_is_nothing_else(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    only_ascii(True)
    assert printed("✔ ok  ├─ é 2×…", encoding, monkeypatch) == "v ok  +- ? 2x.\n"


def test_without_utf8_marks_are_drawn_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed("✖ bad", "ascii", monkeypatch) == "x bad\n"
    assert printed("✖ bad", "utf-8", monkeypatch) == "✖ bad\n"


def test_what_is_said_aside_too(capsys: pytest.CaptureFixture[str]) -> None:
    only_ascii(True)
    say("▲ wait")
    assert capsys.readouterr().err == "! wait\n"


def test_the_flag_and_the_variable_hold_for_plain_commands(nowhere: Shell) -> None:
    assert not nowhere.run("doctor", extra={"PYTHONIOENCODING": "utf-8"}).out.isascii()
    for ran in (nowhere.run("doctor", "--ascii"), nowhere.run("doctor", extra={"HOMECONSOLE_ASCII": "1"})):
        assert ran.out.isascii()
        assert "x bad" in ran.out
    assert "\x1b" not in nowhere.run("doctor", extra={"CLICOLOR_FORCE": "1", "FORCE_COLOR": "1"}).out


def test_each_word_beside_a_flux_object_is_explained() -> None:
    marks = {"drifted", "remediated", "retrying", "exhausted", "cycle", OUTDATED, REFUSED, UNTOUCHED}
    assert {of for kind, of in MEANINGS if kind == "mark"} == marks
    store = Store(lambda: NOON)
    store.replace(Topic.FLUX, [seen(made("Kustomization", "app", "apps", unready("HealthCheckFailed")))])
    told = flux.lines(store.snapshot())
    assert told[-2].split() == ["WORD", "MEANING"]
    assert told[-1] == f"Failed  {MEANINGS['flux', 'Failed'].says}"


def test_branches_that_went_since_the_last_visit_are_told() -> None:
    store = Store(lambda: NOON)
    assert updates.lines(store.snapshot())[-1].startswith("STATE")
    gone = (("renovate/plex", NOON - timedelta(hours=2)),)
    store.put(Topic.REPOSITORY, [RepositoryState("url", "main", "0" * 40, NOON, withdrawn=gone)])
    assert updates.lines(store.snapshot())[-1].split() == ["renovate/plex", "2h", "ago"]
