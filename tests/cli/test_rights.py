"""The rights manifest: it is enough, it is no more than what is asked for, and without it the missing verb is named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.demo.thread import DemoThread
from console.model.flux import FluxKey
from console.model.flux_kinds import KINDS
from console.model.flux_tree import Node
from console.model.snapshot import Life, Topic
from console.model.step import StepState
from console.settings import load
from console.sources.errors import Forbidden, HomeconsoleError, Refused
from console.sources.stop import Stop
from console.wiring import Console, rights
from console.wiring.connection import TOPICS
from tests.cli.conftest import Shell
from tests.cli.test_doctor import checks
from tests.cli.test_life import waited

USER = "system:serviceaccount:flux-system:homeconsole"
TUPPR = ("talosupgrades", "kubernetesupgrades")
ALL = (rights.READ, rights.WRITE, rights.LOGS)
SONARR = FluxKey("Kustomization", "media", "sonarr")
# The embedded server lets everybody review their own access, and serves neither replica sets nor cron jobs. The rest is
# asked while an upgrade is under way: tests/operations/test_evidence.py, tests/operations/test_ways_out.py.
UNASKED = {
    ("watch", "", "pods"),
    ("list", "policy", "poddisruptionbudgets"),
    ("watch", "policy", "poddisruptionbudgets"),
    *((verb, "tuppr.home-operations.com", kind) for verb in ("get", "patch") for kind in TUPPR),
    ("create", "authorization.k8s.io", "selfsubjectaccessreviews"),
    ("get", "apps", "replicasets"),
    ("get", "batch", "cronjobs"),
}

Document = dict[str, Any]
DOCUMENTS: list[Document] = list(yaml.safe_load_all(rights.MANIFEST.read_text("utf-8")))


@dataclass
class Rbac:
    """Says who may what by the manifest's bindings alone, as Kubernetes does; the administrator may everything.

    ``asked``: (verb, group, resource) of all that our user was allowed.
    """

    bindings: tuple[str, ...]
    without: tuple[str, str, str] | None = None
    asked: set[tuple[str, str, str]] = field(default_factory=set)

    def __call__(self, user: str, verb: str, group: str, *about: str) -> bool:
        resource, namespace, name = about
        if user != USER:
            return True
        wish = (verb, group, resource)
        may = wish != self.without and any(_covers(rule, wish, name) for rule in self._rules(namespace))
        if may:
            self.asked.add(wish)
        return may

    def _rules(self, namespace: str) -> Iterator[Document]:
        """What holds for our user in a namespace, or, where it is empty, in the whole cluster."""
        for each in DOCUMENTS:
            if each["metadata"]["name"] not in self.bindings or not each["kind"].endswith("Binding"):
                continue
            within = each["metadata"].get("namespace", "")
            subjects = [f"system:serviceaccount:{s['namespace']}:{s['name']}" for s in each["subjects"]]
            if USER in subjects and within in {"", namespace}:
                yield from _role(each["roleRef"]["kind"], each["roleRef"]["name"], within)


def _role(kind: str, name: str, namespace: str) -> list[Document]:
    wanted = (kind, name, namespace)
    found = (d for d in DOCUMENTS if (d["kind"], d["metadata"]["name"], d["metadata"].get("namespace", "")) == wanted)
    return list(next(found)["rules"])


def _covers(rule: Document, wish: tuple[str, str, str], name: str) -> bool:
    verb, group, resource = wish
    names = rule.get("resourceNames")
    here = group in rule.get("apiGroups", ()) and resource in rule.get("resources", ())
    return here and verb in rule["verbs"] and (not names or name in names)


@pytest.fixture
def grant(demo: DemoThread, tmp_path: Path) -> Iterator[Callable[[Rbac], Path]]:
    """From now on the server asks this one; the kubeconfig of our user."""
    access = demo.cluster.api.access

    def granted(rbac: Rbac) -> Path:
        def bind() -> str:
            access.authorize = rbac
            return str(demo.cluster.api.kubeconfig("homeconsole", token=access.token(USER)))

        path = tmp_path / "kubeconfig-of-ours"
        path.write_text(demo.call(bind))
        return path

    def loose() -> None:
        access.authorize = lambda *_: True

    yield granted
    demo.call(loose)


@pytest.fixture
def opened(shell: Shell) -> Iterator[Callable[[Path], Console]]:
    """A desk in write mode for a kubeconfig; every topic of the cluster is live."""
    desks: list[Console] = []

    def desk(kubeconfig: Path) -> Console:
        environment = {**shell.environment, "KUBECONFIG": str(kubeconfig), "HOMECONSOLE_WRITE": "true"}
        console = Console(load({}, environment), folder=shell.folder)
        desks.append(console)
        topics = (*TOPICS, Topic.REPOSITORY, Topic.UPDATES)
        console.start(topics)
        for topic in topics:
            assert waited(console, lambda topic=topic: console.snapshot()[topic].freshness.life is Life.LIVE), topic  # type: ignore[misc]
        return console

    yield desk
    for each in desks:
        each.stop()


@pytest.fixture
def an_older_server(demo: DemoThread) -> Iterator[None]:
    """One that does not begin a watch with what is there: clients list."""
    faults = demo.cluster.api.faults
    demo.call(lambda: faults.answer(422, 10_000, path="sendInitialEvents"))
    yield
    demo.call(faults.release)


def test_with_both_roles_everything_can_be_seen_and_done(
    grant: Callable[[Rbac], Path], opened: Callable[[Path], Console]
) -> None:
    desk = opened(grant(Rbac(ALL)))
    assert not [limit for topic in TOPICS for limit in desk.snapshot()[topic].freshness.limits]
    *_, last = desk.reconcile(SONARR, with_source=True, stop=Stop())
    assert last.state is StepState.DONE
    for resume in (False, True):
        *_, last = desk.suspend(SONARR, resume=resume, reason="a try", stop=Stop())
        assert last.state is StepState.DONE
    assert desk.inspect(SONARR).events
    assert next(desk.logs(SONARR, Stop()))
    pods = [key for key in keys(desk.tree(SONARR)) if key.kind == "Pod"]
    assert desk.trace(pods[0]).applied


@pytest.mark.usefixtures("an_older_server")
def test_nothing_is_granted_that_is_never_asked_for(
    demo: DemoThread, grant: Callable[[Rbac], Path], opened: Callable[[Path], Console]
) -> None:
    rbac = Rbac(ALL)
    desk = opened(grant(rbac))
    for kind in KINDS:
        nobody = FluxKey(kind, "flux-system", "nobody")
        gone(lambda key=nobody: desk.inspect(key))  # type: ignore[misc]
        gone(lambda key=nobody: list(desk.suspend(key, resume=False, reason="", stop=Stop())))  # type: ignore[misc]
    for kind in ("Pod", "Deployment", "StatefulSet", "DaemonSet", "Job"):
        gone(lambda kind=kind: desk.trace(FluxKey(kind, "flux-system", "nobody")))  # type: ignore[misc]
    next(desk.logs(SONARR, Stop()))
    stop = Stop()
    for number, _ in enumerate(desk.watch(SONARR, stop)):
        if ("watch", "", "events") in rbac.asked:
            stop.set()
        patch = {"metadata": {"labels": {"number": str(number)}}}
        demo.call(lambda patch=patch: demo.cluster.store.patch(SONARR.kind, SONARR.name, SONARR.namespace, patch))
    granted = {(right.verb, right.group, right.resource) for right in rights.wanted(*ALL)}
    assert granted - rbac.asked == UNASKED


def test_the_roles_name_the_kinds_that_the_code_knows() -> None:
    flux = {(kind.group, kind.plural) for kind in KINDS.values()}
    assert {(r.group, r.resource) for r in rights.wanted(rights.READ) if r.verb == "watch"} >= flux
    changed = {(kind.group, kind.plural) for kind in KINDS.values() if kind.suspendable}
    assert {(r.group, r.resource, r.verb) for r in rights.wanted(rights.WRITE)} == {
        (*kind, "patch") for kind in changed | {("tuppr.home-operations.com", kind) for kind in TUPPR}
    }


class TestWithTheReadingRoleAlone:
    @pytest.mark.parametrize("verb", ["reconcile", "suspend"])
    def test_a_write_is_refused_with_the_missing_verb(
        self, grant: Callable[[Rbac], Path], opened: Callable[[Path], Console], verb: str
    ) -> None:
        desk = opened(grant(Rbac((rights.READ,))))
        steps = (
            desk.reconcile(SONARR, with_source=False, stop=Stop())
            if verb == "reconcile"
            else desk.suspend(SONARR, resume=False, reason="", stop=Stop())
        )
        with pytest.raises(Refused) as caught:
            next(steps)
        assert caught.value.kind == "forbidden"
        assert '"patch" on kustomizations.kustomize.toolkit.fluxcd.io' in caught.value.hint

    def test_lines_of_controllers_are_refused_with_the_missing_verb(
        self, grant: Callable[[Rbac], Path], opened: Callable[[Path], Console]
    ) -> None:
        desk = opened(grant(Rbac((rights.READ,))))
        with pytest.raises(Forbidden, match="get pods/log"):
            next(desk.logs(SONARR, Stop()))


class TestDoctor:
    def ran(self, shell: Shell, kubeconfig: Path, *words: str) -> tuple[int, dict[str, dict[str, str]]]:
        ran = shell.run("doctor", "--kubeconfig", str(kubeconfig), *words, "-o", "json")
        return ran.code, checks(ran.json)

    def test_has_nothing_to_say_against_both_roles(self, grant: Callable[[Rbac], Path], shell: Shell) -> None:
        code, found = self.ran(shell, grant(Rbac(ALL)), "--write")
        assert code == 0
        assert {found[name]["state"] for name in ("kubernetes", "rights to look", "rights to act")} == {"ok"}

    def test_names_the_verb_that_writing_lacks(self, grant: Callable[[Rbac], Path], shell: Shell) -> None:
        code, found = self.ran(shell, grant(Rbac((rights.READ, rights.LOGS))), "--write")
        assert code == 1
        assert found["rights to look"]["state"] == "ok"
        assert found["rights to act"]["state"] == "bad"
        assert "patch kustomizations.kustomize.toolkit.fluxcd.io" in found["rights to act"]["found"]
        assert found["rights to act"]["command"] == "homeconsole manifests rights | kubectl apply -f -"
        assert shell.run("manifests", "rights").out == rights.MANIFEST.read_text()

    def test_in_read_only_mode_does_not_ask_for_it(self, grant: Callable[[Rbac], Path], shell: Shell) -> None:
        code, found = self.ran(shell, grant(Rbac((rights.READ, rights.LOGS))))
        assert (code, found["rights to act"]["state"]) == (0, "skipped")

    def test_names_a_kind_that_can_not_be_read(self, grant: Callable[[Rbac], Path], shell: Shell) -> None:
        rbac = Rbac(ALL, without=("watch", "notification.toolkit.fluxcd.io", "receivers"))
        code, found = self.ran(shell, grant(rbac))
        assert code == 1
        assert found["rights to look"]["found"] == "may not watch receivers.notification.toolkit.fluxcd.io"
        assert found["kubernetes"]["state"] == "ok"  # it is not said twice

    def test_names_what_only_details_lack_as_no_more_than_a_warning(
        self, grant: Callable[[Rbac], Path], shell: Shell
    ) -> None:
        code, found = self.ran(shell, grant(Rbac((rights.READ,))))
        assert (code, found["rights to look"]["state"]) == (0, "warn")
        assert found["rights to look"]["found"] == ("may not get pods/log in flux-system; get pods/log in system")

    def test_who_may_nothing_is_told_so(self, grant: Callable[[Rbac], Path], shell: Shell) -> None:
        code, found = self.ran(shell, grant(Rbac(())))
        assert code == 1
        assert "list, watch nodes" in found["rights to look"]["found"]


def keys(node: Node) -> Iterator[FluxKey]:
    """All of a tree."""
    yield node.key
    for child in node.children:
        yield from keys(child)


def gone(look: Callable[[], object]) -> None:
    """There is nobody of that name, or nothing to be done with it."""
    with pytest.raises(HomeconsoleError) as caught:
        look()
    assert caught.value.kind in {"not-found", "static", "refused"}, caught.value
