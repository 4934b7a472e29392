"""Repositories and files that nobody should make, and somebody does."""

from pathlib import Path

import pytest

from console.sources.errors import NotConfigured, SourceError, UsageError
from tests.sources.git.workshop import OPERATOR, Workshop, oci

FILE = "app/ocirepository.yaml"


def test_an_empty_repository_says_so(workshop: Workshop) -> None:
    with pytest.raises(NotConfigured, match="is empty") as caught:
        workshop.mirror().fetch()
    assert caught.value.kind == "empty"


def test_a_missing_branch_names_those_there_are(workshop: Workshop) -> None:
    workshop.commit("master", {FILE: oci("1")}, by=OPERATOR)
    with pytest.raises(NotConfigured, match="no branch 'main'") as caught:
        workshop.mirror().fetch()
    assert "master" in caught.value.hint


@pytest.mark.parametrize("name", ["", "a b", "-x", "a..b", "x.lock", "a\nb", "*", "a~1", "a//b"])
def test_a_wrong_branch_name_is_refused_before_git_sees_it(workshop: Workshop, name: str) -> None:
    with pytest.raises(UsageError):
        workshop.mirror(branch=name)


@pytest.mark.parametrize(
    "name", ["renovate/-rf", "renovate/größe-✓", "renovate/--upload-pack=x", "renovate/a'b\"c$(d)", "renovate/@x"]
)
def test_strange_branch_names_are_branches_like_any_other(workshop: Workshop, name: str) -> None:
    main = workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    workshop.commit(name, {FILE: oci("1.1.0")}, onto=main)
    assert workshop.scanned()[name].state == "ready"


def test_a_name_that_was_a_folder_can_become_a_branch(workshop: Workshop) -> None:
    main = workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    workshop.commit("renovate/a/b", {FILE: oci("1.1.0")}, onto=main)
    mirror = workshop.mirror()
    workshop.scanned(mirror)
    workshop.git("update-ref", "-d", "refs/heads/renovate/a/b")
    workshop.commit("renovate/a", {FILE: oci("1.1.0")}, onto=main)
    assert list(workshop.scanned(mirror)) == ["renovate/a"]


def test_a_shallow_repository_is_read_as_far_as_it_goes(workshop: Workshop) -> None:
    workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    main = workshop.commit("main", {"x": "1\n"}, by=OPERATOR)
    workshop.commit("renovate/a", {FILE: oci("1.1.0")}, onto=main)
    workshop.commit("renovate/old", {FILE: oci("1.0.1")}, onto=workshop.git("rev-parse", "main~1"))
    shallow = workshop.folder / "shallow.git"
    args = ("clone", "--quiet", "--bare", "--depth=1", "--no-single-branch", f"file://{workshop.remote}", str(shallow))
    workshop.git(*args, at=workshop.folder)
    workshop.git("remote", "remove", "origin", at=shallow)
    mirror = workshop.mirror(str(shallow))
    updates = workshop.scanned(mirror)
    assert {branch: update.state for branch, update in updates.items()} == {
        "renovate/a": "unknown",
        "renovate/old": "unknown",
    }
    assert all(update.why for update in updates.values())


def test_a_missing_blob_costs_its_own_branch_only(workshop: Workshop) -> None:
    main = workshop.commit("main", {FILE: oci("1.0.0"), "b.yaml": oci("1.0.0", "b")}, by=OPERATOR)
    workshop.commit("renovate/a", {FILE: oci("1.1.0")}, onto=main)
    workshop.commit("renovate/b", {"b.yaml": oci("2.0.0", "b")}, onto=main)
    mirror = workshop.mirror()
    mirror.fetch()
    blob = workshop.git("rev-parse", "refs/heads/renovate/b:b.yaml")
    for pack in (mirror.path / "objects" / "pack").glob("*.pack"):  # loose objects can be taken away one by one
        data = pack.read_bytes()
        for part in pack.parent.glob(pack.stem + ".*"):
            part.unlink()
        workshop.git("unpack-objects", "-q", at=mirror.path, stdin=data)
    (mirror.path / "objects" / blob[:2] / blob[2:]).unlink()
    updates = {update.branch: update for update in mirror.scan()[1]}
    assert updates["renovate/a"].state == "ready"
    assert (updates["renovate/b"].state, bool(updates["renovate/b"].why)) == ("unknown", True)


