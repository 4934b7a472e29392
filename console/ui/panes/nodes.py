"""Nodes: what Talos and Kubernetes say of each, as one row."""

from collections.abc import Sequence

from console.model.nodes import DaemonSet, KubernetesNode, TalosNode
from console.model.snapshot import Snapshot, Topic
from console.model.version import normal
from console.ui.looks import Line, Run, age
from console.ui.panes.pane import Kind, View, counted
from console.ui.widgets.columns import Row

_BARS = "▁▂▃▄▅▆▇█"
_ROOMY = 3  # up to so many nodes are shown with all that is known of them


def view(snapshot: Snapshot) -> View:
    """All nodes as rows."""
    talos: dict[str, TalosNode] = {n.name: n for n in snapshot[Topic.TALOS].items.values()}
    kubernetes: dict[str, KubernetesNode] = {n.name: n for n in snapshot[Topic.KUBERNETES].items.values()}
    names = sorted(talos.keys() | kubernetes.keys())
    etcd = [node for node in talos.values() if node.etcd]
    network = list(snapshot[Topic.WORKLOADS].items.values())
    rows = [
        row(name, talos.get(name), kubernetes.get(name), len(etcd), network, roomy=len(names) <= _ROOMY)
        for name in names
    ]
    rows.sort(key=lambda each: (each.rank, each.name))
    bad = sum(each.rank == 0 for each in rows)
    busy = sum(each.rank == 1 for each in rows)
    return View(
        tuple(rows),
        counted(
            (("✖", bad, "not ready", "bad"), ("▶", busy, "busy", "accent"), ("", len(rows) - bad - busy, "ready", ""))
        ),
        (
            (Run(" No nodes are known.", "muted"),),
            (Run(" They come from talosconfig and from the Kubernetes API: homeconsole doctor", "muted"),),
        ),
    )


def row(
    name: str,
    talos: TalosNode | None,
    kubernetes: KubernetesNode | None,
    etcd: int,
    network: Sequence[DaemonSet],
    *,
    roomy: bool,
) -> Row:
    """One node."""
    state, rank = _state(talos, kubernetes)
    role = (talos and talos.role) or ("control plane" if kubernetes and kubernetes.control_plane else "worker")
    versions = f"{normal(talos.talos) if talos else ''}"
    kubelet = normal(kubernetes.kubelet) if kubernetes else ""
    below = _below(talos, kubernetes, etcd, network) if roomy else ()
    cells: tuple[Run, ...] = (Run(name, "strong"), Run(role, "muted", "cp" if role == "control plane" else "w"), state)
    if not roomy:
        cells = (*cells, Run(versions, "muted"), Run(kubelet, "muted"), Run(_load(talos)))
    return Row(
        (name,),
        cells,
        below,
        problem=rank < 2,
        find=f"{name} {role} {state.text} {versions} {kubelet}".lower(),
        name=name,
        moment=talos.boot if talos else None,
        rank=rank,
    )


def _state(talos: TalosNode | None, kubernetes: KubernetesNode | None) -> tuple[Run, int]:
    """The word, and how bad it is: 0 not ready, 1 busy, 2 ready."""
    if talos and talos.problem:
        return Run(f"✖ {talos.problem.kind}", "bad"), 0
    if talos and talos.stage and talos.stage != "running":
        return Run(f"▶ {talos.stage}", "accent"), 1
    if talos and not talos.ready:
        return Run("✖ not ready", "bad"), 0
    if kubernetes and not kubernetes.ready:
        return Run("✖ not ready in Kubernetes", "bad"), 0
    if kubernetes and kubernetes.cordoned:
        return Run("‖ cordoned", "warn"), 1
    return Run("✔ ready", "good"), 2


def _below(
    talos: TalosNode | None, kubernetes: KubernetesNode | None, etcd: int, network: Sequence[DaemonSet]
) -> tuple[Line, ...]:
    lines: list[Line] = []
    if talos and talos.problem:
        lines.append((Run(talos.problem.message, "bad"),))
    lines += [(Run(f"✖ {condition}", "bad"),) for condition in (talos.unmet if talos else ())]
    versions = (
        f"Talos {normal(talos.talos) if talos else '?'}   K8s {normal(kubernetes.kubelet) if kubernetes else '?'}"
    )
    lines.append((Run(f"{versions:32}", "muted"), *_meter("cpu", talos.cpu if talos else ())))
    member = ""
    if talos and talos.etcd:
        lose = (etcd - 1) // 2
        member = f"etcd {etcd} of {etcd}, can lose {lose or 'none'}"
    lines.append((Run(f"{member:32}", "muted"), *_meter("mem", talos.memory if talos else ())))
    facts: list[Run] = []
    for each in network:
        fine = each.ready >= each.desired
        facts.append(
            Run(f"{each.name} {'✔' if fine else f'✖ {each.ready}/{each.desired}'}", "muted" if fine else "bad")
        )
        facts.append(Run("   "))
    if talos and talos.time_synced is not None:
        facts += [Run("time ✔", "muted") if talos.time_synced else Run("time ✖ not in sync", "bad"), Run("   ")]
    if talos and talos.boot:
        facts += [Run("up ", "muted"), age(talos.boot)]
    return (*lines, tuple(facts))


def _meter(name: str, values: Sequence[float]) -> Line:
    if not values:
        return ()
    bars = "".join(_BARS[min(7, max(0, int(value * 8)))] for value in values[-4:])
    return (Run(f"{name} ", "muted"), Run(bars, "accent"), Run(f" {values[-1]:4.0%}"))


def _load(talos: TalosNode | None) -> str:
    if not talos or not talos.cpu:
        return ""
    return f"cpu {talos.cpu[-1]:.0%}" + (f" mem {talos.memory[-1]:.0%}" if talos.memory else "")


PANE = Kind("nodes", "Nodes", (Topic.TALOS, Topic.KUBERNETES), view, "asking Talos and Kubernetes for the nodes")
