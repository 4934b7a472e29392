"""What each upgrade line says, and why."""

from dataclasses import replace
from typing import Any

import pytest

from console.model.finding import Finding
from console.model.moves import target_of
from console.model.snapshot import Freshness, Life, Problem, Snapshot, Table, Topic
from console.model.updates import Change, System
from console.model.upgrades import TupprUpgrade, UpgradeLine, overview, versions
from tests.operations.facts import (
    NEW,
    OLD,
    ago,
    approved,
    cluster,
    cr,
    node,
    preflight,
    repository,
    snapshot,
    stale,
    talos_node,
    update,
)


def line(found: Snapshot, system: System = "talos") -> UpgradeLine:
    return next(entry for entry in overview(found) if entry.system == system)


def moving(**changes: Any) -> TupprUpgrade:
    asked: dict[str, Any] = {"target": NEW, "updated": ago(minutes=3), "completed": None, "message": ""}
    return cr(**(asked | changes))


class TestTheStateAndWhy:
    @pytest.mark.parametrize(
        ("resource", "state", "why"),
        [
            (moving(phase="Upgrading", message="Upgrading 1 nodes"), "running", "Upgrading 1 nodes"),
            (moving(phase="Rebooting"), "running", "Rebooting"),
            (moving(phase="Pending", reason="Suspended", suspended="manual review"), "suspended", "manual review"),
            (moving(phase="Pending", suspended=""), "suspended", "suspend annotation"),
            (moving(phase="MaintenanceWindow"), "waiting", "maintenance window"),
            (moving(phase="Pending", reason="WaitingForOtherUpgrade"), "waiting", "waits for the other upgrade"),
            (moving(phase="Pending", reason="WaitingForImage", message="no image"), "waiting", "no image"),
            (moving(generation=4, observed_generation=3), "waiting", "tuppr has not seen the new version yet"),
            (moving(phase="Failed", message="Completed with failures"), "failed", "Completed with failures"),
            (moving(phase="Completed", updated=ago(minutes=10)), "failed", "tuppr says Completed, but k8s-control-1"),
            (moving(phase="Completed", updated=ago(seconds=20)), "running", "tuppr is done"),
            (cr(), "current", ""),
            (cr(completed=ago(hours=2)), "done", "Successfully upgraded 1 nodes"),
        ],
    )
    def test_follows_what_tuppr_does(self, resource: TupprUpgrade, state: str, why: str) -> None:
        found = line(cluster(tuppr=[resource]))
        assert found.state == state
        assert why in found.why

    def test_is_running_between_two_batches_though_tuppr_says_pending(self) -> None:
        nodes = [node(os_image=f"Talos ({NEW})"), node("k8s-control-2")]
        found = line(
            cluster(talos=[], nodes=nodes, tuppr=[moving(phase="Pending", completed_nodes=("k8s-control-1",))])
        )
        assert (found.state, found.lagging) == ("running", ("k8s-control-2",))

    def test_is_held_while_only_a_branch_waits(self) -> None:
        found = line(cluster(updates=[update()]))
        assert (found.state, found.why, found.target) == ("held", "Renovate does not automerge", NEW)
        assert found.running == (OLD,)
        assert found.branch == update().branch

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"hold_reason": "disk swap", "hold_by": "Ada"}, "held by Ada: disk swap"),
            ({"state": "conflict"}, "the branch conflicts with main"),
        ],
    )
    def test_says_what_else_holds_a_branch(self, changes: dict[str, Any], why: str) -> None:
        assert line(cluster(updates=[update(**changes)])).why == why

    def test_says_that_a_window_comes_after_the_approval(self) -> None:
        found = line(cluster(updates=[update()], tuppr=[cr(windows=("0 2 * * 0, 4h",), next_window=ago(hours=-9))]))
        assert found.why == "Renovate does not automerge; then the maintenance window"
        assert found.next_window == ago(hours=-9)

    def test_forgets_a_window_that_has_passed(self) -> None:
        assert line(cluster(tuppr=[cr(windows=("0 2 * * 0, 4h",), next_window=ago(days=3))])).next_window is None

    def test_does_not_offer_an_update_that_is_on_main(self) -> None:
        assert line(cluster(updates=[update(state="applied")])).state == "current"

    def test_keeps_the_branch_of_the_next_version_while_one_runs(self) -> None:
        found = line(cluster(tuppr=[moving(phase="Upgrading", current_nodes=("k8s-control-1",))], updates=[update()]))
        assert (found.state, found.active, found.branch) == ("running", ("k8s-control-1",), update().branch)

    def test_knows_nothing_where_nothing_was_read(self) -> None:
        assert [(entry.state, entry.why) for entry in overview(snapshot({}))] == [
            ("unknown", "the updates have yet to be read")
        ] * 2

    @pytest.mark.parametrize("resource", [cr(), cr(completed=ago(minutes=1))])
    def test_calls_nothing_current_while_the_updates_can_t_be_read(self, resource: TupprUpgrade) -> None:
        found = cluster(tuppr=[resource])
        gone = Freshness(Life.FAILED, problem=Problem("git", "no repository is there"))
        found = replace(found, tables={**found.tables, Topic.UPDATES: Table({}, gone)})
        assert (line(found).state, line(found).why) == (
            "unknown", "the updates can't be read: no repository is there",
        )  # fmt: skip


