"""States, counts and marks of branches, on repositories made by real git."""

from datetime import date, datetime
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from console.model.updates import ApprovedCommit, BranchCommit, Change, Update
from console.sources import kept
from console.sources.kept import Kept
from tests.sources.git.workshop import BOT, NOW, OPERATOR, Workshop, oci

GRAFANA = "kubernetes/apps/observability/grafana/app/ocirepository.yaml"
LOKI = "kubernetes/apps/observability/loki/app/ocirepository.yaml"


@pytest.fixture
def started(workshop: Workshop) -> Workshop:
    """main with two apps."""
    workshop.commit("main", {GRAFANA: oci("1.0.0"), LOKI: oci("6.0.0", "loki")}, "start", by=OPERATOR)
    return workshop


def propose(workshop: Workshop, tag: str = "1.1.0", branch: str = "renovate/grafana-1.x", onto: str = "") -> str:
    title = f"feat(container): update image ghcr.io/charts/grafana (1.0.0 ➔ {tag})"
    return workshop.commit(branch, {GRAFANA: oci(tag)}, title, onto=onto or workshop.tip("main"))


def only(updates: dict[str, Update]) -> Update:
    assert len(updates) == 1
    return next(iter(updates.values()))


class TestState:
    def test_a_branch_that_merges_is_ready(self, started: Workshop) -> None:
        head = propose(started)
        update = only(started.scanned())
        assert (update.state, update.head, update.ahead, update.behind) == ("ready", head, 1, 0)
        assert (update.base, update.fork) == (started.tip("main"), started.tip("main"))

    def test_behind_is_counted_and_still_ready(self, started: Workshop) -> None:
        propose(started)
        for tag in ("6.0.1", "6.0.2"):
            started.commit("main", {LOKI: oci(tag, "loki")}, by=OPERATOR)
        update = only(started.scanned())
        assert (update.state, update.ahead, update.behind) == ("ready", 1, 2)

    def test_a_squash_on_main_is_applied(self, started: Workshop) -> None:
        propose(started)
        started.commit("main", {GRAFANA: oci("1.1.0")}, by=OPERATOR)
        update = only(started.scanned())
        assert (update.state, update.changes[0].new) == ("applied", "1.1.0")

    def test_a_merged_branch_is_applied_and_tells_what_it_did(self, started: Workshop) -> None:
        head = propose(started)
        started.commit("main", {GRAFANA: oci("1.1.0")}, "Merge", also=(head,), by=OPERATOR)
        update = only(started.scanned())
        assert (update.state, update.ahead, update.behind) == ("applied", 0, 1)
        assert [(c.old, c.new) for c in update.changes] == [("1.0.0", "1.1.0")]

    def test_the_same_line_on_main_is_a_conflict_with_its_path(self, started: Workshop) -> None:
        propose(started)
        started.commit("main", {GRAFANA: oci("1.0.5")}, by=OPERATOR)
        update = only(started.scanned())
        assert (update.state, update.conflicts) == ("conflict", (GRAFANA,))

    def test_no_common_ancestor_is_unknown_with_why(self, started: Workshop) -> None:
        started.commit("renovate/other", {"a": "1\n"}, "orphan", onto="")
        propose(started)
        updates = started.scanned()
        assert updates["renovate/other"].state == "unknown"
        assert "common ancestor" in updates["renovate/other"].why
        assert updates["renovate/grafana-1.x"].state == "ready"

    def test_a_branch_that_merged_main_is_measured_from_there(self, started: Workshop) -> None:
        propose(started)
        main = started.commit("main", {LOKI: oci("6.0.1", "loki")}, by=OPERATOR)
        started.commit("renovate/grafana-1.x", {LOKI: oci("6.0.1", "loki")}, "Merge main", also=(main,), by=OPERATOR)
        update = only(started.scanned())
        assert (update.ahead, update.behind, update.fork, update.modified) == (2, 0, main, True)
        assert update.files == (GRAFANA,)

    def test_each_state_beside_the_others(self, started: Workshop) -> None:
        fork = started.tip("main")
        propose(started, branch="renovate/ready")
        started.commit("renovate/conflict", {LOKI: oci("7.0.0", "loki")}, onto=fork)
        started.commit("main", {LOKI: oci("6.5.0", "loki")}, by=OPERATOR)
        states = {branch: update.state for branch, update in started.scanned().items()}
        assert states == {"renovate/ready": "ready", "renovate/conflict": "conflict"}


