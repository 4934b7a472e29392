"""One Flux object looked at closely: its tree, its origin, its controllers' lines, itself while it is open."""

import contextlib
import itertools
import json
import threading
from collections.abc import Generator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from console.model.flux import FluxKey, FluxObject
from console.model.flux_detail import LogLine
from console.model.flux_graph import FluxRow, settle
from console.model.flux_projection import project
from console.model.flux_tree import Node, Trace
from console.model.snapshot import Problem
from console.operations.inspect import inspect, watch
from console.operations.logs import about, logs
from console.operations.trace import trace
from console.operations.tree import tree
from console.sources.errors import CLOSED, Refused, SourceError
from console.sources.git.objects import Commit
from console.sources.stop import Stop
from tests.model.flux_objects import Object, made, ready, unready
from tests.operations.flux_cluster import Site, site
from tests.threads import ended

APPS = FluxKey("Kustomization", "flux-system", "apps")
WEB = FluxKey("HelmRelease", "apps", "web")
KUSTOMIZE, HELM = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
COMMIT, OLDER = "a" * 40, "b" * 40


def labels(group: str, key: FluxKey) -> dict[str, str]:
    return {f"{group}/name": key.name, f"{group}/namespace": key.namespace}


def inventory(*entries: str) -> Object:
    return {"inventory": {"entries": [{"id": entry, "v": "v1"} for entry in entries]}}


def plain(kind: str, name: str, version: str = "v1", **more: Any) -> Object:
    metadata = {"name": name, "namespace": "apps"} | more.pop("metadata", {})
    return {"apiVersion": version, "kind": kind, "metadata": metadata} | more


def deployment(name: str = "web") -> Object:
    chosen = {"app": name}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": chosen},
        "template": {"metadata": {"labels": chosen}, "spec": {"containers": [{"name": "app", "image": "web:1"}]}},
    }
    status = {"observedGeneration": 1, "readyReplicas": 0, "updatedReplicas": 1}
    return plain("Deployment", name, "apps/v1", metadata={"labels": labels(HELM, WEB)}, spec=spec, status=status)


def pod(name: str = "web-1", owner: str = "web", **more: Any) -> Object:
    owners = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": owner, "uid": "u-1", "controller": True}]
    waiting = {"phase": "Pending", "containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff"}}}]}
    metadata = {"labels": {"app": "web"}, "ownerReferences": owners}
    spec = {"containers": [{"name": "app", "image": "web:1"}]}
    return plain("Pod", name, metadata=metadata, spec=spec, status=waiting) | more


