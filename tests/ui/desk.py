"""A desk with a real store, filled with values as sources give them. Operations take the steps real ones take."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Literal

from console.model.finding import Finding, Fix, Preflight
from console.model.flux import FluxKey, FluxObject, Status, Suspension
from console.model.intent import Intent
from console.model.nodes import DaemonSet, EtcdMember, KubernetesNode, TalosNode
from console.model.own import Command, Kept, Own, Place
from console.model.review import Approval, FileEdit, PlannedCommit, Review
from console.model.snapshot import Snapshot, Topic
from console.model.step import Step, StepState
from console.model.updates import Change, RepositoryState, System, Update
from console.model.upgrades import TupprUpgrade
from console.operations import owncommand
from console.sources.errors import HomeconsoleError, Refused, UsageError
from console.sources.stop import Stop
from console.store import Listener, Store
from tests.ui.fluxobjects import FluxObjects
from tests.ui.nodedetails import NodeDetails

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BASE = "e8f1b30" + "0" * 33
TALOS = "renovate/siderolabs-talos-1.x"
KUBELET = "renovate/kubelet-1.x"
GRAFANA = FluxKey("HelmRelease", "observability", "grafana")


class Clock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **parts: float) -> None:
        """Move on: ``pass_by(minutes=3)``."""
        self.at += timedelta(**parts)


class Desk(FluxObjects, NodeDetails):
    """See console.ui.ports.Desk."""

    def __init__(self, *, writable: bool = True, held: bool = True) -> None:
        self.clock = Clock()
        self.store = Store(self.clock)
        self.writable = writable
        self.done: list[tuple[str, ...]] = []
        self.fails: HomeconsoleError | None = None
        self.started = self.stopped = 0
        self.reviewed: dict[str, Review] = {}
        self.acknowledged: dict[str, str] = {}  # reasons by rule
        self.edits: tuple[FileEdit, ...] = ()  # of the last review
        self.remembered = Kept()
        self.other: Desk | None = None  # that somebody went to
        self.slow = Event()  # not set: an approval waits before its first step
        self.slow.set()
        if held:
            fill(self.store)

    cluster = "home"
    hastens = False
    own = Own()

    @property
    def kept(self) -> Kept:
        return self.remembered

    def keep(self, change: Callable[[Kept], Kept]) -> Kept:
        self._maybe_fail()
        self.remembered = change(self.remembered)
        return self.remembered

    def places(self) -> Sequence[Place]:
        self._maybe_fail()
        return [
            Place("home", "admin@home", "home", "its name", here=self.cluster == "home"),
            Place("lab", "admin@lab", "test", "its address", "/repos/lab", here=self.cluster == "lab"),
        ]

    def elsewhere(self, name: str) -> "Desk":
        if name not in ("home", "lab"):
            raise UsageError(f"There is no cluster {name}", "There are: home, lab.")
        self.other = Desk(writable=False)
        self.other.cluster = name
        return self.other

    def words(self, command: Command, scope: str, key: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
        values = {"cluster": self.cluster, "name": key[-1], "namespace": key[1] if scope == "flux" else ""}
        return owncommand.words(command, values)

    def standing(self, command: Command) -> AbstractContextManager[Mapping[str, str]]:
        if command.writes and not self.writable:
            raise Refused("This is read-only.")
        return nullcontext({"KUBECONFIG": f"{self.cluster}'s"})

    def run_own(
        self, command: Command, argv: Sequence[str], told: Mapping[str, str], stop: Stop
    ) -> tuple[list[str], str]:
        with self.standing(command) as ways:
            self.done.append(tuple(argv))
            said = owncommand.run(argv, {**told, **ways}, command.seconds, stop)
        return list(said.lines), said.wrong

    def set_writable(self, writable: bool) -> None:
        self.writable = writable

    @property
    def found(self) -> str:
        return ""

    def now(self) -> datetime:
        return self.clock()

    def snapshot(self) -> Snapshot:
        return self.store.snapshot()

    def listening(self, listener: Listener) -> AbstractContextManager[None]:
        return self.store.listening(listener)

    def refresh(self, topic: Topic | None = None) -> None:
        self.done.append(("refresh", str(topic or "")))

    def start(self) -> None:
        self.started += 1

    def stop(self) -> None:
        self.stopped += 1

    def manifest(self, key: FluxKey) -> str:
        self._maybe_fail()
        return (
            f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: {key.kind}\nmetadata:\n  name: {key.name}\n"
            f"  namespace: {key.namespace}\nspec:\n  interval: 1h\n  chartRef:\n    name: {key.name}\n"
        )

    def events(self, key: FluxKey) -> Sequence[str]:
        self._maybe_fail()
        return [f"2m    Warning  UpgradeFailed  {key.name}: timed out", "14m   Normal   UpgradeStarted  1 of 3"]

    def diff(self, branch: str) -> Sequence[str]:
        self._maybe_fail()
        update = self.store.snapshot()[Topic.UPDATES].items[(branch,)]
        return diff_of(update)

    def preflight(self, branch: str) -> Preflight:
        return preflight(branch)

    def acknowledge(self, checked: Preflight, reasons: Mapping[str, str]) -> None:
        self._maybe_fail()
        assert set(reasons) <= {f.rule for f in checked.findings}
        self.acknowledged |= reasons

    def planned(self, review: Review, path: str) -> bytes:
        if path not in review.files:
            raise refused(f"There is no file {path} in what would be on main.")
        return next((edit.data or b"" for edit in review.edits if edit.path == path), b"talosctl = 1.13.7\n")

    def fixed(self, review: Review, fix: Fix) -> FileEdit:
        data = self.planned(review, fix.file)
        return FileEdit(fix.file, data.replace(b"1.13.7", b"1.13.8"), data)

    def plan_hold(self, branch: str, *, reason: str, until: date | None = None) -> Intent:
        return Intent("hold", branch, (f"Hold {branch}: {reason}", f'+      description: "{reason}, until {until}"'))

    def plan_release(self, name: str) -> Intent:
        return Intent("release", name, (f"Release {name}", "-      enabled: false"))

    def plan_revert(self, commit: str, *, reason: str = "") -> Intent:
        if self.fails:
            raise self.fails
        made = self.reviewed.get(f"revert {commit}")
        if made and reason:
            made = replace(made, reason=reason, unanswered=())
        return Intent("revert", commit, (f"Revert {commit}", "-  tag: 2", "+  tag: 1"), made, reason=reason)

    def carry_out(self, intent: Intent, stop: Stop) -> Iterator[Step]:
        if not stop.is_set():
            reason = (intent.review.reason if intent.review else "") or intent.reason
            answer = (reason,) if reason else ()
            self.done.append((intent.verb, intent.name, *answer))
            yield Step("verify", StepState.DONE, "it is on main", self.now())

    def review(self, branch: str, *, edits: Sequence[FileEdit] = (), windows: bool = False) -> Review:
        self.edits = tuple(edits)
        made = replace(self._review(branch), edits=self.edits, windows=windows)
        gone = ("talosupgrade.yaml: the maintenance windows go; it begins at once",) if windows else ()
        return replace(made, notes=(*made.notes, *gone))

    def _review(self, branch: str) -> Review:
        self._maybe_fail()
        made = self.reviewed.get(branch) or review(self.store.snapshot()[Topic.UPDATES].items[(branch,)])
        reasons = self.acknowledged
        answered = tuple(replace(f, acknowledged=reasons.get(f.rule, "")) for f in made.preflight.findings)
        return replace(made, preflight=replace(made.preflight, findings=answered))

    def again(self, review: Review) -> Review:
        self._maybe_fail()
        state: RepositoryState = self.store.snapshot()[Topic.REPOSITORY].items[("repository",)]
        return replace(review, base=state.head)

    def refused(self, review: Review) -> None:
        self.done.append(("refused", review.update.branch, review.refusal))

    def alone(self, review: Review) -> str:
        return f"it asks for a typed {review.typed}" if review.typed else review.refusal

    def approve_all(self, reviews: Sequence[Review], stop: Stop) -> Iterator[Step]:
        for number, each in enumerate(reviews):
            if self.fails:
                yield Step(each.update.branch, StepState.FAILED, self.fails.message)
                yield Step("all", StepState.FAILED, f"{number} approved, 1 failed")
                return
            list(self.approve(each, stop))
            yield Step(each.update.branch, StepState.DONE, "7d20c4e")
        yield Step("all", StepState.DONE, f"{len(reviews)} approved")

    def approve(self, review: Review, stop: Stop, *, aside: bool = False) -> Generator[Step, None, Approval]:
        del stop
        assert self.slow.wait(60)
        self.done.append(("approve aside" if aside else "approve", review.update.branch, review.update.head))
        yield Step("verify", StepState.DONE, "nothing moved", self.now())
        if self.fails:
            raise self.fails
        yield Step("push", StepState.RUNNING, "main, leased", self.now())
        yield Step("push", StepState.DONE, "7d20c4e on main", self.now())
        if review.noop:
            return Approval("noop", BASE, f"main holds it already: {BASE[:7]}")
        if aside or review.recording:
            where = "another operator's completes it" if review.recording else "open a pull request to main from it"
            return Approval(
                "pushed", "7d20c4e", f"it waits on homeconsole/approve/1: {where}", branch="homeconsole/approve/1"
            )
        return Approval("pushed", "7d20c4e")

    def hasten(self, commit: str, stop: Stop) -> Iterator[Step]:
        del stop
        self.done.append(("hasten", commit))
        yield Step("reconcile", StepState.DONE, "all that carries it has it already", self.now())

    def intervene(
        self, verb: Literal["suspend", "release", "reset"], system: System, reason: str, stop: Stop
    ) -> Iterator[Step]:
        del stop
        self.done.append((verb, system, reason))
        yield Step(verb, StepState.DONE, "tuppr has taken it in", self.now())

    def reconcile(
        self, key: FluxKey, *, with_source: bool, stop: Stop, force: bool = False, reset: bool = False
    ) -> Iterator[Step]:
        del stop
        strong = [word for word, on in (("force", force), ("reset", reset)) if on]
        self.done.append(("reconcile", key.ref, "with source" if with_source else "", *strong))
        yield Step("requested", StepState.DONE, "", self.now())
        if self.fails:
            raise self.fails
        yield Step("pass", StepState.RUNNING, "upgrading", self.now())
        yield Step("pass", StepState.FAILED, "UpgradeFailed: timed out waiting for Deployment grafana", self.now())

    def suspend(self, key: FluxKey, *, resume: bool, reason: str, stop: Stop) -> Iterator[Step]:
        del stop
        self.done.append(("resume" if resume else "suspend", key.ref, reason))
        yield Step("suspend", StepState.DONE, "resumed" if resume else "suspended", self.now())

    def _maybe_fail(self) -> None:
        if self.fails:
            raise self.fails


def refused(text: str) -> Refused:
    """An operation's refusal."""
    return Refused(text, "read it again")


