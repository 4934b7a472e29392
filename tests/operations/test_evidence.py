"""What an upgrade meets, as it is seen on the embedded cluster: who keeps a drain, what jobs write, why not."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.model.evidence import JobLog, component, happened, in_the_way, jobs
from console.model.snapshot import Life, Topic
from console.settings import load
from console.wiring import Console

TOPICS = (Topic.TUPPR, Topic.EVIDENCE)


@contextmanager
def looking(demo: DemoThread, home: Path) -> Iterator[Console]:
    console = Console(load({}, {"HOME": str(home), **demo.cluster.environment()}), folder=home)
    try:
        console.start(TOPICS)
        yield console
    finally:
        console.stop()


def until(console: Console, holds: Callable[[], Any], seconds: float = 60) -> Any:
    """What ``holds`` gives, once it is something."""
    changed = threading.Event()
    with console.listening(lambda _: changed.set()):
        while not (found := holds()):
            assert changed.wait(seconds), dict(console.snapshot()[Topic.EVIDENCE].items)
            changed.clear()
    return found


def the_job(console: Console, system: Any = "talos", **wanted: Any) -> JobLog | None:
    for job in jobs(console.snapshot(), system):
        if all(getattr(job, name) == value for name, value in wanted.items()):
            return job
    return None


def ask(demo: DemoThread, system: str, version: str) -> None:
    """Let tuppr's resource ask for another version."""
    spec = {"spec": {system.lower(): {"version": version}}}
    demo.call(lambda: demo.store.patch(f"{system}Upgrade", system.lower(), "", spec))


def test_the_pod_and_the_budget_that_keep_a_drain_are_named_until_it_may_go(tmp_path: Path) -> None:
    nodes = ["k8s-control-1", "k8s-control-2", "k8s-control-3"]
    with DemoThread(Topology(scenario="drain-stuck", nodes=3)) as demo:
        access = demo.api.access
        before, access.authorize = access.authorize, lambda *asked: asked[3] != "poddisruptionbudgets"
        with looking(demo, tmp_path) as console:
            limits = until(console, lambda: console.snapshot()[Topic.EVIDENCE].freshness.limits)
            assert "poddisruptionbudgets.policy" in limits[0].message, "what we may not read is told"
        access.authorize = before
        with looking(demo, tmp_path) as console:
            (found,) = until(console, lambda: in_the_way(console.snapshot(), nodes))
            assert (found.namespace, found.pod, found.budget) == ("database", "postgres-0", "postgres")
            demo.call(lambda: demo.store.delete("PodDisruptionBudget", "postgres", "database"))
            until(console, lambda: not in_the_way(console.snapshot(), nodes))


def test_the_job_that_failed_just_now_tells_the_cause(tmp_path: Path) -> None:
    with DemoThread(Topology(scenario="upgrade-failed")) as demo, looking(demo, tmp_path) as console:
        said = until(console, lambda: job.lines if (job := the_job(console, state="failed")) else None)
        assert said[-1] == "1 error occurred: * node is back with v1.13.7, expected v1.13.8"


def test_at_rest_nothing_is_asked(tmp_path: Path) -> None:
    with DemoThread(Topology(scenario="healthy")) as demo, looking(demo, tmp_path) as console:
        until(console, lambda: console.snapshot()[Topic.EVIDENCE].freshness.life is Life.LIVE)
        assert not console.snapshot()[Topic.EVIDENCE].items
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("evidence")]


def test_a_jobs_log_stays_when_its_pod_is_gone(tmp_path: Path) -> None:
    with DemoThread(Topology(scenario="healthy", speed=100)) as demo:
        demo.cluster.faults.jobs["k8s-control-1"] = "installer says no"
        with looking(demo, tmp_path) as console:
            ask(demo, "Talos", "v1.13.8")
            job = until(console, lambda: the_job(console, state="failed", node="k8s-control-1"))
            until(console, lambda: "installer says no" in " ".join((the_job(console, pod=job.pod) or job).lines))
            demo.call(lambda: demo.store.delete("Pod", job.pod, "system", grace=0))
            kept = the_job(console, pod=job.pod)
            assert kept is not None
            assert "1 error occurred: * installer says no" in kept.lines
            event = happened(console.snapshot(), "TalosUpgrade", "talos")
            assert event is not None


def test_the_log_of_upgrade_k8s_is_followed_component_by_component(tmp_path: Path) -> None:
    with DemoThread(Topology(scenario="healthy", speed=40)) as demo, looking(demo, tmp_path) as console:
        ask(demo, "Kubernetes", "v1.36.3")
        for name in ("kube-apiserver", "kubelet"):
            until(console, partial(works_on, console, name))


def works_on(console: Console, name: str) -> bool:
    job = the_job(console, "kubernetes")
    return job is not None and component(job.lines) == name