class TestOnItsWay:
    def test_an_approval_that_flux_has_not_brought_yet_is_waiting(self) -> None:
        found = cluster(state=repository(approved()), updates=[update("kubernetes")])
        assert (line(found).state, line(found).why, line(found).target) == (
            "waiting", "approved, on its way to the cluster", NEW,
        )  # fmt: skip
        assert line(found, "kubernetes").why == "Talos is being upgraded"

    def test_an_approval_that_arrived_speaks_no_more(self) -> None:
        found = cluster(state=repository(approved()), tuppr=[moving(phase="Failed", message="x")])
        assert (line(found).state, line(found).why) == ("failed", "x")

    def test_an_approval_of_last_week_is_forgotten(self) -> None:
        assert line(cluster(state=repository(approved(at=ago(days=7))))).state == "current"

    def test_pulling_the_image_is_running(self) -> None:
        found = line(cluster(tuppr=[moving(phase="Pending", reason="PrePulling", message="Pre-pulling")]))
        assert (found.state, found.why) == ("running", "Pre-pulling")

    def test_an_approval_is_as_old_as_it_is_and_not_as_what_tuppr_did_before(self) -> None:
        old = cr(updated=ago(days=20), completed=ago(days=20))
        found = line(cluster(state=repository(approved(at=ago(minutes=1))), tuppr=[old]))
        assert (found.state, found.since) == ("waiting", ago(minutes=1))

    def test_nor_while_tuppr_has_not_seen_it(self) -> None:
        unseen = moving(generation=4, observed_generation=3, updated=ago(days=20))
        found = line(cluster(state=repository(approved(at=ago(minutes=1))), tuppr=[unseen]))
        assert (found.state, found.since) == ("waiting", ago(minutes=1))


class TestStuck:
    def test_is_a_drain_without_news(self) -> None:
        draining = moving(phase="Draining", current_nodes=("k8s-worker-2",), updated=ago(minutes=40))
        found = line(cluster(tuppr=[draining]))
        assert (found.state, found.since) == ("stuck", ago(minutes=40))
        assert found.why.startswith("k8s-worker-2 drains: The drain does not get on")

    def test_is_an_api_that_stays_away(self) -> None:
        away = dict.fromkeys((Topic.TUPPR, Topic.KUBERNETES), stale(minutes=11))
        found = line(cluster(tuppr=[moving(phase="Rebooting")], freshness=away))
        assert (found.state, found.away) == ("stuck", False)
        assert "look at the screen of k8s-control-1" in found.why

    def test_is_not_a_phase_that_is_as_old_as_the_silence(self) -> None:
        away = dict.fromkeys((Topic.TUPPR, Topic.KUBERNETES), stale(minutes=2))
        found = line(cluster(tuppr=[moving(phase="Rebooting", updated=ago(minutes=12))], freshness=away))
        assert (found.state, found.away, found.expected) == ("running", True, ("k8s-control-1",))


class TestTheOrder:
    def test_is_talos_first_when_both_wait(self) -> None:
        found = overview(cluster(updates=[update("kubernetes"), update()]))
        assert [(entry.system, entry.first, entry.why) for entry in found] == [
            ("talos", None, "Renovate does not automerge"),
            ("kubernetes", "talos", "take Talos first"),
        ]

    def test_turns_when_the_talos_that_waits_drops_the_kubernetes_that_runs(self) -> None:
        turn = preflight(update().branch, Finding("kubernetes-first", "info", "fail", ""))
        found = overview(cluster(updates=[update("kubernetes"), update()], assessments=[turn]))
        assert [(entry.system, entry.why) for entry in found][1] == ("talos", "take Kubernetes first")

    def test_is_free_when_one_waits(self) -> None:
        assert line(cluster(updates=[update("kubernetes")]), "kubernetes").first is None

    def test_waits_for_the_upgrade_that_runs(self) -> None:
        found = line(cluster(updates=[update("kubernetes")], tuppr=[moving(phase="Draining")]), "kubernetes")
        assert found.why == "Talos is being upgraded"


class TestTheCounts:
    def test_are_unknown_before_a_preflight(self) -> None:
        found = line(cluster(updates=[update()]))
        assert (found.blockers, found.warnings) == (None, None)

    def test_come_from_the_preflight_of_the_branch(self) -> None:
        findings = [
            Finding("a", "warn", "fail", ""),
            Finding("b", "warn", "pass", ""),
            Finding("c", "block", "fail", ""),
        ]
        found = line(cluster(updates=[update()], assessments=[preflight(update().branch, *findings)]))
        assert (found.blockers, found.warnings) == (1, 1)


class TestVersions:
    def test_are_talos_own_word_before_the_nodes(self) -> None:
        assert versions(cluster(talos=[talos_node(talos=NEW)]), "talos") == {"k8s-control-1": NEW}

    def test_fall_back_to_the_node_object(self) -> None:
        assert versions(cluster(talos=[]), "talos") == {"k8s-control-1": OLD}

    def test_count_a_node_once_when_only_its_address_matches(self) -> None:
        assert versions(cluster(talos=[talos_node(name="10-0-0-11", address="10.0.0.11")]), "talos") == {
            "10-0-0-11": OLD
        }

    def test_of_a_group_are_told_apart(self) -> None:
        both = (Change("ghcr.io/siderolabs/kubelet", "v1.36.2", "v1.36.3", "patch"), *update().changes)
        assert target_of(update(changes=both)) == NEW
        assert target_of(update("kubernetes", changes=both)) == "v1.36.3"
