"""The real kubectl, where there is one."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.demo.api.conftest import REAL
from tests.demo.api.target import KUSTOMIZATIONS, TALOS, Api, Embedded, Target, event, node, pod, unique, upgrade
from tests.live.parts import built, part

if TYPE_CHECKING:
    from tests.live.apiserver import RealServer


OLDEST = 29
NEWEST = pytest.param("embedded", id="embedded-newest", marks=pytest.mark.live)


@pytest.fixture(params=["embedded", NEWEST, REAL])
def target(request: pytest.FixtureRequest) -> Target:
    """In the second tier the embedded server once more: with the kubectl of Kubernetes' present release."""
    server: Embedded | RealServer = request.getfixturevalue(request.param)
    return server.target


@pytest.fixture
def executable(request: pytest.FixtureRequest) -> str:
    """The kubectl on PATH, unless it is too old; in the second tier the newest that is here."""
    if request.node.get_closest_marker("live"):
        return str(built() / "kubectl" if (built() / "kubectl").exists() else part("kubectl"))
    why_not = _unusable()
    if why_not:
        pytest.skip(why_not)
    return "kubectl"


@cache
def _unusable() -> str:
    """Why the one on PATH can't be taken, empty when it can."""
    if not shutil.which("kubectl"):
        return "no kubectl on PATH"
    told = subprocess.run(
        ["kubectl", "version", "--client", "-o", "json"],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "KUBECONFIG": os.devnull},
        check=False,
    )
    version = json.loads(told.stdout or "{}").get("clientVersion", {}).get("gitVersion", "v0.0.0")
    minor = int(version.split(".")[1])
    return "" if minor >= OLDEST else f"kubectl {version} is older than v1.{OLDEST}: it validates by OpenAPI v2"