class TestBots:
    def test_a_commit_by_the_operator_on_top_marks_it_as_modified_and_keeps_the_title(self, started: Workshop) -> None:
        propose(started)
        started.commit("renovate/grafana-1.x", {"notes.md": "x\n"}, "fix values", by=OPERATOR)
        update = only(started.scanned())
        assert update.modified
        assert update.title.startswith("feat(container): update image")
        assert update.author == BOT[0]

    def test_the_forge_as_committer_is_the_bot_still(self, started: Workshop) -> None:
        forge = ("GitHub", "noreply@github.com")
        started.commit("renovate/a", {GRAFANA: oci("1.1.0")}, onto=started.tip("main"), committer=forge)
        assert not only(started.scanned()).modified

    def test_an_amended_commit_shows_by_its_committer(self, started: Workshop) -> None:
        started.commit("renovate/a", {GRAFANA: oci("1.1.0")}, onto=started.tip("main"), committer=OPERATOR)
        assert only(started.scanned()).modified

    def test_a_bot_under_a_persons_name_is_learned_from_most_branches(self, started: Workshop) -> None:
        main = started.tip("main")
        service = ("Jo", "jo@example.org")
        for number in range(3):
            started.commit(f"renovate/{number}", {LOKI: oci(f"6.{number}.1", "loki")}, onto=main, by=service)
        started.commit("renovate/0", {"x": "y\n"}, by=OPERATOR)
        modified = {branch for branch, update in started.scanned().items() if update.modified}
        assert modified == {"renovate/0"}


class TestMarks:
    def test_two_that_touch_the_same_line_overlap(self, started: Workshop) -> None:
        propose(started, "1.1.0", "renovate/grafana-1.x")
        propose(started, "2.0.0", "renovate/major-grafana")
        updates = started.scanned()
        assert updates["renovate/grafana-1.x"].overlaps == ("renovate/major-grafana",)
        assert "overlaps" in updates["renovate/major-grafana"].marks

    def test_neighbours_in_one_file_do_not_overlap(self, started: Workshop) -> None:
        both = oci("1.0.0") + "---\n" + oci("6.0.0", "loki")
        main = started.commit("main", {"all.yaml": both}, by=OPERATOR)
        started.commit("renovate/a", {"all.yaml": both.replace("1.0.0", "1.1.0")}, onto=main)
        started.commit("renovate/b", {"all.yaml": both.replace("6.0.0", "6.1.0")}, onto=main)
        assert [u.overlaps for u in started.scanned().values()] == [(), ()]

    def test_what_main_already_surpassed_is_superseded(self, started: Workshop) -> None:
        propose(started)
        started.commit("main", {GRAFANA: oci("1.2.0")}, by=OPERATOR)
        assert "superseded" in only(started.scanned()).marks

    def test_what_main_only_approached_is_not(self, started: Workshop) -> None:
        propose(started)
        started.commit("main", {GRAFANA: oci("1.0.9")}, by=OPERATOR)
        assert "superseded" not in only(started.scanned()).marks

    def test_a_split_pair_is_shown_as_one(self, started: Workshop) -> None:
        upgrade = (
            "apiVersion: tuppr.home-operations.com/v1alpha1\nkind: TalosUpgrade\nmetadata:\n  name: talos\n"
            "spec:\n  talos:\n    version: v1.13.7\n"
        )
        main = started.commit("main", {"u.yaml": upgrade, "talenv.yaml": "talosVersion: v1.13.7\n"}, by=OPERATOR)
        started.commit("renovate/cr", {"u.yaml": upgrade.replace("13.7", "13.8")}, onto=main)
        started.commit("renovate/env", {"talenv.yaml": "talosVersion: v1.13.8\n"}, onto=main)
        updates = started.scanned()
        assert updates["renovate/cr"].pairs == ("renovate/env",)
        assert {u.system for u in updates.values()} == {"talos"}
        assert {u.concern for u in updates.values()} == {"node"}

    def test_upgrades_of_two_clusters_are_no_pair(self, started: Workshop) -> None:
        upgrade = "kind: TalosUpgrade\nmetadata:\n  name: talos\nspec:\n  talos:\n    version: v1.13.7\n"
        main = started.commit("main", {"home/u.yaml": upgrade, "lab/u.yaml": upgrade}, by=OPERATOR)
        for cluster in ("home", "lab"):
            moved = {f"{cluster}/u.yaml": upgrade.replace("13.7", "13.8")}
            started.commit(f"renovate/{cluster}", moved, onto=main)
        assert [update.pairs for update in started.scanned().values()] == [(), ()]

    @pytest.mark.parametrize(
        ("files", "modes", "said"),
        [
            ({"new.yaml": "a: 1\n"}, {}, "new.yaml: new file"),
            ({LOKI: None}, {}, f"{LOKI}: file removed"),
            ({LOKI: oci("6.0.0", "loki")}, {LOKI: "100755"}, f"{LOKI}: mode 644 → 755"),
            ({"link": "/etc/passwd"}, {"link": "120000"}, "link: symbolic link"),
            ({"sub": "1" * 40}, {"sub": "160000"}, "sub: submodule"),
            ({"cluster-secrets.sops.yaml": "a: ENC[AES256_GCM,data:x]\n"}, {}, "cluster-secrets.sops.yaml: secrets"),
            ({LOKI: oci("6.0.0", "loki") + "  suspend: true\n"}, {}, f"{LOKI}: 1 changed lines are no versions"),
            ({"logo.png": b"\x89PNG\0\0"}, {}, "logo.png: binary"),
        ],
    )
    def test_what_no_update_should_do_is_told(
        self, started: Workshop, files: dict[str, str | bytes | None], modes: dict[str, str], said: str
    ) -> None:
        started.commit("renovate/odd", files, onto=started.tip("main"), modes=modes)
        update = only(started.scanned())
        assert said in update.unusual
        assert "unusual" in update.marks

    def test_an_ordinary_update_has_no_marks(self, started: Workshop) -> None:
        propose(started)
        assert (only(started.scanned()).marks, only(started.scanned()).unusual) == ((), ())

    def test_a_step_back_is_told(self, started: Workshop) -> None:
        propose(started, "0.9.0")
        update = only(started.scanned())
        assert "downgrade" in update.marks
        assert update.type == "unknown"


