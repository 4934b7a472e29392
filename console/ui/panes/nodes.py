"""Nodes: what Talos and Kubernetes say of each, as one row."""

from collections.abc import Iterator, Sequence

from console.model.clusterfacts import Cni, EtcdFacts, cni, etcd_facts
from console.model.noderows import NodeRow, NodeState, rows_of
from console.model.nodes import CONTROL_PLANE
from console.model.snapshot import Snapshot, Topic
from console.ui.looks import Line, Run, age
from console.ui.panes.pane import View, counted
from console.ui.texts.plot import bars
from console.ui.widgets.arrangement import arranged
from console.ui.widgets.columns import Row

MARKS: dict[NodeState, tuple[str, str]] = {
    "unreachable": ("✖", "bad"),
    "not ready": ("✖", "bad"),
    "restarting": ("▶", "accent"),
    "unknown": ("?", "muted"),
    "ready": ("✔", "good"),
}
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
        arranged(rows),
        counted(
            ("" if state == "ready" else symbol, states.count(state), state, "" if state == "ready" else style)
            for state, (symbol, style) in MARKS.items()
        ),
        (
            (Run(" No nodes are known.", "muted"),),
            (Run(" They come from talosconfig and from the Kubernetes API: homeconsole doctor", "muted"),),
        ),
        () if roomy else tuple(_cluster(nodes, etcd, network)),
    )


def _cluster(nodes: Sequence[NodeRow], etcd: EtcdFacts | None, network: Cni | None) -> Iterator[Line]:
    """What concerns all nodes, where there is no room for it at each."""
    runs: list[Run] = []
    if etcd:
        runs.append(Run(f" etcd {etcd.text}  ", "warn" if etcd.trouble else "muted"))
    if network:
        runs.append(_network(network))
    images = {each.talos.schematic for each in nodes if each.talos and each.talos.schematic}
    if images:
        told = f"schematic {min(images)[:7]}" if len(images) == 1 else f"{len(images)} schematics"
        runs.append(Run(f"  {told}", "muted"))
    if runs:
        yield tuple(runs)
    for trouble in etcd.trouble[:3] if etcd else ():
        yield (Run(f" ▲ etcd: {trouble}", "warn"),)


def _network(network: Cni) -> Run:
    ready = f"{network.ready} of {network.desired}"
    if network.healthy:
        return Run(f" {network.name} {network.version} ✔ {ready}", "muted")
    return Run(f" {network.name} {network.version} ✖ {ready}", "bad")


def row(each: NodeRow, etcd: EtcdFacts | None, network: Cni | None, *, roomy: bool) -> Row:
    """One node: a line, or with ``roomy`` all that is known of it."""
    symbol, style = MARKS[each.state]
    short = "cp" if each.role == CONTROL_PLANE else "w"
    member = "" if roomy else _member(each)
    cells: tuple[Run, ...] = (
        Run(each.name, "strong"),
        Run(f"{each.role}{member}", "muted", f"{short}{member}"),
        Run(f"{symbol} {each.state}", style),
    )
    if each.cordoned:
        cells = (*cells[:2], Run(f"{symbol} {each.state} ‖ cordoned", "warn" if each.ready else style))
    if not roomy:
        up = age(each.talos.boot if each.talos and not each.talos.problem else None)
        cells = (*cells, Run(each.talos_version, "muted"), Run(each.kubernetes_version, "muted"), up, _load(each))
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
    if talos and talos.schematic:
        runs.append(Run(f"   schematic {talos.schematic[:7]}", "muted"))
    return tuple(runs)


def _meter(name: str, values: Sequence[float]) -> Line:
    if not values:
        return ()
    return (Run(f"{name} ", "muted"), Run(_bars(values), "accent"), Run(f"{values[-1]:5.0%}"))


def _bars(values: Sequence[float]) -> str:
    """The last four readings; as wide where there are fewer."""
    return bars(values[-4:]).rjust(4)


def _load(each: NodeRow) -> Run:
    talos = each.talos
    if not talos or not talos.cpu:
        return Run("")
    whole = [f"cpu {_bars(talos.cpu)} {talos.cpu[-1]:4.0%}"]
    short = [f"{talos.cpu[-1]:.0%}"]
    if talos.memory:
        whole.append(f"mem {_bars(talos.memory)} {talos.memory[-1]:4.0%}")
        short.append(f"{talos.memory[-1]:.0%}")
    return Run("  ".join(whole), "", " ".join(short))


def _member(each: NodeRow) -> str:
    member = each.talos.etcd if each.talos else None
    if not member:
        return ""
    return ", leader" if member.leader else ", learner" if member.learner else ""
