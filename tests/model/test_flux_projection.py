"""From raw objects to what is kept: stability through passes, times, revisions, and objects of any shape."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.flux import FluxKey, FluxObject, Status, Suspension, short_revision
from console.model.flux_kinds import KINDS, REQUESTED_AT
from console.model.flux_projection import project
from tests.model.flux_objects import Object, condition, made, ready, retrying, running, seen, unready

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GIT = "main@sha1:" + "4f1c2ab0" * 5
OCI = "latest@sha256:" + "9f3c21a0" * 8


def after(*raws: Object, gap: float = 0.5) -> list[FluxObject]:
    """The object through its changes, ``gap`` seconds apart."""
    found: list[FluxObject] = []
    for index, raw in enumerate(raws):
        now = NOW + timedelta(seconds=gap * index)
        projected = project(raw, found[-1] if found else None, now)
        assert projected is not None
        found.append(projected)
    return found


class TestThroughAPass:
    def test_the_settled_word_stays_while_the_pass_is_short(self) -> None:
        *_, last = after(made("Kustomization", "a", "b", ready()), made("Kustomization", "a", "b", *running()))
        assert last.status is Status.RECONCILING
        assert last.standing(NOW + timedelta(seconds=1)).status is Status.READY

    def test_a_pass_that_lasts_shows(self) -> None:
        *_, last = after(
            made("Kustomization", "a", "b", ready()), made("Kustomization", "a", "b", *running("Building"))
        )
        standing = last.standing(NOW + timedelta(seconds=3))
        assert (standing.status, standing.message) == (Status.RECONCILING, "Building")

    def test_progress_does_not_begin_the_time_anew(self) -> None:
        changes = [made("Kustomization", "a", "b", ready())]
        changes += [made("Kustomization", "a", "b", *running(f"step {n}")) for n in range(6)]
        last = after(*changes)[-1]
        assert last.until == NOW + timedelta(seconds=2.5)  # the pass began half a second after NOW

    def test_a_failure_keeps_its_reason_while_it_is_tried_again(self) -> None:
        *_, last = after(
            made("HelmRelease", "a", "b", unready("UpgradeFailed", "timed out"), retrying()),
            made("HelmRelease", "a", "b", *running("Running 'upgrade' action")),
        )
        standing = last.standing(NOW + timedelta(seconds=1))
        assert (standing.status, standing.reason, standing.message) == (Status.FAILED, "UpgradeFailed", "timed out")
        assert last.standing().status is Status.FAILED

    def test_whom_a_failure_blamed_stays_to_blame_until_the_pass_has_ended(self) -> None:
        said = "health check failed after 5m0s: timeout waiting for: [HelmRelease/apps/db status: 'InProgress']"
        blamed = (FluxKey("HelmRelease", "apps", "db"),)
        failing = made("Kustomization", "a", "b", unready("HealthCheckFailed", said), retrying())
        *_, during = after(failing, made("Kustomization", "a", "b", *running()))
        assert during.blames == blamed
        *_, done = after(failing, made("Kustomization", "a", "b", *running()), made("Kustomization", "a", "b", ready()))
        assert done.blames == ()

    def test_after_the_pass_the_new_word_shows_at_once(self) -> None:
        *_, last = after(
            made("HelmRelease", "a", "b", unready("UpgradeFailed"), retrying()),
            made("HelmRelease", "a", "b", *running()),
            made("HelmRelease", "a", "b", ready("UpgradeSucceeded")),
        )
        assert last.before is None
        assert last.standing(NOW).status is Status.READY

    def test_first_seen_in_a_pass_it_says_so(self) -> None:
        assert seen(made("Kustomization", "a", "b", *running())).standing(NOW).status is Status.RECONCILING

    def test_since_when_lasts_through_passes_that_change_nothing(self) -> None:
        """kustomize-controller moves the transition time in every pass."""
        *_, last = after(
            made("Kustomization", "a", "b", unready("BuildFailed", at="2026-11-22T10:00:00Z"), retrying()),
            made("Kustomization", "a", "b", *running()),
            made("Kustomization", "a", "b", unready("BuildFailed", at="2026-11-22T11:00:00Z"), retrying()),
        )
        assert last.since == datetime(2026, 11, 22, 10, tzinfo=UTC)

    def test_since_when_begins_anew_with_another_reason(self) -> None:
        *_, last = after(
            made("Kustomization", "a", "b", unready("BuildFailed", at="2026-11-22T10:00:00Z")),
            made("Kustomization", "a", "b", unready("PruneFailed", at="2026-11-22T11:00:00Z")),
        )
        assert last.since == datetime(2026, 11, 22, 11, tzinfo=UTC)

    def test_the_history_tells_since_when(self) -> None:
        history = [
            {"lastReconciledStatus": "HealthCheckFailed", "firstReconciled": "2026-11-22T09:00:00Z"},
            {"lastReconciledStatus": "ReconciliationSucceeded", "lastReconciled": "2026-11-22T09:30:00Z"},
        ]
        raw = made("Kustomization", "a", "b", unready("HealthCheckFailed", at="2026-11-22T11:00:00Z"))
        raw["status"]["history"] = history
        assert seen(raw).since == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def test_the_normal_course_of_a_push_is_no_block_for_a_minute(self) -> None:
        waiting = unready("DependencyNotReady", "dependency 'apps/db' revision is not up to date")
        *_, last = after(made("Kustomization", "a", "b", ready()), made("Kustomization", "a", "b", waiting))
        assert last.status is Status.BLOCKED
        assert last.standing(NOW + timedelta(seconds=30)).status is Status.READY
        assert last.standing(NOW + timedelta(seconds=90)).status is Status.BLOCKED

    def test_a_dependency_that_is_not_ready_blocks_at_once(self) -> None:
        waiting = unready("DependencyNotReady", "dependency 'apps/db' is not ready")
        *_, last = after(made("Kustomization", "a", "b", ready()), made("Kustomization", "a", "b", waiting))
        assert last.standing(NOW).status is Status.BLOCKED

    def test_a_new_spec_does_not_flicker_as_pending(self) -> None:
        *_, last = after(made("HelmRelease", "a", "b", ready()), made("HelmRelease", "a", "b", ready(), generation=2))
        assert (last.status, last.standing(NOW + timedelta(seconds=1)).status) == (Status.PENDING, Status.READY)

    def test_resumed_it_does_not_stay_suspended_while_the_pass_runs(self) -> None:
        *_, last = after(
            made("HelmRelease", "a", "b", ready(), spec={"suspend": True}), made("HelmRelease", "a", "b", *running())
        )
        assert last.standing(NOW).status is Status.RECONCILING


class TestARequest:
    def asked(self, token: str, *conditions: Object, handled: str = "old", kind: str = "Kustomization") -> Object:
        raw = made(kind, "a", "b", *conditions, annotations={REQUESTED_AT: token})
        raw["status"]["lastHandledReconcileAt"] = handled
        return raw

    def test_counts_as_a_pass_until_it_is_answered(self) -> None:
        *_, last = after(made("Kustomization", "a", "b", ready()), self.asked("2026-11-22T11:59:59Z", ready()))
        assert last.marks == ("requested",)
        assert last.standing(NOW + timedelta(seconds=1)).status is Status.READY
        assert last.standing(NOW + timedelta(seconds=5)).status is Status.RECONCILING

    def test_that_is_answered_leaves_no_mark(self) -> None:
        token = "2026-11-22T11:59:59Z"
        *_, last = after(made("Kustomization", "a", "b", ready()), self.asked(token, ready(), handled=token))
        assert (last.status, last.marks) == (Status.READY, ())

    def test_that_nobody_takes_up_stops_counting(self) -> None:
        *_, last = after(made("Kustomization", "a", "b", ready()), self.asked("2026-11-22T11:59:59Z", ready()))
        assert last.standing(NOW + timedelta(minutes=20)).status is Status.READY

    def test_of_long_ago_counts_for_nothing(self) -> None:
        assert seen(self.asked("2020-01-01T00:00:00Z", ready())).status is Status.READY

    def test_with_an_opaque_token_counts_from_when_it_was_seen(self) -> None:
        *_, first, last = after(
            made("Kustomization", "a", "b", ready()), self.asked("now!", ready()), self.asked("now!", ready())
        )
        assert first.expires == last.expires
        assert last.status is Status.RECONCILING

    def test_seen_at_first_shows_the_word_behind_it(self) -> None:
        found = project(self.asked("2026-11-22T11:59:59Z", unready("BuildFailed")), None, NOW)
        assert found is not None
        assert found.standing(NOW).status is Status.FAILED
        assert found.standing(NOW + timedelta(seconds=5)).status is Status.RECONCILING

    @pytest.mark.parametrize("kind", ["Alert", "Provider", "ExternalArtifact"])
    def test_on_what_nobody_reconciles_is_ignored(self, kind: str) -> None:
        assert "requested" not in seen(self.asked("2026-11-22T11:59:59Z", ready(), kind=kind)).marks


class TestSuspension:
    def test_says_who_when_and_why(self) -> None:
        notes = {
            "homeconsole/suspended-by": "maria",
            "homeconsole/suspended-at": "2026-11-19T08:00:00Z",
            "homeconsole/suspended-reason": "disk",
        }
        found = seen(made("HelmRelease", "a", "b", ready(), spec={"suspend": True}, annotations=notes))
        assert found.suspended == Suspension("maria", "2026-11-19T08:00:00Z", "disk")

    def test_by_the_operators_web_interface_says_who(self) -> None:
        notes = {"fluxcd.controlplane.io/suspendedBy": "jo"}
        found = seen(made("HelmRelease", "a", "b", ready(), spec={"suspend": True}, annotations=notes))
        assert found.suspended == Suspension("jo")

    def test_notes_left_behind_do_not_suspend(self) -> None:
        assert (
            seen(made("HelmRelease", "a", "b", ready(), annotations={"homeconsole/suspended-by": "jo"})).suspended
            is None
        )


class TestRevisions:
    def test_of_a_kustomization(self) -> None:
        raw = made("Kustomization", "a", "b", ready())
        raw["status"] |= {
            "lastAppliedRevision": OCI,
            "lastAttemptedRevision": OCI,
            "lastAppliedOriginRevision": GIT,
        }
        found = seen(raw)
        assert (found.revision, found.attempted_revision, found.origin_revision) == (OCI, OCI, GIT)

    def test_of_a_source_with_its_origin(self) -> None:
        artifact = {"revision": OCI, "metadata": {"org.opencontainers.image.revision": GIT}}
        found = seen(made("OCIRepository", "a", "b", ready(), status={"artifact": artifact}))
        assert (found.revision, found.origin_revision, found.artifact) == (OCI, GIT, True)

    def test_of_a_release_is_the_one_that_runs(self) -> None:
        history = [
            {"version": 3, "status": "failed", "chartVersion": "7.0.0", "ociDigest": "sha256:new"},
            {"version": 2, "status": "deployed", "chartVersion": "6.9.1", "ociDigest": "sha256:old"},
        ]
        raw = made("HelmRelease", "a", "b", unready("UpgradeFailed"))
        raw["status"] |= {"history": history, "lastAttemptedRevision": "7.0.0+0123456789ab"}
        found = seen(raw)
        assert (found.revision, found.attempted_revision, found.taken) == ("6.9.1", "7.0.0+0123456789ab", "sha256:old")

    @pytest.mark.parametrize(
        ("kind", "status", "revision"),
        [
            ("ImagePolicy", {"latestRef": {"name": "ghcr.io/a/b", "tag": "1.2.3"}}, "ghcr.io/a/b:1.2.3"),
            ("ImageRepository", {"lastScanResult": {"latestTags": ["v2", "v1"]}}, "v2"),
            ("ImageUpdateAutomation", {"lastPushCommit": "abc"}, "abc"),
            ("ResourceSetInputProvider", {"lastExportedRevision": "sha256:1"}, "sha256:1"),
            ("FluxInstance", {"lastAppliedRevision": "v2.9.3@sha256:1"}, "v2.9.3@sha256:1"),
            ("HelmChart", {"artifact": {"revision": "6.0.3"}}, "6.0.3"),
            ("Bucket", {"artifact": {"revision": "sha256:1"}}, "sha256:1"),
        ],
    )
    def test_of_the_other_kinds(self, kind: str, status: Object, revision: str) -> None:
        assert seen(made(kind, "a", "b", ready(), status=status)).revision == revision

    def test_of_a_report_is_the_distribution(self) -> None:
        spec = {"distribution": {"version": "v2.9.3"}}
        assert seen(made("FluxReport", "flux", "flux-system", ready(), spec=spec)).revision == "v2.9.3"

    @pytest.mark.parametrize(
        ("full", "short"),
        [
            (GIT, "main@sha1:4f1c2ab0"),
            ("v1.2@sha1:" + "a" * 40, "v1.2@sha1:aaaaaaaa"),
            ("sha1:" + "b" * 40, "sha1:bbbbbbbb"),
            (OCI, "latest@sha256:9f3c21a0"),
            ("sha256:" + "c" * 64, "sha256:cccccccc"),
            ("6.0.3", "6.0.3"),
            ("6.0.3+4e5cbb7b97d0", "6.0.3+4e5cbb7b97d0"),
            ("main/" + "d" * 40, "main/dddddddd"),
            (f"stored artifact for revision '{GIT}'", "stored artifact for revision 'main@sha1:4f1c2ab0'"),
            ("e" * 39, "e" * 39),
        ],
    )
    def test_short(self, full: str, short: str) -> None:
        assert short_revision(full) == short


class TestTimes:
    def test_the_history_has_the_last_pass(self) -> None:
        raw = made("Kustomization", "a", "b", ready())
        raw["status"]["history"] = [{"lastReconciled": "2026-11-22T11:00:00Z"}]
        found = seen(raw)
        assert found.last_reconciled == datetime(2026, 11, 22, 11, tzinfo=UTC)
        assert found.next_pass == datetime(2026, 11, 22, 12, tzinfo=UTC)

    def test_a_failure_is_tried_again_after_the_retry_interval(self) -> None:
        raw = made("Kustomization", "a", "b", unready("BuildFailed"), spec={"retryInterval": "2m"})
        raw["status"]["history"] = [{"lastReconciled": "2026-11-22T11:00:00Z"}]
        assert seen(raw).next_pass == datetime(2026, 11, 22, 11, 2, tzinfo=UTC)

    def test_nothing_is_said_of_a_failed_release(self) -> None:
        raw = made("HelmRelease", "a", "b", unready("UpgradeFailed"), managedFields=_status_at("2026-11-22T11:00:00Z"))
        found = seen(raw)
        assert (found.last_reconciled is not None, found.next_pass) == (True, None)

    def test_nothing_is_said_of_what_is_suspended(self) -> None:
        raw = made("Kustomization", "a", "b", ready(), spec={"suspend": True})
        raw["status"]["history"] = [{"lastReconciled": "2026-11-22T11:00:00Z"}]
        assert seen(raw).next_pass is None

    def test_nothing_is_said_of_what_is_blocked_or_stalled(self) -> None:
        """Blocked, it is tried again in seconds; stalled, only when something changes."""
        stalled = condition("Stalled", "True", "InvalidCELExpression")
        for conditions in ([unready("DependencyNotReady")], [stalled, unready("BuildFailed")]):
            raw = made("Kustomization", "a", "b", *conditions)
            raw["status"]["history"] = [{"lastReconciled": "2026-11-22T11:00:00Z"}]
            assert seen(raw).next_pass is None

    def test_of_a_release_it_is_the_last_write_of_its_status(self) -> None:
        raw = made("HelmRelease", "a", "b", ready(), managedFields=_status_at("2026-11-22T11:00:00Z"))
        assert seen(raw).last_reconciled == datetime(2026, 11, 22, 11, tzinfo=UTC)

    def test_of_a_source_it_is_no_earlier_than_its_artifact(self) -> None:
        raw = made("GitRepository", "a", "b", ready(), status={"artifact": {"lastUpdateTime": "2026-11-22T09:00:00Z"}})
        assert seen(raw).last_reconciled == datetime(2026, 11, 22, 9, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("kind", "status"),
        [
            ("ImageRepository", {"lastScanResult": {"scanTime": "2026-11-22T11:00:00Z"}}),
            ("ImageUpdateAutomation", {"lastAutomationRunTime": "2026-11-22T11:00:00Z"}),
            ("GitRepository", {"lastHandledReconcileAt": "2026-11-22T11:00:00.123456789Z"}),
            ("Bucket", {"lastHandledReconcileAt": "a word", "artifact": {"lastUpdateTime": "2026-11-22T11:00:00Z"}}),
        ],
    )
    def test_of_the_other_kinds_it_is_what_they_tell_of_their_last_work(self, kind: str, status: Object) -> None:
        found = seen(made(kind, "a", "b", ready(), status=status)).last_reconciled
        assert found is not None
        assert found.replace(microsecond=0) == datetime(2026, 11, 22, 11, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("kind", "minutes"),
        [("FluxInstance", 60), ("ResourceSet", 60), ("ResourceSetInputProvider", 10), ("FluxReport", 5)],
    )
    def test_operator_kinds_without_the_annotation_have_their_own_interval(self, kind: str, minutes: int) -> None:
        raw = made(kind, "a", "b", ready(), managedFields=_status_at("2026-11-22T11:00:00Z"), spec={"interval": None})
        assert seen(raw).next_pass == datetime(2026, 11, 22, 11, tzinfo=UTC) + timedelta(minutes=minutes)

    def test_age_counts_from_the_creation(self) -> None:
        raw = made("Bucket", "a", "b", ready(), creationTimestamp="2026-11-01T00:00:00Z")
        assert seen(raw).created == datetime(2026, 11, 1, tzinfo=UTC)

    def test_an_estimate_that_has_passed_says_nothing(self) -> None:
        found = seen(made("HelmRelease", "a", "b", ready(), managedFields=_status_at("2026-11-22T11:00:00Z")))
        due = datetime(2026, 11, 22, 12, tzinfo=UTC)
        assert found.expected(due - timedelta(minutes=1)) == due
        assert found.expected(due) is None

    def test_operator_kinds_have_their_interval_in_an_annotation(self) -> None:
        notes = {"fluxcd.controlplane.io/reconcileEvery": "30m"}
        raw = made("ResourceSet", "a", "b", ready(), annotations=notes, spec={"interval": None})
        raw["status"]["history"] = [{"lastReconciled": "2026-11-22T11:00:00Z"}]
        assert seen(raw).next_pass == datetime(2026, 11, 22, 11, 30, tzinfo=UTC)

    def test_a_schedule_says_it_exactly(self) -> None:
        raw = made(
            "ResourceSetInputProvider", "a", "b", ready(), status={"nextSchedule": {"when": "2026-11-23T03:00:00Z"}}
        )
        assert seen(raw).next_pass == datetime(2026, 11, 23, 3, tzinfo=UTC)


def _status_at(time: str) -> list[Object]:
    return [
        {"manager": "kubectl", "operation": "Update", "time": "2026-11-22T11:59:00Z"},
        {"manager": "helm-controller", "operation": "Update", "subresource": "status", "time": time},
    ]


class TestFacts:
    def test_path_is_bare(self) -> None:
        for written in ("./kubernetes/apps/", "kubernetes/apps", "/kubernetes/apps"):
            assert seen(made("Kustomization", "a", "b", spec={"path": written})).path == "kubernetes/apps"

    @pytest.mark.parametrize("newer", [{"generation": 2}, {"creationTimestamp": "2026-11-22T11:00:00Z"}])
    def test_a_new_spec_and_one_of_an_object_made_anew_are_read(self, newer: Object) -> None:
        """A spec that has not changed is not read again; the first of an object has generation 1."""
        old, new = ({"path": path, "sourceRef": {"kind": "GitRepository", "name": path}} for path in "ab")
        *_, last = after(made("Kustomization", spec=old), made("Kustomization", spec=new, **newer))
        assert (last.path, last.source, last.needs) == ("b", source := FluxKey("GitRepository", "apps", "b"), (source,))

    def test_url_shows_no_password(self) -> None:
        raw = made("GitRepository", "a", "b", spec={"url": "https://bot:s3cret@example.com/home.git"})
        assert seen(raw).url == "https://example.com/home.git"

    def test_url_shows_no_token(self) -> None:
        raw = made("GitRepository", "a", "b", spec={"url": "https://ghp_0123456789@github.com/a/b"})
        assert seen(raw).url == "https://github.com/a/b"

    def test_url_keeps_the_user_of_ssh(self) -> None:
        raw = made("GitRepository", "a", "b", spec={"url": "ssh://git@example.com/home.git"})
        assert seen(raw).url == "ssh://git@example.com/home.git"

    def test_a_source_without_artifact_is_told(self) -> None:
        assert not seen(made("GitRepository", "a", "b", unready("GitOperationFailed"))).artifact
        assert seen(made("Kustomization", "a", "b", unready("BuildFailed"))).artifact

    def test_the_parent_is_told_by_labels(self) -> None:
        labels = {"kustomize.toolkit.fluxcd.io/name": "cluster", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
        found = seen(made("HelmRelease", "a", "b", labels=labels)).managed_by
        assert found == FluxKey("Kustomization", "flux-system", "cluster")

    def test_huge_messages_are_cut(self) -> None:
        assert len(seen(made("HelmRelease", "a", "b", unready("UpgradeFailed", "x" * 1_000_000))).message) == 4096

    def test_nothing_of_the_raw_object_is_kept(self) -> None:
        raw = made("HelmRelease", "a", "b", ready(), spec={"values": {"marker": "y" * 5000}})
        assert "yyy" not in repr(seen(raw))


MALFORMED: dict[str, Any] = {
    "status is a list": {"kind": "Kustomization", "metadata": {"name": "a"}, "status": []},
    "conditions is a text": {"kind": "Kustomization", "metadata": {"name": "a"}, "status": {"conditions": "no"}},
    "condition is a number": {"kind": "Kustomization", "metadata": {"name": "a"}, "status": {"conditions": [1, None]}},
    "texts are numbers": {
        "kind": "HelmRelease",
        "metadata": {"name": "a", "namespace": 3, "generation": "four", "labels": [], "annotations": 7},
        "spec": {"interval": 5, "suspend": "yes", "dependsOn": {"name": "b"}, "chartRef": "c", "url": []},
        "status": {"observedGeneration": None, "history": {"0": 1}, "inventory": {"entries": None}},
    },
    "reason and message are no texts": made(
        "Kustomization", "a", "b", {"type": "Ready", "status": "False", "reason": 1}
    ),
    "times are none": made("Kustomization", "a", "b", ready(at="yesterday"), creationTimestamp="31st of never"),
    "time is huge": made("HelmRelease", "a", "b", ready(at="9999-12-31T23:59:59.9-23:59")),
    "interval is huge": made("Kustomization", "a", "b", ready(), spec={"interval": "9" * 400 + "h"}),
    "no spec": {"kind": "GitRepository", "metadata": {"name": "a"}, "spec": None},
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_objects_are_shown_all_the_same(raw: Object) -> None:
    found = project(raw)
    assert found is not None
    assert isinstance(found.status, Status)
    assert isinstance(found.message, str)
    assert project(raw, found) is not None


@pytest.mark.parametrize("raw", [{}, {"kind": "HelmRelease"}, {"metadata": {"name": "a"}}, {"kind": 1, "metadata": []}])
def test_what_has_no_name_is_nothing(raw: Object) -> None:
    assert project(raw) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["True", "False", "Unknown"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "status",
                    "reason",
                    "message",
                    "name",
                    "kind",
                    "namespace",
                    "conditions",
                    "artifact",
                    "revision",
                    "lastTransitionTime",
                    "history",
                    "lastReconciled",
                    "suspend",
                    "interval",
                    "sourceRef",
                    "dependsOn",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(KINDS)), _JSON, _JSON, _JSON)
def test_no_shape_of_an_object_breaks_it(kind: str, metadata: Any, spec: Any, status: Any) -> None:
    named = (metadata if isinstance(metadata, dict) else {}) | {"name": "a"}
    found = project({"apiVersion": "v1", "kind": kind, "metadata": named, "spec": spec, "status": status}, None, NOW)
    assert found is not None
    again = project({"kind": kind, "metadata": named, "spec": status, "status": spec}, found, NOW)
    assert again is not None
    assert again.standing(NOW).status in Status


def test_a_condition_seen_in_json_is_the_same() -> None:
    raw = made("Kustomization", "a", "b", condition("Ready", "True", "ReconciliationSucceeded"))
    assert seen(json.loads(json.dumps(raw))) == seen(raw)


def test_when_a_content_was_first_applied_stays_through_passes_that_change_nothing() -> None:
    entry = {
        "firstReconciled": "2026-11-20T09:00:00Z",
        "lastReconciled": "2026-11-20T11:00:00Z",
        "lastReconciledStatus": "ReconciliationSucceeded",
        "metadata": {"revision": OCI, "originRevision": GIT},
    }
    failed = entry | {"lastReconciledStatus": "BuildFailed"}
    found = seen(made("Kustomization", "a", "b", ready(), status={"history": [failed, entry]}))
    assert found.applied == ((datetime(2026, 11, 20, 9, tzinfo=UTC), GIT),)


def test_a_source_serves_its_artifact_since_it_made_it() -> None:
    artifact = {"revision": OCI, "lastUpdateTime": "2026-11-20T09:30:00Z"}
    found = seen(made("OCIRepository", "a", "b", ready(), status={"artifact": artifact}))
    assert found.served == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
