"""The part of the tests' desk that is about single Flux objects and about many of them."""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from console.model.flux import FluxKey
from console.model.flux_detail import Condition, Detail, LogLine, Occurrence, Pass
from console.model.flux_graph import settle
from console.model.flux_tree import Brought, Link, Node, Trace
from console.model.inventory import Entry
from console.model.snapshot import Problem, Topic
from console.model.step import Step, StepState
from console.operations.bulk import failing
from console.sources.errors import HomeconsoleError
from console.sources.stop import Stop
from console.store import Store

_AT = datetime(2026, 11, 22, 11, 46, tzinfo=UTC)
_COMMIT = "7d20c4e" + "0" * 33


class FluxObjects:
    """Answers as the demo's grafana would."""

    store: Store
    done: list[tuple[str, ...]]
    fails: HomeconsoleError | None

    def inspect(self, key: FluxKey) -> Detail:
        deployment = Entry(FluxKey("Deployment", key.namespace, key.name), "apps/v1")
        return Detail(
            key,
            "helm.toolkit.fluxcd.io/v2",
            (Condition("Ready", "False", "UpgradeFailed", "timed out waiting for Deployment grafana", _AT),),
            (Pass("failed", f"{key.name}@9.4.5", _AT, _AT, "5m0s", number=7, text="upgrade app 12.2.0"),),
            (deployment,),
            (FluxKey("Secret", key.namespace, f"{key.name}-login"),),
            (Occurrence(_AT, "Warning", "UpgradeFailed", f"{key.name}: timed out", 2, "helm-controller"),),
            self.manifest(key),
        )

    @abstractmethod
    def manifest(self, key: FluxKey) -> str:
        """See Desk."""

    def watch(self, key: FluxKey, stop: Stop) -> Iterator[Detail]:
        if self.fails:
            raise self.fails
        yield self.inspect(key)
        stop.wait(60)

    def logs(self, key: FluxKey, stop: Stop) -> Iterator[LogLine | Problem | None]:
        yield LogLine(_AT, "error", "Reconciler error", "helm-controller", (("error", f"{key.name}: timed out"),))
        stop.wait(60)

    def tree(self, key: FluxKey) -> Node:
        pod = Node(FluxKey("Pod", key.namespace, f"{key.name}-6c9d8"), "v1", "InProgress", "ContainerCreating")
        deployment = FluxKey("Deployment", key.namespace, key.name)
        workload = Node(deployment, "apps/v1", "InProgress", "0/1 ready, 0 updated", (pod,))
        return Node(key, "helm.toolkit.fluxcd.io/v2", "Failed", "UpgradeFailed", (workload,))

    def trace(self, key: FluxKey) -> Trace:
        parent = FluxKey("Kustomization", key.namespace, key.name)
        source = FluxKey("OCIRepository", "flux-system", "flux-system")
        links = (Link(key, "asked", "Failed"), Link(parent, "applied by", "Failed"), Link(source, "source", "Ready"))
        subject = f"feat(helm): update {key.name} ( 9.4.4 → 9.4.5 )"
        commit = Brought(_COMMIT, "home-bot[bot]", subject, _AT, 2299)
        return Trace(links, f"kubernetes/apps/{key.namespace}/{key.name}/app", commit, commit)

    def failing(self) -> Sequence[FluxKey]:
        return failing(settle(self.store.table(Topic.FLUX).items.values()))

    def bulk(
        self,
        verb: str,
        keys: Collection[FluxKey],
        *,
        stop: Stop,
        with_source: bool = False,
        force: bool = False,
        reset: bool = False,
        reason: str = "",
    ) -> Iterator[Step]:
        del stop
        chosen = {"with source": with_source, "force": force, "reset": reset}
        self.done.append((verb, *(key.ref for key in keys), *(word for word, on in chosen.items() if on), reason))
        for key in keys:
            yield Step(key.ref, StepState.WAITING)
        for key in keys:
            yield Step(key.ref, StepState.RUNNING, "asking for a pass")
            yield Step(key.ref, StepState.DONE, "ReconciliationSucceeded")
        yield Step("all", StepState.DONE, f"{len(keys)} done")
