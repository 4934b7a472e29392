"""What stands in the way of a rollout, what is said of it, and what is offered; and what becomes of one overtaken."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from console.model.evidence import Blocker, Happened, JobLog
from console.model.flux import Status
from console.model.rollout import Rollout
from console.model.runs import NodeRun, Run
from console.model.snapshot import Freshness, Life, Problem, Topic
from console.model.step import Step
from console.model.updates import Change
from console.model.upgrades import FailedNode, TupprUpgrade, overview
from console.operations.rollout import rollouts
from tests.operations.facts import (
    COMMIT,
    LATER,
    NEW,
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

KEEPS = "PodDisruptionBudget database/postgres keeps postgres-0 (needs 1, has 1)"
NEXT = "v1.13.9"


def asked(**changes: Any) -> TupprUpgrade:
    values: dict[str, Any] = {"target": NEW, "phase": "Pending", "reason": "Pending", "message": "", "completed": None}
    return cr(**(values | {"updated": ago(seconds=30), "current_nodes": ("k8s-control-1",)} | changes))


def one(**facts: Any) -> Rollout:
    (found,) = rollouts(cluster(**({"state": repository(approved())} | facts)))
    return found


def verbs(found: Rollout) -> list[str]:
    return [choice.verb for choice in found.choices]


def step(found: Rollout, name: str) -> Step:
    return next(each for each in found.steps if each.name == name)


class TestADrain:
    keeper = Blocker("k8s-control-1", "database", "postgres-0", "postgres", 1, 1)
    other = Blocker("k8s-control-9", "media", "plex-0", "plex", 1, 1)

    def test_names_the_budget_from_the_first_moment(self) -> None:
        found = one(tuppr=[asked(phase="Draining")], evidence=[self.keeper, self.other])
        assert (found.outcome, found.note) == ("running", f"Pods leave the node. {KEEPS}.")

    def test_that_hangs_names_it_as_the_reason_and_says_how_to_get_it_loose(self) -> None:
        late = asked(phase="Draining", updated=ago(minutes=11))
        found = one(tuppr=[late], evidence=[self.keeper])
        assert found.note == f"k8s-control-1: The drain does not get on: {KEEPS}. No news for 11m."
        assert verbs(found) == ["wait", "mend", "suspend"]
        assert "its budget allow a disruption" in found.choices[1].text

    def test_that_hangs_for_an_unknown_reason_says_the_usual_one(self) -> None:
        found = one(tuppr=[asked(phase="Draining", updated=ago(minutes=11))])
        assert "is the usual cause" in found.note
        assert verbs(found) == ["wait", "suspend"]

    def test_is_told_in_the_line_of_its_system_too(self) -> None:
        facts = cluster(tuppr=[asked(phase="Draining", updated=ago(minutes=11))], evidence=[self.keeper])
        (line,) = [each for each in overview(facts) if each.system == "talos"]
        assert (line.state, line.why) == ("stuck", f"k8s-control-1 drains: {KEEPS}")


class TestWhatIsBehindAPhase:
    check = "Node: status.conditions.exists(c, c.type == 'Ready')"

    @pytest.mark.parametrize(
        ("phase", "reason", "event", "told"),
        [
            ("HealthChecking", "", "", True),
            ("Pending", "", "HealthChecksStarted", True),
            ("Pending", "PrePulling", "HealthChecksStarted", True),
            ("Pending", "PrePulling", "", False),
            ("Pending", "", "UpgradeStarted", False),
        ],
    )
    def test_health_checks_are_named_while_they_are_asked(
        self, phase: str, reason: str, event: str, told: bool
    ) -> None:
        happened = Happened("TalosUpgrade", "talos", event, "Running 1 health check(s)")
        found = one(tuppr=[asked(phase=phase, reason=reason, checks=(self.check,))], evidence=[happened])
        assert step(found, "tuppr").detail == ((f"asks its health checks: {self.check}",) if told else ())

    def test_kubernetes_is_told_component_by_component(self) -> None:
        job = JobLog("kubernetes-x", "kubernetes", "kubernetes", "", lines=('updating "kube-scheduler" to version',))
        resource = cr("kubernetes", target="v1.36.3", phase="Upgrading", updated=ago(minutes=1), completed=None)
        found = one(state=repository(approved("kubernetes")), tuppr=[resource], evidence=[job])
        told = "kube-apiserver ✔   kube-controller-manager ✔   kube-scheduler ▶   kubelet ·"
        assert step(found, "tuppr").detail == (told,)


class TestWhatHasFailed:
    gave_up = asked(phase="Failed", failed_nodes=(FailedNode("k8s-control-1", "exit 1"),), updated=ago(minutes=9))
    job = JobLog("talos-a", "talos", "talos", "k8s-control-1", "failed", ago(minutes=12), ("pulling", "no space"))

    def test_comes_with_the_end_of_the_jobs_log(self) -> None:
        found = one(tuppr=[self.gave_up], evidence=[self.job])
        assert found.log == ("pulling", "no space")
        assert verbs(found) == ["logs", "reset", "suspend", "mend"]
        assert "in the cluster, never in git" in found.choices[1].text

    def test_that_came_back_with_its_old_version_says_what_that_means(self) -> None:
        error = f"Upgrade Job failed while node remained at {OLD}; expected {NEW}"
        found = one(tuppr=[asked(phase="Failed", failed_nodes=(FailedNode("k8s-control-1", error),))])
        assert "The node started its old version again" in found.note
        assert verbs(found) == ["reset", "suspend", "mend"], "no job's log is there to be read"

    def test_also_when_only_the_journal_has_kept_it(self) -> None:
        found = one(tuppr=[self.gave_up], runs=[Run(COMMIT, outcome="failed", log=("no space",))])
        assert found.log == ("no space",)

    def test_in_git_is_mended_there_and_a_node_upgrade_is_never_offered_to_be_reverted(self) -> None:
        broken = kustomization(commit="6" * 40, status=Status.FAILED, message="build failed")
        assert verbs(one(flux=[source(), broken])) == ["mend", "reconcile"]
        app = kustomization("immich", "kubernetes/apps/media/immich/app", "6" * 40, status=Status.FAILED, message="no")
        assert verbs(one(state=repository(approved(None)), flux=[source(), app])) == ["mend", "reconcile", "revert"]


class TestWhatIsHeld:
    def test_a_suspended_resource_answers_and_does_nothing(self) -> None:
        found = one(tuppr=[asked(suspended="false")])
        assert (found.outcome, verbs(found)) == ("stuck", ["release"])

    def test_after_a_suspension_what_was_done_before_must_be_reset(self) -> None:
        found = one(tuppr=[asked(suspended="", completed_nodes=("k8s-control-1",))])
        assert verbs(found) == ["release"]
        assert "tuppr skips the nodes it had done before" in found.note

    def test_kubernetes_behind_a_suspended_talos_waits_for_ever_and_says_so(self) -> None:
        behind = cr("kubernetes", target="v1.36.3", phase="Pending", reason="WaitingForOtherUpgrade", completed=None)
        held = asked(target=OLD, suspended="manual review")
        found = one(state=repository(approved("kubernetes")), tuppr=[held, behind])
        assert found.outcome == "stuck"
        assert found.note.startswith(
            "tuppr waits for TalosUpgrade talos, which is suspended: it never ends while it is."
        )
        assert [(choice.verb, choice.system) for choice in found.choices] == [("release", "talos")]


class TestOneThatWasOvertaken:
    later = approved(
        commit=LATER,
        at=ago(seconds=30),
        changes=(Change("siderolabs/talos", NEW, NEXT, "patch", file=update().files[0]),),
    )

    def both(self, **facts: Any) -> tuple[Rollout, Rollout]:
        state = repository(self.later, approved())
        flux = [source(LATER), kustomization(commit=LATER)]
        values: dict[str, Any] = {"state": state, "flux": flux} | facts
        newer, older = rollouts(cluster(**values))
        return newer, older

    def test_stays_done_when_the_journal_saw_its_end(self) -> None:
        runs = [Run(COMMIT, outcome="done", system="talos", started=ago(hours=1), ended=ago(minutes=50))]
        facts: dict[str, Any] = {"talos": [talos_node(talos=NEXT)], "nodes": [node(os_image=f"Talos ({NEXT})")]}
        newer, older = self.both(tuppr=[asked(target=NEXT, phase="Upgrading")], runs=runs, **facts)
        assert (newer.outcome, older.outcome, older.ended) == ("running", "done", ago(minutes=50))
        assert {each.state.value for each in older.steps} == {"done"}

    def test_stays_done_while_a_node_still_runs_it_and_none_anything_older(self) -> None:
        nodes = [node(os_image=f"Talos ({NEXT})"), node("k8s-control-2", os_image=f"Talos ({NEW})")]
        _, older = self.both(tuppr=[asked(target=NEXT, phase="Upgrading")], talos=[], nodes=nodes)
        assert older.outcome == "done"

    def test_is_superseded_when_it_had_failed_at_the_node_that_runs_it(self) -> None:
        nodes = [node(os_image=f"Talos ({NEXT})"), node("k8s-control-2", os_image=f"Talos ({NEW})")]
        runs = [Run(COMMIT, system="talos", outcome="failed", failed=True)]
        _, older = self.both(tuppr=[asked(target=NEXT, phase="Upgrading")], talos=[], nodes=nodes, runs=runs)
        assert older.outcome == "superseded"

    def test_is_superseded_while_a_node_runs_what_was_before_it(self) -> None:
        nodes = [node(os_image=f"Talos ({NEW})"), node("k8s-control-2")]
        _, older = self.both(tuppr=[asked(target=NEXT, phase="Upgrading")], talos=[], nodes=nodes)
        assert older.outcome == "superseded"

    def test_is_still_under_way_while_tuppr_works_on_it(self) -> None:
        refused = "admission webhook denied the request: cannot update spec while upgrade is in progress (reason: x)"
        carrier = kustomization(status=Status.FAILED, message=refused)
        newer, older = self.both(tuppr=[asked(phase="Rebooting")], flux=[source(LATER), carrier])
        assert (newer.outcome, older.outcome) == ("running", "running")
        assert newer.note.startswith("tuppr refuses a new version while it upgrades")

    def test_is_superseded_before_tuppr_has_begun(self) -> None:
        _, older = self.both(tuppr=[asked(target=OLD, phase="Completed")])
        assert older.outcome == "superseded"


class TestTheConnectionIsLost:
    @pytest.mark.parametrize(
        "resource",
        [
            asked(phase=phase)
            for phase in ("Pending", "HealthChecking", "Draining", "Upgrading", "Rebooting", "PostHook")
        ]
        + [asked(reason="PrePulling"), asked(completed_nodes=("k8s-control-9",)), asked(generation=2)],
        ids=lambda resource: f"{resource.phase}-{resource.reason}",
    )
    def test_in_any_phase_and_back_again_it_is_as_it_was(self, resource: TupprUpgrade) -> None:
        topics = (Topic.TUPPR, Topic.KUBERNETES, Topic.FLUX, Topic.TALOS, Topic.EVIDENCE)
        before = one(tuppr=[resource])
        away = one(tuppr=[resource], freshness=dict.fromkeys(topics, stale(minutes=2)))
        assert (before.outcome, away.outcome) == ("running", "running")
        assert away.note.startswith("The API server has been away for 2m.")
        assert one(tuppr=[resource]) == before
        late = one(tuppr=[resource], freshness=dict.fromkeys(topics, stale(minutes=11)))
        assert (late.outcome, verbs(late)) == ("stuck", ["wait", "look"])

    @pytest.mark.parametrize(
        ("problem", "minutes", "outcome", "said"),
        [
            ("unreachable", 2, "running", "Normal while a control plane reboots; worry after 10 min."),
            ("unreachable", 11, "stuck", "for more than 10 min, which is not usual."),
            ("unauthorized", 2, "stuck", "Renew it."),
            ("not-configured", 2, "stuck", "Renew it."),
        ],
    )
    def test_before_it_was_ever_there_it_says_so_until_it_is_time_to_worry(
        self, problem: str, minutes: int, outcome: str, said: str
    ) -> None:
        gone = Freshness(Life.FAILED, None, ago(minutes=minutes), Problem(problem, "it does not answer", "Renew it."))
        topics = dict.fromkeys((Topic.TUPPR, Topic.KUBERNETES, Topic.FLUX), gone)
        (found,) = rollouts(snapshot({Topic.REPOSITORY: [repository(approved())]}, topics))
        assert (found.outcome, found.note.startswith("it does not answer")) == (outcome, True)
        assert said in found.note

    def test_and_nothing_that_was_done_is_taken_back(self) -> None:
        ended = asked(phase="Completed", current_nodes=(), updated=ago(minutes=5), completed=ago(minutes=5))
        facts: dict[str, Any] = {"talos": [talos_node(talos=NEW)], "nodes": [node(os_image=f"Talos ({NEW})")]}
        away = one(tuppr=[ended], freshness={Topic.FLUX: stale(minutes=2)}, **facts)
        assert away.outcome == "done"


class TestWhatNothingBrought:
    @pytest.mark.parametrize(("minutes", "outcome"), [(4, "running"), (20, "stuck")])
    def test_an_older_version_in_the_resource_is_nothing_newer(self, minutes: int, outcome: str) -> None:
        state = repository(approved(at=ago(minutes=minutes)))
        found = one(state=state, tuppr=[asked(target=OLD, phase="Completed")])
        assert (found.outcome, step(found, "tuppr").state.value) == (outcome, "waiting")
        assert found.note.startswith(f"TalosUpgrade talos still asks for {OLD}")

    def test_between_two_nodes_the_window_may_close(self) -> None:
        closed = "Maintenance window closed between nodes, waiting (next: 2026-08-23T02:00:00Z)"
        resource = asked(phase="MaintenanceWindow", message=closed, next_window=ago(hours=-14), current_nodes=())
        found = one(tuppr=[replace(resource, completed_nodes=("k8s-control-2",))])
        assert (found.outcome, step(found, "tuppr").text) == ("running", closed)
        assert found.note == "tuppr starts in its maintenance window, next 2026-08-23 02:00 UTC."


class TestHowLongOneTakes:
    def test_is_the_median_of_those_that_were_watched(self) -> None:
        runs = [
            Run(str(n), system="talos", outcome="done", started=ago(days=n), ended=ago(days=n) + timedelta(minutes=n))
            for n in (4, 6, 20)
        ]
        runs.append(replace(runs[0], commit="failed at first", failed=True, ended=ago(days=1)))
        found = one(tuppr=[asked(phase="Draining")], runs=runs)
        assert (found.usual, found.compared) == (timedelta(minutes=6), 3)

    def test_is_unknown_where_none_was(self) -> None:
        runs = [Run("1", system="kubernetes", outcome="done", started=ago(days=1), ended=ago(hours=23))]
        assert one(tuppr=[asked()], runs=runs).usual is None

    def test_a_step_that_runs_says_how_long_it_usually_does(self) -> None:
        began = (("install", ago(days=3)), ("reboot", ago(days=3) + timedelta(seconds=50)))
        earlier = Run("1", system="talos", ended=ago(days=3), nodes=(NodeRun("k8s-control-9", began),))
        found = one(tuppr=[asked(phase="Upgrading")], runs=[earlier])
        told = {each.name: each.text for each in dict(found.nodes)["k8s-control-1"]}
        assert told["install"] == "usually 50s"

    def test_steps_that_were_seen_have_their_times(self) -> None:
        began = (("drain", ago(minutes=5)), ("install", ago(minutes=4)), ("reboot", ago(minutes=2)))
        run = Run(COMMIT, nodes=(NodeRun("k8s-control-1", began),))
        away = talos_node(stage="rebooting")
        found = one(tuppr=[asked(phase="Rebooting")], talos=[away], runs=[run])
        told = {each.name: (each.at, each.text) for each in dict(found.nodes)["k8s-control-1"]}
        assert told["drain"] == (ago(minutes=5), "1m")
        assert told["install"] == (ago(minutes=4), "2m")
        assert told["reboot"][0] == ago(minutes=2)