@pytest.fixture
def flux(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made_site:
        yield made_site


def put(flux: Site, *objects: Object) -> list[FluxRow]:
    """Create them; gives the rows of those that are watched."""
    flux.server.create(*objects)
    watched: list[FluxObject] = [
        found for raw in objects if "toolkit" in raw["apiVersion"] and (found := project(raw)) is not None
    ]
    return list(settle(watched))


def home(flux: Site) -> list[FluxRow]:
    """A Kustomization with a release, a secret and something that is gone; the release with a workload."""
    entries = ("apps_web_helm.toolkit.fluxcd.io_HelmRelease", "apps_keys__Secret", "apps_gone__ConfigMap")
    revision = {"lastAppliedRevision": f"main@sha1:{COMMIT}"}
    source = {"kind": "GitRepository", "name": "home"}
    return put(
        flux,
        made("GitRepository", "home", "flux-system", ready(), status={"artifact": {"revision": f"main@sha1:{COMMIT}"}}),
        made(
            "Kustomization",
            "apps",
            "flux-system",
            ready(),
            spec={"path": "./apps", "sourceRef": source},
            status=revision | inventory(*entries),
        ),
        made(
            "HelmRelease",
            "web",
            "apps",
            unready("UpgradeFailed", "timed out"),
            status=inventory("apps_web_apps_Deployment"),
            labels=labels(KUSTOMIZE, APPS),
        ),
        plain("Secret", "keys", data={"password": "aHVudGVyMg=="}),
        deployment(),
        pod(),
    )


def found(node: Node) -> dict[str, tuple[str, str]]:
    """Status and text by ``Kind/name``."""
    return {f"{each.key.kind}/{each.key.name}": (each.status, each.text) for _, each in node.walk()}


class TestTree:
    def test_goes_down_to_the_pods(self, flux: Site) -> None:
        rows = home(flux)
        grown = tree(flux.cluster, APPS, rows)
        assert found(grown) == {
            "Kustomization/apps": ("Ready", ""),
            "HelmRelease/web": ("Failed", "timed out"),
            "Deployment/web": ("InProgress", "0/1"),
            "Pod/web-1": ("Failed", "ImagePullBackOff"),
            "ConfigMap/gone": ("Missing", "it was applied, and is not there"),
            "Secret/keys": ("Ready", ""),
        }

    def test_what_is_wrong_stands_first(self, flux: Site) -> None:
        grown = tree(flux.cluster, APPS, home(flux))
        assert [child.status for child in grown.children] == ["Failed", "Missing", "Ready"]

    def test_deeper_inventories_are_counted_and_not_asked_for(self, flux: Site) -> None:
        rows = home(flux)
        flux.server.requests.clear()
        grown = tree(flux.cluster, APPS, rows, depth=1)
        assert next(child for child in grown.children if child.key == WEB).hidden == 1
        assert not [line for line in flux.server.requests if "helmreleases" in line or "deployments" in line]

    def test_the_data_of_a_secret_is_never_sent(self, flux: Site) -> None:
        rows = home(flux)
        accepts: list[str] = []
        due = flux.server.faults.due

        def noted(request: Any) -> Any:
            if "secrets/keys" in request.path:
                accepts.append(request.headers["accept"])
            return due(request)

        flux.server.faults.due = noted  # type: ignore[method-assign]
        tree(flux.cluster, APPS, rows)
        assert accepts
        assert all("PartialObjectMetadata" in accept for accept in accepts)

    def test_what_we_may_not_read_is_unknown_with_the_reason(self, flux: Site) -> None:
        rows = home(flux)
        flux.server.server.access.authorize = lambda *asked: asked[3] != "deployments"
        status, text = found(tree(flux.cluster, APPS, rows))["Deployment/web"]
        assert status == "Unknown"
        assert "get deployments.apps" in text

    def test_kinds_that_are_not_served_are_asked_for_once(self, flux: Site) -> None:
        many = [f"apps_u{n}_example.com_Unicorn" for n in range(20)]
        rows = put(flux, made("Kustomization", "apps", "flux-system", ready(), status=inventory(*many)))
        flux.server.requests.clear()
        grown = tree(flux.cluster, APPS, rows)
        assert {child.status for child in grown.children} == {"Unknown"}
        assert len([line for line in flux.server.requests if line.endswith("/apis")]) <= 10

    def test_a_tree_of_thousands_does_not_ask_for_all(self, flux: Site) -> None:
        many = [f"apps_c{n}__ConfigMap" for n in range(50)]
        rows = put(flux, made("Kustomization", "apps", "flux-system", ready(), status=inventory(*many)))
        flux.server.requests.clear()
        grown = tree(flux.cluster, APPS, rows, most=10)
        assert len([child for child in grown.children if "too many" in child.text]) == 40
        assert len([line for line in flux.server.requests if "configmaps/" in line]) == 10

    def test_of_what_is_not_there_is_refused(self, flux: Site) -> None:
        with pytest.raises(Refused) as caught:
            tree(flux.cluster, APPS, [])
        assert caught.value.kind == "not-found"


RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: web\n  namespace: apps\n"


class Past:
    """A repository with two commits: the older one touched ``apps``."""

    def __init__(self, subject: str = "feat: web 2 (#41)", body: str = "") -> None:
        self.subject = subject
        self.body = body
        self.written: dict[str, str] = {}
        self.asked = ""

    def commit(self, oid: str) -> Commit:
        at = datetime(2026, 11, 20, tzinfo=UTC)
        who = ("Ada", "ada@home.example", at)
        return Commit(oid, "", (), *who, *who, self.subject if oid == OLDER else "docs: readme", self.body)

    def newest(self, commit: str, path: str) -> str:
        assert commit == COMMIT
        assert path.startswith("apps")
        self.asked = path
        return OLDER

    def files(self, tree: str) -> list[str]:
        assert tree == COMMIT
        return list(self.written)

    def contents(self, tree: str, paths: Sequence[str]) -> dict[str, bytes]:
        assert tree == COMMIT
        return {path: self.written[path].encode() for path in paths}


def traced(flux: Site, kind: str, name: str, past: Past | None = None, rows: list[FluxRow] | None = None) -> Trace:
    known = home(flux) if rows is None else rows
    return trace(flux.cluster, FluxKey(kind, "apps", name), known, past)


class TestTrace:
    @pytest.mark.parametrize("kind", ["Pod", "pods", "pod"])
    def test_leads_from_a_pod_to_the_commit(self, flux: Site, kind: str) -> None:
        way = traced(flux, kind, "web-1", Past())
        assert [(link.relation, link.key.ref) for link in way.links] == [
            ("asked", "Pod/apps/web-1"),
            ("owner", "Deployment/apps/web"),
            ("applied by", WEB.ref),
            ("applied by", APPS.ref),
            ("source", "GitRepository/flux-system/home"),
        ]
        assert way.path == "apps"
        assert way.changed is not None
        assert (way.changed.commit, way.changed.author, way.changed.pull) == (OLDER, "Ada", 41)
        assert way.applied is not None
        assert (way.applied.commit, way.applied.pull) == (COMMIT, None)

    @pytest.mark.parametrize(
        ("subject", "body", "pull"),
        [
            ("feat: web 2 (#41)", "", 41),
            ("Merge pull request #7 from x/y", "", 7),
            ("Merge branch 'x'", "words\n\nSee merge request home/ops!12", 12),
            ("Merged PR 88: web", "", 88),
            ("feat: closes #3 someday", "", None),
        ],
    )
    def test_pull_requests_are_named_in_several_ways(
        self, flux: Site, subject: str, body: str, pull: int | None
    ) -> None:
        way = traced(flux, "Deployment", "web", Past(subject, body))
        assert way.changed is not None
        assert way.changed.pull == pull

    @pytest.mark.parametrize(
        ("files", "path"),
        [
            ({"apps/web/release.yaml": RELEASE, "apps/db/release.yaml": RELEASE.replace("web", "db")}, "apps/web"),
            ({"apps/all.yaml": f"{RELEASE}---\n{RELEASE.replace('web', 'db')}"}, "apps"),
            ({"apps/web/release.yaml": RELEASE, "other/web/release.yaml": RELEASE}, "apps/web"),
            ({"apps/a/release.yaml": RELEASE, "apps/b/release.yaml": RELEASE}, "apps"),
            ({"apps/web/release.yaml": RELEASE.replace("name: web", "name: ${APP}")}, "apps"),
            ({"apps/web/readme.md": RELEASE}, "apps"),
        ],
    )
    def test_the_commit_is_the_newest_one_where_the_object_is_written(
        self, flux: Site, files: dict[str, str], path: str
    ) -> None:
        past = Past()
        past.written = files
        way = traced(flux, "Pod", "web-1", past)
        assert (way.path, past.asked) == (path, path)

    def test_an_owner_that_is_gone_leaves_the_labels(self, flux: Site) -> None:
        rows = home(flux)
        orphan = pod("orphan", "gone")
        orphan["metadata"]["labels"] |= labels(HELM, WEB)
        flux.server.create(orphan)
        way = traced(flux, "Pod", "orphan", Past(), rows)
        assert [link.status for link in way.links[:3]] == ["Failed", "Unknown", "Failed"]
        assert way.links[2].key == WEB
        assert way.changed is not None

    def test_without_a_repository_the_commit_is_named(self, flux: Site) -> None:
        rows = put(
            flux,
            made("Kustomization", "c", "apps", ready(), status={"lastAppliedRevision": f"main@sha1:{COMMIT}"}),
        )
        assert COMMIT[:12] in traced(flux, "Kustomization", "c", None, rows).why

    def test_what_nobody_applied_is_from_nowhere(self, flux: Site) -> None:
        flux.server.create(plain("ConfigMap", "own"))
        way = traced(flux, "ConfigMap", "own", Past(), [])
        assert way.why == "nothing of Flux applied it: it is not from the repository"
        assert way.changed is None

    def test_what_only_failed_its_health_check_runs_what_was_tried(self, flux: Site) -> None:
        status = {"lastAppliedRevision": f"main@sha1:{'c' * 40}", "lastAttemptedRevision": f"main@sha1:{COMMIT}"}
        rows = put(
            flux, made("Kustomization", "k", "apps", unready("HealthCheckFailed"), spec={"path": "apps"}, status=status)
        )
        way = traced(flux, "Kustomization", "k", Past(), rows)
        assert way.applied is not None
        assert way.applied.commit == COMMIT

    def test_of_what_is_not_there_is_refused(self, flux: Site) -> None:
        for kind, why in (("Pod", "not-found"), ("Unicorn", "not-served")):
            with pytest.raises(Refused) as caught:
                traced(flux, kind, "nobody", Past(), [])
            assert caught.value.kind == why


def line(kind: str, name: str, message: str, **more: Any) -> str:
    said = {"level": "info", "ts": "2026-11-22T10:00:00.123Z", "msg": message, "controllerKind": kind, "name": name}
    return json.dumps(said | {"namespace": "apps", "reconcileID": "r-1"} | more)


def past(flux: Site, key: FluxKey, count: int) -> list[LogLine]:
    """What was written before."""
    with contextlib.closing(cast("Generator[LogLine, None, None]", logs(flux.cluster, key, stop=Stop()))) as reading:
        return list(itertools.islice(reading, count))


def heard(reading: Iterator[LogLine | Problem | None]) -> str:
    """The next line."""
    return next(each.message for each in reading if isinstance(each, LogLine))


class TestLogs:
    def test_are_the_controllers_lines_about_the_object(self, flux: Site) -> None:
        controller = pod("helm-controller-1")
        controller["metadata"] |= {"namespace": "flux-system", "labels": {"app": "helm-controller"}}
        flux.server.create(controller)
        flux.server.server.logs = lambda *_: [
            line("HelmRelease", "web", "upgraded"),
            line("HelmRelease", "website", "another"),
            line("Kustomization", "web", "of another kind"),
            "not json web",
            line("HelmRelease", "web", "Reconciler error", level="error", error="timed out"),
        ]
        first, second = past(flux, WEB, 2)
        assert (first.message, first.by, first.fields) == ("upgraded", "helm-controller", ())
        assert (second.level, second.fields) == ("error", (("error", "timed out"),))
        assert first.at is not None

    def test_flux_may_live_elsewhere(self, flux: Site) -> None:
        controller = pod("kc")
        controller["metadata"] |= {"namespace": "gitops", "labels": {"app": "kustomize-controller"}}
        flux.server.create(controller)
        flux.server.server.logs = lambda *_: [line("Kustomization", "web", "applied")]
        (only,) = past(flux, FluxKey("Kustomization", "apps", "web"), 1)
        assert only.message == "applied"

    def test_without_a_controller_it_is_said(self, flux: Site) -> None:
        with pytest.raises(Refused, match="source-controller"):
            next(logs(flux.cluster, FluxKey("GitRepository", "flux-system", "home"), stop=Stop()))

    def test_go_on_as_they_are_written_and_none_comes_twice(self, flux: Site) -> None:
        written = [line("HelmRelease", "web", "first")]
        stop = Stop()
        with contextlib.closing(self.going(flux, written, stop)) as reading:
            assert heard(reading) == "first"
            written += [line("HelmRelease", "another", "not about it"), line("HelmRelease", "web", "second")]
            assert heard(reading) == "second"
            written.append(line("HelmRelease", "web", "third"))
            assert heard(reading) == "third"
            stop.set()
            assert next(reading, None) is None

    def test_a_controller_that_is_replaced_is_followed_on(self, flux: Site) -> None:
        written = [line("HelmRelease", "web", "first")]
        with contextlib.closing(self.going(flux, written, Stop())) as reading:
            assert heard(reading) == "first"
            written.append(line("HelmRelease", "web", "second"))
            assert heard(reading) == "second"
            flux.server.delete("Pod", "helm-controller-1", "flux-system")
            flux.server.create(self.controller("helm-controller-2"))
            written.append(line("HelmRelease", "web", "from the new one"))
            assert heard(reading) == "from the new one"

    def test_while_the_api_is_away_it_is_said_that_they_are_not_live(self, flux: Site) -> None:
        written = [line("HelmRelease", "web", "first")]
        with contextlib.closing(self.going(flux, written, Stop())) as reading:
            assert heard(reading) == "first"
            written.append(line("HelmRelease", "web", "and on"))
            assert heard(reading) == "and on"
            flux.server.down()
            problem = next(reading)
            assert isinstance(problem, Problem)
            flux.server.up()
            assert next(each for each in reading if not isinstance(each, Problem)) is None
            written.append(line("HelmRelease", "web", "second"))
            assert heard(reading) == "second"

    def test_when_the_way_to_the_cluster_is_given_up_they_end(self, flux: Site) -> None:
        written = [line("HelmRelease", "web", "first")]
        with contextlib.closing(self.going(flux, written, Stop())) as reading:
            assert heard(reading) == "first"
            written.append(line("HelmRelease", "web", "second"))
            assert heard(reading) == "second"
            flux.cluster.close()
            with pytest.raises(SourceError) as caught:
                list(reading)
            assert caught.value.kind == CLOSED

    def going(self, flux: Site, written: list[str], stop: Stop) -> Generator[LogLine | Problem | None, None, None]:
        flux.server.create(self.controller("helm-controller-1"))
        flux.server.server.logs = lambda *_: list(written)
        patience = threading.Timer(60, stop.set)  # what never comes ends the test, not the run
        patience.daemon = True
        patience.start()
        return cast("Generator[LogLine | Problem | None, None, None]", logs(flux.cluster, WEB, stop=stop))

    def controller(self, name: str) -> Object:
        found = pod(name)
        found["metadata"] |= {"namespace": "flux-system", "labels": {"app": "helm-controller"}}
        return found

    @pytest.mark.parametrize("odd", ["", "web", '[1, "web"]', '"web"', "{" * 3000 + "web", '{"name": "web"'])
    def test_no_line_breaks_it(self, odd: str) -> None:
        assert list(about([odd], WEB, "helm-controller")) == []

    def test_the_object_is_told_under_its_own_kind_too(self) -> None:
        said = json.dumps({"msg": "hello", "HelmRelease": {"name": "web", "namespace": "apps"}})
        other = json.dumps({"msg": "hello", "HelmRelease": {"name": "web", "namespace": "other"}})
        assert [each.message for each in about([said, other], WEB, "")] == ["hello"]


def text(raw: Object) -> str:
    return str(yaml.safe_dump(raw))


def event(name: str, reason: str) -> Object:
    involved = {"kind": WEB.kind, "name": WEB.name, "namespace": WEB.namespace}
    at = {"lastTimestamp": "2026-11-22T10:00:00Z", "type": "Warning"}
    return plain("Event", name, involvedObject=involved, reason=reason, message=reason, **at)


class TestOpen:
    def test_is_whole_at_once(self, flux: Site) -> None:
        home(flux)
        flux.server.create(event("e1", "UpgradeFailed"))
        detail = inspect(flux.cluster, WEB, text)
        assert detail.conditions[0].reason == "UpgradeFailed"
        assert [entry.key.ref for entry in detail.inventory] == ["Deployment/apps/web"]
        assert [one.reason for one in detail.events] == ["UpgradeFailed"]
        assert "name: web" in detail.manifest

    def test_shows_each_change_of_it_and_of_its_events(self, flux: Site) -> None:
        home(flux)
        stop = Stop()
        seen = watch(flux.cluster, WEB, text, stop)
        assert next(seen).conditions[0].status == "False"
        flux.status(WEB, ready("UpgradeSucceeded"))
        assert next(seen).conditions[0].reason == "UpgradeSucceeded"
        flux.server.create(event("e1", "UpgradeSucceeded"))
        assert [one.reason for one in next(seen).events] == ["UpgradeSucceeded"]
        stop.set()
        assert list(seen) == []

    def test_deleted_while_open_it_stays_and_says_so(self, flux: Site) -> None:
        home(flux)
        seen = watch(flux.cluster, WEB, text, Stop())
        next(seen)
        flux.server.delete(*WEB[::2], WEB.namespace)
        *_, last = seen
        assert last.gone
        assert last.conditions[0].reason == "UpgradeFailed"

    def test_while_the_api_is_away_the_last_is_shown_with_the_reason(self, flux: Site) -> None:
        home(flux)
        stop = Stop()
        seen = watch(flux.cluster, WEB, text, stop)
        next(seen)
        flux.server.down()
        away = next(one for one in seen if one.problem)
        assert away.conditions[0].reason == "UpgradeFailed"
        assert away.problem is not None
        assert away.problem.kind == "unreachable"
        flux.status(WEB, ready("UpgradeSucceeded"))
        flux.server.up()
        back = next(one for one in seen if not one.problem)
        assert back.conditions[0].reason == "UpgradeSucceeded"
        stop.set()

    def test_when_the_way_to_the_cluster_is_given_up_it_ends_and_says_so(self, flux: Site) -> None:
        home(flux)
        seen = watch(flux.cluster, WEB, text, Stop())
        next(seen)
        flux.cluster.close()
        *_, last = seen
        assert last.problem is not None
        assert last.problem.kind == CLOSED
        assert last.conditions[0].reason == "UpgradeFailed"

    def test_without_the_right_to_see_events_the_rest_is_shown(self, flux: Site) -> None:
        home(flux)
        flux.server.server.access.authorize = lambda *asked: asked[3] != "events"
        seen = watch(flux.cluster, WEB, text, Stop())
        assert next(seen).events == ()
        flux.status(WEB, ready("UpgradeSucceeded"))
        assert next(seen).conditions[0].reason == "UpgradeSucceeded"
        seen.close()  # type: ignore[attr-defined]

    def test_when_nobody_looks_any_more_no_thread_is_left(self, flux: Site) -> None:
        home(flux)
        before = set(threading.enumerate())
        seen = watch(flux.cluster, WEB, text, Stop())
        next(seen)
        flux.status(WEB, ready("UpgradeSucceeded"))
        next(seen)
        seen.close()  # type: ignore[attr-defined]
        assert ended(before)
