"""What pods have written."""

from collections.abc import Callable, Sequence

from console.demo.controllers import tuppr
from console.demo.controllers.objects import Obj
from console.demo.controllers.site import Site


def pod_logs(site: Site) -> Callable[[Obj, str, bool], Sequence[str]]:
    """For the API server: the lines of a container, each beginning with its time."""

    def lines(pod: Obj, container: str, previous: bool) -> Sequence[str]:
        component = (pod["metadata"].get("labels") or {}).get("app", "")
        if site.written.speaks(component):
            return [] if previous else site.written.lines(component)
        since = (pod.get("status") or {}).get("startTime") or pod["metadata"]["creationTimestamp"]
        return [f"{since} {line}" for line in _written(site, pod, container)]

    return lines


def _written(site: Site, pod: Obj, container: str) -> Sequence[str]:
    if container not in ("upgrade", "upgrade-k8s"):
        return [f"{container} started"]
    node = pod["metadata"]["labels"].get(tuppr.TARGET_NODE, "")
    machine = site.world.machines.get(node)
    arguments = pod["spec"]["containers"][0].get("args") or []
    image = next((a.partition("=")[2] for a in arguments if a.startswith("--image=")), "")
    if container == "upgrade-k8s" or machine is None:
        job = pod["metadata"]["labels"].get("job-name", "")
        return ["automatically detected the lowest Kubernetes version", *site.said.get(job, ()), *_error(pod)]
    told = [f"◰ watching nodes: [{machine.address}]", f"{machine.address}: pulling {image}"]
    if machine.stage == "rebooting":
        told.append(f"{machine.address}: rebooting")
    return [*told, *_error(pod)]


def _error(pod: Obj) -> Sequence[str]:
    """The last words of a job that failed."""
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    ended = [(status.get("state") or {}).get("terminated") or {} for status in statuses]
    return [f"1 error occurred: * {each.get('message') or 'upgrade failed'}" for each in ended if each.get("exitCode")]
