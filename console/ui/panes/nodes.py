"""Nodes: what Talos and Kubernetes say of each, as one row."""

from collections.abc import Sequence

from console.model.clusterfacts import Cni, EtcdFacts, cni, etcd_facts
from console.model.noderows import NodeRow, NodeState, rows_of
from console.model.nodes import CONTROL_PLANE
from console.model.snapshot import Snapshot, Topic
from console.ui.looks import Line, Run, age
from console.ui.panes.pane import View, counted
from console.ui.widgets.columns import Row

MARKS: dict[NodeState, tuple[str, str]] = {
    "unreachable": ("✖", "bad"),
    "not ready": ("✖", "bad"),
    "restarting": ("▶", "accent"),
    "unknown": ("?", "muted"),
    "ready": ("✔", "good"),
}
_BARS = "▁▂▃▄▅▆▇█"
_ROOMY = 3  # up to so many nodes are shown with all that is known of them
_LEFT = 28  # cells before the meters


def view(snapshot: Snapshot) -> View:
    """All nodes as rows, worst first."""
    nodes = rows_of(snapshot)
    etcd, network = etcd_facts(nodes), cni(snapshot[Topic.WORKLOADS].items.values())
    roomy = len(nodes) <= _ROOMY
    rows = sorted((row(each, etcd, network, roomy=roomy) for each in nodes), key=lambda each: each.rank)
    states = [each.state for each in nodes]
    return View(
        tuple(rows),
        counted(
            ("" if state == "ready" else symbol, states.count(state), state, "" if state == "ready" else style)
            for state, (symbol, style) in MARKS.items()
        ),
        (
            (Run(" No nodes are known.", "muted"),),
            (Run(" They come from talosconfig and from the Kubernetes API: homeconsole doctor", "muted"),),
        ),
    )


def row(each: NodeRow, etcd: EtcdFacts | None, network: Cni | None, *, roomy: bool) -> Row:
    """One node: a line, or with ``roomy`` all that is known of it."""
    symbol, style = MARKS[each.state]
    cells: tuple[Run, ...] = (
        Run(each.name, "strong"),
        Run(each.role, "muted", "cp" if each.role == CONTROL_PLANE else "w"),
        Run(f"{symbol} {each.state}", style),
    )
    if each.cordoned:
        cells = (*cells[:2], Run(f"{symbol} {each.state} ‖ cordoned", "warn" if each.ready else style))
    if not roomy:
        cells = (*cells, Run(each.talos_version, "muted"), Run(each.kubernetes_version, "muted"), Run(_load(each)))
    return Row(
        each.key,
        cells,
        (*_troubles(each), *(_below(each, etcd, network) if roomy else ())),
        problem=not each.ready or bool(each.marks),
        find=" ".join((each.name, each.role, each.state, *_versions(each), *each.marks)).lower(),
        name=each.name,
        moment=each.talos.boot if each.talos else None,
        rank=list(MARKS).index(each.state),
    )


def _versions(each: NodeRow) -> tuple[str, str]:
    return each.talos_version, each.kubernetes_version


def _troubles(each: NodeRow) -> list[Line]:
    style = "muted" if each.state == "restarting" else "bad"
    lines: list[Line] = [(Run(reason, style),) for reason in each.reasons[:4]]
    return lines + [(Run(f"▲ {mark}", "warn"),) for mark in each.marks[:3]]


def _below(each: NodeRow, etcd: EtcdFacts | None, network: Cni | None) -> list[Line]:
    talos = each.talos
    versions = f"Talos {each.talos_version or '?'}  K8s {each.kubernetes_version or '?'}"
    lines: list[Line] = [(Run(f"{versions:{_LEFT}} ", "muted"), *_meter("cpu", talos.cpu if talos else ()))]
    member = f"etcd {etcd.text}" if etcd and each.role == CONTROL_PLANE else ""
    memory = _meter("mem", talos.memory if talos else ())
    if member or memory:
        ill = etcd is not None and bool(etcd.trouble)
        lines.append((Run(f"{member:{_LEFT}} ", "warn" if ill else "muted"), *memory))
    return [*lines, _facts(each, network)]


def _facts(each: NodeRow, network: Cni | None) -> Line:
    runs: list[Run] = []
    if network:
        fine = network.healthy
        state = "✔" if fine else f"✖ {network.ready} of {network.desired}"
        runs += [Run(f"{network.name} {state}   ", "muted" if fine else "bad")]
    talos = each.talos
    if talos and talos.time_synced is not None:
        runs += [Run("time ✔   ", "muted") if talos.time_synced else Run("time ✖ not in sync   ", "bad")]
    if talos and talos.boot and not talos.problem:
        runs += [Run("up ", "muted"), age(talos.boot)]
    return tuple(runs)


def _meter(name: str, values: Sequence[float]) -> Line:
    if not values:
        return ()
    bars = "".join(_BARS[min(7, max(0, int(value * 8)))] for value in values[-4:])
    return (Run(f"{name} ", "muted"), Run(bars, "accent"), Run(f"{values[-1]:5.0%}"))


def _load(each: NodeRow) -> str:
    talos = each.talos
    if not talos or not talos.cpu:
        return ""
    return f"cpu {talos.cpu[-1]:.0%}" + (f"  mem {talos.memory[-1]:.0%}" if talos.memory else "")