class TestPulls:
    def test_the_number_is_that_of_the_head_with_the_same_commit(self, started: Workshop) -> None:
        head = propose(started)
        started.git("update-ref", "refs/pull/7/head", head)
        started.git("update-ref", "refs/pull/8/head", head)
        started.git("update-ref", "refs/pull/13/head", started.tip("main"))
        assert only(started.scanned()).pull == 8

    def test_merge_requests_of_gitlab_count_as_well(self, started: Workshop) -> None:
        started.git("update-ref", "refs/merge-requests/3/head", propose(started))
        assert only(started.scanned()).pull == 3

    def test_without_any_there_is_none(self, started: Workshop) -> None:
        propose(started)
        assert only(started.scanned()).pull is None

    def test_pull_heads_are_never_fetched(self, started: Workshop) -> None:
        other = started.commit("refs/pull/9/head", {"big": "x\n"}, onto=started.tip("main"))
        mirror = started.mirror()
        mirror.fetch()
        assert other not in started.git("cat-file", "--batch-all-objects", "--batch-check", at=mirror.path)


class TestAgain:
    def test_nothing_new_computes_nothing(self, started: Workshop) -> None:
        propose(started)
        mirror = started.mirror()
        started.scanned(mirror)
        before = mirror._scanner.merged
        assert only(started.scanned(mirror)).state == "ready"
        assert mirror._scanner.merged == before == 1

    def test_one_new_branch_pays_for_one_merge(self, started: Workshop) -> None:
        propose(started)
        mirror = started.mirror()
        started.scanned(mirror)
        started.commit("renovate/loki", {LOKI: oci("6.1.0", "loki")}, onto=started.tip("main"))
        assert len(started.scanned(mirror)) == 2
        assert mirror._scanner.merged == 2

    def test_main_moving_pays_only_for_what_it_touches(self, started: Workshop) -> None:
        propose(started)
        started.commit("renovate/loki", {LOKI: oci("6.1.0", "loki")}, onto=started.tip("main"))
        mirror = started.mirror()
        started.scanned(mirror)
        main = started.commit("main", {LOKI: oci("6.2.0", "loki")}, by=OPERATOR)
        updates = started.scanned(mirror)
        assert mirror._scanner.merged == 3
        assert (updates["renovate/loki"].state, updates["renovate/grafana-1.x"].state) == ("conflict", "ready")
        assert {u.base for u in updates.values()} == {main}
        assert {u.behind for u in updates.values()} == {1}

    def test_what_main_has_already_stays_applied_when_main_moves_elsewhere(self, started: Workshop) -> None:
        propose(started)
        started.commit("main", {GRAFANA: oci("1.1.0")}, by=OPERATOR)
        mirror = started.mirror()
        assert only(started.scanned(mirror)).state == "applied"
        started.commit("main", {LOKI: oci("6.2.0", "loki")}, by=OPERATOR)
        assert only(started.scanned(mirror)).state == "applied"
        started.commit("main", {GRAFANA: oci("1.0.0")}, by=OPERATOR)
        assert only(started.scanned(mirror)).state == "ready"

    def test_a_removed_file_on_main_makes_every_merge_anew(self, started: Workshop) -> None:
        propose(started)
        mirror = started.mirror()
        started.scanned(mirror)
        started.commit("main", {LOKI: None}, by=OPERATOR)
        started.scanned(mirror)
        assert mirror._scanner.merged == 2

    def test_merged_and_reverted_between_two_looks_is_seen(self, started: Workshop) -> None:
        head = propose(started)
        mirror = started.mirror()
        started.scanned(mirror)
        started.commit("main", {GRAFANA: oci("1.1.0")}, "Merge", also=(head,), by=OPERATOR)
        started.commit("main", {GRAFANA: oci("1.0.0")}, "Revert", by=OPERATOR)
        assert only(started.scanned(mirror)).state == "applied"

    def test_a_withdrawn_branch_is_gone(self, started: Workshop) -> None:
        propose(started)
        mirror = started.mirror()
        started.scanned(mirror)
        started.git("update-ref", "-d", "refs/heads/renovate/grafana-1.x")
        assert started.scanned(mirror) == {}

    def test_a_rewound_main_is_followed(self, started: Workshop) -> None:
        first = started.tip("main")
        started.commit("main", {GRAFANA: oci("1.0.5")}, by=OPERATOR)
        mirror = started.mirror()
        started.scanned(mirror)
        started.git("update-ref", "refs/heads/main", first)
        started.scanned(mirror)
        assert mirror.head() == first

    def test_a_main_rewound_below_a_branch_makes_its_change_larger(self, started: Workshop) -> None:
        first = started.tip("main")
        started.commit("main", {LOKI: oci("6.0.1", "loki")}, by=OPERATOR)
        propose(started)
        mirror = started.mirror()
        assert only(started.scanned(mirror)).files == (GRAFANA,)
        started.git("update-ref", "refs/heads/main", first)
        update = only(started.scanned(mirror))
        assert (update.files, update.ahead, update.fork, update.modified) == ((GRAFANA, LOKI), 2, first, True)

    def test_another_process_begins_with_what_was_fetched(self, started: Workshop) -> None:
        started.git("update-ref", "refs/pull/5/head", propose(started))
        started.scanned()
        started.remote.rename(started.folder / "away.git")
        later = started.folder / "remote.git"
        later.mkdir()  # the path must be there to be resolved; nothing is read from it
        started.git("init", "--quiet", "--bare", str(later), at=started.folder)
        mirror = started.mirror()
        state, updates = mirror.scan()
        assert (updates[0].pull, updates[0].state) == (5, "ready")
        assert state.fetched_at is not None


