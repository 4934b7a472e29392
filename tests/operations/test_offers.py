"""What the operator proposes themselves, on a real repository: versions without a branch, holds, the way back."""

import json
from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from console.edits.patch import applied
from console.model.hold import Hold
from console.model.intent import Intent
from console.model.review import Approval, FileEdit, Review
from console.model.snapshot import Problem
from console.model.step import Step
from console.model.updates import Update
from console.operations import intent as intents
from console.operations import offers
from console.operations.approve import approve
from console.operations.holding import holds
from console.operations.journal import Journal
from console.operations.marking import Marking, marked
from console.operations.offers import Offer
from console.operations.own import combined, same_below
from console.operations.preflight import preflight
from console.operations.records import recorded
from console.operations.review import review
from console.sources.errors import NotConfigured, Refused, UsageError
from console.sources.git.mirror import Mirror
from console.sources.kept import Kept
from console.sources.stop import Stop
from tests.operations import remote as remotes
from tests.operations.remote import IMMICH, IMMICH_BRANCH, RESOURCE, TALENV, TALOS_BRANCH, Remote, git, introduce

NOW = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
LISTING = "kubernetes/apps/system/tuppr/upgrades/kustomization.yaml"
FLUX = "kubernetes/apps/system/tuppr/ks.yaml"
RENOVATE = ".renovaterc.json5"
SUSPENDED = """\
apiVersion: tuppr.home-operations.com/v1alpha1
kind: TalosUpgrade
metadata:
  name: talos
  annotations:
    tuppr.home-operations.com/suspend: "manual review"
spec:
  talos:
    # renovate: datasource=custom.talos-factory depName=siderolabs/talos
    version: v1.13.7
  maintenance:
    windows:
      - start: "0 2 * * 0"
        duration: 4h
"""
KS = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: tuppr-upgrades
spec:
  path: ./kubernetes/apps/system/tuppr/upgrades
  suspend: true
  prune: true
"""
RULES = "{\n  // ours\n  extends: ['config:recommended'],\n}\n"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    introduce()
    return remotes.build(tmp_path)


@pytest.fixture
def mirror(remote: Remote, tmp_path: Path) -> Mirror:
    return Mirror(str(remote.bare), "main", ("renovate/",), tmp_path / "clones", now=lambda: NOW)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state", lambda: NOW)


def proposed(mirror: Mirror, branch: str) -> Update:
    mirror.fetch(Stop())
    return next(u for u in mirror.scan()[1] if u.branch == branch)


def propose(remote: Remote, files: dict[str, str]) -> None:
    """The bot's branch that moves Talos, with these ``files`` on main as it is."""
    remote.commit(files, TALOS_BRANCH, "Update siderolabs/talos", onto="main", by=remotes.BOT)


def reviewer(_: Offer) -> Review:
    raise AssertionError("a record is no commit")


