"""The states that the cluster can start in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from console.demo.controllers import tuppr
from console.demo.controllers.crew import Crew
from console.demo.controllers.flux import with_finalizer
from console.demo.controllers.objects import Key, Obj, stamp, uid
from console.demo.controllers.site import SeedTime, Site, live_at_once
from console.demo.seed import platform

TALOS = Key("TalosUpgrade", "", "talos")
KUBERNETES = Key("KubernetesUpgrade", "", "kubernetes")
UPGRADED = timedelta(days=20)  # since the last Talos upgrade
TIMED_OUT = "context deadline exceeded"
MINUTE = timedelta(minutes=1)

GRAFANA = Key("HelmRelease", "observability", "grafana")
LONGHORN = Key("HelmRelease", "longhorn-system", "longhorn")
GATUS = Key("OCIRepository", "observability", "gatus")
PLEX = Key("HelmRelease", "media", "plex")
# What carries the approved version was applied as soon as its artifact was there: tuppr began after that.
APPLIED = {Key("Kustomization", "system", "tuppr-upgrades"): UPGRADED}


def _nothing(site: Site) -> None:
    del site


def _settled(site: Site, crew: Crew, time: SeedTime) -> None:
    """Both upgrades ended well, long ago."""
    del crew
    present = time.moment
    names = sorted(site.world.machines)
    time.moment = present - UPGRADED
    message = f"Successfully upgraded {len(names)} nodes"
    tuppr.write_phase(site, TALOS, "Completed", message, updates=_lists(names))
    time.moment = present - UPGRADED * 2
    version = site.world.kubernetes
    updates = {"currentVersion": version, "targetVersion": version, "controllerNode": "", "retries": 0}
    message = f"Cluster successfully upgraded to {version}"
    tuppr.write_phase(site, KUBERNETES, "Completed", message, updates=updates)
    time.moment = present
    for key, name in ((TALOS, "talos-finalizer"), (KUBERNETES, "kubernetes-finalizer")):
        if obj := site.get(key):
            with_finalizer(site, obj, f"{tuppr.GROUP}/{name}")


@dataclass(frozen=True, slots=True)
class Scenario:
    """``begin`` is called before the present state of the repository is lived, ``end`` when all is settled.

    ``ages`` are those of the last passes that must have begun some time ago.
    """

    begin: Callable[[Site], None] = _nothing
    end: Callable[[Site, Crew, SeedTime], None] = _settled
    ages: Mapping[Key, timedelta] = field(default_factory=dict)


def _lists(completed: list[str], **more: object) -> Obj:
    return {
        "currentNode": "",
        "completedNodes": completed,
        "failedNodes": [],
        "rebootingNodes": [],
        "prePulledNodes": [],
        "preHookIndex": 0,
        "postHookIndex": 0,
        "preHookFailed": False,
        "completionCycles": 0,
        **more,
    }


# Something fails


def _held_begin(site: Site) -> None:
    site.faults.releases[GRAFANA] = TIMED_OUT
    registry = "https://ghcr.io/v2/bjw-s-labs/helm/app-template/manifests"
    tag = ((site.get(GATUS) or {}).get("spec", {}).get("ref") or {}).get("tag", "latest")
    problem = f"failed to determine artifact digest: GET {registry}/{tag}: TOOMANYREQUESTS: retry-after: 618µs"
    site.faults.sources[GATUS] = problem


def _held_end(site: Site, crew: Crew, time: SeedTime) -> None:
    _settled(site, crew, time)
    present = time.moment
    time.moment = present - 26 * MINUTE
    live_at_once(crew.sources.reconcile(GATUS))
    time.moment = present
    notes = {
        "homeconsole/suspended-by": "operator",
        "homeconsole/suspended-at": stamp(present - timedelta(days=3)),
        "homeconsole/suspended-reason": "disk",
    }
    patch = {"metadata": {"annotations": notes}, "spec": {"suspend": True}}
    site.store.patch(PLEX.kind, PLEX.name, PLEX.namespace, patch)


def _failing_begin(site: Site) -> None:
    site.faults.releases[LONGHORN] = f"pre-upgrade hooks failed: 1 error occurred: * {TIMED_OUT}"


# An upgrade is underway, or went wrong


def _pulled(site: Site) -> list[Obj]:
    target = site.topology.talos_next
    return [
        {"nodeName": m.name, "nodeUID": uid("node", m.name), "image": tuppr.installer(m, target)}
        for m in (site.world.machines[name] for name in sorted(site.world.machines))
    ]


def _lagging(site: Site, done: list[str]) -> None:
    for name in site.world.machines:
        tuppr.taint_outdated(site, name, on=name not in done)


def _started(site: Site, ago: timedelta, time: SeedTime) -> None:
    present = time.moment
    time.moment = present - ago
    if obj := site.get(TALOS):
        target = obj["spec"]["talos"]["version"]
        site.event(obj, "UpgradeStarted", f"Talos upgrade to {target} started", component=tuppr.TALOS_COMPONENT)
    time.moment = present


def _running(site: Site, crew: Crew, time: SeedTime) -> None:
    """The installer runs: on the only node, or on the second one."""
    _settled(site, crew, time)
    present = time.moment
    names = sorted(site.world.machines)
    done = names[:1] if len(names) > 1 else []
    for name in done:
        machine = site.world.machines[name]
        machine.talos, machine.booted = site.topology.talos_next, present - 2 * MINUTE
        crew.nodes.show(machine)
    machine = site.world.machines[names[len(done)]]
    _lagging(site, done)
    _started(site, MINUTE / 2, time)
    time.moment = present - MINUTE / 3
    upgrade = site.get(TALOS)
    if upgrade is None:
        return
    job = crew.jobs.create_talos(upgrade, machine)
    tuppr.label_upgrading(site, machine.name, on=True)
    crew.nodes.cordon(machine, on=True)
    node = {"currentNode": machine.name, "currentNodes": [machine.name]}
    message = "Upgrading 1 nodes (1 running, 0 succeeded, 0 failed)"
    updates = _lists(done, prePulledNodes=_pulled(site), **node)
    tuppr.write_phase(site, TALOS, "Upgrading", message, updates=updates)
    time.moment = present
    crew.spawn(crew.jobs.play_talos(job, machine, site.topology.talos_next))


def _stuck(site: Site, crew: Crew, time: SeedTime) -> None:
    """The drain waits for a pod that may not be evicted: a database with one instance and a budget."""
    _settled(site, crew, time)
    present = time.moment
    platform.budget("postgres", "database", site, crew, maximum=0)
    pod = next(iter(site.store.list("Pod", "database", {"app.kubernetes.io/name": "postgres"})))
    machine = site.world.machines[pod["spec"]["nodeName"]]
    done = [name for name in sorted(site.world.machines) if name < machine.name]
    for name in done:
        site.world.machines[name].talos = site.topology.talos_next
        crew.nodes.show(site.world.machines[name])
    _lagging(site, done)
    time.moment = present - 40 * MINUTE
    updates = _lists(done, prePulledNodes=_pulled(site), currentNode=machine.name, currentNodes=[machine.name])
    tuppr.write_phase(site, TALOS, "Draining", "Draining 1 nodes", updates=updates)
    told = "Cannot evict pod as it would violate the pod's disruption budget postgres"
    for minutes in range(40, 0, -5):
        time.moment = present - minutes * MINUTE
        site.event(pod, "EvictionBlocked", told, component="talosctl", warning=True)
    time.moment = present


def _failed(site: Site, crew: Crew, time: SeedTime) -> None:
    """A node came back with the version it had, and tuppr gave up just now."""
    _settled(site, crew, time)
    present, target = time.moment, site.topology.talos_next
    name = min(site.world.machines)
    machine = site.world.machines[name]
    machine.booted = present - 6 * MINUTE
    crew.nodes.show(machine)
    _lagging(site, [])
    began, ended = present - 22 * MINUTE, present - 4 * MINUTE  # the job and its log stay for five minutes
    if obj := site.get(TALOS):
        time.moment = began
        job = crew.jobs.create_talos(obj, machine)
        time.moment = ended
        crew.jobs.give_up(job, f"node is back with {machine.talos}, expected {target}")
    time.moment = ended
    error = f"Upgrade Job failed while node remained at {machine.talos}; expected {target}"
    failed = [{"nodeName": name, "retries": 0, "lastError": error}]
    entry = {
        "toVersion": target,
        "startedAt": stamp(began),
        "completedAt": stamp(ended),
        "phase": "Failed",
        "completedNodes": [],
        "failedNodes": [name],
    }
    updates = _lists([], failedNodes=failed, prePulledNodes=_pulled(site), startedAt=stamp(began), history=[entry])
    message = "Batch upgrade stopped: 1 nodes failed - stopping"
    tuppr.write_phase(site, TALOS, "Failed", message, updates=updates)
    if obj := site.get(TALOS):
        told = f"Talos upgrade to {target} failed: {message}"
        site.event(obj, "UpgradeFailed", told, component=tuppr.TALOS_COMPONENT, warning=True)
    time.moment = present


def _kustomization(key: Key) -> Key:
    return Key("Kustomization", key.namespace, key.name)


SCENARIOS: Mapping[str, Scenario] = {
    "held": Scenario(_held_begin, _held_end, {_kustomization(GRAFANA): 19 * MINUTE}),
    "healthy": Scenario(),
    "failing": Scenario(_failing_begin, _settled, {_kustomization(LONGHORN): 47 * MINUTE}),
    "upgrade-running": Scenario(end=_running, ages=APPLIED),
    "drain-stuck": Scenario(end=_stuck, ages=APPLIED),
    "upgrade-failed": Scenario(end=_failed, ages=APPLIED),
}
