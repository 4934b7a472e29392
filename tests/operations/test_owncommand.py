"""Commands of one's own: words that stay words, real processes; what is remembered, by real files."""

import fcntl
import json
import stat
from pathlib import Path

import pytest

from console.model.own import Command, Kept, View, filled
from console.operations.keeping import Keeping
from console.operations.owncommand import run, words
from console.sources.errors import Refused
from console.sources.stop import Stop

NASTY = "a; touch {x} $(id) `id` 'b' \"c\""


def command(*argv: str) -> Command:
    return Command("mine", argv, ("flux",))


def test_a_value_stays_one_word_whatever_stands_in_it() -> None:
    argv, env = words(command("printf", "%s|", "{name}", "ns={namespace}"), {"name": NASTY, "namespace": "a b"})
    assert argv == ["printf", "%s|", NASTY, "ns=a b"]
    assert env["HOMECONSOLE_NAME"] == NASTY
    assert run(argv, env, 60, Stop()).lines == (f"{NASTY}|ns=a b|",)


def test_two_braces_are_one() -> None:
    assert filled(("awk", "{{print $1}} {name}"), {"name": "x"}) == ["awk", "{print $1} x"]


def test_a_value_never_becomes_an_option() -> None:
    with pytest.raises(Refused, match="taken for an option"):
        words(command("kubectl", "get", "{name}"), {"name": "--all"})
    assert words(command("kubectl", "--name={name}"), {"name": "-x"})[0][1] == "--name=-x"


@pytest.mark.parametrize(
    ("argv", "wrong"),
    [(["sh", "-c", "exit 3"], "ended with 3"), (["sleep", "600"], "was ended: it took longer than 1 s")],
)
def test_why_it_did_not_end_well_is_told(argv: list[str], wrong: str) -> None:
    assert run(argv, {"PATH": "/bin:/usr/bin"}, 1, Stop()).wrong == wrong


def test_what_it_says_has_no_token_in_it() -> None:
    said = run(["echo", "https://me:hunter2@git.example.org ghp_" + "a" * 30], {"PATH": "/bin:/usr/bin"}, 60, Stop())
    assert "hunter2" not in said.lines[0]
    assert "ghp_" not in said.lines[0]


def test_one_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match="can't be started"):
        run(["/nowhere/at-all"], {}, 60, Stop())


def test_favourites_are_each_clusters_own_and_views_everybodys(tmp_path: Path) -> None:
    home, lab = Keeping(tmp_path / "state", "home"), Keeping(tmp_path / "state", "lab")
    mine = Kept((View("broken", "flux", "ns:media"),), frozenset({("flux", "HelmRelease", "media", "plex")}))
    assert home.change(lambda _: mine) == mine == home.read()
    assert lab.read() == Kept(mine.views)
    lab.change(lambda kept: Kept(kept.views, frozenset({("nodes", "n1")})))
    assert home.read() == mine
    assert mine.favourites_in("flux") == {("HelmRelease", "media", "plex")}
    assert stat.S_IMODE((tmp_path / "state" / "kept.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "[]", "{", '{"views": [1, {"name": 2}, {"pane": "x"}], "favourites": []}'])
def test_a_file_that_cannot_be_made_out_is_none(text: str, tmp_path: Path) -> None:
    kept, keeping = tmp_path / "kept.json", Keeping(tmp_path, "home")
    kept.write_text(text)
    assert keeping.read() == Kept()
    if "views" not in text:
        with pytest.raises(Refused, match=r"it is kept\.json\.broken now"):
            keeping.change(lambda kept: kept)
        assert (kept.with_name("kept.json.broken").read_text(), kept.exists()) == (text, False)
    keeping.change(lambda kept: kept)
    assert json.loads((tmp_path / "kept.json").read_text()) == {"views": [], "favourites": {"home": []}}


def test_what_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "kept.json").mkdir()
    keeping = Keeping(tmp_path, "home")
    assert keeping.read() == Kept()
    with pytest.raises(Refused, match="can't be read or written: Is a directory"):
        keeping.change(lambda kept: kept)


def test_another_console_that_keeps_it_busy_is_not_waited_for_without_end(tmp_path: Path) -> None:
    Keeping(tmp_path, "home").change(lambda kept: kept)
    with (tmp_path / "kept.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="busy"):
            Keeping(tmp_path, "home", patience=0.1).change(lambda kept: kept)


def test_where_nothing_can_be_written_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(Refused, match="can't be read or written"):
        Keeping(tmp_path / "state", "home").change(lambda kept: kept)
