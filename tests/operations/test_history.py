"""What was done is read back: from the journal of this machine, and from the trailers on main."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from console.model.history import Entry, History
from console.model.updates import Update
from console.operations import offers
from console.operations.history import history
from console.operations.preflight import preflight
from console.operations.review import overridden, review
from console.plain import history as plain
from console.sources.errors import Refused
from console.sources.stop import Stop
from tests.operations.machine import VIA, Machine, kill
from tests.operations.remote import IMMICH_BRANCH, TALENV, TALOS_BRANCH, Remote


def read(machine: Machine) -> History:
    machine.clone.fetch(Stop())
    state, _ = machine.clone.scan()
    journal = machine.journal
    return history(
        str(journal.path), journal.records(), state.approvals, lambda c: machine.clone.reaches(state.head, c)
    )


def only(machine: Machine) -> Entry:
    (entry,) = read(machine).entries
    return entry


def test_i11_an_approval_is_told_by_both(remote: Remote, machine: Machine) -> None:
    made = machine.review()
    machine.approve(made)
    entry = only(machine)
    assert (entry.action, entry.outcome, entry.update, entry.commit) == (
        "approve",
        "pushed",
        TALOS_BRANCH,
        remote.tip(),
    )
    assert (entry.journal, entry.main, entry.by) == (True, True, "Ada L <ada@example.org>")
    assert (entry.head, entry.base, entry.patch_id) == (made.update.head, made.base, made.patch_id)
    assert entry.trailers["Reviewed-commit"] == [made.update.head]
    assert entry.trailers["Findings"] == [entry.trailers["Findings"][0]]


def test_one_of_another_machine_is_told_by_main_alone(machine: Machine, remote: Remote) -> None:
    machine.approve(machine.review())
    machine.journal.path.unlink()
    entry = only(machine)
    assert (entry.journal, entry.main, entry.commit, entry.update) == (False, True, remote.tip(), TALOS_BRANCH)


def test_i11_a_refusal_is_there_with_its_reason(remote: Remote, machine: Machine) -> None:
    made = machine.review()
    remote.push(TALENV, "x\n", branch=TALOS_BRANCH)
    with pytest.raises(Refused):
        machine.approve(made)
    entry = only(machine)
    assert (entry.outcome, entry.commit, entry.main) == ("refused", "", False)
    assert "has moved since the review" in entry.reason


def test_i11_a_refusal_before_anything_was_begun_is_there_too(machine: Machine) -> None:
    made = machine.review()
    machine.now += timedelta(hours=25)
    with pytest.raises(Refused):
        machine.approve(made)
    entry = only(machine)
    assert (entry.outcome, entry.update, entry.reason) == (
        "refused",
        TALOS_BRANCH,
        "The review is more than a day old.",
    )


def test_one_that_was_killed_is_unfinished(remote: Remote, machine: Machine) -> None:
    kill(remote, machine, IMMICH_BRANCH, "commit")
    assert (only(machine).outcome, only(machine).main) == ("unfinished", False)


def test_one_that_main_lost_again_says_so(remote: Remote, machine: Machine) -> None:
    machine.approve(machine.review())
    remote.rewind()
    entry = only(machine)
    assert (entry.outcome, entry.journal, entry.main) == ("pushed", True, False)


def test_the_newest_comes_first_and_each_stands_once(machine: Machine) -> None:
    machine.approve(machine.review())
    machine.now += timedelta(minutes=5)
    machine.approve(machine.review(IMMICH_BRANCH))
    assert [entry.update for entry in read(machine).entries] == [IMMICH_BRANCH, TALOS_BRANCH]


def test_i11_a_reason_stands_in_both(machine: Machine) -> None:
    made = machine.review()
    answered = overridden(made, "tested")
    machine.approve(answered)
    entry = only(machine)
    assert entry.reason == ("tested" if made.unanswered else "")


def test_our_own_holds_are_in_it(machine: Machine) -> None:
    machine.journal.append("held", "immich", branch=IMMICH_BRANCH, names=["immich"], reason="broken", by="Ada")
    machine.journal.append("released", "immich", names=["immich"], by="Ada")
    actions = {(entry.action, entry.outcome, entry.by) for entry in read(machine).entries}
    assert actions == {("hold", "recorded", "Ada"), ("release", "recorded", "Ada")}


def test_i11_what_was_altered_is_named(machine: Machine) -> None:
    machine.approve(machine.review())
    path = machine.journal.path
    path.write_bytes(path.read_bytes().replace(b'"committed"', b'"c0mmitted"'))
    found = read(machine)
    assert found.altered == 3
    (told,) = plain.warnings(found)
    assert f"{path}, line 3: the chain is broken" in told
    document = plain.document(found)
    assert (document["journal"]["intact"], document["journal"]["alteredAt"]) == (False, 3)
    assert document["entries"][0]["commit"]


def test_hostile_text_stays_on_its_line(machine: Machine) -> None:
    machine.journal.append("refused", "x", branch="renovate/\x1b[2J\nx", reason="a\nb\u202e")
    told = plain.lines(read(machine))
    assert len(told) == 2
    assert not {"\x1b", "\u202e", "\n"} & set(told[1])


def test_holds_releases_and_reverts_are_told_with_their_reason_on_any_machine(
    remote: Remote, machines: Callable[[str], Machine]
) -> None:
    """On the one that wrote them by its journal, on another one by main alone; by both the same."""
    here, elsewhere = machines("here"), machines("elsewhere")
    remote.push("renovate.json", '{\n  "extends": []\n}\n')
    update, today = here.update(IMMICH_BRANCH), here.now.date()
    until = date(2026, 12, 31)

    def write(update: Update) -> None:
        here.clone.fetch(Stop())
        here.now += timedelta(minutes=1)
        found = preflight(update, here.clone, None, here.now)
        here.approve(review(update, found, here.clone, now=here.now, via=VIA))

    write(offers.hold(here.clone, update, reason="the photos: gone", by="Ada", today=today, until=until).update)
    write(offers.release(here.clone, offers.names_of(update), told="immich-server").update)
    here.now += timedelta(minutes=1)
    _, done = here.approve(here.review(IMMICH_BRANCH))
    write(
        offers.revert(here.clone, done.commit, reason="it broke\nUpdate: renovate/evil", by="Ada", today=today).update
    )
    said = [
        ("revert", done.commit, "it broke Update: renovate/evil"),
        ("approve", IMMICH_BRANCH, ""),
        ("release", "immich-server", ""),
        ("hold", IMMICH_BRANCH, "the photos: gone (until 2026-12-31)"),
    ]
    for machine in (here, elsewhere):
        entries = read(machine).entries
        assert [(each.action, each.update, each.reason) for each in entries] == said
        assert {(each.outcome, each.main, each.by) for each in entries} == {("pushed", True, "Ada L <ada@example.org>")}
        assert {each.journal for each in entries} == {machine is here}
    reverts = [each.trailers.get("Reverts") for each in read(elsewhere).entries]
    assert reverts == [[done.commit], None, None, None]


def test_the_end_that_a_record_of_this_machine_is_meant_for_is_told(machine: Machine) -> None:
    machine.journal.append("held", "x", branch=IMMICH_BRANCH, names=["x"], reason="broken", by="A", until="2026-12-31")
    assert only(machine).reason == "broken (until 2026-12-31)"
