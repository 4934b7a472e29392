"""The way of an approved change, as it is told from git and the cluster alone."""

from dataclasses import replace
from typing import Any

import pytest

from console.model.flux import FluxKey, FluxObject, Status
from console.model.nodes import EtcdMember
from console.model.rollout import Rollout
from console.model.runs import Run
from console.model.snapshot import Freshness, Life, Problem, Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import Change
from console.model.upgrades import FailedNode, TupprUpgrade
from console.operations.rollout import rollouts
from tests.operations.facts import (
    BEFORE,
    COMMIT,
    LATER,
    NEW,
    NOW,
    OLD,
    ago,
    approved,
    cluster,
    cr,
    kustomization,
    node,
    repository,
    snapshot,
    source,
    stale,
    talos_node,
    update,
)

DONE, RUNNING, WAITING, FAILED, SKIPPED = (
    StepState.DONE,
    StepState.RUNNING,
    StepState.WAITING,
    StepState.FAILED,
    StepState.SKIPPED,
)


def asked(**changes: Any) -> TupprUpgrade:
    """tuppr's resource after the new version was applied."""
    values: dict[str, Any] = {
        "target": NEW,
        "phase": "Pending",
        "reason": "Pending",
        "message": "",
        "updated": ago(seconds=30),
        "completed": None,
    }
    return cr(**(values | changes))


def one(found: Snapshot) -> Rollout:
    (rollout,) = rollouts(found)
    return rollout


def rollout(**facts: Any) -> Rollout:
    return one(cluster(**({"state": repository(approved())} | facts)))


def steps(found: Rollout) -> dict[str, StepState]:
    return {step.name: step.state for step in found.steps}


def step(found: Rollout, name: str) -> Step:
    return next(s for s in found.steps if s.name == name)


def on_node(found: Rollout, name: str = "k8s-control-1") -> dict[str, StepState]:
    return {s.name: s.state for s in dict(found.nodes)[name]}


UPGRADED: dict[str, Any] = {"talos": [talos_node(talos=NEW)], "nodes": [node(os_image=f"Talos ({NEW})")]}


