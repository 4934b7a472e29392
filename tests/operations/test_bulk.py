"""Many at once: in which order they begin, how they end, and that stopping stops."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.model.flux import FluxKey, FluxObject, Status
from console.model.flux_graph import settle
from console.model.flux_kinds import FORCE_AT, REQUESTED_AT, RESET_AT
from console.model.flux_projection import project
from console.model.step import Step, StepState
from console.operations.bulk import each, failing, reconcile_all
from console.sources.errors import SourceError
from console.sources.stop import Stop
from tests.model.flux_objects import Object, made, ready, retrying, unready
from tests.operations.flux_cluster import Site, now, site
from tests.threads import ended

DONE, FAILED, SKIPPED, WAITING = StepState.DONE, StepState.FAILED, StepState.SKIPPED, StepState.WAITING
BEGUN = "the controller has not begun yet"
HOME = FluxKey("GitRepository", "flux-system", "home")
FROM_HOME = {"sourceRef": {"kind": "GitRepository", "name": "home", "namespace": "flux-system"}}


def ks(name: str) -> FluxKey:
    return FluxKey("Kustomization", "apps", name)


def hr(name: str) -> FluxKey:
    return FluxKey("HelmRelease", "apps", name)


@pytest.fixture
def flux(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made_site:
        yield made_site


class Bulk:
    """Runs the passes of many; the test plays their controllers, who end each pass with ``outcomes``."""

    def __init__(self, flux: Site) -> None:
        self.flux = flux
        self.objects: dict[FluxKey, FluxObject] = {}
        self.outcomes: dict[FluxKey, Object] = {}
        self.begun: list[FluxKey] = []
        self.stop = Stop()

    def put(self, key: FluxKey, *conditions: Object, needs: Any = (), **spec: Any) -> None:
        depends = {"dependsOn": [{"name": name} for name in needs]} if needs else {}
        raw = made(key.kind, key.name, key.namespace, *(conditions or (ready(),)), spec=spec | depends)
        self.flux.server.create(raw)
        projected = project(raw)
        assert projected is not None
        self.objects[key] = projected

    def steps(self, *keys: FluxKey, **options: Any) -> Iterator[Step]:
        given: dict[str, Any] = {"timeout": 20, "now": now, "stop": self.stop} | options
        for step in reconcile_all(self.flux.cluster, keys, self.objects, **given):
            if step.state is StepState.RUNNING and BEGUN in step.text:
                key = next(key for key in self.objects if key.ref == step.name)
                self.begun.append(key)
                if key in self.outcomes:
                    self.flux.finish(key, self.outcomes[key], retrying())
                else:
                    self.flux.finish(key, ready())
            yield step

    def ends(self, *keys: FluxKey, **options: Any) -> dict[str, tuple[StepState, str]]:
        """The last step of each, by name."""
        return {step.name: (step.state, step.text) for step in self.steps(*keys, **options)}


@pytest.fixture
def bulk(flux: Site) -> Bulk:
    return Bulk(flux)


class TestTheOrder:
    def test_is_that_of_the_needs(self, bulk: Bulk) -> None:
        bulk.put(ks("app"), needs=("db",))
        bulk.put(ks("db"), needs=("storage",))
        bulk.put(ks("storage"))
        ends = bulk.ends(ks("app"), ks("storage"), ks("db"))
        assert bulk.begun == [ks("storage"), ks("db"), ks("app")]
        assert ends["all"] == (DONE, "3 done")

    def test_one_line_for_each_is_there_from_the_beginning(self, bulk: Bulk) -> None:
        bulk.put(ks("one"))
        bulk.put(ks("two"))
        first = [next(steps) for steps in [bulk.steps(ks("one"), ks("two"))] for _ in range(2)]
        assert [(step.name, step.state) for step in first] == [(ks("one").ref, WAITING), (ks("two").ref, WAITING)]

    def test_what_waits_for_a_failure_is_left_out_and_the_rest_goes_on(self, bulk: Bulk) -> None:
        bulk.put(ks("db"))
        bulk.put(ks("app"), needs=("db",))
        bulk.put(ks("page"), needs=("app",))
        bulk.put(ks("other"))
        bulk.outcomes[ks("db")] = unready("BuildFailed", "no such file")
        ends = bulk.ends(ks("app"), ks("db"), ks("page"), ks("other"))
        assert ends[ks("db").ref] == (FAILED, "BuildFailed: no such file")
        assert ends[ks("app").ref] == (SKIPPED, f"it waits for {ks('db').ref}, which did not get well")
        assert ends[ks("page").ref][0] is SKIPPED
        assert ends[ks("other").ref][0] is DONE
        assert ends["all"] == (FAILED, "1 done, 1 failed, 2 left out")
        assert bulk.flux.annotation(ks("app")) == ""

    def test_a_source_gets_one_pass_before_all_that_take_from_it(self, bulk: Bulk) -> None:
        bulk.put(HOME)
        for name in ("one", "two", "three"):
            bulk.put(ks(name), **FROM_HOME)
        bulk.ends(ks("one"), ks("two"), ks("three"), with_source=True)
        assert bulk.begun[0] == HOME
        assert bulk.begun.count(HOME) == 1
        assert set(bulk.begun[1:]) == {ks("one"), ks("two"), ks("three")}

    def test_a_registry_that_nobody_reconciles_holds_nothing_up(self, bulk: Bulk) -> None:
        repository = FluxKey("HelmRepository", "apps", "charts")
        chart = FluxKey("HelmChart", "apps", "apps-grafana")
        reference = {"kind": "HelmRepository", "name": "charts"}
        bulk.put(repository, type="oci")
        bulk.put(chart, sourceRef=reference)
        bulk.put(hr("grafana"), chart={"spec": {"chart": "grafana", "sourceRef": reference}})
        ends = bulk.ends(hr("grafana"), with_source=True)
        assert bulk.begun == [chart, hr("grafana")]
        assert ends[repository.ref][0] is SKIPPED
        assert ends["all"][0] is DONE


class TestEach:
    def test_what_is_suspended_is_left_out_and_is_no_failure(self, bulk: Bulk) -> None:
        bulk.put(ks("off"), suspend=True)
        bulk.put(ks("on"))
        ends = bulk.ends(ks("off"), ks("on"))
        assert ends[ks("off").ref][0] is SKIPPED
        assert "suspended" in ends[ks("off").ref][1]
        assert ends["all"] == (DONE, "1 done, 1 left out")

    def test_what_is_gone_costs_its_own_line(self, bulk: Bulk) -> None:
        bulk.put(ks("on"))
        ends = bulk.ends(ks("gone"), ks("on"))
        assert ends[ks("gone").ref][0] is FAILED
        assert ends[ks("on").ref][0] is DONE

    def test_force_and_reset_reach_those_who_understand_them(self, bulk: Bulk) -> None:
        bulk.put(HOME)
        bulk.put(ks("app"), **FROM_HOME)
        bulk.put(hr("grafana"))
        ends = bulk.ends(ks("app"), hr("grafana"), force=True, reset=True, with_source=True)
        assert {state for state, _ in ends.values()} == {DONE}
        token = bulk.flux.annotation(hr("grafana"), REQUESTED_AT)
        assert bulk.flux.annotation(hr("grafana"), FORCE_AT) == bulk.flux.annotation(hr("grafana"), RESET_AT) == token
        assert [bulk.flux.annotation(key, FORCE_AT) for key in (ks("app"), HOME)] == ["", ""]


class TestStopping:
    def test_nothing_begins_any_more(self, bulk: Bulk) -> None:
        bulk.put(ks("db"))
        bulk.put(ks("app"), needs=("db",))
        last = {}
        for step in reconcile_all(
            bulk.flux.cluster, [ks("app"), ks("db")], bulk.objects, now=now, stop=bulk.stop, timeout=20
        ):
            last[step.name] = step
            if BEGUN in step.text:
                bulk.stop.set()
        assert last[ks("db").ref].state is SKIPPED
        assert "what was asked for stands" in last[ks("db").ref].text
        assert last[ks("app").ref].text == "stopped before it began"
        assert (last["all"].state, last["all"].text) == (FAILED, "2 left out; stopped")
        assert bulk.flux.annotation(ks("app")) == ""

    def test_when_nobody_listens_any_more_no_thread_is_left(self, bulk: Bulk) -> None:
        before = set(threading.enumerate())
        bulk.put(ks("db"))
        steps = reconcile_all(bulk.flux.cluster, [ks("db")], bulk.objects, now=now, stop=bulk.stop, timeout=20)
        next(step for step in steps if BEGUN in step.text)
        steps.close()  # type: ignore[attr-defined]
        assert ended(before)


class Crowd:
    """Who has begun and may not end before so many others have begun, too."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.gates: dict[str, threading.Event] = {}
        self.inside: set[str] = set()
        self.most = 0

    def act(self, key: FluxKey, stop: Stop) -> Iterator[Step]:
        del stop
        gate = self.gates[key.ref]
        yield Step(key.ref, StepState.RUNNING)
        assert gate.wait(60)
        yield Step(key.ref, DONE)

    def hears(self, step: Step) -> None:
        if step.state is StepState.RUNNING:
            self.inside.add(step.name)
        else:
            self.inside.discard(step.name)
        self.most = max(self.most, len(self.inside))
        # Towards the end there are not so many left.
        left = sum(not gate.is_set() for gate in self.gates.values())
        waiting = [name for name in self.inside if not self.gates[name].is_set()]
        if len(self.inside) >= self.size or len(waiting) == left:
            for name in waiting:
                self.gates[name].set()


