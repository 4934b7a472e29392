"""What only pods have: logs and evictions."""

import asyncio
import re
from collections.abc import Callable, Sequence

from aiohttp import web

from console.demo.api import bodies
from console.demo.api.call import Call, answer, plain
from console.demo.api.errors import ApiError, bad_request
from console.demo.api.selectors import matches_labels
from console.demo.api.store import Object
from console.demo.api.writing import POD_GRACE

# pod, container, previous -> lines, each beginning with its RFC 3339 time
Logs = Callable[[Object, str, bool], Sequence[str]]
LISTEN = 0.2  # seconds between two looks at a log that is followed
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\S+ ")


def ready(pod: Object) -> bool:
    """Whether its Ready condition is True."""
    conditions = (pod.get("status") or {}).get("conditions") or ()
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def started(pod: Object, container: str, previous: bool) -> Sequence[str]:
    """The log of a container that says one thing."""
    del previous
    since = (pod.get("status") or {}).get("startTime") or pod["metadata"]["creationTimestamp"]
    return [f"{since} {container} started"]


async def log(call: Call, logs: Logs) -> web.StreamResponse:
    """GET of a pod's log; with ``follow`` until the pod has ended, is gone, or nobody listens."""
    if call.query.get("follow") != "true":
        return plain("".join(f"{line}\n" for line in _asked(call, logs)))
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    try:
        await response.prepare(call.request)
        sent = 0
        while pod := call.store.get("Pod", call.name, call.home):
            lines = _asked(call, logs)
            if lines[sent:]:
                await response.write("".join(f"{line}\n" for line in lines[sent:]).encode())
                sent = len(lines)
            if (pod.get("status") or {}).get("phase") in {"Succeeded", "Failed"}:
                break
            await asyncio.sleep(LISTEN)
        await response.write_eof()
    except ConnectionError:
        pass  # the client has gone, or was cut off
    return response


def _asked(call: Call, logs: Logs) -> list[str]:
    """The lines that the query asks for."""
    pod = call.store.stored("Pod", call.name, call.home).object
    names = [container["name"] for container in pod["spec"]["containers"]]
    container = call.query.get("container") or (names[0] if len(names) == 1 else "")
    if not container:
        raise bad_request(f"a container name must be specified for pod {call.name}, choose one of: [{' '.join(names)}]")
    if container not in names:
        raise bad_request(f"container {container} is not valid for pod {call.name}")
    lines = list(logs(pod, container, call.query.get("previous") == "true"))
    tail = call.query.get("tailLines", "")
    if tail.isdigit():
        lines = lines[len(lines) - int(tail) :] if int(tail) < len(lines) else lines
    if call.query.get("timestamps") != "true":
        lines = [_STAMP.sub("", line, count=1) for line in lines]
    return lines


async def evict(call: Call) -> web.Response:
    """POST of an eviction: a deletion that a PodDisruptionBudget may forbid."""
    options = (await bodies.body(call.request, "Eviction")).get("deleteOptions") or {}
    pod = call.store.stored("Pod", call.name, call.home).object
    if (pod.get("status") or {}).get("phase") != "Pending":
        for budget in _budgets(call, pod):
            _check(budget, ready=ready(pod))
    given = options.get("gracePeriodSeconds")
    grace = POD_GRACE if given is None else given
    call.store.delete("Pod", call.name, call.home, grace=grace, dry_run=call.dry_run)
    return answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)


def _budgets(call: Call, pod: Object) -> list[Object]:
    labels = pod["metadata"].get("labels") or {}
    budgets = call.store.list("PodDisruptionBudget", call.home)
    return [b for b in budgets if b["spec"].get("selector") and matches_labels(b["spec"]["selector"], labels)]


def _check(budget: Object, *, ready: bool) -> None:
    """ApiError 429. A pod that is not ready may go while the others are enough (policy/v1: IfHealthyBudget)."""
    status, name = budget.get("status") or {}, budget["metadata"]["name"]
    needs, has = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
    if status.get("disruptionsAllowed", 0) > 0 or (not ready and has >= needs > 0):
        return
    told = f"The disruption budget {name} needs {needs} healthy pods and has {has} currently"
    raise ApiError(
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
        details={"causes": [{"reason": "DisruptionBudget", "message": told}]},
    )