class TestTheCommitReachesTheCluster:
    def test_not_yet_the_source_is_older(self) -> None:
        found = rollout(flux=[source(BEFORE), kustomization(commit=BEFORE)])
        assert steps(found) == {
            "commit": DONE,
            "artifact": RUNNING,
            "applied": WAITING,
            "tuppr": WAITING,
            "verified": WAITING,
        }
        assert found.outcome == "running"
        assert "workflow pushes the artifact" in found.note

    def test_a_git_source_is_asked_by_its_interval(self) -> None:
        key = FluxKey("GitRepository", "flux-system", "flux-system")
        git = source(key=key, revision=f"main@sha1:{BEFORE}", origin_revision="", interval="1h0m0s")
        found = rollout(flux=[git, kustomization(commit=BEFORE, source=key)])
        assert found.note.startswith("Flux looks at flux-system/flux-system every 1h0m0s")

    def test_with_the_commit_itself_or_one_after_it(self) -> None:
        for revision in (COMMIT, LATER):
            found = rollout(flux=[source(revision), kustomization(commit=BEFORE)])
            assert steps(found)["artifact"] is DONE
            assert steps(found)["applied"] is WAITING

    def test_never_when_no_kustomization_looks_at_what_it_touches(self) -> None:
        found = rollout(
            state=repository(approved(None, files=("talos/talenv.yaml",))), flux=[source(BEFORE), kustomization()]
        )
        assert steps(found) == dict.fromkeys(("artifact", "applied", "workloads", "verified"), SKIPPED) | {
            "commit": DONE
        }
        assert "no Kustomization's path holds talos/talenv.yaml" in step(found, "artifact").text
        assert found.outcome == "done"

    def test_through_the_kustomization_with_the_longest_path(self) -> None:
        parent = kustomization("cluster-apps", "kubernetes/apps", commit=BEFORE, status=Status.FAILED)
        found = rollout(flux=[source(), kustomization(), parent], tuppr=[asked()])
        assert step(found, "applied").text == "Kustomization system/tuppr-upgrades"

    def test_by_what_the_cluster_shows_when_the_artifact_does_not_tell_its_commit(self) -> None:
        mute = kustomization(origin_revision="")
        found = rollout(flux=[source(origin_revision=""), mute], tuppr=[asked(phase="Draining")])
        assert (steps(found)["artifact"], steps(found)["applied"]) == (DONE, DONE)

    def test_by_the_sources_commit_when_the_kustomization_names_none(self) -> None:
        found = rollout(flux=[source(), kustomization(origin_revision="")])
        assert steps(found)["applied"] is DONE

    @pytest.mark.parametrize(
        ("flux", "outcome", "note"),
        [
            ([source(BEFORE, status=Status.SUSPENDED)], "stuck", "suspended: nothing new is fetched"),
            ([source(BEFORE, status=Status.FAILED, message="dns")], "failed", "can't fetch: dns"),
            ([source(BEFORE, revision="x", origin_revision=f"main@sha1:{'a' * 40}")], "running", "does not know yet"),
            ([source(), kustomization(commit=BEFORE, status=Status.SUSPENDED)], "stuck", "nothing is applied"),
            (
                [source(), kustomization(commit=BEFORE, status=Status.FAILED, message="bad")],
                "failed",
                "can't apply: bad",
            ),
            (
                [
                    source(),
                    kustomization(
                        commit=BEFORE,
                        status=Status.FAILED,
                        message="admission webhook denied: cannot update spec while upgrade is in progress (reason: x)",
                    ),
                ],
                "running",
                "tuppr refuses a new version while it upgrades",
            ),
            ([source(), kustomization(commit=BEFORE, status=Status.BLOCKED, since=ago(minutes=2))], "running", "waits"),
            ([source(), kustomization(commit=BEFORE, status=Status.BLOCKED, since=ago(minutes=20))], "stuck", "waits"),
        ],
    )
    def test_or_says_what_keeps_it(self, flux: list[FluxObject], outcome: str, note: str) -> None:
        kustomizations = [] if len(flux) > 1 else [kustomization(commit=BEFORE)]
        found = rollout(flux=[*flux, *kustomizations])
        assert found.outcome == outcome
        assert note in found.note

    def test_is_stuck_when_the_artifact_does_not_come(self) -> None:
        late = approved(at=ago(minutes=20))
        found = rollout(state=repository(late), flux=[source(BEFORE), kustomization(commit=BEFORE)])
        assert found.outcome == "stuck"
        assert "has the workflow that pushes artifacts run?" in found.note

    def test_says_that_flux_could_not_be_read(self) -> None:
        unread = Freshness(problem=Problem("forbidden", "kustomizations: 403"))
        found = rollout(flux=[], freshness={Topic.FLUX: unread})
        assert step(found, "artifact").text == "kustomizations: 403"


