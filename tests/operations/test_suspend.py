"""Suspend with who, when and why; resume with a pass; and what Git will make of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.model.flux import FluxKey, Status, Suspension
from console.model.flux_kinds import KINDS
from console.model.flux_projection import project
from console.model.step import Step, StepState
from console.operations.suspend import suspend
from console.sources.errors import Refused
from console.sources.stop import Stop
from tests.model.flux_objects import Object, made, ready, unready
from tests.operations.flux_cluster import Site, now, site

PLEX = FluxKey("HelmRelease", "media", "plex")
PARENT = {"kustomize.toolkit.fluxcd.io/name": "cluster", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}


@pytest.fixture
def flux(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made_site:
        yield made_site


def steps(flux: Site, key: FluxKey = PLEX, **options: Any) -> Iterator[Step]:
    given: dict[str, Any] = {"timeout": 20, "now": now, "stop": Stop()}
    return suspend(flux.cluster, key, **(given | options))


def put(flux: Site, key: FluxKey = PLEX, **more: Any) -> None:
    flux.server.create(made(key.kind, key.name, key.namespace, ready(), **more))


SUSPENDABLE = [kind for kind in KINDS.values() if kind.suspendable]


@pytest.mark.parametrize("kind", SUSPENDABLE, ids=[kind.kind for kind in SUSPENDABLE])
def test_every_kind_in_its_own_way_and_back(flux: Site, kind: Any) -> None:
    key = FluxKey(kind.kind, "apps", "it")
    put(flux, key)
    (step,) = steps(flux, key, reason="disk", by="maria")
    assert (step.state, step.text) == (StepState.DONE, "suspended: disk")
    found = project(flux.raw(key))
    assert found is not None
    assert found.status is Status.SUSPENDED
    assert found.suspended == Suspension("maria", "2026-11-22T12:00:00Z", "disk")
    for step in steps(flux, key, resume=True):
        if "not begun" in step.text:
            flux.finish(key, ready())
    assert step.state is StepState.DONE
    raw = flux.raw(key)
    assert "suspend" not in raw["spec"]
    assert not [name for name in raw["metadata"].get("annotations", {}) if "uspended" in name or name == kind.switch]


def test_without_a_reason_nothing_is_made_up(flux: Site) -> None:
    put(flux)
    list(steps(flux))
    found = project(flux.raw(PLEX))
    assert found is not None
    assert found.suspended == Suspension("", "2026-11-22T12:00:00Z", "")


def test_resuming_tells_how_the_pass_went(flux: Site) -> None:
    put(flux, spec={"suspend": True})
    going = steps(flux, resume=True)
    assert next(going).text == "resumed; asked for a pass"
    next(going)
    flux.finish(PLEX, unready("UpgradeFailed", "timed out"))
    last = next(going)
    assert (last.state, last.text) == (StepState.FAILED, "UpgradeFailed: timed out")


def test_what_is_blocked_once_it_is_resumed_was_resumed(flux: Site) -> None:
    put(flux, spec={"suspend": True})
    going = steps(flux, resume=True)
    assert [next(going).state, next(going).state] == [StepState.RUNNING] * 2
    flux.finish(PLEX, unready("DependencyNotReady", "dependency 'media/disk' is not ready"))
    last = next(going)
    assert last.state is StepState.DONE
    assert last.text == "resumed, now blocked (DependencyNotReady: dependency 'media/disk' is not ready)"


def test_what_is_not_suspended_is_left_alone(flux: Site) -> None:
    put(flux)
    before = flux.raw(PLEX)
    (step,) = steps(flux, resume=True)
    assert (step.state, step.text) == (StepState.DONE, "it is not suspended")
    assert flux.raw(PLEX) == before


def test_what_can_t_be_suspended_is_refused(flux: Site) -> None:
    key = FluxKey("ExternalArtifact", "apps", "it")
    put(flux, key)
    with pytest.raises(Refused, match="can't be suspended"):
        list(steps(flux, key))


def test_without_the_right_nothing_happens(flux: Site) -> None:
    put(flux)
    flux.server.server.access.authorize = lambda *asked: asked[1] != "patch"
    before = flux.raw(PLEX)
    with pytest.raises(Refused) as caught:
        list(steps(flux, reason="disk"))
    assert '"patch" on helmreleases.helm.toolkit.fluxcd.io' in caught.value.hint
    assert flux.raw(PLEX) == before


class TestWarnings:
    def test_a_parent_that_waits_for_it(self, flux: Site) -> None:
        put(flux, FluxKey("Kustomization", "flux-system", "cluster"), spec={"wait": True})
        put(flux, labels=PARENT)
        (step,) = steps(flux)
        assert step.detail == (
            "Kustomization/flux-system/cluster waits for this to be ready: its health check may time out meanwhile.",
        )

    def test_a_parent_that_does_not(self, flux: Site) -> None:
        put(flux, FluxKey("Kustomization", "flux-system", "cluster"), spec={"wait": False})
        put(flux, labels=PARENT)
        (step,) = steps(flux)
        assert step.detail == ()

    def test_a_parent_that_is_not_there(self, flux: Site) -> None:
        put(flux, labels=PARENT)
        (step,) = steps(flux)
        assert step.state is StepState.DONE

    @pytest.mark.parametrize(
        ("fields", "undone"),
        [
            ({"f:spec": {"f:suspend": {}, "f:interval": {}}}, True),
            ({"f:spec": {"f:interval": {}}}, False),
        ],
    )
    def test_git_holds_the_field(self, flux: Site, fields: Object, undone: bool) -> None:
        """The embedded store keeps no managed fields; the object is given as a real server has it."""
        owned = {"manager": "kustomize-controller", "operation": "Apply", "fieldsV1": fields}
        raw = made("HelmRelease", "plex", "media", ready(), labels=PARENT, managedFields=[owned])

        class Cluster(type(flux.cluster)):  # type: ignore[misc]
            def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object:
                found: Object = super().get(api_version, kind, name, namespace)
                return raw if name == "plex" else found

        put(flux, labels=PARENT)
        flux.cluster.__class__ = Cluster
        (step,) = steps(flux)
        assert any("will undo it" in line for line in step.detail) is undone
