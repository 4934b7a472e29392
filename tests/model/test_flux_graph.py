"""Root causes, what they block, and what is out of date."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.flux import FluxKey, FluxObject, Status
from console.model.flux_graph import FluxRow, Graph, count, settle
from console.model.flux_projection import project
from tests.model.flux_objects import Object, condition, made, ready, retrying, running, seen, unready

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = {"sourceRef": {"kind": "GitRepository", "name": "home"}}


def ks(name: str, *conditions: Object, depends: tuple[str, ...] = (), **more: Any) -> Object:
    spec = {"dependsOn": [{"name": other} for other in depends]} | more.pop("spec", {})
    return made("Kustomization", name, "apps", *conditions, spec=spec, **more)


def waiting(on: str) -> Object:
    return unready("DependencyNotReady", f"dependency 'apps/{on}' is not ready")


def rows(*raws: Object, now: datetime | None = None) -> dict[str, FluxRow]:
    return {row.key.name: row for row in settle([seen(raw) for raw in raws], now)}


def names(row: FluxRow) -> list[str]:
    return [key.name for key in row.chain]


class TestRootCause:
    def test_is_the_end_of_the_chain_of_dependencies(self) -> None:
        found = rows(
            ks("web", waiting("api"), depends=("api",)),
            ks("api", waiting("db"), depends=("db",)),
            ks("db", unready("BuildFailed", "no such file")),
        )
        assert names(found["web"]) == ["api", "db"]
        assert found["web"].root_cause == FluxKey("Kustomization", "apps", "db")
        assert found["web"].cause_message == "no such file"
        assert (found["web"].status, found["db"].status) == (Status.BLOCKED, Status.FAILED)

    def test_a_failure_is_its_own(self) -> None:
        assert rows(ks("db", unready("BuildFailed")))["db"].root_cause is None

    def test_what_is_well_has_none(self) -> None:
        found = rows(ks("web", ready(), depends=("db",)), ks("db", unready("BuildFailed")))
        assert found["web"].root_cause is None

    def test_leads_through_chart_and_repository(self) -> None:
        release = made(
            "HelmRelease",
            "grafana",
            "apps",
            unready("SourceNotReady", "HelmChart 'flux/apps-grafana' is not ready: no artifact"),
            spec={"chart": {"spec": {"sourceRef": {"kind": "HelmRepository", "name": "g", "namespace": "flux"}}}},
        )
        chart = made(
            "HelmChart",
            "apps-grafana",
            "flux",
            unready("SourceNotReady", "no artifact"),
            spec={"sourceRef": {"kind": "HelmRepository", "name": "g"}},
        )
        found = rows(release, chart, made("HelmRepository", "g", "flux", unready("IndexationFailed", "404")))
        assert names(found["grafana"]) == ["apps-grafana", "g"]
        assert found["g"].blocks == 2

    def test_a_failed_artifact_is_a_wait_when_the_source_is_ill(self) -> None:
        raw = ks("web", unready("ArtifactFailed", "artifact not found"), spec=SOURCE)
        found = rows(raw, made("GitRepository", "home", "apps", unready("AuthenticationFailed", "denied")))
        assert found["web"].status is Status.BLOCKED
        assert found["web"].cause_message == "denied"

    def test_a_failed_artifact_is_a_failure_when_the_source_is_well(self) -> None:
        raw = ks("web", unready("ArtifactFailed", "path not found"), spec=SOURCE)
        source = made("GitRepository", "home", "apps", ready(), status={"artifact": {"revision": "main@sha1:1"}})
        found = rows(raw, source)
        assert (found["web"].status, found["web"].root_cause) == (Status.FAILED, None)

    def test_a_dependency_that_is_not_there(self) -> None:
        row = rows(ks("web", unready("DependencyNotReady", "dependency 'apps/db' not found"), depends=("db",)))["web"]
        assert row.root_cause == FluxKey("Kustomization", "apps", "db")
        assert row.cause_message == "not found"

    def test_what_is_not_there_because_the_parent_fails(self) -> None:
        labels = {"kustomize.toolkit.fluxcd.io/name": "cluster", "kustomize.toolkit.fluxcd.io/namespace": "apps"}
        found = rows(
            ks("web", unready("DependencyNotReady", "dependency 'apps/db' not found"), depends=("db",), labels=labels),
            ks("cluster", unready("BuildFailed", "bad yaml")),
        )
        assert found["web"].root_cause == FluxKey("Kustomization", "apps", "cluster")

    def test_a_parent_that_waits_for_a_child_names_it(self) -> None:
        message = "health check failed after 5m0s: timeout waiting for: [HelmRelease/apps/db status: 'InProgress']"
        labels = {"kustomize.toolkit.fluxcd.io/name": "cluster", "kustomize.toolkit.fluxcd.io/namespace": "apps"}
        found = rows(
            ks("cluster", unready("HealthCheckFailed", message)),
            made("HelmRelease", "db", "apps", unready("InstallFailed", "no volume"), labels=labels),
            ks("web", waiting("cluster"), depends=("cluster",)),
        )
        assert names(found["web"]) == ["cluster", "db"]
        assert found["db"].root_cause is None
        assert (found["db"].blocks, found["cluster"].blocks) == (2, 1)

    def test_a_child_that_has_recovered_is_no_cause(self) -> None:
        message = "timeout waiting for: [HelmRelease/apps/db status: 'InProgress']"
        found = rows(ks("cluster", unready("HealthCheckFailed", message)), made("HelmRelease", "db", "apps", ready()))
        assert found["cluster"].root_cause is None

    def test_a_suspended_dependency_that_was_failing(self) -> None:
        found = rows(
            ks("web", waiting("db"), depends=("db",)), ks("db", unready("BuildFailed"), spec={"suspend": True})
        )
        assert names(found["web"]) == ["db"]
        assert (found["db"].status, found["db"].blocks) == (Status.SUSPENDED, 1)

    def test_a_suspended_source_that_still_serves_is_none(self) -> None:
        source = made(
            "GitRepository", "home", "apps", ready(), spec={"suspend": True}, status={"artifact": {"revision": "x"}}
        )
        found = rows(ks("web", unready("BuildFailed"), spec=SOURCE), source)
        assert found["web"].root_cause is None

    def test_a_circle_ends(self) -> None:
        found = rows(
            ks("a", waiting("b"), depends=("b",)),
            ks("b", waiting("c"), depends=("c",)),
            ks("c", waiting("a"), depends=("a",)),
        )
        assert all("cycle" in row.marks for row in found.values())
        assert names(found["a"]) == ["b", "c"]

    def test_who_waits_for_a_circle_is_not_in_it(self) -> None:
        found = rows(
            ks("a", waiting("b"), depends=("b",)),
            ks("b", waiting("a"), depends=("a",)),
            ks("web", waiting("a"), depends=("a",)),
        )
        assert "cycle" not in found["web"].marks

    def test_while_the_cause_is_tried_again_it_stays_the_cause(self) -> None:
        failing = project(ks("db", unready("BuildFailed", "no such file"), retrying()), None, NOW)
        again = project(ks("db", *running()), failing, NOW)
        blocked = seen(ks("web", waiting("db"), depends=("db",)))
        assert again is not None
        found = {row.key.name: row for row in settle([again, blocked], NOW + timedelta(seconds=30))}
        assert (found["db"].status, found["db"].order) == (Status.RECONCILING, Status.FAILED)
        assert found["web"].cause_message == "no such file"

    def test_a_release_without_its_values_fails_for_want_of_them(self) -> None:
        said = "could not resolve Secret chart values reference 'apps/login' with key 'values.yaml': not found"
        found = rows(
            made("HelmRelease", "db", "apps", unready("ValuesError", said), retrying()),
            ks("web", waiting("api"), depends=("api",)),
            ks("api", unready("HealthCheckFailed", "health check failed: [HelmRelease/apps/db status: 'Failed']")),
        )
        assert found["db"].chain == (FluxKey("Secret", "apps", "login"),)
        assert (found["db"].cause_message, found["web"].cause_message) == (said, said)
        assert names(found["web"]) == ["api", "db", "login"]
        assert [name for name, row in found.items() if row.is_first] == ["db"]

    def test_values_that_a_failing_parent_was_to_bring_fail_with_it(self) -> None:
        said = "could not resolve ConfigMap chart values reference 'apps/more' with key 'values.yaml': not found"
        labels = {
            f"kustomize.toolkit.fluxcd.io/{name}": value for name, value in (("name", "all"), ("namespace", "apps"))
        }
        found = rows(
            made("HelmRelease", "db", "apps", unready("ValuesError", said), labels=labels),
            ks("all", unready("BuildFailed", "no such file")),
        )
        assert (names(found["db"]), found["db"].cause_message) == (["all"], "no such file")
        assert not found["db"].is_first

    def test_an_instance_leads_to_what_it_follows(self) -> None:
        instance = made(
            "FluxInstance",
            "flux",
            "flux-system",
            unready("ReconciliationFailed"),
            spec={"sync": {"kind": "OCIRepository", "url": "oci://registry/home", "ref": "latest", "path": "."}},
        )
        source = made("OCIRepository", "flux-system", "flux-system", unready("OCIArtifactPullFailed", "unauthorized"))
        assert rows(instance, source)["flux"].root_cause == FluxKey("OCIRepository", "flux-system", "flux-system")


class TestBlocks:
    def test_counts_all_that_wait_at_second_hand_too(self) -> None:
        found = rows(
            ks("db", unready("BuildFailed")),
            ks("api", waiting("db"), depends=("db",)),
            ks("web", waiting("api"), depends=("api",)),
            ks("job", waiting("api"), depends=("api",)),
            ks("docs", ready(), depends=("db",)),
        )
        assert {name: row.blocks for name, row in found.items()} == {"db": 3, "api": 0, "web": 0, "job": 0, "docs": 0}

    def test_a_long_chain_is_followed_to_its_end(self) -> None:
        raws = [ks("n0", unready("BuildFailed"))]
        raws += [ks(f"n{n}", waiting(f"n{n - 1}"), depends=(f"n{n - 1}",)) for n in range(1, 150)]
        found = rows(*raws)
        assert found["n0"].blocks == 149
        assert found["n149"].root_cause == FluxKey("Kustomization", "apps", "n0")


class TestOrder:
    def test_worst_first_then_by_what_it_blocks_then_by_name(self) -> None:
        raws = [
            ks("ready", ready()),
            ks("small", unready("BuildFailed")),
            ks("big", unready("BuildFailed")),
            ks("waits", waiting("big"), depends=("big",)),
            ks("asleep", ready(), spec={"suspend": True}),
            ks("stuck", condition("Stalled", "True", "AccessDenied")),
            ks("fresh"),
            ks("going", ready(), deletionTimestamp="2026-11-22T11:00:00Z"),
            ks("another", unready("BuildFailed")),
        ]
        order = [row.key.name for row in settle([seen(raw) for raw in raws])]
        assert order == ["stuck", "big", "another", "small", "waits", "going", "fresh", "asleep", "ready"]

    def test_counts_by_status_worst_first(self) -> None:
        found = count(rows(ks("a", ready()), ks("b", ready()), ks("c", unready("BuildFailed"))).values())
        assert list(found.items()) == [(Status.FAILED, 1), (Status.READY, 2)]


def _served(kind: str, name: str, revision: str, since: str = "2026-11-22T11:00:00Z") -> Object:
    return made(kind, name, "apps", ready(), status={"artifact": {"revision": revision, "lastUpdateTime": since}})


def _release(*conditions: Object, digest: str = "sha256:1", attempted: str = "") -> Object:
    history = [{"status": "deployed", "chartVersion": "1.0.0", "ociDigest": digest}]
    spec = {"chartRef": {"kind": "OCIRepository", "name": "c"}}
    status = {"history": history, "lastAttemptedRevision": attempted}
    return made("HelmRelease", "web", "apps", *conditions, spec=spec, status=status)


# Object, its source at NOW, the marks. Reference: what is applied, what was attempted, and what the source serves.
OUTDATED: dict[str, tuple[Object, Object, tuple[str, ...]]] = {
    "applied is what is served": (
        ks("web", ready(), spec=SOURCE, status={"lastAppliedRevision": "main@sha1:1"}),
        _served("GitRepository", "home", "main@sha1:1"),
        (),
    ),
    "source is newer": (
        ks("web", ready(), spec=SOURCE, status={"lastAppliedRevision": "main@sha1:1"}),
        _served("GitRepository", "home", "main@sha1:2"),
        ("outdated", "not-picked-up"),
    ),
    "source is newer since a moment": (
        ks("web", ready(), spec=SOURCE, status={"lastAppliedRevision": "main@sha1:1"}),
        _served("GitRepository", "home", "main@sha1:2", "2026-11-22T11:59:51Z"),
        (),
    ),
    "being applied since long": (
        ks(
            "web",
            *running(),
            spec=SOURCE,
            status={"lastAppliedRevision": "main@sha1:1", "lastAttemptedRevision": "main@sha1:2"},
        ),
        _served("GitRepository", "home", "main@sha1:2"),
        ("outdated",),
    ),
    "suspended": (
        ks("web", ready(), spec=SOURCE | {"suspend": True}, status={"lastAppliedRevision": "main@sha1:1"}),
        _served("GitRepository", "home", "main@sha1:2"),
        ("outdated",),
    ),
    "failed on the revision before": (
        ks(
            "web",
            unready("BuildFailed"),
            spec=SOURCE,
            status={"lastAppliedRevision": "main@sha1:1", "lastAttemptedRevision": "main@sha1:2"},
        ),
        _served("GitRepository", "home", "main@sha1:3"),
        ("outdated",),
    ),
    "failed on the new revision": (
        ks(
            "web",
            unready("BuildFailed"),
            spec=SOURCE,
            status={"lastAppliedRevision": "main@sha1:1", "lastAttemptedRevision": "main@sha1:2"},
        ),
        _served("GitRepository", "home", "main@sha1:2"),
        ("outdated", "failed-on-new"),
    ),
    "never applied": (
        ks("web", unready("BuildFailed"), spec=SOURCE),
        _served("GitRepository", "home", "main@sha1:2"),
        (),
    ),
    "source serves nothing": (
        ks("web", ready(), spec=SOURCE, status={"lastAppliedRevision": "main@sha1:1"}),
        made("GitRepository", "home", "apps", unready("GitOperationFailed")),
        (),
    ),
    "release of the digest that is served": (
        _release(ready()),
        _served("OCIRepository", "c", "1.0.0@sha256:1"),
        (),
    ),
    "release of an older digest": (
        _release(ready(), attempted="1.0.0+111111111111"),
        _served("OCIRepository", "c", "1.1.0@sha256:2222222222222222"),
        ("outdated", "not-picked-up"),
    ),
    "release that failed on the new digest": (
        _release(unready("UpgradeFailed"), retrying(), attempted="1.1.0+222222222222"),
        _served("OCIRepository", "c", "1.1.0@sha256:2222222222222222"),
        ("retrying", "outdated", "failed-on-new"),
    ),
    "release that failed on the new chart": (
        made(
            "HelmRelease",
            "web",
            "apps",
            unready("UpgradeFailed"),
            status={
                "helmChart": "apps/c",
                "lastAttemptedRevision": "1.1.0",
                "history": [{"status": "deployed", "chartVersion": "1.0.0"}],
            },
        ),
        _served("HelmChart", "c", "1.1.0"),
        ("outdated", "failed-on-new"),
    ),
    "release of an older chart": (
        made(
            "HelmRelease",
            "web",
            "apps",
            ready(),
            status={"helmChart": "apps/c", "history": [{"status": "deployed", "chartVersion": "1.0.0"}]},
        ),
        _served("HelmChart", "c", "1.1.0"),
        ("outdated", "not-picked-up"),
    ),
    "chart of an older index": (
        made(
            "HelmChart",
            "web",
            "apps",
            ready(),
            spec={"sourceRef": {"kind": "HelmRepository", "name": "c"}},
            status={"observedSourceArtifactRevision": "sha256:1"},
        ),
        _served("HelmRepository", "c", "sha256:2"),
        ("outdated", "not-picked-up"),
    ),
}


@pytest.mark.parametrize(("raw", "source", "marks"), OUTDATED.values(), ids=OUTDATED.keys())
def test_what_is_not_at_its_sources_revision_is_marked_with_the_reason(
    raw: Object, source: Object, marks: tuple[str, ...]
) -> None:
    assert rows(raw, source, now=NOW)["web"].marks == marks


class TestDue:
    def passing(self) -> FluxObject:
        settled = project(ks("web", ready()), None, NOW)
        found = project(ks("web", *running()), settled, NOW)
        assert found is not None
        return found

    def due(self, *objects: FluxObject, now: datetime = NOW) -> datetime | None:
        graph = Graph()
        graph.rows({this.key: this for this in objects}, now)
        return graph.due

    def test_is_when_a_pass_will_have_lasted(self) -> None:
        assert self.due(self.passing()) == NOW + timedelta(seconds=2)

    def test_is_when_what_is_not_picked_up_by_then_is_told(self) -> None:
        source = seen(_served("GitRepository", "home", "main@sha1:2", "2026-11-22T11:59:55Z"))
        behind = seen(ks("web", ready(), spec=SOURCE, status={"lastAppliedRevision": "main@sha1:1"}))
        assert self.due(source, behind) == NOW + timedelta(seconds=5)
        assert self.due(source, behind, now=NOW + timedelta(seconds=5)) is None
        assert self.due(source) is None

    def test_is_never_when_that_is_past(self) -> None:
        assert self.due(self.passing(), now=NOW + timedelta(seconds=3)) is None

    def test_is_never_between_passes(self) -> None:
        assert self.due(seen(ks("web", ready())), seen(ks("db", unready("BuildFailed")))) is None


_STATES: tuple[list[Object], ...] = (
    [ready()],
    running(),
    [unready("BuildFailed", "no such file")],
    [unready("HealthCheckFailed", "timeout waiting for: [Kustomization/apps/b status: 'InProgress']")],
    [waiting("a")],
    [waiting("c")],
    [],
)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(-2, len(_STATES)), st.integers(0, 3)), max_size=12))
def test_what_is_worked_out_from_one_state_to_the_next_is_what_is_worked_out_at_once(
    changes: list[tuple[str, int, int]],
) -> None:
    """An object comes, changes (the last state is a source that serves something else), or goes; time passes."""
    graph, now = Graph(), NOW
    objects: dict[FluxKey, FluxObject] = {}
    for name, state, revision in changes:
        now += timedelta(seconds=revision * 3)
        raw = _served("GitRepository", "home", f"main@sha1:{revision}", f"{now:%Y-%m-%dT%H:%M:%SZ}")
        if state in range(-1, len(_STATES)):
            depends = tuple("abcd"[: "abcd".index(name)])
            raw = ks(name, *_STATES[state], depends=depends, spec=SOURCE, status={"lastAppliedRevision": "main@sha1:1"})
        key = FluxKey(raw["kind"], "apps", raw["metadata"]["name"])
        found = project(raw, objects.get(key), now) if state >= 0 else None
        objects = {other: this for other, this in objects.items() if other != key} | ({key: found} if found else {})
        assert graph.rows(objects, now) == settle(objects.values(), now)