class TestTupprIsReadAsItMeans:
    @pytest.mark.parametrize(
        ("resource", "outcome", "state", "note"),
        [
            (asked(reason="PrePulling"), "running", RUNNING, "The nodes pull the installer first."),
            (asked(phase="HealthChecking"), "running", RUNNING, "health checks"),
            (asked(phase="HealthChecking", updated=ago(minutes=16)), "stuck", RUNNING, "does not pass"),
            (asked(phase="Draining"), "running", RUNNING, "Pods leave the node."),
            (asked(phase="Draining", updated=ago(minutes=11)), "stuck", RUNNING, "PodDisruptionBudget"),
            (asked(phase="Upgrading"), "running", RUNNING, "installer runs"),
            (asked(phase="Upgrading", updated=ago(minutes=31)), "stuck", RUNNING, "does not end"),
            (asked(phase="Rebooting", updated=ago(minutes=11)), "stuck", RUNNING, "does not come back"),
            (asked(reason="PrePullFailed", message="Pre-pull failed on node a"), "stuck", RUNNING, "can't pull"),
            (asked(reason="BuildTargetImage", message="no schematic"), "stuck", RUNNING, "which installer image"),
            (asked(reason="WaitingForOtherUpgrade"), "running", RUNNING, "one thing at a time"),
            (asked(phase="MaintenanceWindow", next_window=ago(hours=-9)), "running", WAITING, "next 2026-08-22 21:00"),
            (asked(suspended="manual"), "stuck", WAITING, "nothing starts until it is removed"),
            (asked(generation=2, observed_generation=1), "running", RUNNING, ""),
            (
                asked(phase="Failed", failed_nodes=(FailedNode("k8s-control-1", "did not become ready"),)),
                "failed",
                FAILED,
                "k8s-control-1: did not become ready",
            ),
        ],
    )
    def test_phase_by_phase(self, resource: TupprUpgrade, outcome: str, state: StepState, note: str) -> None:
        found = rollout(tuppr=[resource])
        assert (found.outcome, steps(found)["tuppr"]) == (outcome, state)
        assert note in found.note

    def test_offers_choices_when_it_gave_up_and_never_a_reset_in_git(self) -> None:
        found = rollout(tuppr=[asked(phase="Failed", last_error="Job failed permanently")])
        reset = next(choice for choice in found.choices if choice.verb == "reset")
        assert "in the cluster, never in git" in reset.text

    def test_pending_between_two_batches_is_not_the_end(self) -> None:
        nodes = [node(os_image=f"Talos ({NEW})"), node("k8s-control-2")]
        between = asked(completed_nodes=("k8s-control-1",), message="Batch completed successfully (1 total completed)")
        found = rollout(talos=[], nodes=nodes, tuppr=[between])
        assert (found.outcome, steps(found)["verified"]) == ("running", WAITING)
        assert step(found, "verified").text == f"k8s-control-2 runs {OLD}"

    def test_completed_with_every_node_there_is_done(self) -> None:
        end = asked(phase="Completed", completed=ago(seconds=20), message="Successfully upgraded 1 nodes")
        found = rollout(tuppr=[end], **UPGRADED)
        assert (found.outcome, found.ended, found.note) == ("done", ago(seconds=20), "")
        assert step(found, "verified").text == f"node ready at {NEW}, etcd healthy"

    def test_etcd_has_the_last_word(self) -> None:
        etcd = EtcdMember("1", False, False, 1, 1, 1, 1, errors=("no leader",))
        facts = UPGRADED | {"talos": [talos_node(talos=NEW, etcd=etcd)]}
        for minutes, outcome in ((1, "running"), (6, "stuck")):
            end = asked(phase="Completed", completed=ago(minutes=minutes))
            found = rollout(tuppr=[end], **facts)
            assert found.outcome == outcome
            assert "etcd reports k8s-control-1: no leader" in step(found, "verified").text

    def test_is_called_by_its_version(self) -> None:
        assert rollout().title == f"Talos {NEW}"

    def test_completed_with_an_old_node_is_a_failure_once_it_had_time_to_tell(self) -> None:
        at_once = rollout(tuppr=[asked(phase="Completed", updated=ago(seconds=20))])
        assert (at_once.outcome, at_once.note) == ("running", "The nodes have yet to tell their version.")
        later = rollout(tuppr=[asked(phase="Completed", updated=ago(minutes=5))])
        assert (later.outcome, steps(later)["verified"]) == ("failed", FAILED)
        assert "falls back to its old version" in later.note

    def test_every_node_there_is_not_the_end_before_tuppr_says_so(self) -> None:
        found = rollout(tuppr=[asked(phase="Rebooting")], **UPGRADED)
        assert (found.outcome, steps(found)["verified"]) == ("running", RUNNING)

    def test_a_node_that_is_not_ready_keeps_it_open(self) -> None:
        facts = UPGRADED | {"nodes": [node(os_image=f"Talos ({NEW})", ready=False)]}
        found = rollout(tuppr=[asked(phase="Completed")], **facts)
        assert (found.outcome, step(found, "verified").text) == ("running", "k8s-control-1: not ready yet")

    def test_another_version_in_the_resource_supersedes_it(self) -> None:
        found = rollout(tuppr=[asked(target="v1.13.9")])
        assert found.outcome == "superseded"
        assert found.note.startswith(f"TalosUpgrade talos asks for v1.13.9, not for {NEW}.")
        assert "can't be told from here" in found.note

    def test_no_resource_of_tuppr_leaves_the_nodes_to_the_operator(self) -> None:
        found = rollout(tuppr=[])
        assert steps(found)["tuppr"] is SKIPPED
        assert "no resource of tuppr's upgrades Talos" in step(found, "tuppr").text


