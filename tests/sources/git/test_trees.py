"""Many files of a tree at once, whatever their names hold."""

from pathlib import Path

import pytest

from console.sources.errors import Refused, SourceError
from console.sources.git.mirror import Mirror
from tests.operations import remote as remotes
from tests.operations.remote import TALENV, TALOS_BRANCH, Remote, git

EVIL = "talos/a\nb.yaml"
ODD = ('talos/"q" \t.yaml', "talos/ü.yaml", "talos/ .yaml", ":(top)x.yaml", "talos/:b.yaml")


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    built = remotes.build(tmp_path)
    built.commit({name: f"# {name!r}\n" for name in (EVIL, *ODD)}, "main", "Odd names")
    git("pull", "-q", "origin", "main", at=built.work)
    (built.work / "link").symlink_to("talos")
    git("add", "-A", at=built.work)
    git("update-index", "--add", "--cacheinfo", f"160000,{built.tip()},module", at=built.work)
    git("commit", "-q", "-m", "A link and a submodule", at=built.work)
    git("push", "-q", "origin", "HEAD:main", at=built.work)
    return built


@pytest.fixture
def mirror(remote: Remote, tmp_path: Path) -> Mirror:
    made = Mirror(str(remote.bare), "main", ("renovate/",), tmp_path / "clone")
    made.fetch()
    return made


def test_a_line_end_in_a_name_hides_no_other_file(mirror: Mirror) -> None:
    found = mirror.contents(mirror.head(), [EVIL, TALENV, *ODD])
    assert list(found) == [EVIL, TALENV, *ODD]
    assert found[EVIL] == f"# {EVIL!r}\n".encode()
    assert found[TALENV].startswith(b"# renovate: ")
    assert all(found[name] == f"# {name!r}\n".encode() for name in ODD)


def test_all_files_are_told(mirror: Mirror) -> None:
    assert {EVIL, TALENV, "link", *ODD} <= set(mirror.files(mirror.head()))


def test_what_is_not_there_and_what_is_no_file_is_left_out(mirror: Mirror) -> None:
    assert mirror.contents(mirror.head(), ["module", "talos", "none", "link"]) == {"link": b"talos"}
    assert mirror.contents(mirror.head(), []) == {}


def test_what_differs_is_told_with_its_line_ends(remote: Remote, mirror: Mirror) -> None:
    before = mirror.head()
    remote.push(EVIL, "other\n")
    mirror.fetch()
    assert EVIL in mirror.changed(before, mirror.head())


def test_the_newest_commit_that_touched_a_path(remote: Remote, mirror: Mirror) -> None:
    assert mirror.newest(mirror.head(), "talos") == git("rev-parse", f"{remote.tip()}~1", at=remote.bare).strip()
    assert mirror.newest(mirror.head(), "") == remote.tip()
    assert mirror.newest(mirror.head(), "nothing") == ""
    assert mirror.newest(mirror.branches()[TALOS_BRANCH], TALENV) == remote.tip(TALOS_BRANCH)


def test_a_tree_that_is_not_there_is_an_error(mirror: Mirror) -> None:
    for ask in (mirror.files, lambda tree: mirror.contents(tree, ["a"]), lambda tree: mirror.newest(tree, "a")):
        with pytest.raises((SourceError, Refused)):
            ask("f" * 40)
    with pytest.raises((SourceError, Refused)):
        mirror.changed("f" * 40, mirror.head())