def finished(steps: Generator[Step, None, Approval]) -> Approval:
    """What came of it, at the end of its steps."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            done: Approval = end.value
            return done


def reviewed(mirror: Mirror, update: Update, notes: tuple[str, ...] = (), edits: tuple[FileEdit, ...] = ()) -> Review:
    found = preflight(combined(mirror, update, edits) if edits else update, mirror, None, NOW)
    found = type(found)(**{name: getattr(found, name) for name in found.__slots__} | {"head": update.head})
    return review(update, found, mirror, now=NOW, via="homeconsole/0.1.0", reason="tested", edits=edits, notes=notes)


def carried_out(made: Review, mirror: Mirror, journal: Journal) -> Approval:
    return finished(approve(made, mirror, journal, lambda: NOW, Stop()))


def done(offer: Offer, mirror: Mirror, journal: Journal) -> Approval:
    return carried_out(reviewed(mirror, offer.update, offer.notes), mirror, journal)


class TestAVersionWithoutABranch:
    def test_is_written_at_all_places_in_one_commit_by_the_operator(
        self, remote: Remote, mirror: Mirror, journal: Journal
    ) -> None:
        template = "{% if a %}\n    image: factory.talos.dev/installer/{{ ENV.S }}:v1.13.7\n{% endif %}\n"
        remote.push("talos/machineconfig.yaml.j2", template)
        remote.push("other/talconfig.yaml", "talosVersion: v1.12.0\n")
        remote.push(".mise.toml", '[tools]\ntalosctl = "1.13.7"\n')
        before = remote.tip()
        mirror.fetch()
        offer = offers.target(mirror, "talos", "v1.14.0")
        done(offer, mirror, journal)
        assert "version: v1.14.0" in remote.file(RESOURCE)
        assert remote.file(TALENV).count("v1.14.0") == 1
        assert remote.file("talos/machineconfig.yaml.j2") == template.replace("13.7", "14.0")
        assert remote.file(".mise.toml") == '[tools]\ntalosctl = "1.14.0"\n'
        assert remote.file("other/talconfig.yaml") == "talosVersion: v1.12.0\n"
        assert [note for note in offer.notes if note.startswith("left: other/talconfig.yaml:1")]
        assert (remote.field("%P"), remote.field("%an")) == (before, "Ada L")
        assert "Update: talos@v1.14.0" in remote.message()
        assert TALOS_BRANCH in remote.branches()  # none of its own business

    def test_leaves_a_client_whose_lock_file_has_its_checksums(self, remote: Remote, mirror: Mirror) -> None:
        remote.push(".mise.toml", '[tools]\ntalosctl = "1.13.7"\n')
        remote.push("mise.lock", "[tools.talosctl]\n")
        mirror.fetch()
        offer = offers.target(mirror, "talos", "v1.14.0")
        assert ".mise.toml" not in offer.update.files
        assert any(".mise.toml:2" in note and "mise.lock" in note for note in offer.notes)

    def test_is_refused_when_no_place_says_one(self, remote: Remote, mirror: Mirror) -> None:
        for path in (RESOURCE, TALENV):
            remote.push(path, "kind: Nothing\n")
        mirror.fetch()
        with pytest.raises(Refused, match="Nothing in the repository says"):
            offers.target(mirror, "talos", "v1.14.0")

    def test_is_not_written_over_what_main_has_changed_meanwhile(
        self, remote: Remote, mirror: Mirror, journal: Journal
    ) -> None:
        mirror.fetch()
        offer = offers.target(mirror, "talos", "v1.14.0")
        made = reviewed(mirror, offer.update)
        tip = remote.push(TALENV, remote.file(TALENV) + "# changed\n")
        with pytest.raises(Refused, match=r"changed talos/talenv\.yaml"):
            carried_out(made, mirror, journal)
        assert remote.tip() == tip

    def test_goes_on_when_main_moved_elsewhere_and_is_a_noop_the_second_time(
        self, remote: Remote, mirror: Mirror, journal: Journal
    ) -> None:
        mirror.fetch()
        made = reviewed(mirror, offers.target(mirror, "talos", "v1.14.0").update)
        remote.push("README.md", "hello\n")
        done = carried_out(made, mirror, journal)
        assert remote.file("README.md") == "hello\n"
        assert carried_out(made, mirror, journal).commit == remote.tip() == done.commit


class TestAHeldUpgrade:
    @pytest.fixture(autouse=True)
    def held(self, remote: Remote) -> None:
        remote.delete(TALOS_BRANCH)
        remote.push(RESOURCE, SUSPENDED)
        remote.push(LISTING, "resources:\n  - ./kubernetesupgrade.yaml # the other\n")
        remote.push(FLUX, KS)

    def test_says_by_what_by_whom_and_since_when(self, remote: Remote, mirror: Mirror) -> None:
        rule = (
            "{packageRules: [{description: 'majors by hand', matchPackageNames: ['/siderolabs/'],"
            " matchUpdateTypes: ['major'], dependencyDashboardApproval: true},"
            " {matchDepNames: ['ghcr.io/siderolabs/kubelet'], enabled: false}]}\n"
        )
        remote.push(RENOVATE, rule)
        mirror.fetch()
        found = {(h.kind, h.system): h for h in holds(mirror, mirror.head())}
        assert set(found) == {
            *(("suspend", "talos"), ("window", "talos"), ("unlisted", "talos"), ("flux", "talos")),
            *(("dashboard", "talos"), ("dashboard", "kubernetes"), ("renovate", "kubernetes")),
        }
        suspend = found["suspend", "talos"]
        assert (suspend.reason, suspend.by) == ("suspend annotation: manual review", "Someone")
        assert (suspend.file, suspend.line) == (RESOURCE, 6)
        assert suspend.since is not None
        assert found["dashboard", "talos"].reason == "major versions wait for Renovate's dashboard: majors by hand"

    def test_is_pinned_where_the_comment_is_gone_by_which_renovate_finds_it(
        self, remote: Remote, mirror: Mirror
    ) -> None:
        text = SUSPENDED.replace("TalosUpgrade", "KubernetesUpgrade").replace("  talos:\n", "  kubernetes:\n")
        lines = [each for each in text.splitlines(keepends=True) if "renovate" not in each]
        remote.push("upgrade.yaml", "".join(lines))
        mirror.fetch()
        (pinned,) = (hold for hold in holds(mirror, mirror.head()) if hold.kind == "pinned")
        assert (pinned.system, pinned.file) == ("kubernetes", "upgrade.yaml")

    def test_is_let_go_by_the_commit_that_changes_its_version(
        self, remote: Remote, mirror: Mirror, journal: Journal
    ) -> None:
        mirror.fetch()
        done(offers.target(mirror, "talos", "v1.13.8"), mirror, journal)
        text = SUSPENDED.replace("v1.13.7", "v1.13.8")
        text = text.replace('  annotations:\n    tuppr.home-operations.com/suspend: "manual review"\n', "")
        assert remote.file(RESOURCE) == text  # the window stays: it says when, not whether
        assert remote.file(LISTING) == "resources:\n  - ./kubernetesupgrade.yaml # the other\n  - ./talosupgrade.yaml\n"
        assert remote.file(FLUX) == KS.replace("  suspend: true\n", "")
        assert len(remote.commits()) == 6

    def test_begins_at_once_when_its_windows_go_too(self, mirror: Mirror) -> None:
        mirror.fetch()
        offer = offers.target(mirror, "talos", "v1.13.8", windows=True)
        data = mirror.contents(offer.update.head, [RESOURCE])[RESOURCE]
        assert b"maintenance" not in data
        assert any("begins at once" in note for note in offer.notes)

    def test_is_never_let_go_without_a_version_change(self, mirror: Mirror) -> None:
        mirror.fetch()
        with pytest.raises(Refused, match="only what holds it would go") as refusal:
            offers.target(mirror, "talos", "v1.13.7")
        assert "reset" in refusal.value.hint

    def test_stays_held_when_the_branch_moves_another_place_than_its_own_version(
        self, remote: Remote, mirror: Mirror
    ) -> None:
        propose(remote, {TALENV: remote.file(TALENV).replace("v1.13.7", "v1.13.8")})
        edits, notes = offers.taken_along(mirror, proposed(mirror, TALOS_BRANCH))
        assert edits == ()
        assert notes == (f"left: {RESOURCE}: it stays held, for its own version does not change",)

    def test_of_another_cluster_stays_held(self, remote: Remote, mirror: Mirror) -> None:
        other = "other/talosupgrade.yaml"
        remote.push(other, SUSPENDED)
        propose(remote, {RESOURCE: SUSPENDED.replace("v1.13.7", "v1.13.8")})
        edits, notes = offers.taken_along(mirror, proposed(mirror, TALOS_BRANCH))
        assert {edit.path for edit in edits} == {RESOURCE, LISTING, FLUX}
        assert [note for note in notes if other in note] == [
            f"left: {other}: it stays held, for its own version does not change"
        ]

        remote.push(other, SUSPENDED.replace("v1.13.7", "v1.14.0"))
        mirror.fetch()
        offer = offers.target(mirror, "talos", "v1.13.8")
        assert other not in offer.update.files
        assert RESOURCE in offer.update.files

    def test_whose_hold_cant_be_edited_is_left_whole_and_named(self, remote: Remote, mirror: Mirror) -> None:
        remote.push(LISTING, "resources: []\n")
        propose(remote, {RESOURCE: SUSPENDED.replace("v1.13.7", "v1.13.8")})
        edits, notes = offers.taken_along(mirror, proposed(mirror, TALOS_BRANCH))
        assert edits == ()
        (note,) = notes
        assert note.startswith(f"left: {RESOURCE}: it stays held (")
        offer = offers.target(mirror, "talos", "v1.13.8")
        assert note in offer.notes
        assert {RESOURCE, TALENV} <= set(offer.update.files)

    def test_is_let_go_by_the_merge_of_its_branch(self, remote: Remote, mirror: Mirror, journal: Journal) -> None:
        propose(remote, {RESOURCE: SUSPENDED.replace("v1.13.7", "v1.13.8")})
        update = proposed(mirror, TALOS_BRANCH)
        edits, notes = offers.taken_along(mirror, update)
        made = reviewed(mirror, update, notes, edits)
        assert any("+  - ./talosupgrade.yaml" in each for each in made.diff)
        carried_out(made, mirror, journal)
        assert "suspend" not in remote.file(RESOURCE)
        assert "v1.13.8" in remote.file(RESOURCE)
        assert remote.field("%P").split()[1] == update.head  # still the bot's commit, merged
        assert TALOS_BRANCH not in remote.branches()


class TestAHoldOfOurs:
    def test_is_a_rule_that_renovate_honours_and_is_shown_and_goes_again(
        self, remote: Remote, mirror: Mirror, journal: Journal
    ) -> None:
        remote.push(RENOVATE, RULES)
        update = proposed(mirror, IMMICH_BRANCH)
        until = date(2026, 9, 1)
        offer = offers.hold(mirror, update, reason="3.0 breaks\nphotos", by="Ada L", today=TODAY, until=until)
        done(offer, mirror, journal)
        text = remote.file(RENOVATE)
        assert text.startswith("{\n  // ours\n  extends: ['config:recommended'],\n")
        assert 'matchDepNames: ["ghcr.io/immich-app/immich-server"],\n      enabled: false\n' in text
        assert remote.commits()[0] == "Hold ghcr.io/immich-app/immich-server: 3.0 breaks photos (until 2026-09-01)"
        assert "Renovate leaves it alone until this is released" in remote.message()
        told = dict(line.split(": ", 1) for line in remote.field("%(trailers:only,unfold)").splitlines())
        assert list(told) == [
            "Update", "Reviewed-commit", "Reviewed-base", "Reviewed-patch-id", "Findings", "Checks",
            "Approved-by", "Approved-at", "Approved-via",
        ]  # fmt: skip
        assert (told["Update"], told["Reviewed-base"]) == (f"hold {IMMICH_BRANCH}", remote.field("%P"))

        _, updates = mirror.scan()
        held = next(u for u in marked(updates, holds(mirror, mirror.head())) if u.branch == IMMICH_BRANCH)
        assert (held.hold_reason, held.hold_by) == ("3.0 breaks photos (until 2026-09-01)", "Ada L")
        assert held.hold_since == "2026-08-22T00:00:00+00:00"

        again = offers.hold(mirror, update, reason="twice", by="Ada L", today=TODAY, until=None)
        assert reviewed(mirror, again.update).noop
        done(offers.release(mirror, offers.names_of(update), told=IMMICH_BRANCH), mirror, journal)
        assert remote.file(RENOVATE) == RULES.replace("],\n}", "],\n  packageRules: [\n  ],\n}")
        with pytest.raises(Refused, match="No hold of ours"):
            offers.release(mirror, offers.names_of(update), told=IMMICH_BRANCH)

    def test_has_no_end_where_its_rule_names_a_day_that_there_is_not(
        self, remote: Remote, mirror: Mirror, journal: Journal
    ) -> None:
        text = "homeconsole hold: 3.0 breaks (by Ada L, since 2026-02-30, until 2026-11-31)"
        name = "ghcr.io/immich-app/immich-server"
        remote.push(RENOVATE, f"{{packageRules: [{{description: '{text}', matchDepNames: ['{name}']}}]}}\n")
        update = proposed(mirror, IMMICH_BRANCH)
        (hold,) = holds(mirror, mirror.head())
        assert (hold.reason, hold.until) == ("3.0 breaks", None)
        journal.append("held", "x", repository=mirror.url, names=[name], reason="ours", by="Ada", until="2026-11-31")
        (kept,) = recorded(journal, mirror.url)
        assert (kept.reason, kept.until) == ("ours", None)

        told: list[tuple[Problem, ...]] = []
        state, _ = Marking(lambda: mirror, journal, told.append)(mirror.scan()[0], [update])
        assert [each.reason for each in state.holds] == ["3.0 breaks", "ours"]
        assert told == [()]

    def test_are_read_by_the_first_run_that_sees_a_main(
        self, remote: Remote, mirror: Mirror, journal: Journal, tmp_path: Path
    ) -> None:
        text = "homeconsole hold: 3.0 breaks (by Ada L, since 2026-02-01, until 2026-11-30)"
        remote.push(RENOVATE, f"{{packageRules: [{{description: '{text}', matchDepNames: ['immich']}}]}}\n")
        mirror.fetch()
        state, kept = mirror.scan()[0], Kept(tmp_path / "x.holds", Hold)

        def unasked() -> Mirror:
            raise NotConfigured("The repository was asked")

        first, again = (
            Marking(which, journal, lambda _: None, kept)(state, [])[0].holds for which in (lambda: mirror, unasked)
        )
        assert again == first == holds(mirror, state.head)
        assert (first[0].reason, first[0].until) == ("3.0 breaks", date(2026, 11, 30))

    def test_that_cant_be_read_is_told(self, mirror: Mirror, journal: Journal) -> None:
        update = proposed(mirror, IMMICH_BRANCH)
        state = replace(mirror.scan()[0], head="0" * 40)
        told: list[tuple[Problem, ...]] = []
        assert Marking(lambda: mirror, journal, told.append)(state, [update]) == (state, [update])
        ((problem,),) = told
        assert problem.message.startswith("What is held can't be read: ")

    def test_is_a_record_where_renovate_has_no_configuration(self, mirror: Mirror, journal: Journal) -> None:
        update = proposed(mirror, IMMICH_BRANCH)
        main = mirror.head()

        def write(intent: Intent) -> Approval:
            return finished(intents.carried_out(intent, mirror, journal, lambda: NOW, Stop()))

        def planned(reason: str) -> Intent:
            return intents.hold(mirror, journal, update, reviewer, reason=reason, until=date(2026, 9, 1), today=TODAY)

        assert write(planned("3.0 breaks")).outcome == "pushed"
        state, (held, *_) = Marking(lambda: mirror, journal, lambda _: None)(mirror.scan()[0], [update])
        assert (held.hold_reason, held.hold_by) == ("3.0 breaks (until 2026-09-01)", "Ada L")
        assert write(planned("again")).outcome == "noop"

        assert write(intents.release(mirror, journal, update.branch, update, reviewer)).outcome == "pushed"
        assert Marking(lambda: mirror, journal, lambda _: None)(state, [update])[1] == [update]
        assert mirror.head() == main
        with pytest.raises(Refused, match="is not held by us"):
            intents.release(mirror, journal, update.branch, update, reviewer)

    def test_needs_a_configuration(self, mirror: Mirror) -> None:
        update = proposed(mirror, IMMICH_BRANCH)
        assert offers.configuration(mirror) == ""
        with pytest.raises(UsageError, match="no Renovate configuration"):
            offers.hold(mirror, update, reason="x", by="y", today=TODAY, until=None)


class TestTheWayBack:
    @pytest.fixture
    def approved(self, remote: Remote, mirror: Mirror, journal: Journal) -> str:
        remote.push("renovate.json", '{\n  "extends": []\n}\n')
        return carried_out(reviewed(mirror, proposed(mirror, IMMICH_BRANCH)), mirror, journal).commit

    def test_is_a_commit_of_its_own_with_a_hold(
        self, remote: Remote, mirror: Mirror, journal: Journal, approved: str
    ) -> None:
        remote.push("README.md", "since\n")
        mirror.fetch()
        offer = offers.revert(mirror, approved[:7], reason="photos are gone", by="Ada L", today=TODAY)
        done(offer, mirror, journal)
        assert "tag: v2.4.1" in remote.file(IMMICH)
        assert remote.file("README.md") == "since\n"
        (rule,) = json.loads(remote.file("renovate.json"))["packageRules"]
        assert rule["allowedVersions"] == "!/^(v2\\.4\\.2)$/"
        assert rule["matchDepNames"] == ["ghcr.io/immich-app/immich-server"]
        assert f"This reverts commit {approved}." in remote.message()
        assert f"Reverts: {approved}" in remote.message().splitlines()
        assert "Update:" not in remote.message()
        assert [r.event for r in journal.records()][-3:] == ["approved", "committed", "pushed"]

        remote.push(IMMICH, remote.file(IMMICH).replace("v2.4.1", "v2.4.3"))  # then it could not be taken out alone
        mirror.fetch()
        again = offers.revert(mirror, approved, reason="", by="Ada L", today=TODAY)
        assert reviewed(mirror, again.update).noop

    def test_is_refused_where_main_changed_the_same_lines_since(
        self, remote: Remote, mirror: Mirror, approved: str
    ) -> None:
        remote.push(IMMICH, remote.file(IMMICH).replace("v2.4.2", "v2.4.3"))
        mirror.fetch()
        with pytest.raises(Refused, match="same lines since") as refusal:
            offers.revert(mirror, approved, reason="", by="Ada L", today=TODAY)
        assert refusal.value.kind == "conflict"

    @pytest.mark.parametrize(
        ("path", "moved", "reason"),
        [
            (RESOURCE, ("v1.13.7", "v1.13.8"), "another Talos"),
            (TALENV, ("v1.36.2", "v1.36.3"), "another Kubernetes"),
            (IMMICH, ("v2.4.1\n", "v2.5.0\n---\nkind: CustomResourceDefinition\n"), "CustomResourceDefinitions"),
        ],
    )
    def test_is_refused_for_what_does_not_go_back(
        self, remote: Remote, mirror: Mirror, path: str, moved: tuple[str, str], reason: str
    ) -> None:
        commit = remote.push(path, remote.file(path).replace(*moved))
        mirror.fetch()
        with pytest.raises(Refused, match=reason) as refusal:
            offers.revert(mirror, commit, reason="", by="Ada L", today=TODAY)
        assert refusal.value.hint

    @pytest.mark.parametrize(("name", "word"), [("cnpg/postgresql", "database"), ("longhornio/longhorn", "storage")])
    def test_is_refused_for_what_keeps_data(self, remote: Remote, mirror: Mirror, name: str, word: str) -> None:
        before = remote.file(IMMICH).replace("immich-app/immich-server", name)
        remote.push(IMMICH, before)
        commit = remote.push(IMMICH, before.replace("v2.4.1", "v2.5.0"))
        mirror.fetch()
        with pytest.raises(Refused, match=word):
            offers.revert(mirror, commit, reason="", by="Ada L", today=TODAY)

    @pytest.mark.parametrize("name", ["abcdef0", "main", "0" * 40])
    def test_is_only_for_commits_of_main(self, mirror: Mirror, name: str) -> None:
        mirror.fetch()
        with pytest.raises(UsageError):
            offers.revert(mirror, name, reason="", by="Ada L", today=TODAY)


class TestEditsOnTop:
    def test_of_an_update_are_one_commit_with_it_or_two(self, remote: Remote, mirror: Mirror, journal: Journal) -> None:
        update = proposed(mirror, IMMICH_BRANCH)
        edits = (FileEdit(IMMICH, remote.file(IMMICH, IMMICH_BRANCH).encode() + b"# edited\n"), FileEdit("x", b"y"))
        made = reviewed(mirror, update, (), edits)
        assert "+# edited" in "\n".join(made.diff)
        carried_out(replace(made, separate=True), mirror, journal)
        assert remote.commits()[0] == f"Edit {IMMICH}, x"
        assert remote.commits()[1].startswith(f"Merge {IMMICH_BRANCH}")
        assert "# edited" not in remote.file(IMMICH, "main~1")
        assert remote.file(IMMICH).endswith("tag: v2.4.2\n# edited\n")
        assert remote.file("x") == "y"

    def test_are_those_that_a_finding_offers(self, remote: Remote, mirror: Mirror, journal: Journal) -> None:
        remote.push(".mise.toml", '[tools] # all\ntalosctl = "1.13.7"\n')
        update = proposed(mirror, TALOS_BRANCH)
        made = reviewed(mirror, update)
        (fix,) = (f.fix for f in made.preflight.findings if f.rule == "client" and f.fix)
        data = mirror.contents(made.commit.tree, [fix.file])[fix.file]
        again = reviewed(mirror, update, (), (FileEdit(fix.file, applied(data, fix.diff)),))
        assert [f.status for f in again.preflight.findings if f.rule == "client"] == ["pass"]
        carried_out(again, mirror, journal)
        assert remote.file(".mise.toml") == '[tools] # all\ntalosctl = "1.13.8"\n'

    def test_are_refused_on_another_file_than_they_were_made_from(self, remote: Remote, mirror: Mirror) -> None:
        update = proposed(mirror, TALOS_BRANCH)
        data = remote.file(TALENV, TALOS_BRANCH).encode()
        edits = (FileEdit(TALENV, data + b"# mine\n", data),)
        same_below(mirror, update, (), edits)

        remote.push(TALENV, data.decode().replace("v1.13.8", "v1.13.9"), branch=TALOS_BRANCH)
        with pytest.raises(Refused, match="the edit would undo what moved") as refusal:
            same_below(mirror, proposed(mirror, TALOS_BRANCH), (), edits)
        assert TALENV in refusal.value.message

    def test_are_made_from_a_file_as_it_is_without_what_held_it(self, mirror: Mirror) -> None:
        update = proposed(mirror, TALOS_BRANCH)
        edits = (FileEdit(RESOURCE, b"mine", b"let go"),)
        same_below(mirror, update, (FileEdit(RESOURCE, b"let go"),), edits)
        with pytest.raises(Refused):
            same_below(mirror, update, (), edits)

    def test_are_not_there_because_the_branch_is(self, remote: Remote, mirror: Mirror, journal: Journal) -> None:
        update = proposed(mirror, IMMICH_BRANCH)
        made = reviewed(mirror, update, (), (FileEdit("x", b"y"),))
        carried_out(reviewed(mirror, update), mirror, journal)
        git("update-ref", f"refs/heads/{IMMICH_BRANCH}", update.head, at=remote.bare)
        with pytest.raises(Refused):
            carried_out(made, mirror, journal)

    def test_go_on_when_main_moved_elsewhere_and_stop_when_it_moved_there(
        self, remote: Remote, mirror: Mirror, journal: Journal
    ) -> None:
        made = reviewed(mirror, proposed(mirror, IMMICH_BRANCH), (), (FileEdit("x", b"y"),))
        remote.push("README.md", "hello\n")
        carried_out(made, mirror, journal)
        assert (remote.file("x"), remote.file("README.md")) == ("y", "hello\n")

        made = reviewed(mirror, proposed(mirror, TALOS_BRANCH), (), (FileEdit("z", b"mine"),))
        remote.push("z", "theirs")
        with pytest.raises(Refused, match="changed z"):
            carried_out(made, mirror, journal)