class TestSilenceIsExplained:
    def away(self, phase: str = "Rebooting", kind: str = "unreachable", **since: float) -> Rollout:
        gone = dict.fromkeys((Topic.TUPPR, Topic.KUBERNETES, Topic.FLUX, Topic.TALOS), stale(kind, **since))
        return rollout(tuppr=[asked(phase=phase, current_nodes=("k8s-control-1",))], freshness=gone)

    def test_while_the_only_control_plane_reboots(self) -> None:
        found = self.away(minutes=1)
        assert found.outcome == "running"
        assert found.note == (
            "The API server has been away for 1m. Normal while the only control plane reboots; worry after 10 min."
        )

    def test_until_it_is_time_to_worry(self) -> None:
        found = self.away(minutes=11)
        assert found.outcome == "stuck"
        assert "Look at the screen of k8s-control-1." in found.note

    def test_what_the_cluster_has_was_delivered_also_before_flux_was_read(self) -> None:
        unread = {Topic.FLUX: Freshness(Life.WAITING, None, ago(seconds=1))}
        found = rollout(tuppr=[asked(phase="Draining")], flux=[], freshness=unread)
        assert (steps(found)["artifact"], steps(found)["applied"], steps(found)["tuppr"]) == (DONE, DONE, RUNNING)

    def test_what_was_seen_to_end_has_ended(self) -> None:
        gone = dict.fromkeys((Topic.TUPPR, Topic.KUBERNETES, Topic.FLUX), stale("not-configured", minutes=1))
        run = Run(COMMIT, outcome="done", system="talos", ended=ago(minutes=2))
        found = rollout(tuppr=[asked(phase="Rebooting")], runs=[run], freshness=gone)
        assert (found.outcome, found.note, steps(found)["verified"]) == ("done", "", DONE)
        assert rollout(tuppr=[asked(phase="Rebooting")], runs=[run]).outcome == "running"

    def test_while_flux_is_still_to_deliver(self) -> None:
        gone = dict.fromkeys((Topic.TUPPR, Topic.KUBERNETES, Topic.FLUX), stale(minutes=1))
        found = rollout(flux=[source(BEFORE), kustomization(commit=BEFORE)], freshness=gone)
        assert steps(found)["artifact"] is RUNNING
        told = "The API server has been away for 1m. What Flux does goes on without us."
        assert (found.outcome, found.note) == ("running", told)

    def test_and_what_kubernetes_said_before_it_is_not_taken_for_now(self) -> None:
        gone = dict.fromkeys((Topic.TUPPR, Topic.KUBERNETES), stale(seconds=2))
        found = rollout(tuppr=[asked(phase="Rebooting", current_nodes=("k8s-control-1",))], freshness=gone, **UPGRADED)
        assert found.note.startswith("The API server has just gone away.")
        assert on_node(found)["back"] is not DONE

    def test_but_a_refused_certificate_is_no_reboot(self) -> None:
        found = self.away(kind="unauthorized", minutes=1)
        assert (found.outcome, found.note) == ("stuck", "it does not answer Renew it.")

    def test_and_nothing_is_called_done_meanwhile(self) -> None:
        gone = {Topic.TUPPR: stale(minutes=1)}
        found = rollout(tuppr=[asked(phase="Completed")], freshness=gone, **UPGRADED)
        assert found.outcome == "running"


