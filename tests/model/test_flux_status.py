"""The status word: every rule, with the object as its controller leaves it."""

from datetime import UTC, datetime

import pytest

from console.model.flux import Status
from console.model.flux_kinds import KINDS, belongs
from console.model.flux_status import suspended
from tests.model.flux_objects import Object, condition, made, ready, retrying, running, seen, unready

STALLED = condition("Stalled", "True", "RetriesExceeded", "Failed to upgrade after 3 attempt(s)")
OPERATOR = "fluxcd.controlplane.io/reconcile"

WORDS: dict[str, tuple[Object, Status]] = {
    "deleted while failing": (
        made("Kustomization", "a", "b", unready("PruneFailed"), deletionTimestamp="2026-11-20T10:00:00Z"),
        Status.TERMINATING,
    ),
    "deleted while suspended": (
        made("Kustomization", "a", "b", ready(), spec={"suspend": True}, deletionTimestamp="2026-11-20T10:00:00Z"),
        Status.TERMINATING,
    ),
    "suspended though ready": (made("HelmRelease", "a", "b", ready(), spec={"suspend": True}), Status.SUSPENDED),
    "suspended though stalled": (made("HelmRelease", "a", "b", STALLED, spec={"suspend": True}), Status.SUSPENDED),
    "not suspended": (made("HelmRelease", "a", "b", ready(), spec={"suspend": False}), Status.READY),
    "operator kind suspended by annotation": (
        made("ResourceSet", "a", "b", ready(), annotations={OPERATOR: "Disabled"}),
        Status.SUSPENDED,
    ),
    "operator kind enabled by annotation": (
        made("FluxInstance", "a", "b", ready(), annotations={OPERATOR: "enabled"}),
        Status.READY,
    ),
    "generator suspended by its own annotation": (
        made("ArtifactGenerator", "a", "b", ready(), annotations={"source.extensions.fluxcd.io/reconcile": "disabled"}),
        Status.SUSPENDED,
    ),
    "annotation that the kind does not know": (
        made("HelmRelease", "a", "b", ready(), annotations={OPERATOR: "disabled"}),
        Status.READY,
    ),
    "alert": (
        {"apiVersion": "notification.toolkit.fluxcd.io/v1beta3", "kind": "Alert", "metadata": {"name": "a"}},
        Status.READY,
    ),
    "provider": (made("Provider", "a", "b", status={"conditions": None}), Status.READY),
    "OCI HelmRepository, which nobody reconciles": (
        made("HelmRepository", "a", "b", spec={"type": "oci"}, status={}),
        Status.READY,
    ),
    "HelmRepository not looked at yet": (made("HelmRepository", "a", "b"), Status.PENDING),
    "ExternalArtifact with an artifact": (
        made("ExternalArtifact", "a", "b", status={"artifact": {"revision": "latest@sha256:1"}}),
        Status.READY,
    ),
    "ExternalArtifact without": (made("ExternalArtifact", "a", "b"), Status.PENDING),
    "stalled": (made("HelmRelease", "a", "b", unready("UpgradeFailed"), STALLED), Status.STALLED),
    "stalled before reconciling": (
        made(
            "Kustomization", "a", "b", condition("Stalled", "True", "AccessDenied"), retrying(), unready("AccessDenied")
        ),
        Status.STALLED,
    ),
    "no longer stalled": (made("HelmRelease", "a", "b", condition("Stalled", "False"), ready()), Status.READY),
    "a pass runs": (made("Kustomization", "a", "b", *running()), Status.RECONCILING),
    "a pass of a source runs, Ready is the last one's": (
        made("OCIRepository", "a", "b", condition("Reconciling", "True", "Progressing", "new revision"), ready()),
        Status.RECONCILING,
    ),
    "Ready unknown alone": (
        made("HelmRelease", "a", "b", condition("Ready", "Unknown", "Progressing")),
        Status.RECONCILING,
    ),
    "dependency not ready": (
        made("Kustomization", "a", "b", unready("DependencyNotReady"), retrying()),
        Status.BLOCKED,
    ),
    "source not ready": (made("HelmRelease", "a", "b", unready("SourceNotReady"), retrying()), Status.BLOCKED),
    "failed, and will retry: not reconciling": (
        made("Kustomization", "a", "b", retrying(), unready("ReconciliationFailed")),
        Status.FAILED,
    ),
    "failed on a new spec: the generation stays behind": (
        made("Kustomization", "a", "b", unready("BuildFailed"), generation=5),
        Status.FAILED,
    ),
    "rolled back": (
        made("HelmRelease", "a", "b", ready(), condition("Remediated", "True", "RollbackSucceeded")),
        Status.FAILED,
    ),
    "artifact failed": (made("Kustomization", "a", "b", unready("ArtifactFailed")), Status.FAILED),
    "just created": (made("Kustomization", "a", "b", status={"observedGeneration": -1}), Status.PENDING),
    "no status at all": ({"apiVersion": "x/v1", "kind": "HelmRelease", "metadata": {"name": "a"}}, Status.PENDING),
    "new spec not seen yet": (made("HelmRelease", "a", "b", ready(), generation=2), Status.PENDING),
    "new spec not seen yet, by the condition's generation": (
        made("ResourceSet", "a", "b", ready(observedGeneration=1), generation=2, status={"observedGeneration": None}),
        Status.PENDING,
    ),
    "ready": (made("HelmRelease", "a", "b", ready("UpgradeSucceeded")), Status.READY),
    "ready by the condition's generation": (
        made("FluxInstance", "a", "b", ready(observedGeneration=2), generation=2, status={"observedGeneration": None}),
        Status.READY,
    ),
}