class TestAnotherRun:
    def test_it_has_at_once_what_an_earlier_one_came_to(self, started: Workshop) -> None:
        propose(started)
        started.commit("renovate/loki", {LOKI: oci("6.1.0", "loki")}, onto=started.tip("main"))
        first, second = started.mirror(), started.mirror()
        told, again = started.scanned(first), started.scanned(second)
        assert again == told
        assert second.scan()[0].history == first.scan()[0].history == (started.tip("main"),)
        assert second._scanner.merged == 0

    def test_what_moved_since_is_read_anew(self, started: Workshop) -> None:
        propose(started)
        started.scanned()
        main = started.commit("main", {GRAFANA: oci("1.0.5")}, by=OPERATOR)
        second = started.mirror()
        assert only(started.scanned(second)).state == "conflict"
        assert second.scan()[0].history[0] == main

    @pytest.mark.parametrize("what", ["a new key", "newer code", "a damaged file"])
    def test_nothing_holds_beyond_what_it_follows_from(
        self, started: Workshop, monkeypatch: pytest.MonkeyPatch, what: str
    ) -> None:
        propose(started)
        first = started.mirror()
        told = started.scanned(first)
        if what == "a new key":
            (started.home / ".gnupg").mkdir()
            (started.home / ".gnupg" / "pubring.kbx").write_bytes(bytes(99))
        elif what == "newer code":
            monkeypatch.setattr(kept, "_code", list)
        else:
            file = first.path.with_suffix(".scan")
            file.write_text(file.read_text().replace("renovate/grafana-1.x", "renovate/grafana", 1)[:-9])
        second = started.mirror()
        assert started.scanned(second) == told
        assert second._scanner.merged == 1

    def test_whatever_it_is_made_of_can_be_kept(self, tmp_path: Path) -> None:
        """A new field of a class that is not named would cost each run a whole scan, and no other test would tell."""
        named = {Update, Change, BranchCommit, ApprovedCommit}
        simple = {str, int, bool, float, type(None), tuple, date, datetime}
        for made in named:
            for kind in get_type_hints(made).values():
                parts = [kind, *get_args(kind), *(deep for each in get_args(kind) for deep in get_args(each))]
                found = {part for part in parts if isinstance(part, type) and not get_args(part)}
                assert found <= named | simple, (made, kind)
        odd = Kept(tmp_path / "odd", Update)
        odd.write("key", (Path(),))
        assert (odd.read("key"), list(tmp_path.iterdir())) == (None, [])

    def test_what_could_not_be_told_is_tried_again(self, started: Workshop) -> None:
        propose(started)
        first = started.mirror()
        first.fetch()
        blob = started.git("hash-object", "-w", "--stdin", at=first.path, stdin=b"x")
        (first.path / "refs" / "remotes" / "origin" / "renovate" / "blob").write_text(blob + "\n")
        assert {each.state for each in started.mirror().scan()[1]} == {"ready", "unknown"}
        assert not first.path.with_suffix(".scan").exists()