class TestEachNode:
    @pytest.mark.parametrize(
        ("resource", "facts", "expected"),
        [
            (asked(), {}, (WAITING, WAITING, WAITING, WAITING, WAITING)),
            (asked(reason="PrePulling"), {}, (RUNNING, WAITING, WAITING, WAITING, WAITING)),
            (asked(pulled_nodes=("k8s-control-1",)), {}, (DONE, WAITING, WAITING, WAITING, WAITING)),
            (asked(phase="Draining"), {}, (DONE, RUNNING, WAITING, WAITING, WAITING)),
            (asked(phase="Upgrading"), {}, (DONE, WAITING, RUNNING, WAITING, WAITING)),
            (asked(phase="Upgrading"), {"nodes": [node(cordoned=True)]}, (DONE, DONE, RUNNING, WAITING, WAITING)),
            (
                asked(phase="Upgrading"),
                {"talos": [talos_node(stage="rebooting")]},
                (DONE, DONE, DONE, RUNNING, WAITING),
            ),
            (asked(phase="Rebooting"), {}, (DONE, DONE, DONE, RUNNING, WAITING)),
            (
                asked(phase="Rebooting"),
                {"nodes": [node(os_image=f"Talos ({NEW})", ready=False)]},
                (DONE,) * 3 + (RUNNING, WAITING),
            ),
            (asked(phase="Completed"), UPGRADED, (DONE,) * 5),
            (asked(phase="Failed", failed_nodes=(FailedNode("k8s-control-1", "x"),)), {}, (DONE,) * 4 + (FAILED,)),
        ],
    )
    def test_goes_its_way(self, resource: TupprUpgrade, facts: dict[str, Any], expected: tuple[StepState, ...]) -> None:
        current = ("k8s-control-1",) if resource.in_flight else ()
        found = rollout(tuppr=[replace(resource, current_nodes=current)], **facts)
        assert tuple(on_node(found).values()) == expected
        assert tuple(on_node(found)) == ("pull", "drain", "install", "reboot", "back")

    def test_that_is_ready_with_its_old_version_has_failed(self) -> None:
        found = rollout(tuppr=[asked(phase="Completed", updated=ago(minutes=9), completed_nodes=("k8s-control-1",))])
        assert on_node(found)["back"] is FAILED

    def test_of_a_kubernetes_upgrade_has_its_kubelet(self) -> None:
        state = repository(approved("kubernetes"))
        moving = cr("kubernetes", target="v1.36.3", phase="Upgrading", completed=None, updated=ago(minutes=40))
        found = rollout(state=state, tuppr=[cr(), moving], nodes=[node(kubelet="v1.36.3"), node("k8s-control-2")])
        assert (found.outcome, found.note) == (
            "running", "upgrade-k8s goes through the control plane, then every kubelet.",
        )  # fmt: skip
        assert on_node(found) == {"kubelet": DONE}
        assert on_node(found, "k8s-control-2") == {"kubelet": RUNNING}


class TestAnOrdinaryUpdate:
    path = "kubernetes/apps/media/immich/app"

    def release(self, status: Status = Status.READY, **changes: Any) -> FluxObject:
        key = FluxKey("HelmRelease", "media", "immich")
        owner = kustomization("immich").key
        return FluxObject(key, "v2", status, managed_by=owner, since=ago(minutes=1), **changes)

    def rollout(self, *objects: FluxObject, approval: Any = None) -> Rollout:
        state = repository(approval or approved(None))
        return one(cluster(state=state, flux=[source(), kustomization("immich", self.path), *objects]))

    def test_is_done_when_its_release_is_ready(self) -> None:
        found = self.rollout(self.release())
        assert (found.outcome, found.ended) == ("done", ago(minutes=1))

    @pytest.mark.parametrize(
        ("status", "outcome"), [(Status.FAILED, "failed"), (Status.RECONCILING, "running"), (Status.STALLED, "failed")]
    )
    def test_follows_its_release(self, status: Status, outcome: str) -> None:
        found = self.rollout(self.release(status, message="timed out"))
        assert found.outcome == outcome
        assert "timed out" in step(found, "workloads").text

    def test_is_stuck_at_a_suspended_release_until_that_has_taken_it_up(self) -> None:
        found = self.rollout(self.release(Status.SUSPENDED)._replace(since=ago(minutes=5)))
        assert found.outcome == "stuck"
        assert found.note == "HelmRelease media/immich is suspended: it will not take this up until resumed."
        assert [(each.verb, "s on it in the Flux pane" in each.text) for each in found.choices] == [("resume", True)]
        assert step(found, "verified").state is WAITING
        later = self.release(Status.SUSPENDED)  # ready a minute ago, and suspended since
        assert self.rollout(later).outcome == "done"

    def test_is_not_stuck_at_something_suspended_that_it_is_not_about(self) -> None:
        other = FluxObject(
            FluxKey("HelmRelease", "media", "other"), "v2", Status.SUSPENDED, managed_by=kustomization("immich").key
        )
        assert self.rollout(self.release(), other).outcome == "done"

    def test_waits_while_the_release_has_the_old_chart(self) -> None:
        chart = (Change("app-template", "4.6.2", "5.0.1", "major"),)
        approval = approved(None, changes=chart)
        assert self.rollout(self.release(revision="4.6.2"), approval=approval).outcome == "running"
        assert self.rollout(self.release(revision="5.0.1+4e5cbb7b97d0"), approval=approval).outcome == "done"
        assert self.rollout(self.release(revision="14.6.20"), approval=approval).outcome == "done"


