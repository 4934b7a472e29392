"""Advice of several lines, in all places where it is told; keys that it names are there."""

import pytest

from console.cli import _tell
from console.model.snapshot import Topic
from console.plain import doctor
from console.settings.keys import KEYS
from console.sources.errors import UsageError
from console.store import Store
from console.ui.panes import updates


def test_an_errors_hint_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    _tell(UsageError("No.", "First this,\nthen \x1b[2Jthat."), "status", json=False)
    assert capsys.readouterr().err == "homeconsole: No.\n  First this,\n  then \u241b[2Jthat.\n"


def test_the_doctors_fixes_keep_their_lines() -> None:
    check = doctor.Check("talosctl", "bad", "none", fix="curl -LO x\nchmod +x talosctl")
    *_, first, second = doctor.lines([check])
    assert first.split() == ["talosctl", "curl", "-LO", "x"]
    assert second.split() == ["chmod", "+x", "talosctl"]


def test_the_pane_of_updates_names_a_key_that_there_is() -> None:
    store = Store()
    store.replace(Topic.UPDATES, [])
    text = " ".join(run.text for line in updates.view(store.snapshot()).empty for run in line)
    assert any(f" {key.path} " in text for key in KEYS)