def test_a_branch_that_is_no_commit_costs_itself_only(workshop: Workshop) -> None:
    main = workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    workshop.commit("renovate/a", {FILE: oci("1.1.0")}, onto=main)
    mirror = workshop.mirror()
    mirror.fetch()
    blob = workshop.git("hash-object", "-w", "--stdin", at=mirror.path, stdin=b"x")
    (mirror.path / "refs" / "remotes" / "origin" / "renovate" / "blob").write_text(blob + "\n")
    updates = {update.branch: update.state for update in workshop.mirror().scan()[1]}
    assert updates == {"renovate/a": "ready", "renovate/blob": "unknown"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a: &x 1.0.0\nb: &x 2.0.0\n", "a: &x 1.0.0\nb: &x 2.1.0\n", id="duplicate anchors"),
        pytest.param("\ufeffversion: 2.0.0\n", "\ufeffversion: 2.1.0\n", id="byte order mark"),
        pytest.param("a: b\r\nversion: 2.0.0\r\n", "a: b\r\nversion: 2.1.0\r\n", id="CRLF"),
        pytest.param("a: [\nversion: 2.0.0\n", "a: [\nversion: 2.1.0\n", id="invalid YAML"),
        pytest.param("{% if x %}\nversion: 2.0.0\n", "{% if x %}\nversion: 2.1.0\n", id="template"),
        pytest.param("[" * 5000 + "\nversion: 2.0.0\n", "[" * 5000 + "\nversion: 2.1.0\n", id="nested deeply"),
        pytest.param("version: 2.0.0", "version: 2.1.0", id="no line end"),
        pytest.param("\tversion: 2.0.0\n", "\tversion: 2.1.0\n", id="tab"),
        pytest.param("x: \x07\nversion: 2.0.0\n", "x: \x07\nversion: 2.1.0\n", id="control character"),
    ],
)
def test_versions_are_found_in_files_that_are_hard_to_read(workshop: Workshop, before: str, after: str) -> None:
    main = workshop.commit("main", {"f.yaml": before}, by=OPERATOR)
    workshop.commit("renovate/a", {"f.yaml": after}, onto=main)
    update = workshop.scanned()["renovate/a"]
    assert [(c.old, c.new, c.type) for c in update.changes] == [("2.0.0", "2.1.0", "minor")]
    assert update.unusual == ()


def test_bytes_that_are_no_text_are_no_harm(workshop: Workshop) -> None:
    main = workshop.commit("main", {"f.yaml": b"x: \xff\xfe\nversion: 2.0.0\n"}, by=OPERATOR)
    workshop.commit("renovate/a", {"f.yaml": b"x: \xff\xfe\nversion: 2.1.0\n"}, onto=main)
    assert [c.new for c in workshop.scanned()["renovate/a"].changes] == ["2.1.0"]


def test_a_path_that_is_no_text_is_shown_as_such(workshop: Workshop) -> None:
    main = workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    entry = workshop.git("ls-tree", main).encode() + b"\n"
    blob = workshop.git("hash-object", "-w", "--stdin", stdin=b"x")
    tree = workshop.git("mktree", stdin=entry + f"100644 blob {blob}\t".encode() + b"b\xff\x1b[31m\n")
    oid = workshop.git("commit-tree", tree, "-p", main, "-m", "x")
    workshop.git("update-ref", "refs/heads/renovate/a", oid)
    update = workshop.scanned()["renovate/a"]
    assert update.files == ("b\ufffd\x1b[31m",)
    assert update.state == "ready"


def test_five_megabytes_of_yaml(workshop: Workshop) -> None:
    lines = [f"key{i}: {'v' * 40}" for i in range(100_000)]
    before = "\n".join([*lines[:50_000], "image: ghcr.io/x/y:1.0.0", *lines[50_000:]]) + "\n"
    main = workshop.commit("main", {"big.yaml": before}, by=OPERATOR)
    workshop.commit("renovate/a", {"big.yaml": before.replace("y:1.0.0", "y:1.0.1")}, onto=main)
    change = workshop.scanned()["renovate/a"].changes[0]
    assert (change.name, change.new, change.line) == ("ghcr.io/x/y", "1.0.1", 50_001)


def test_a_file_beyond_all_measure_is_not_read(workshop: Workshop) -> None:
    main = workshop.commit("main", {"big.yaml": "version: 1.0.0\n" + "#" * 7_000_000}, by=OPERATOR)
    workshop.commit("renovate/a", {"big.yaml": "version: 1.1.0\n" + "#" * 7_000_000}, onto=main)
    update = workshop.scanned()["renovate/a"]
    assert update.unusual == ("big.yaml: too big to compare",)
    assert update.state == "ready"