class TestSideBySide:
    def test_so_many_and_no_more(self) -> None:
        crowd = Crowd(3)
        keys: dict[FluxKey, tuple[FluxKey, ...]] = {ks(f"n{n}"): () for n in range(9)}
        crowd.gates = {key.ref: threading.Event() for key in keys}
        last = None
        for last in each(keys, crowd.act, now=now, stop=Stop(), side_by_side=3):
            crowd.hears(last)
        assert last is not None
        assert (last.text, crowd.most) == ("9 done", 3)

    def test_a_defect_costs_one_line(self) -> None:
        def act(key: FluxKey, stop: Stop) -> Iterator[Step]:
            del stop
            if key.name == "bad":
                raise ZeroDivisionError("a defect")
            if key.name == "away":
                raise SourceError("no way to the API")
            yield Step(key.ref, DONE, "fine")

        keys: dict[FluxKey, tuple[FluxKey, ...]] = {ks(name): () for name in ("bad", "away", "good")}
        ends = {step.name: (step.state, step.text) for step in each(keys, act, now=now, stop=Stop())}
        assert ends[ks("bad").ref] == (FAILED, "ZeroDivisionError: a defect")
        assert ends[ks("away").ref] == (FAILED, "no way to the API")
        assert ends[ks("good").ref] == (DONE, "fine")

    def test_nothing_is_done_with_nothing(self) -> None:
        (only,) = each({}, lambda *_: iter(()), now=now, stop=Stop())
        assert (only.state, only.text) == (DONE, "nothing to do")


def test_everything_failing() -> None:
    def one(name: str, status: Status, kind: str = "Kustomization") -> FluxObject:
        return FluxObject(FluxKey(kind, "apps", name), "v1", status, last_status=Status.FAILED)

    rows = settle(
        [
            one("failed", Status.FAILED),
            one("stalled", Status.STALLED, "HelmRelease"),
            one("blocked", Status.BLOCKED),
            one("off", Status.SUSPENDED),
            one("fine", Status.READY),
            one("static", Status.FAILED, "Alert"),
            one("foreign", Status.FAILED, "Terraform"),
        ]
    )
    assert {key.name for key in failing(rows)} == {"failed", "stalled", "blocked"}
