"""The cluster as a whole: its starting states, its folder, its life as a process."""

import asyncio
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.demo import folder
from console.demo.cluster import DemoCluster
from console.demo.controllers.objects import condition
from console.demo.seed import SCENARIOS
from console.demo.talosctl.resources.machine import extensions_of
from console.demo.thread import DemoThread
from console.demo.world import Topology

FROZEN = datetime(2026, 11, 22, 12, tzinfo=UTC)
TALCONFIG = "talos/talconfig.yaml"
KUBECTL = shutil.which("kubectl")


def not_ready(demo: DemoCluster) -> dict[str, str]:
    found = {}
    for kind in ("OCIRepository", "HelmRepository", "HelmChart", "Kustomization", "HelmRelease", "FluxInstance"):
        for obj in demo.store.list(kind):
            ready = condition(obj, "Ready")
            if ready is None and obj["spec"].get("type") != "oci":
                found[f"{kind}/{obj['metadata']['name']}"] = "nothing"
            elif ready and ready["status"] != "True":
                found[f"{kind}/{obj['metadata']['name']}"] = ready["reason"]
    return found


@pytest.mark.parametrize("nodes", [1, 3])
@pytest.mark.parametrize("source", ["oci", "git"])
async def test_a_healthy_cluster_has_nothing_that_is_not_ready(nodes: int, source: str) -> None:
    async with DemoCluster(Topology(scenario="healthy", nodes=nodes, source=source, frozen=FROZEN)) as demo:
        assert not_ready(demo) == {}
        for name in ("talos", "kubernetes"):
            kind = f"{name.capitalize()}Upgrade"
            assert demo.store.list(kind)[0]["status"]["phase"] == "Completed"
        assert len(demo.store.list("Node")) == nodes


async def test_held_has_a_failing_release_three_that_wait_for_it_and_one_suspended() -> None:
    async with DemoCluster(Topology(frozen=FROZEN)) as demo:
        assert not_ready(demo) == {
            "OCIRepository/gatus": "OCIArtifactPullFailed",
            "HelmRelease/grafana": "UpgradeFailed",
            "Kustomization/grafana": "HealthCheckFailed",
            "Kustomization/loki": "DependencyNotReady",
            "Kustomization/tempo": "DependencyNotReady",
            "Kustomization/alloy": "DependencyNotReady",
        }
        grafana = demo.store.get("HelmRelease", "grafana", "observability") or {}
        assert (condition(grafana, "Ready") or {})["lastTransitionTime"].startswith("2026-11-22T11:46")
        plex = demo.store.get("HelmRelease", "plex", "media") or {}
        assert plex["spec"]["suspend"] is True
        assert plex["metadata"]["annotations"]["homeconsole/suspended-reason"] == "disk"


async def test_failing_has_its_root_cause_three_dependencies_deep() -> None:
    async with DemoCluster(Topology(scenario="failing", frozen=FROZEN)) as demo:
        chain, name, namespace = [], "immich", "media"
        while True:
            message = str((condition(demo.store.get("Kustomization", name, namespace) or {}, "Ready") or {})["message"])
            if not message.startswith("dependency '"):
                break
            namespace, name = message.split("'")[1].split("/")
            chain.append(name)
        assert chain == ["postgres", "cloudnative-pg", "longhorn"]
        assert "HelmRelease/longhorn-system/longhorn status: 'Failed'" in message


async def test_no_moment_of_the_past_lies_in_the_future() -> None:
    for scenario in SCENARIOS:
        async with DemoCluster(Topology(scenario=scenario, nodes=3, frozen=FROZEN)) as demo:
            text = json.dumps(
                [
                    o
                    for kind in ("Kustomization", "HelmRelease", "TalosUpgrade", "Event", "Pod", "Node")
                    for o in demo.store.list(kind)
                ]
            )
            stamps = {part[:20] for part in text.split('"') if part[:2] == "20" and part[19:20] == "Z"}
            assert max(stamps) <= "2026-11-22T12:00:00Z", scenario