def ago(**parts: float) -> datetime:
    """A moment before noon."""
    return NOON - timedelta(**parts)


def fill(store: Store) -> None:
    """A home cluster with an upgrade that waits and a few things that fail."""
    store.replace(Topic.TALOS, [talos_node()])
    store.replace(Topic.KUBERNETES, [kubernetes_node()])
    store.replace(Topic.WORKLOADS, [DaemonSet("kube-system", "cilium", 1, 1, "1.18.2")])
    store.replace(Topic.FLUX, flux_objects())
    store.replace(
        Topic.TUPPR,
        [
            TupprUpgrade("TalosUpgrade", "talos", "talos", "v1.13.7", "Completed", completed=ago(days=20)),
            TupprUpgrade(
                "KubernetesUpgrade", "kubernetes", "kubernetes", "v1.36.2", "Completed", completed=ago(days=20)
            ),
        ],
    )
    store.replace(
        Topic.REPOSITORY,
        [RepositoryState("https://github.com/example/home-ops", "main", BASE, ago(seconds=40), (BASE,))],
    )
    store.replace(Topic.UPDATES, updates())
    store.replace(Topic.ASSESSMENTS, [preflight(TALOS)])


def talos_node(**changes: object) -> TalosNode:
    """The one node, as Talos tells of it."""
    node = TalosNode(
        "k8s-control-1",
        "10.0.0.11",
        role="control plane",
        stage="running",
        ready=True,
        talos="v1.13.7",
        schematic="376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba",
        extensions=("siderolabs/i915", "siderolabs/iscsi-tools"),
        etcd=EtcdMember(
            "a1", leader=True, learner=False, db_size=45_000_000, db_in_use=21_000_000, raft_index=9, raft_applied=9
        ),
        cpu=(0.2, 0.25, 0.22, 0.48, 0.31),
        memory=(0.7, 0.7, 0.71, 0.72),
        boot=ago(days=12),
        time_synced=True,
        services=(("apid", "running, healthy"), ("etcd", "running, healthy"), ("kubelet", "running, healthy")),
        asked=ago(seconds=5),
    )
    return replace(node, **changes)  # type: ignore[arg-type]