def test_what_a_branch_carries_of_a_main_that_was_rewritten_is_no_update(workshop: Workshop) -> None:
    talenv = "# renovate: datasource=docker depName=ghcr.io/siderolabs/installer\ntalosVersion: v1.13.{}\n"
    old = workshop.commit("main", {"talenv.yaml": talenv.format(0)}, by=OPERATOR)
    workshop.commit("main", {"a.yaml": oci("1.0.0")}, by=OPERATOR)
    for number in range(1, 52):
        workshop.commit("renovate/a", {"talenv.yaml": talenv.format(number)}, onto=old if number == 1 else None)
    update = workshop.scanned()["renovate/a"]
    assert (update.state, update.ahead, update.changes, update.system) == ("ready", 51, (), None)
    assert update.unusual == ("51 commits that main lacks: more than an update has",)


def test_a_branch_that_changes_everything_is_not_read_as_an_update(workshop: Workshop) -> None:
    files = {f"app{i}/ocirepository.yaml": oci("1.0.0", f"app{i}") for i in range(1001)}
    main = workshop.commit("main", files, by=OPERATOR)
    workshop.commit("renovate/a", {path: text.replace("1.0.0", "1.1.0") for path, text in files.items()}, onto=main)
    update = workshop.scanned()["renovate/a"]
    assert (update.state, update.changes, update.type) == ("ready", (), "unknown")
    assert update.unusual == ("1001 files changed: more than an update does",)


def test_a_branch_with_nothing_in_it_is_applied_and_hides_no_other(workshop: Workshop) -> None:
    main = workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    workshop.commit("renovate/a", {}, "empty", onto=main)
    workshop.commit("renovate/b", {FILE: oci("1.1.0")}, onto=main)
    workshop.commit("renovate/c", {}, "empty", onto=workshop.tip("renovate/b"))
    updates = workshop.scanned()
    assert (updates["renovate/a"].state, updates["renovate/a"].changes) == ("applied", ())
    assert [updates[name].files for name in ("renovate/b", "renovate/c")] == [(FILE,), (FILE,)]


def test_a_subject_full_of_escapes_is_kept_as_data(workshop: Workshop) -> None:
    main = workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    workshop.commit("renovate/a", {FILE: oci("1.1.0")}, "x \x1b[31m \u202e(1.0.0 → 9.9.9)", onto=main)
    update = workshop.scanned()["renovate/a"]
    assert update.changes[0].new == "1.1.0"
    assert "\x1b" in update.title


def test_a_folder_that_is_no_repository(workshop: Workshop) -> None:
    folder = workshop.folder / "empty"
    folder.mkdir()
    with pytest.raises(NotConfigured, match="no git repository"):
        workshop.mirror(str(folder))


def test_a_remote_that_went_away(workshop: Workshop) -> None:
    workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    mirror = workshop.mirror()
    mirror.fetch()
    workshop.remote.rename(workshop.folder / "away")
    with pytest.raises(SourceError, match="not there any more"):
        mirror.fetch()
    assert mirror.head()


def test_the_clone_is_private_and_the_remote_untouched(workshop: Workshop) -> None:
    workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    before = {p: p.stat().st_mtime_ns for p in workshop.remote.rglob("*")}
    mirror = workshop.mirror()
    workshop.scanned(mirror)
    assert mirror.path.stat().st_mode & 0o777 == 0o700
    assert mirror.path.parent.stat().st_mode & 0o777 == 0o700
    assert {p: p.stat().st_mtime_ns for p in workshop.remote.rglob("*")} == before


def test_locks_left_by_a_killed_fetch_are_swept(workshop: Workshop) -> None:
    workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    mirror = workshop.mirror()
    mirror.fetch()
    moved = workshop.commit("main", {FILE: oci("1.0.1")}, by=OPERATOR)
    (mirror.path / "refs" / "remotes" / "origin" / "main.lock").write_text("")
    (mirror.path / "packed-refs.lock").write_text("")
    mirror.fetch()
    assert mirror.head() == moved


def test_a_damaged_memory_is_forgotten(workshop: Workshop) -> None:
    workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    mirror = workshop.mirror()
    mirror.fetch()
    (mirror.path / "homeconsole.json").write_text('{"pulls": 3')
    assert workshop.mirror().fetched_at is None


def test_a_state_folder_that_can_not_be_made(workshop: Workshop) -> None:
    Path(workshop.folder / "state").write_text("in the way")
    workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    with pytest.raises(SourceError, match="can't be written"):
        workshop.mirror().fetch()