async def test_a_frozen_cluster_is_the_same_in_every_run() -> None:
    async def everything() -> str:
        async with DemoCluster(Topology(nodes=3, scenario="upgrade-running", frozen=FROZEN)) as demo:
            kinds = ("Node", "Pod", "Event", "Job", "Kustomization", "HelmRelease", "OCIRepository", "TalosUpgrade")
            return json.dumps([demo.store.list(kind) for kind in kinds]).replace(str(demo.folder), "FOLDER")

    assert await everything() == await everything()


async def test_the_machines_run_the_schematic_that_the_repository_asks_for() -> None:
    async with DemoCluster(Topology(nodes=3, frozen=FROZEN)) as demo:
        files = demo.site.repository.files(demo.site.repository.head())
        asked = set(re.findall(rb"talosImageURL: factory\.talos\.dev/metal-installer/([0-9a-f]{64})", files[TALCONFIG]))
        assert [schematic.decode() for schematic in asked] == [demo.world.control_planes[0].schematic]
        assert {machine.schematic for machine in demo.world.machines.values()} == {asked.pop().decode()}


async def test_the_schematic_is_the_one_of_the_extensions_that_the_machines_have() -> None:
    async with DemoCluster(Topology(frozen=FROZEN)) as demo:
        machine = demo.world.control_planes[0]
        names = "".join(f"            - siderolabs/{name}\n" for name, _, _ in extensions_of(machine))
        text = f"customization:\n    systemExtensions:\n        officialExtensions:\n{names}"
        assert machine.schematic == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("source", ["oci", "git"])
async def test_what_flux_follows_names_the_repository_where_it_can_be_read(source: str) -> None:
    async with DemoCluster(Topology(source=source, frozen=FROZEN)) as demo:
        if source == "oci":
            obj = demo.store.get("OCIRepository", "flux-system", "flux-system") or {}
            url = obj["status"]["artifact"]["metadata"]["org.opencontainers.image.source"]
        else:
            obj = demo.store.get("GitRepository", "flux-system", "flux-system") or {}
            url = obj["spec"]["url"]
        command = ["git", "ls-remote", url, "refs/heads/main"]
        told = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True, timeout=30)
        assert told.stdout.split()[0] == demo.site.repository.head()


async def test_nothing_moves_in_a_frozen_cluster() -> None:
    async with DemoCluster(Topology(nodes=3, scenario="upgrade-running", frozen=FROZEN, speed=2000)) as demo:
        before = demo.store.revision
        for _ in range(1000):  # whatever is due has its turn
            await asyncio.sleep(0)
        assert demo.store.revision == before


def test_scale_adds_that_many_flux_objects() -> None:
    with DemoThread(Topology(scale=120, frozen=FROZEN)) as demo:
        kinds = ("HelmRelease", "Kustomization", "OCIRepository")
        label = {"demo.homeconsole/passive": "true"}
        assert sum(len(demo.call(lambda k=kind: demo.store.list(k, None, label))) for kind in kinds) == 120


# The folder


def test_the_folder_is_private_and_gone_at_the_end() -> None:
    with DemoThread(Topology(frozen=FROZEN)) as demo:
        path = demo.folder
        assert path.stat().st_mode & 0o777 == 0o700
        assert demo.kubeconfig.stat().st_mode & 0o777 == 0o600
        names = {entry.name for entry in path.iterdir()}
        assert {"kubeconfig", "talosconfig", "bin", "home-ops.git", "talos.sock", "lock"} <= names
    assert not path.exists()
    assert "demo" not in {thread.name for thread in threading.enumerate()}


def test_an_unknown_scenario_leaves_nothing_behind(tmp_path: Path) -> None:
    short = tmp_path
    with pytest.raises(KeyError), DemoThread(Topology(scenario="no such"), within=short):
        pass
    assert list(short.iterdir()) == []


def test_a_folder_whose_lock_is_held_is_left_alone_and_one_whose_lock_is_free_is_swept(tmp_path: Path) -> None:
    dead = tmp_path / f"{folder.PREFIX}dead"
    dead.mkdir()
    (dead / "lock").write_text("{}")
    foreign = tmp_path / "something-else"
    foreign.mkdir()
    with folder.private(within=tmp_path) as alive:
        assert not dead.exists()
        assert folder.sweep(tmp_path) == []
        assert alive.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["something-else"]


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "lock").touch()
    (tmp_path / f"{folder.PREFIX}link").symlink_to(precious)
    folder.sweep(tmp_path)
    assert precious.exists()