def kubernetes_node(**changes: object) -> KubernetesNode:
    """The same node, as Kubernetes tells of it."""
    node = KubernetesNode(
        "k8s-control-1",
        "10.0.0.11",
        "v1.36.2",
        "Talos (v1.13.7)",
        ready=True,
        control_plane=True,
        created=ago(days=300),
    )
    return replace(node, **changes)  # type: ignore[arg-type]


def flux_objects() -> list[FluxObject]:
    """One failure, two that wait for it, one suspended, many that are well."""
    source = FluxKey("OCIRepository", "flux-system", "flux-system")
    parent = FluxKey("Kustomization", "observability", "grafana")
    objects = [
        FluxObject(
            GRAFANA,
            "helm.toolkit.fluxcd.io/v2",
            Status.FAILED,
            "UpgradeFailed",
            "Helm upgrade failed for release observability/grafana with chart grafana@9.4.5: "
            "timed out waiting for Deployment grafana",
            since=ago(minutes=14),
            revision="9.4.4",
            managed_by=parent,
            interval="1h",
        ),
        FluxObject(
            parent,
            "kustomize.toolkit.fluxcd.io/v1",
            Status.FAILED,
            "HealthCheckFailed",
            "health check failed: HelmRelease/observability/grafana status: 'Failed'",
            since=ago(minutes=14),
            source=source,
            blames=(GRAFANA,),
        ),
        *(
            FluxObject(
                FluxKey("Kustomization", "observability", name),
                "kustomize.toolkit.fluxcd.io/v1",
                Status.BLOCKED,
                "DependencyNotReady",
                "dependency 'observability/grafana' is not ready",
                since=ago(minutes=14),
                needs=(parent,),
                source=source,
            )
            for name in ("loki", "tempo")
        ),
        FluxObject(
            FluxKey("HelmRelease", "media", "plex"),
            "helm.toolkit.fluxcd.io/v2",
            Status.SUSPENDED,
            last_status=Status.READY,
            since=ago(days=3),
            revision="1.2.0",
            suspended=Suspension("home", "2026-11-19T12:00:00Z", "disk"),
        ),
        FluxObject(
            source,
            "source.toolkit.fluxcd.io/v1",
            Status.READY,
            "Succeeded",
            since=ago(minutes=6),
            revision="latest@sha256:9f3c21a4" + "0" * 56,
            url="oci://ghcr.io/example/home-ops",
        ),
        FluxObject(
            FluxKey("FluxInstance", "flux-system", "flux"),
            "fluxcd.controlplane.io/v1",
            Status.READY,
            since=ago(days=20),
            revision="v2.9.3@sha256:" + "ab" * 32,
        ),
    ]
    for index, name in enumerate(APPS):
        namespace = ("network", "media", "home", "system")[index % 4]
        objects.append(
            FluxObject(
                FluxKey("Kustomization" if index % 2 else "HelmRelease", namespace, name),
                "kustomize.toolkit.fluxcd.io/v1",
                Status.READY,
                "ReconciliationSucceeded",
                since=ago(hours=1 + index),
                revision=f"latest@sha256:9f3c21a4{'0' * 56}" if index % 2 else f"{index}.2.1",
            )
        )
    return objects


