"""A node to read: what Talos says, what Kubernetes says."""

from console.model.clusterfacts import Cni, EtcdFacts
from console.model.nodedetail import NodeDetail
from console.model.noderows import NodeRow
from console.model.nodes import EtcdMember, KubernetesNode, TalosNode
from console.ui.looks import Line, Run, age
from console.ui.panes.nodes import MARKS
from console.ui.texts.closeup import closeup
from console.ui.texts.layout import facts, heading, prose
from console.ui.texts.plot import share


def describe(
    each: NodeRow,
    width: int,
    detail: NodeDetail | None = None,
    etcd: EtcdFacts | None = None,
    network: Cni | None = None,
) -> list[Line]:
    """All that is known of it; ``detail`` is what a close look gave, and tells more of services than the row."""
    symbol, style = MARKS[each.state]
    lines: list[Line] = [
        (Run(f"{each.name}  ", "strong"), Run(f"{each.role}  ", "muted"), Run(f"{symbol} {each.state}", style))
    ]
    for reason in each.reasons:
        lines += prose(reason, width, "bad" if each.state != "restarting" else "")
    lines += [(Run(f"  ▲ {mark}", "warn"),) for mark in each.marks]
    if each.talos:
        lines += [(), *_talos(each.talos, width, services=not (detail and detail.services))]
    if each.kubernetes:
        lines += [(), *_kubernetes(each.kubernetes)]
    if etcd or network:
        lines += [(), *_cluster(etcd, network, width)]
    return [*lines, *(closeup(detail, width) if detail else ())]


def _cluster(etcd: EtcdFacts | None, network: Cni | None, width: int) -> list[Line]:
    told = (
        ("etcd", etcd.words if etcd else ""),
        ("network", f"{network.name} {network.version}, {network.ready} of {network.desired} ready" if network else ""),
    )
    return [
        heading("Cluster"),
        *facts(told),
        *(line for each in (etcd.trouble if etcd else ()) for line in prose(f"▲ etcd: {each}", width, "warn")),
    ]


def _talos(node: TalosNode, width: int, *, services: bool) -> list[Line]:
    lines: list[Line] = [heading("Talos")]
    if node.problem:
        lines += [(Run(f"  ✖ {node.problem.message}", "bad"),), *prose(node.problem.hint, width, "muted", 4)]
    lines += facts(
        (
            ("address", node.address),
            ("stage", f"{node.stage}{', ready' if node.ready else ', not ready'}" if node.stage else ""),
            ("version", node.talos),
            ("schematic", node.schematic),
            ("extensions", ", ".join(node.extensions)),
            ("up", age(node.boot, "") if node.boot else ""),
            ("time", _time(node.time_synced)),
            ("cpu", share(node.cpu)),
            ("memory", share(node.memory)),
            ("certificate", f"ours is valid until {node.certificate:%Y-%m-%d}" if node.certificate else ""),
            ("talosctl", node.client),
            ("last answer", age(node.asked, "") if node.asked else ""),
        )
    )
    if node.forbidden:
        lines.append((Run(f"  not asked, our role may not: {', '.join(node.forbidden)}", "muted"),))
    if node.unmet:
        lines += [(), heading("Unmet conditions"), *((Run(f"  ✖ {text}", "bad"),) for text in node.unmet)]
    if node.diagnostics:
        lines += [(), heading("Diagnostics"), *(line for text in node.diagnostics for line in prose(text, width))]
    if node.etcd:
        lines += [(), heading("etcd"), *_etcd(node.etcd)]
    if node.static_pods:
        lines += [(), heading("Control plane pods")]
        lines += [_state(name, "ready" if ready else "not ready", fine=ready) for name, ready in node.static_pods]
    if services and node.services:
        lines += [(), heading("Services"), *(_state(name, state, fine=_fine(state)) for name, state in node.services)]
    return lines


def _etcd(member: EtcdMember) -> list[Line]:
    return facts(
        (
            ("role", "leader" if member.leader else "learner" if member.learner else "member"),
            ("database", f"{member.db_size / 1e6:.0f} MB, {member.db_in_use / 1e6:.0f} MB in use"),
            ("raft lag", str(member.raft_index - member.raft_applied)),
            ("version", member.version),
            ("errors", Run("; ".join(member.errors), "bad") if member.errors else ""),
        )
    )


def _time(synced: bool | None) -> str | Run:
    if synced is None:
        return ""
    return "in sync" if synced else Run("✖ not in sync", "bad")


def _fine(state: str) -> bool:
    return not any(word in state.lower() for word in ("unhealthy", "fail", "not "))


def _state(name: str, state: str, *, fine: bool) -> Line:
    return (Run(f"  {'✔' if fine else '✖'} ", "good" if fine else "bad"), Run(f"{name:20} "), Run(state, "muted"))


def _kubernetes(node: KubernetesNode) -> list[Line]:
    ready: str | Run = "✔ ready" if node.ready else Run(f"✖ not ready {node.reason}".rstrip(), "bad")
    return [
        heading("Kubernetes"),
        *facts(
            (
                ("node", node.name),
                ("state", ready),
                ("cordoned", Run("‖ yes", "warn") if node.cordoned else ""),
                ("kubelet", node.kubelet),
                ("image", node.os_image),
                ("tuppr", "lags behind its target" if node.outdated else ""),
                ("upgrade", "a job works on it" if node.upgrading else ""),
                ("created", age(node.created, "") if node.created else ""),
            )
        ),
    ]