# The process

SERVE = """
import sys
from console.demo.cluster import serve
from console.demo.world import Topology
sys.exit(serve(Topology(speed=200), with_parent={leashed}))
"""


class Served:
    """A cluster in a process of its own."""

    def __init__(self, *, leashed: bool) -> None:
        command = [sys.executable, "-c", SERVE.format(leashed=leashed)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.environment: dict[str, str] = {}
        assert self.process.stdout
        for line in self.process.stdout:
            word, assignment = shlex.split(line)
            assert word == "export"
            name, _, value = assignment.partition("=")
            self.environment[name] = value
            if name == "HOMECONSOLE_REPOSITORY":
                break

    @property
    def folder(self) -> Path:
        return Path(self.environment["KUBECONFIG"]).parent

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **self.environment}
        return subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=False)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


@pytest.fixture(params=[False])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    found = Served(leashed=request.param)
    yield found
    found.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_cleans_up_after_a_signal(served: Served, number: signal.Signals) -> None:
    assert served.folder.exists()
    served.process.send_signal(number)
    assert served.process.wait(20) == 0
    assert not served.folder.exists()


@pytest.mark.parametrize("served", [True], indirect=True)
def test_it_ends_with_its_leash(served: Served) -> None:
    assert served.process.stdin
    served.process.stdin.close()
    assert served.process.wait(20) == 0
    assert not served.folder.exists()


def test_the_next_demo_sweeps_what_a_kill_left(served: Served) -> None:
    served.process.kill()
    served.process.wait(10)
    assert served.folder.exists()
    folder.sweep(served.folder.parent)
    assert not served.folder.exists()


def test_its_exports_lead_to_all_three_neighbours(served: Served) -> None:
    assert list(served.environment) == ["KUBECONFIG", "TALOSCONFIG", "PATH", "HOMECONSOLE_REPOSITORY"]
    version = served.run("talosctl", "version", "--client")
    assert "v1.13" in version.stdout
    heads = served.run("git", "ls-remote", "--heads", served.environment["HOMECONSOLE_REPOSITORY"])
    assert "refs/heads/main" in heads.stdout


@pytest.mark.skipif(not KUBECTL, reason="needs kubectl")
def test_kubectl_watches_an_upgrade_that_kubectl_started(served: Served) -> None:
    patch = json.dumps({"spec": {"talos": {"version": "v1.13.8"}}})
    command = ["kubectl", "get", "talosupgrade", "-w", "--no-headers", "-o", "custom-columns=PHASE:.status.phase"]
    env = {**os.environ, **served.environment}
    seen: list[str] = []
    while not ("Rebooting" in seen and seen[-1] == "Completed"):
        # The API server goes away with the only node; kubectl ends then, and is started again.
        with subprocess.Popen(
            ["timeout", "60", *command], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as watch:
            assert watch.stdout
            for line in watch.stdout:
                if not seen:
                    result = served.run("kubectl", "patch", "talosupgrade", "talos", "--type=merge", "-p", patch)
                    assert result.returncode == 0, result.stderr
                seen += [line.strip()]
                if "Rebooting" in seen and seen[-1] == "Completed":
                    watch.terminate()
    order = [word for word in ("HealthChecking", "Draining", "Upgrading", "Rebooting") if word in seen]
    positions = [seen.index(word) for word in order]
    assert positions == sorted(positions)
    assert "Draining" in seen


@pytest.mark.skipif(not KUBECTL, reason="needs kubectl")
def test_kubectl_sees_the_platform(served: Served) -> None:
    nodes = json.loads(served.run("kubectl", "get", "nodes", "-o", "json").stdout)["items"]
    assert nodes[0]["status"]["nodeInfo"]["osImage"] == "Talos (v1.13.7)"
    cilium = json.loads(served.run("kubectl", "-n", "kube-system", "get", "daemonset", "cilium", "-o", "json").stdout)
    assert cilium["status"]["numberReady"] == cilium["status"]["desiredNumberScheduled"] == 1
    described = served.run("kubectl", "-n", "observability", "describe", "helmrelease", "grafana")
    assert "Helm upgrade failed for release observability/grafana" in described.stdout
