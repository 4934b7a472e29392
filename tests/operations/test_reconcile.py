"""Reconcile: what is asked for, what is followed, and the real outcome."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.model.flux import FluxKey
from console.model.flux_kinds import FORCE_AT, REQUESTED_AT, RESET_AT
from console.model.step import Step, StepState
from console.operations.reconcile import reconcile
from console.sources.errors import Refused
from console.sources.stop import Stop
from tests.model.flux_objects import Object, condition, made, ready, retrying, running, unready
from tests.operations.flux_cluster import Site, now, site

WEB = FluxKey("Kustomization", "apps", "web")
SOURCE = FluxKey("GitRepository", "flux-system", "home")
FROM_HOME = {"sourceRef": {"kind": "GitRepository", "name": "home", "namespace": "flux-system"}}
RELEASE = FluxKey("HelmRelease", "apps", "grafana")
CHART = FluxKey("HelmChart", "flux-system", "apps-grafana")
REPOSITORY = FluxKey("HelmRepository", "flux-system", "grafana")
FROM_CHART = {
    "chart": {
        "spec": {
            "chart": "grafana",
            "sourceRef": {"kind": "HelmRepository", "name": "grafana", "namespace": "flux-system"},
        }
    }
}


@pytest.fixture
def flux(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made_site:
        yield made_site


def steps(flux: Site, key: FluxKey, stop: Stop | None = None, **options: Any) -> Iterator[Step]:
    given: dict[str, Any] = {"timeout": 20, "now": now, "stop": stop or Stop()}
    return reconcile(flux.cluster, key, **(given | options))


def refused(flux: Site, key: FluxKey, **options: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        list(steps(flux, key, **options))
    return caught.value


def put(flux: Site, key: FluxKey, *conditions: Object, spec: Object | None = None, **more: Any) -> None:
    flux.server.create(made(key.kind, key.name, key.namespace, *(conditions or (ready(),)), spec=spec, **more))


def states(found: list[Step]) -> list[tuple[str, StepState]]:
    return [(step.name, step.state) for step in found]


class TestThePass:
    def test_is_followed_from_the_request_to_its_end(self, flux: Site) -> None:
        put(flux, WEB)
        going = steps(flux, WEB)
        assert next(going).text == "asking for a pass"
        assert "has not begun yet" in next(going).text
        flux.status(WEB, *running("Fetching manifests"))
        assert next(going).text == "Fetching manifests"
        flux.status(WEB, *running("Running health checks for revision main@sha1:" + "4f1c2ab0" * 5))
        assert next(going).text == "Running health checks for revision main@sha1:4f1c2ab0"
        flux.finish(WEB, ready("ReconciliationSucceeded", "Applied revision: main@sha1:" + "a" * 40))
        last = next(going)
        assert (last.state, last.name) == (StepState.DONE, WEB.ref)
        assert last.text == "ReconciliationSucceeded: Applied revision: main@sha1:aaaaaaaa"
        assert list(going) == []

    def test_that_fails_is_told_at_once_with_its_reason(self, flux: Site) -> None:
        """The controller says Reconciling=True (ProgressingWithRetry) then: waiting for that to pass takes minutes."""
        put(flux, WEB)
        going = steps(flux, WEB)
        next(going)
        next(going)
        flux.finish(WEB, retrying(), unready("BuildFailed", "kustomize build failed: no such file"))
        last = next(going)
        assert (last.state, last.text) == (StepState.FAILED, "BuildFailed: kustomize build failed: no such file")

    def test_that_ends_stalled_says_so(self, flux: Site) -> None:
        put(flux, RELEASE, spec={"chartRef": {"kind": "OCIRepository", "name": "g"}})
        going = steps(flux, RELEASE)
        next(going)
        next(going)
        flux.finish(
            RELEASE,
            condition("Stalled", "True", "RetriesExceeded", "3 attempts"),
            unready("UpgradeFailed", "timed out"),
        )
        assert next(going).text == "UpgradeFailed: timed out"

    def test_of_somebody_else_before_ours_is_not_ours(self, flux: Site) -> None:
        put(flux, WEB, annotations={REQUESTED_AT: "theirs"})
        going = steps(flux, WEB)
        next(going)
        next(going)
        flux.status(WEB, ready(), handled="theirs")
        flux.status(WEB, *running("Building"), handled="theirs")
        assert next(going).text == "Building"
        flux.finish(WEB, ready())
        assert next(going).state is StepState.DONE

    def test_of_somebody_who_asked_after_us_counts(self, flux: Site) -> None:
        put(flux, WEB)
        going = steps(flux, WEB)
        next(going)
        next(going)
        flux.server.patch("Kustomization", "web", "apps", {"metadata": {"annotations": {REQUESTED_AT: "later"}}})
        assert "somebody else asked" in next(going).text
        flux.status(WEB, ready(), handled="later")
        assert next(going).state is StepState.DONE

    def test_of_two_operators_at_once_each_hears_the_outcome_of_a_pass_that_began_after_they_asked(
        self, flux: Site
    ) -> None:
        put(flux, WEB)
        first, second = steps(flux, WEB), steps(flux, WEB)
        for going in (first, first, second):
            next(going)
        asked = flux.annotation(WEB)
        next(second)
        assert flux.annotation(WEB) != asked
        flux.status(WEB, *running("Building"), handled=asked)
        flux.finish(WEB, unready("BuildFailed", "no such file"))
        for going in (first, second):
            *_, last = going
            assert (last.state, last.text) == (StepState.FAILED, "BuildFailed: no such file")

    @pytest.mark.parametrize(
        "begun",
        [
            [condition("Reconciling", "True", "Progressing", "next pass"), ready()],
            [condition("Ready", "Unknown", "Progressing", "next pass")],
        ],
        ids=["reconciling", "unknown"],
    )
    def test_after_ours_that_runs_already_is_waited_for(self, flux: Site, begun: list[Object]) -> None:
        """Handled, but what stands there now is no outcome."""
        put(flux, WEB)
        going = steps(flux, WEB)
        next(going)
        next(going)
        flux.finish(WEB, *begun)
        assert next(going).text == "next pass"
        flux.finish(WEB, unready("BuildFailed", "no such file"))
        assert next(going).text == "BuildFailed: no such file"

    def test_two_requests_never_have_the_same_token(self, flux: Site) -> None:
        put(flux, WEB)
        tokens = set()
        for _ in range(3):
            going = steps(flux, WEB)
            next(going)
            next(going)
            tokens.add(flux.annotation(WEB))
            going.close()  # type: ignore[attr-defined]
        assert len(tokens) == 3

    def test_is_waited_for_while_the_api_is_away(self, flux: Site) -> None:
        put(flux, WEB)
        going = steps(flux, WEB)
        next(going)
        next(going)
        flux.server.down()
        assert "still waiting" in next(going).text
        flux.finish(WEB, ready())
        flux.server.up()
        *_, last = going
        assert last.state is StepState.DONE

    def test_that_nobody_begins_is_given_up(self, flux: Site) -> None:
        put(flux, WEB)
        *_, last = steps(flux, WEB, timeout=0.3)
        assert last.state is StepState.FAILED
        assert "the controller has not begun yet" in last.text

    def test_is_no_longer_followed_when_stopped(self, flux: Site) -> None:
        put(flux, WEB)
        stop = Stop()
        going = steps(flux, WEB, stop)
        next(going)
        next(going)
        stop.set()
        assert next(going).state is StepState.SKIPPED

    def test_is_no_longer_followed_when_the_way_to_the_cluster_is_given_up(self, flux: Site) -> None:
        put(flux, WEB)
        going = steps(flux, WEB)
        next(going)
        next(going)
        flux.cluster.close()
        *_, last = going
        assert (last.state, last.text) == (StepState.SKIPPED, "no longer followed; what was asked for stands")

    def test_of_what_is_deleted_meanwhile_fails(self, flux: Site) -> None:
        put(flux, WEB)
        going = steps(flux, WEB)
        next(going)
        next(going)
        flux.server.delete("Kustomization", "web", "apps")
        last = next(going)
        assert (last.state, "deleted" in last.text) == (StepState.FAILED, True)

    def test_of_what_is_suspended_meanwhile_did_nothing(self, flux: Site) -> None:
        put(flux, WEB)
        going = steps(flux, WEB)
        next(going)
        next(going)
        flux.server.patch("Kustomization", "web", "apps", {"spec": {"suspend": True}})
        flux.finish(WEB, ready())
        *_, last = going
        assert (last.state, "suspended meanwhile" in last.text) == (StepState.FAILED, True)

    @pytest.mark.parametrize(
        "kind",
        ["ResourceSet", "FluxInstance", "ResourceSetInputProvider", "ArtifactGenerator", "ImageRepository", "Bucket"],
    )
    def test_of_every_kind_that_has_one(self, flux: Site, kind: str) -> None:
        key = FluxKey(kind, "apps", "it")
        put(flux, key)
        going = steps(flux, key)
        next(going)
        next(going)
        flux.finish(key, ready())
        assert next(going).state is StepState.DONE


class TestWithItsSource:
    def test_the_source_comes_first(self, flux: Site) -> None:
        put(flux, WEB, spec=FROM_HOME)
        put(flux, SOURCE, spec={"url": "https://example.com/home.git"})
        going = steps(flux, WEB, with_source=True)
        found = [next(going), next(going)]
        assert flux.annotation(SOURCE)
        assert not flux.annotation(WEB)
        flux.finish(SOURCE, ready("Succeeded", "stored artifact"))
        found += [next(going), next(going), next(going)]
        flux.finish(WEB, ready())
        found += list(going)
        assert states(found) == [
            (SOURCE.ref, StepState.RUNNING),
            (SOURCE.ref, StepState.RUNNING),
            (SOURCE.ref, StepState.DONE),
            (WEB.ref, StepState.RUNNING),
            (WEB.ref, StepState.RUNNING),
            (WEB.ref, StepState.DONE),
        ]

    def test_a_source_that_fails_ends_it(self, flux: Site) -> None:
        put(flux, WEB, spec=FROM_HOME)
        put(flux, SOURCE)
        going = steps(flux, WEB, with_source=True)
        next(going)
        next(going)
        flux.finish(SOURCE, retrying(), unready("AuthenticationFailed", "denied"))
        rest = list(going)
        assert rest[-1].state is StepState.FAILED
        assert rest[-1].text == "AuthenticationFailed: denied"
        assert (WEB.ref, StepState.SKIPPED) in states(rest)
        assert not flux.annotation(WEB)

    def test_a_release_by_its_chart_and_the_charts_repository(self, flux: Site) -> None:
        put(flux, RELEASE, spec=FROM_CHART)
        put(flux, CHART, spec={"chart": "grafana", "sourceRef": {"kind": "HelmRepository", "name": "grafana"}})
        put(flux, REPOSITORY, spec={"url": "https://charts.example.com"})
        order = []
        for step in steps(flux, RELEASE, with_source=True):
            key = FluxKey(*step.name.split("/"))
            if step.state is StepState.DONE:
                order.append(key)
            elif "not begun" in step.text:
                flux.finish(key, ready())
        assert order == [REPOSITORY, CHART, RELEASE]

    @pytest.mark.parametrize("kind", ["GitRepository", "OCIRepository", "Bucket"])
    def test_a_kustomization_over_every_kind_of_source(self, flux: Site, kind: str) -> None:
        source = FluxKey(kind, "apps", "home")
        put(flux, WEB, spec={"sourceRef": {"kind": kind, "name": "home"}})
        put(flux, source)
        order = []
        for step in steps(flux, WEB, with_source=True):
            if step.state is StepState.DONE:
                order.append(step.name)
            elif "not begun" in step.text:
                flux.finish(FluxKey(*step.name.split("/")), ready())
        assert order == [source.ref, WEB.ref]

    def test_a_release_over_oci(self, flux: Site) -> None:
        put(flux, RELEASE, spec={"chartRef": {"kind": "OCIRepository", "name": "grafana"}})
        put(flux, FluxKey("OCIRepository", "apps", "grafana"))
        going = steps(flux, RELEASE, with_source=True)
        assert next(going).name == "OCIRepository/apps/grafana"

    def test_a_registry_that_nobody_reconciles_is_left_out(self, flux: Site) -> None:
        put(flux, RELEASE, spec=FROM_CHART)
        put(flux, CHART, spec={"chart": "grafana", "sourceRef": {"kind": "HelmRepository", "name": "grafana"}})
        flux.server.create(made("HelmRepository", "grafana", "flux-system", spec={"type": "oci", "url": "oci://x"}))
        going = steps(flux, RELEASE, with_source=True)
        assert (next(going).state, next(going).name) == (StepState.SKIPPED, CHART.ref)

    def test_a_suspended_source_is_refused_before_anything_is_asked_for(self, flux: Site) -> None:
        put(flux, WEB, spec=FROM_HOME)
        put(flux, SOURCE, spec={"suspend": True})
        error = refused(flux, WEB, with_source=True)
        assert (error.kind, SOURCE.ref in error.message) == ("suspended", True)
        assert not flux.annotation(WEB)

    def test_an_external_artifact_is_refused_with_the_reason(self, flux: Site) -> None:
        put(flux, WEB, spec={"sourceRef": {"kind": "ExternalArtifact", "name": "x"}})
        put(flux, FluxKey("ExternalArtifact", "apps", "x"))
        assert "another controller makes it" in refused(flux, WEB, with_source=True).message

    def test_without_a_source_is_refused(self, flux: Site) -> None:
        put(flux, FluxKey("FluxInstance", "flux-system", "flux"))
        assert refused(flux, FluxKey("FluxInstance", "flux-system", "flux"), with_source=True).kind == "no-source"


class TestStrongly:
    def test_force_and_reset_carry_the_same_token(self, flux: Site) -> None:
        put(flux, RELEASE, spec={"chartRef": {"kind": "OCIRepository", "name": "g"}})
        going = steps(flux, RELEASE, force=True, reset=True)
        next(going)
        next(going)
        tokens = {flux.annotation(RELEASE, name) for name in (REQUESTED_AT, FORCE_AT, RESET_AT)}
        assert len(tokens) == 1
        assert tokens != {""}

    def test_only_when_asked_for(self, flux: Site) -> None:
        put(flux, RELEASE, spec={"chartRef": {"kind": "OCIRepository", "name": "g"}})
        going = steps(flux, RELEASE)
        next(going)
        next(going)
        assert not flux.annotation(RELEASE, FORCE_AT)
        assert not flux.annotation(RELEASE, RESET_AT)

    def test_a_kustomization_can_t_be_forced(self, flux: Site) -> None:
        put(flux, WEB)
        assert "can't be forced" in refused(flux, WEB, force=True).message
        assert "no retries to reset" in refused(flux, WEB, reset=True).message


class TestRefused:
    def test_what_is_suspended(self, flux: Site) -> None:
        put(flux, WEB, spec={"suspend": True})
        error = refused(flux, WEB)
        assert (error.kind, "is suspended" in error.message) == ("suspended", True)
        assert not flux.annotation(WEB)

    @pytest.mark.parametrize("kind", ["Alert", "Provider", "ExternalArtifact"])
    def test_what_nobody_reconciles(self, flux: Site, kind: str) -> None:
        put(flux, FluxKey(kind, "apps", "it"))
        assert refused(flux, FluxKey(kind, "apps", "it")).kind == "static"

    def test_an_oci_registry(self, flux: Site) -> None:
        flux.server.create(made("HelmRepository", "g", "apps", spec={"type": "oci", "url": "oci://x"}))
        assert "type oci" in refused(flux, FluxKey("HelmRepository", "apps", "g")).message

    def test_what_is_not_there(self, flux: Site) -> None:
        assert refused(flux, WEB).kind == "not-found"

    def test_what_is_none_of_flux(self, flux: Site) -> None:
        assert refused(flux, FluxKey("Deployment", "apps", "web")).kind == "unknown-kind"

    def test_what_we_may_not_patch_names_the_verb(self, flux: Site) -> None:
        put(flux, WEB)
        flux.server.server.access.authorize = lambda *asked: asked[1] != "patch"
        error = refused(flux, WEB)
        assert error.kind == "forbidden"
        assert '"patch" on kustomizations.kustomize.toolkit.fluxcd.io in namespace apps' in error.hint
        assert not flux.annotation(WEB)
