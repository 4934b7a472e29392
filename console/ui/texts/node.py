"""A node to read: what Talos says, what Kubernetes says."""

from console.model.nodes import KubernetesNode, TalosNode
from console.model.snapshot import Snapshot, Topic
from console.ui.looks import Line, Run, age
from console.ui.texts.layout import facts, heading, prose


def describe(key: tuple[str, ...], snapshot: Snapshot, width: int) -> list[Line]:
    """All that is known of the node of that name; empty when there is none."""
    talos: TalosNode | None = snapshot[Topic.TALOS].items.get(key)
    kubernetes: KubernetesNode | None = snapshot[Topic.KUBERNETES].items.get(key)
    lines: list[Line] = []
    if talos:
        lines += _talos(talos, width)
    if kubernetes:
        lines += [*([()] if lines else []), *_kubernetes(kubernetes)]
    return lines


def _talos(node: TalosNode, width: int) -> list[Line]:
    lines: list[Line] = [heading("Talos")]
    if node.problem:
        lines += [(Run(f"  ✖ {node.problem.message}", "bad"),), *prose(node.problem.hint, width, "muted", 4)]
    lines += facts(
        (
            ("address", node.address),
            ("role", node.role),
            ("stage", f"{node.stage}{', ready' if node.ready else ', not ready'}" if node.stage else ""),
            ("version", node.talos),
            ("schematic", node.schematic),
            ("extensions", ", ".join(node.extensions)),
            ("up", age(node.boot, "") if node.boot else ""),
            ("time", _time(node.time_synced)),
            ("cpu", f"{node.cpu[-1]:.0%}" if node.cpu else ""),
            ("memory", f"{node.memory[-1]:.0%}" if node.memory else ""),
            ("asked", age(node.asked, "") if node.asked else ""),
        )
    )
    if node.unmet:
        lines += [(), heading("Unmet conditions"), *((Run(f"  ✖ {text}", "bad"),) for text in node.unmet)]
    if node.diagnostics:
        lines += [(), heading("Diagnostics"), *(line for text in node.diagnostics for line in prose(text, width))]
    if node.etcd:
        member = node.etcd
        role = "leader" if member.leader else "learner" if member.learner else "member"
        lines += [
            (),
            heading("etcd"),
            *facts(
                (
                    ("role", role),
                    ("database", f"{member.db_size / 1e6:.0f} MB, {member.db_in_use / 1e6:.0f} MB in use"),
                    ("raft lag", str(member.raft_index - member.raft_applied)),
                    ("version", member.version),
                    ("errors", "; ".join(member.errors)),
                )
            ),
        ]
    if node.services:
        lines += [(), heading("Services"), *(_service(name, state) for name, state in node.services)]
    return lines


def _time(synced: bool | None) -> str | Run:
    if synced is None:
        return ""
    return "in sync" if synced else Run("✖ not in sync", "bad")


def _service(name: str, state: str) -> Line:
    fine = "unhealthy" not in state.lower() and "fail" not in state.lower()
    return (Run(f"  {'✔' if fine else '✖'} ", "good" if fine else "bad"), Run(f"{name:24} "), Run(state, "muted"))


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