class Kubectl:
    """Runs commands with a kubeconfig and a home of its own."""

    def __init__(self, executable: str, target: Target, token: str, folder: Path) -> None:
        self.executable = executable
        user = {"token": token}
        cluster = {"server": target.url, "certificate-authority": str(target.authority)}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "home", "cluster": cluster}],
            "users": [{"name": "me", "user": user}],
            "contexts": [{"name": "me", "context": {"cluster": "home", "user": "me"}}],
            "current-context": "me",
        }
        folder.mkdir()
        (folder / "kubeconfig").write_text(json.dumps(content))
        self._environment = {**os.environ, "HOME": str(folder), "KUBECONFIG": str(folder / "kubeconfig")}

    def run(self, command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.executable, *command.split()],
            input=given,
            capture_output=True,
            text=True,
            timeout=30,
            env=self._environment,
            check=False,
        )

    def __call__(self, command: str, given: str = "") -> str:
        done = self.run(command, given)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, command: str) -> Any:
        return json.loads(self(f"{command} -o json"))

    @contextmanager
    def running(self, command: str) -> Iterator[subprocess.Popen[str]]:
        """Runs while inside."""
        with subprocess.Popen(
            [self.executable, *command.split()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self._environment,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture
def kubectl(executable: str, target: Target, tmp_path: Path) -> Kubectl:
    return Kubectl(executable, target, target.admin, tmp_path / "admin")


@pytest.fixture
def talos(api: Api) -> str:
    name = unique("talos")
    api.made(TALOS, upgrade(name))
    return name


@pytest.fixture
def app(api: Api, namespace: str) -> str:
    """A Kustomization, as kubectl names it."""
    kind = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization"}
    path = f"{KUSTOMIZATIONS}/namespaces/{namespace}/kustomizations"
    api.made(path, kind | {"metadata": {"name": "app"}, "spec": {"path": "./app"}})
    status = {"conditions": [{"type": "Ready", "status": "True", "message": "Applied revision: main"}]}
    api.patch(f"{path}/app/status", {"status": status})
    return f"ks/app -n {namespace}"


@pytest.fixture
def machine(api: Api) -> Iterator[str]:
    name = unique("node")
    api.made("/api/v1/nodes", node(name))
    yield name
    api("DELETE", f"/api/v1/nodes/{name}")


def test_get_shows_columns(kubectl: Kubectl, app: str, machine: str) -> None:
    header, row = kubectl(f"get {app}").splitlines()
    assert header.split() == ["NAME", "AGE", "READY", "STATUS"]
    assert row.split()[2:] == ["True", "Applied", "revision:", "main"]
    assert kubectl("get kustomizations -A").splitlines()[0].split()[0] == "NAMESPACE"
    assert "Talos (v1.13.7)" in kubectl(f"get node {machine} -o wide")


def test_get_gives_yaml_names_and_paths(kubectl: Kubectl, app: str) -> None:
    assert "path: ./app" in kubectl(f"get {app} -o yaml")
    assert kubectl(f"get {app} -o name").strip() == "kustomization.kustomize.toolkit.fluxcd.io/app"
    assert kubectl(f"get {app} -o jsonpath={{.spec.path}}") == "./app"


def test_describe_shows_events(kubectl: Kubectl, api: Api, app: str) -> None:
    namespace = app.rsplit(maxsplit=1)[-1]
    found = kubectl.json(f"get {app}")
    about = {"kind": "Kustomization", "name": "app", "namespace": namespace, "uid": found["metadata"]["uid"]}
    api.made(f"/api/v1/namespaces/{namespace}/events", event("e", about))
    assert "as it is" in kubectl(f"describe {app}")
    assert "Kustomization/app" in kubectl(f"events -n {namespace}")


def test_describe_node(kubectl: Kubectl, machine: str) -> None:
    assert "KubeletReady" not in kubectl(f"describe node {machine}")
    assert "Kubelet Version:" in kubectl(f"describe node {machine}")


def test_annotate_and_label(kubectl: Kubectl, app: str) -> None:
    kubectl(f"annotate --overwrite {app} reconcile.fluxcd.io/requestedAt=now")
    kubectl(f"label {app} tier=home")
    metadata = kubectl.json(f"get {app}")["metadata"]
    assert metadata["annotations"] == {"reconcile.fluxcd.io/requestedAt": "now"}
    assert metadata["labels"] == {"tier": "home"}
    kubectl(f"annotate {app} reconcile.fluxcd.io/requestedAt-")
    assert "annotations" not in kubectl.json(f"get {app}")["metadata"]


def test_patch_spec_and_status(kubectl: Kubectl, talos: str) -> None:
    kubectl(f'patch talosupgrade {talos} --type merge -p {{"spec":{{"talos":{{"version":"v1.13.9"}}}}}}')
    kubectl(f'patch talosupgrade {talos} --subresource=status --type merge -p {{"status":{{"phase":"Draining"}}}}')
    found = kubectl.json(f"get talosupgrade {talos}")
    assert (found["spec"]["talos"]["version"], found["status"]["phase"]) == ("v1.13.9", "Draining")
    refused = kubectl.run(f"patch talosupgrade {talos} -p {{}}")
    assert "application/strategic-merge-patch+json is not supported by" in refused.stderr


def test_wait_sees_a_phase_come(kubectl: Kubectl, api: Api, talos: str) -> None:
    with kubectl.running(
        f"wait talosupgrade/{talos} --for=jsonpath={{.status.phase}}=Completed --timeout=20s"
    ) as waiting:
        api.patch(f"{TALOS}/{talos}/status", {"status": {"phase": "Upgrading"}})
        api.patch(f"{TALOS}/{talos}/status", {"status": {"phase": "Completed"}})
        told, _ = waiting.communicate(timeout=25)
    assert (waiting.returncode, "condition met" in told) == (0, True)


def test_get_w_shows_phases_as_they_come(kubectl: Kubectl, api: Api, talos: str) -> None:
    # As a list: of one by its name kubectl drops what comes before its watch has begun.
    with kubectl.running(f"get talosupgrade --field-selector metadata.name={talos} -w --no-headers") as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline().split()[0] == talos
        for phase in ("Draining", "Upgrading", "Rebooting"):
            api.patch(f"{TALOS}/{talos}/status", {"status": {"phase": phase}})
            assert watching.stdout.readline().split()[1] == phase


def test_apply_changes_and_deletes(kubectl: Kubectl, namespace: str) -> None:
    def manifest(value: str) -> str:
        kind = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one", "namespace": namespace}}
        return json.dumps(kind | {"data": {"key": value}})

    assert "created" in kubectl("apply -f -", manifest("a"))
    assert "unchanged" in kubectl("apply -f -", manifest("a"))
    assert "configured" in kubectl("apply -f -", manifest("b"))
    assert kubectl.json(f"get cm one -n {namespace}")["data"] == {"key": "b"}
    assert "serverside-applied" in kubectl("apply --server-side --force-conflicts -f -", manifest("c"))
    assert "deleted" in kubectl("delete -f -", manifest("c"))
    assert "NotFound" in kubectl.run(f"get cm one -n {namespace}").stderr


def test_apply_of_a_custom_kind_is_validated_by_the_server(kubectl: Kubectl) -> None:
    wanted = upgrade(unique("talos"))
    assert "created" in kubectl("apply -f -", json.dumps(wanted))
    wanted["spec"]["nope"] = 1
    assert 'unknown field "spec.nope"' in kubectl.run("apply -f -", json.dumps(wanted)).stderr


def test_cordon_taint_and_uncordon(kubectl: Kubectl, machine: str) -> None:
    kubectl(f"cordon {machine}")
    kubectl(f"taint node {machine} home/outdated=:PreferNoSchedule")
    spec = kubectl.json(f"get node {machine}")["spec"]
    assert spec["unschedulable"] is True
    assert "home/outdated" in {taint["key"] for taint in spec["taints"]}
    kubectl(f"taint node {machine} home/outdated-")
    kubectl(f"uncordon {machine}")
    spec = kubectl.json(f"get node {machine}").get("spec", {})
    assert not spec.get("unschedulable")
    assert "home/outdated" not in {taint["key"] for taint in spec.get("taints", ())}


def test_drain_waits_for_a_budget(kubectl: Kubectl, api: Api, namespace: str, pods: str, machine: str) -> None:
    owned = pod("db", node=machine, app="db")
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "db", "uid": "1", "controller": True}
    owned["metadata"]["ownerReferences"] = [owner]
    api.made(pods, owned)
    ready = [{"type": "Ready", "status": "True"}]
    api.patch(f"{pods}/db/status", {"status": {"phase": "Running", "conditions": ready}})
    kind = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "db"}}
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "db"}}}
    budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
    generation = api.made(budgets, kind | {"spec": spec})["metadata"]["generation"]
    status = {"observedGeneration": generation, "disruptionsAllowed": 0, "desiredHealthy": 1, "currentHealthy": 1}
    api.patch(f"{budgets}/db/status", {"status": status | {"expectedPods": 1}})
    drained = kubectl.run(f"drain {machine} --timeout=2s")
    assert "(will retry after 5s)" in drained.stderr
    assert drained.returncode != 0