@pytest.mark.parametrize(("raw", "word"), WORDS.values(), ids=WORDS.keys())
def test_word(raw: Object, word: Status) -> None:
    assert seen(raw).status is word


def test_a_suspended_object_keeps_its_last_word_beside() -> None:
    found = seen(
        made("HelmRelease", "a", "b", unready("UpgradeFailed", "timed out"), retrying(), spec={"suspend": True})
    )
    assert (found.status, found.last_status) == (Status.SUSPENDED, Status.FAILED)
    assert (found.reason, found.message) == ("UpgradeFailed", "timed out")


def test_that_nobody_sees_a_suspension_makes_nothing_pending() -> None:
    found = seen(made("HelmRelease", "a", "b", ready(), spec={"suspend": True}, generation=2))
    assert (found.status, found.last_status) == (Status.SUSPENDED, Status.READY)


def test_retries_that_are_used_up_do_not_hide_what_failed_nor_since_when() -> None:
    released = condition(
        "Released", "False", "UpgradeFailed", "timed out waiting for grafana", at="2026-11-20T09:45:00Z"
    )
    asked = {"at": "2026-11-20T10:00:00Z"}
    stalled = condition("Stalled", "True", "RetriesExceeded", "Failed to upgrade after 1 attempt(s)", **asked)
    found = seen(made("HelmRelease", "a", "b", stalled, released, unready("RetriesExceeded", "Failed to", **asked)))
    assert (found.status, found.reason) == (Status.STALLED, "UpgradeFailed")
    assert found.message == "timed out waiting for grafana"
    assert found.since == datetime(2026, 11, 20, 9, 45, tzinfo=UTC)
    assert found.marks == ("exhausted",)


def test_retries_that_are_used_up_are_all_that_is_told_when_no_condition_tells_more() -> None:
    assert seen(made("HelmRelease", "a", "b", STALLED)).reason == "RetriesExceeded"


MARKS: dict[str, tuple[Object, tuple[str, ...]]] = {
    "none": (made("HelmRelease", "a", "b", ready()), ()),
    "drifted": (made("HelmRelease", "a", "b", ready(), condition("Drifted", "True", "DriftDetected")), ("drifted",)),
    "drift looked for, none found": (
        made("HelmRelease", "a", "b", ready(), condition("Drifted", "False", "NoDriftDetected")),
        (),
    ),
    "drift is a word of HelmReleases only": (
        made("Kustomization", "a", "b", ready(), condition("Drifted", "True")),
        (),
    ),
    "retrying": (made("Kustomization", "a", "b", retrying(), unready("BuildFailed")), ("retrying",)),
    "remediated": (
        made("HelmRelease", "a", "b", unready("UpgradeFailed"), condition("Remediated", "True", "RollbackSucceeded")),
        ("remediated",),
    ),
    "retries exhausted": (made("HelmRelease", "a", "b", STALLED, unready("UpgradeFailed")), ("exhausted",)),
    "stalled for another reason": (made("Kustomization", "a", "b", condition("Stalled", "True", "AccessDenied")), ()),
}


@pytest.mark.parametrize(("raw", "marks"), MARKS.values(), ids=MARKS.keys())
def test_marks(raw: Object, marks: tuple[str, ...]) -> None:
    assert seen(raw).marks == marks


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
def test_every_kind_that_can_be_suspended_is_seen_suspended(kind: object) -> None:
    name = str(getattr(kind, "kind", ""))
    known = KINDS[name]
    off = {"annotations": {known.switch: "disabled"}} if known.switch else {}
    raw = made(name, "a", "b", ready(), spec={} if known.switch else {"suspend": True}, **off)
    assert suspended(raw, name)
    assert not suspended(made(name, "a", "b", ready()), name)


@pytest.mark.parametrize(
    ("group", "categories", "flux"),
    [
        ("kustomize.toolkit.fluxcd.io", (), True),
        ("source.extensions.fluxcd.io", (), True),
        ("fluxcd.controlplane.io", (), True),
        ("infra.contrib.fluxcd.io", ("all", "fluxcd"), True),
        ("tuppr.home-operations.com", (), False),
        ("apps", (), False),
    ],
)
def test_kinds_of_flux_are_told_by_group_or_category(group: str, categories: tuple[str, ...], flux: bool) -> None:
    assert belongs(group, categories) is flux