APPS = (  # noqa: SIM905 - a list of words
    "cert-manager cilium cloudnative-pg coredns csi-driver-nfs echo external-dns external-secrets frigate gatus "
    "home-assistant homepage immich jellyfin k8s-gateway kube-prometheus-stack metrics-server mosquitto "
    "node-feature-discovery paperless prowlarr radarr reloader rook-ceph-cluster rook-ceph-operator sabnzbd "
    "smartctl-exporter sonarr spegel tuppr volsync zigbee2mqtt"
).split()


def update(branch: str, title: str, change: Change, **more: object) -> Update:
    """One proposal with one change."""
    made = Update(
        branch,
        "5c1e07aa" + "0" * 32,
        BASE,
        title,
        "ready",
        author="home-bot[bot]",
        committed_at=ago(hours=3),
        ahead=1,
        behind=5,
        changes=(change,),
        type=change.type,
        files=(change.file,),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def updates() -> list[Update]:
    """Node upgrades, ordinary ones, one in conflict, one done."""
    talos = Change(
        "ghcr.io/siderolabs/installer",
        "v1.13.7",
        "v1.13.8",
        "patch",
        "docker",
        "kubernetes/apps/system/tuppr/upgrades/talosupgrade.yaml",
        "spec.talos.version",
        8,
    )
    kubelet = Change(
        "ghcr.io/siderolabs/kubelet",
        "v1.36.2",
        "v1.36.3",
        "patch",
        "docker",
        "kubernetes/apps/system/tuppr/upgrades/kubernetesupgrade.yaml",
        "spec.kubernetes.version",
        8,
    )
    found = [
        update(
            TALOS,
            "feat(container): update siderolabs/talos ( v1.13.7 → v1.13.8 )",
            talos,
            system="talos",
            pull=2307,
            committed_at=ago(days=2),
            changes=(talos, replace(talos, file="talos/talenv.yaml", path="talosVersion", line=2)),
            files=(talos.file, "talos/talenv.yaml"),
        ),
        update(
            KUBELET,
            "feat(container): update kubelet",
            kubelet,
            system="kubernetes",
            pull=2311,
            committed_at=ago(hours=9),
        ),
    ]
    for name, old, new, kind, hours in (
        ("ghcr.io/immich-app/immich-server", "v2.4.1", "v3.0.0", "major", 26),
        ("cert-manager", "1.19.2", "1.19.3", "patch", 3),
        ("ghcr.io/home-operations/sonarr", "4.0.16", "4.0.17", "patch", 5),
        ("grafana", "9.4.5", "9.5.0", "minor", 30),
        ("ghcr.io/home-assistant/core", "2026.11.2", "2026.11.3", "patch", 7),
    ):
        short = name.rpartition("/")[2]
        file = f"kubernetes/apps/default/{short}/app/helmrelease.yaml"
        change = Change(name, old, new, kind, "docker", file, "spec.values.image.tag", 31)  # type: ignore[arg-type]
        found.append(
            update(
                f"renovate/{short}",
                f"update {short} to {new}",
                change,
                pull=2290 + hours,
                committed_at=ago(hours=hours),
            )
        )
    tools = [
        Change(f"aqua:{n}", "1.0.0", "1.0.1", "patch", "github-releases", ".mise.toml", "", i)
        for i, n in enumerate(("fluxcd/flux2", "getsops/sops", "helm/helm", "astral-sh/uv"))
    ]
    found.append(
        update(
            "renovate/mise-tools",
            "update mise tools",
            tools[0],
            changes=tuple(tools),
            state="conflict",
            conflicts=(".mise.toml",),
        )
    )
    gone = Change("ghcr.io/koush/scrypted", "v0.1.0", "v0.1.1", "patch", "docker", "kubernetes/apps/home/scrypted.yaml")
    found.append(update("renovate/scrypted", "update scrypted", gone, state="applied", committed_at=ago(days=9)))
    return found


def preflight(branch: str) -> Preflight:
    """Two warnings, some passed, some not asked."""
    return Preflight(
        branch,
        "5c1e07aa",
        BASE,
        "warn",
        (
            Finding(
                "single-control-plane",
                "warn",
                "fail",
                "only control plane: API and apps are away, about 4 min",
                "While k8s-control-1 reboots nothing is scheduled and the API does not answer.",
                source="Talos 1.13, Upgrading",
            ),
            Finding(
                "client-lags",
                "warn",
                "fail",
                ".mise.toml keeps talosctl 1.13.7; #2308 raises it",
                file=".mise.toml",
                line=12,
            ),
            Finding("path-minor", "block", "pass", "path: same minor, newest patch known to the rules"),
            Finding("matrix", "block", "pass", "Kubernetes v1.36.2 is in 1.31–1.36 for Talos 1.13"),
            Finding("etcd", "block", "pass", "etcd: 1 of 1 healthy"),
            Finding("backup-age", "warn", "skipped", "age of the etcd backup", "needs os:etcd:backup"),
        ),
        talos=("v1.13.7", "v1.13.8"),
        at=NOON,
    )


def diff_of(update: Update) -> list[str]:
    """A unified diff as git prints it."""
    lines = []
    for change in update.changes:
        lines += [
            f"diff --git a/{change.file} b/{change.file}",
            f"--- a/{change.file}",
            f"+++ b/{change.file}",
            f"@@ -{change.line},3 +{change.line},3 @@ spec:",
            "   talos:",
            f"-    version: {change.old}",
            f"+    version: {change.new}",
            "   policy:",
        ]
    return lines


def review(update: Update) -> Review:
    """What an approval of ``update`` would write."""
    message = (
        f"Merge {update.branch}: {update.title}\n\nReviewed-commit: {update.head}\nReviewed-base: {update.base}\n"
        "Findings: 2 warnings acknowledged\nApproved-by: Home Operator <home@example.org>\nApproved-via: homeconsole"
    )
    node = update.system is not None
    return Review(
        update,
        preflight(update.branch),
        PlannedCommit(
            message,
            "Home Operator <home@example.org>",
            "Home Operator <home@example.org>",
            (update.base, update.head),
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            "ssh, SHA256:abc",
        ),
        "1f2e3d4c5b6a",
        tuple(diff_of(update)),
        (f"git push --atomic --force-with-lease=main:{update.base[:7]} origin <new>:main :{update.branch}",),
        ("removes " + update.branch, "reconciles flux-system and tuppr-upgrades"),
        typed="v1.13.8" if node else "",
        consequence="k8s-control-1 will reboot; the API is away for about 4 min." if node else "",
        files=tuple(dict.fromkeys(change.file for change in update.changes)),
        leases=(f"main must be at {update.base}; it moves to the commit",),
    )