def test_what_one_may(kubectl: Kubectl, target: Target, tmp_path: Path) -> None:
    assert kubectl("auth can-i patch talosupgrades").strip() == "yes"
    viewer = Kubectl(kubectl.executable, target, target.viewer, tmp_path / "viewer")
    assert viewer.run("auth can-i delete pods").stdout.strip() == "no"
    assert 'User "viewer" cannot list resource "nodes"' in viewer.run("get nodes").stderr
    assert "viewer" in viewer("auth whoami")


def test_what_there_is(kubectl: Kubectl) -> None:
    listed = kubectl("api-resources --no-headers")
    assert "talosupgrades" in listed
    assert "helmreleases" in listed
    assert "fluxcd" in kubectl("api-resources -o wide")
    assert kubectl.json("version")["serverVersion"]["major"] == "1"
    assert "is running at" in kubectl("cluster-info")


def test_a_wrong_token_is_told(executable: str, target: Target, tmp_path: Path) -> None:
    stranger = Kubectl(executable, target, "wrong", tmp_path / "stranger")
    assert "You must be logged in to the server" in stranger.run("get nodes").stderr


@pytest.mark.parametrize("target", ["embedded", NEWEST], indirect=True)
def test_logs_and_namespaces(kubectl: Kubectl, api: Api) -> None:
    """A real API server alone has neither: a kubelet writes logs, a controller empties namespaces."""
    name = unique("made")
    assert "created" in kubectl(f"create namespace {name}")
    api.made(f"/api/v1/namespaces/{name}/pods", pod("one"))
    assert kubectl(f"logs one -n {name}").strip()
    assert "deleted" in kubectl(f"delete namespace {name}")
    assert api.get(f"/api/v1/namespaces/{name}").status == 404