class TestWhichAreShown:
    def test_none_before_the_repository_was_read(self) -> None:
        assert rollouts(snapshot({})) == ()

    def test_not_those_that_were_done_long_ago(self) -> None:
        end = asked(phase="Completed", completed=ago(days=2))
        state = repository(approved(at=ago(days=2, hours=1)))
        assert rollouts(cluster(state=state, tuppr=[end], **UPGRADED)) == ()

    def test_those_that_still_hang_after_days(self) -> None:
        state = repository(approved(at=ago(days=3)))
        assert one(cluster(state=state, tuppr=[asked(suspended="x")])).outcome == "stuck"

    def test_a_later_approval_supersedes_an_earlier_one(self) -> None:
        change = update().changes[0]
        newer = approved(commit=LATER, changes=(replace(change, new="v1.13.9"),), at=ago(minutes=1))
        found = rollouts(
            cluster(
                state=repository(newer, approved()),
                flux=[source(LATER), kustomization(commit=LATER)],
                tuppr=[asked(target="v1.13.9", phase="Upgrading")],
            )
        )
        assert [(r.target, r.outcome) for r in found] == [("v1.13.9", "running"), (NEW, "superseded")]

    def test_starts_at_the_approval(self) -> None:
        assert rollout().started == ago(minutes=4) < NOW


class TestWhatIsDoneStandsStill:
    end = asked(phase="Completed", completed=ago(minutes=2), updated=ago(minutes=2))

    def done(self, **facts: Any) -> Rollout:
        return rollout(**({"tuppr": [self.end]} | UPGRADED | facts))

    def times(self, found: Rollout) -> list[Any]:
        return [step(found, name).at for name in ("artifact", "applied", "tuppr", "verified")]

    def test_when_its_own_artifact_is_looked_at_again(self) -> None:
        own = source(last_reconciled=ago(seconds=5), served=ago(minutes=3, seconds=30))
        first = ((ago(minutes=3), f"main@sha1:{COMMIT}"), (ago(days=9), f"main@sha1:{BEFORE}"))
        found = self.done(flux=[own, kustomization(last_reconciled=ago(seconds=4), applied=first)])
        assert self.times(found) == [ago(minutes=3, seconds=30), ago(minutes=3), ago(minutes=2), ago(minutes=2)]
        assert found.ended == ago(minutes=2)

    def test_when_a_later_artifact_overtakes_it(self) -> None:
        later = source(LATER, last_reconciled=ago(seconds=9), served=ago(seconds=9))
        first = ((ago(seconds=8), f"main@sha1:{LATER}"), (ago(minutes=3), f"main@sha1:{COMMIT}"))
        carrier = kustomization(commit=LATER, last_reconciled=ago(seconds=8), applied=first)
        found = self.done(flux=[later, carrier])
        assert self.times(found) == [None, ago(minutes=3), ago(minutes=2), ago(minutes=2)]
        assert step(found, "artifact").text.startswith("in a later artifact: flux-system/flux-system")
        assert found.ended == ago(minutes=2)

    def test_without_a_history_too(self) -> None:
        moved = [source(LATER, last_reconciled=ago(seconds=9)), kustomization(commit=LATER, since=ago(seconds=8))]
        assert self.times(self.done(flux=moved))[:2] == [None, None]

    def test_and_no_step_is_later_than_the_next(self) -> None:
        found = self.done(flux=[source(), kustomization(last_reconciled=ago(seconds=3))])
        assert self.times(found)[1:3] == [None, ago(minutes=2)]

    def test_what_tuppr_said_before_the_approval_is_no_time_of_it(self) -> None:
        unseen = asked(generation=2, observed_generation=1, updated=ago(days=20))
        assert step(rollout(tuppr=[unseen]), "tuppr").at is None

    def test_an_app_that_a_later_approval_changed_again(self) -> None:
        key = FluxKey("HelmRelease", "media", "immich")
        carrier = kustomization("immich", "kubernetes/apps/media/immich/app", LATER)
        release = FluxObject(key, "v2", Status.READY, managed_by=carrier.key, since=ago(seconds=7))
        state = repository(approved(None, commit=LATER, at=ago(seconds=30)), approved(None))
        later, earlier = rollouts(cluster(state=state, flux=[source(LATER), carrier, release]))
        assert (later.ended, earlier.outcome, earlier.ended) == (ago(seconds=7), "done", None)