class TestVisits:
    def test_what_came_after_the_first_look_has_a_time(self, started: Workshop) -> None:
        propose(started)
        mirror = started.mirror()
        assert only(started.scanned(mirror)).first_seen is None
        started.commit("renovate/loki", {LOKI: oci("6.1.0", "loki")}, onto=started.tip("main"))
        updates = started.scanned(started.mirror())
        assert (updates["renovate/loki"].first_seen, updates["renovate/grafana-1.x"].first_seen) == (NOW, None)

    def test_what_went_is_told_until_it_comes_back(self, started: Workshop) -> None:
        head = propose(started)
        mirror = started.mirror()
        started.scanned(mirror)
        started.git("update-ref", "-d", "refs/heads/renovate/grafana-1.x")
        started.scanned(mirror)
        assert started.mirror().scan()[0].withdrawn == (("renovate/grafana-1.x", NOW),)
        started.git("update-ref", "refs/heads/renovate/grafana-1.x", head)
        started.scanned(mirror)
        assert mirror.scan()[0].withdrawn == ()

    def test_what_came_and_went_is_news_until_the_visit_ends(self, started: Workshop) -> None:
        propose(started)
        first = started.mirror()
        started.scanned(first)
        started.commit("renovate/loki", {LOKI: oci("6.1.0", "loki")}, onto=started.tip("main"))
        started.git("update-ref", "-d", "refs/heads/renovate/grafana-1.x")
        assert started.scanned(first)["renovate/loki"].marks == ("new",)
        assert [name for name, _ in first.scan()[0].gone] == ["renovate/grafana-1.x"]
        first.visits.end(NOW)
        second = started.mirror()
        state, updates = second.scan()
        assert (state.visited_at, only({u.branch: u for u in updates}).marks, state.gone) == (NOW, (), ())
        assert first.scan()[0].visited_at is None, "for who is still here nothing has ended"

    def test_a_damaged_note_of_a_visit_is_none(self, started: Workshop) -> None:
        propose(started)
        mirror = started.mirror()
        started.scanned(mirror)
        mirror.path.with_suffix(".visit").write_text("yesterday")
        assert started.mirror().scan()[0].visited_at is None


class TestCommits:
    def test_those_that_main_lacks_newest_first_with_who_made_them(self, started: Workshop) -> None:
        propose(started)
        tip = started.commit("renovate/grafana-1.x", {"README.md": "changed"}, "tidy up", by=OPERATOR)
        found = only(started.scanned()).commits
        assert [(each.title, each.author, each.foreign) for each in found] == [
            ("tidy up", "Ada", True),
            ("feat(container): update image ghcr.io/charts/grafana (1.0.0 ➔ 1.1.0)", "home-bot[bot]", False),
        ]
        assert (found[0].commit, found[0].signed) == (tip, False)
