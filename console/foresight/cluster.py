"""What the cluster is like now: nodes, etcd, Flux, tuppr (rules/cluster.yaml). Skipped when it can't be asked."""

from collections.abc import Iterator
from dataclasses import replace

from console.foresight.evidence import Evidence, Move
from console.foresight.knowledge import rule
from console.model.clusterfacts import cni
from console.model.finding import Finding
from console.model.flux import FluxObject, Status
from console.model.nodes import KubernetesNode, TalosNode
from console.model.nodetroubles import certificate_trouble
from console.model.snapshot import Topic
from console.model.touched import touched
from console.model.upgrades import SYSTEMS, TITLES, TupprUpgrade, resource, versions

_BROKEN = frozenset({Status.FAILED, Status.STALLED})


def check(evidence: Evidence) -> Iterator[Finding]:
    """Findings on the cluster, for an update that moves the nodes; for any other one on what would take it up."""
    if why := evidence.blind():
        yield replace(rule("cluster-read").skipped(""), title=why)
    if not evidence.moves:
        yield from _held(evidence)
        return
    yield from _nodes(evidence)
    yield from _versions(evidence)
    yield from _etcd(evidence)
    yield from _trouble(evidence)
    yield _network(evidence)
    yield from _flux(evidence)
    for move in evidence.moves:
        yield from _tuppr(evidence, move)


def _held(evidence: Evidence) -> Iterator[Finding]:
    """What the change is about, as far as its paths and names tell, and is suspended."""
    objects: list[FluxObject] = list(evidence.snapshot[Topic.FLUX].items.values()) if evidence.snapshot else []
    about = touched(evidence.update, objects)
    for each in objects:
        if each.key in about and each.status is Status.SUSPENDED:
            name = f"{each.key.kind} {each.key.namespace}/{each.key.name}"
            why = each.suspended.reason if each.suspended else ""
            yield rule("flux-suspended").fails(f"{name} is suspended: it will not take this up until resumed", why)


def _kubernetes(evidence: Evidence) -> list[KubernetesNode]:
    return list(evidence.snapshot[Topic.KUBERNETES].items.values()) if evidence.snapshot else []


def _talos(evidence: Evidence) -> list[TalosNode]:
    return list(evidence.snapshot[Topic.TALOS].items.values()) if evidence.snapshot else []


def _planes(evidence: Evidence) -> list[str]:
    nodes = [n.name for n in _kubernetes(evidence) if n.control_plane]
    return sorted(nodes or [n.name for n in _talos(evidence) if n.role == "control plane"])


def _nodes(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.read(Topic.KUBERNETES) and not evidence.read(Topic.TALOS):
        why = evidence.unread(Topic.KUBERNETES)
        yield rule("nodes-ready").skipped(why)
        yield rule("control-plane").skipped(why)
        return
    kubernetes, talos = _kubernetes(evidence), _talos(evidence)
    bad = {n.name: n.reason or "not ready" for n in kubernetes if not n.ready}
    bad |= {n.name: "cordoned" for n in kubernetes if n.ready and n.cordoned}
    bad |= {n.name: n.stage for n in talos if n.problem is None and n.stage not in {"", "running"}}
    if bad:
        yield rule("nodes-ready").fails(
            "not every node is ready", "; ".join(f"{name}: {why}" for name, why in sorted(bad.items()))
        )
    else:
        yield rule("nodes-ready").passes(
            f"{len(kubernetes) or len(talos)} of {len(kubernetes) or len(talos)} nodes ready"
        )
    yield from _control_plane(evidence)


def _control_plane(evidence: Evidence) -> Iterator[Finding]:
    planes = _planes(evidence)
    if len(planes) != 1:
        if planes:
            yield rule("control-plane").passes(f"{len(planes)} control planes")
        return
    if evidence.move("talos"):
        what = f"{planes[0]} is the only control plane: API and apps on it are away, about 4 min"
        yield rule("control-plane").fails(what, "Up to 10 min is usual; a node that power-cycles takes longer.")
    else:
        yield rule("control-plane").fails(f"{planes[0]} is the only control plane: the API is away for about a minute")


def _versions(evidence: Evidence) -> Iterator[Finding]:
    for move in evidence.moves:
        found = versions(evidence.snapshot, move.system) if evidence.snapshot else {}
        if not found:
            yield rule("nodes-version").skipped(evidence.unread(Topic.KUBERNETES))
        elif len(set(found.values())) > 1:
            listed = ", ".join(f"{name} {version}" for name, version in sorted(found.items()))
            yield rule("nodes-version").fails(f"the nodes run different {TITLES[move.system]} versions", listed)
        else:
            yield rule("nodes-version").passes(f"every node runs {TITLES[move.system]} {next(iter(found.values()))}")


def _etcd(evidence: Evidence) -> Iterator[Finding]:
    planes = set(_planes(evidence))
    told = [n for n in _talos(evidence) if n.role == "control plane" or n.name in planes]
    down = {n.name for n in _kubernetes(evidence) if not n.ready}
    asked = [n for n in told if n.problem is None or n.name in down]
    if not any(n.etcd for n in asked):
        yield rule("etcd").skipped(_unasked(evidence, told))
        return
    members = max(len(told), len(planes))
    sick = {n.name: text for n in asked if (text := _sickness(n))}
    left = members - len(sick) - 1
    if sick and (members == 1 or left < members // 2 + 1):
        detail = "; ".join(f"{name}: {why}" for name, why in sorted(sick.items()))
        yield rule("etcd").fails("etcd would lose its quorum" if members > 1 else "etcd is not healthy", detail)
    else:
        yield rule("etcd").passes(f"etcd {members - len(sick)} of {members} healthy, can lose {(members - 1) // 2}")
    if members == 2:
        yield rule("etcd-pair").fails("etcd has two members: it stands still while either is away")


def _unasked(evidence: Evidence, told: list[TalosNode]) -> str:
    """Not being let in says nothing about etcd."""
    problem = next((n.problem.message for n in told if n.problem), "")
    return problem or ("no control plane told about its etcd" if told else evidence.unread(Topic.TALOS))


def _sickness(node: TalosNode) -> str:
    if node.problem:
        return node.problem.message
    if node.etcd is None:
        return "its etcd does not answer"
    return "; ".join(node.etcd.errors) or ("a learner, no voter yet" if node.etcd.learner else "")


def _trouble(evidence: Evidence) -> Iterator[Finding]:
    if not evidence.read(Topic.TALOS):
        yield rule("node-trouble").skipped(evidence.unread(Topic.TALOS))
        return
    found = [f"{n.name}: {text}" for n in _talos(evidence) for text in n.diagnostics]
    found += [f"{n.name}: its clock is not in step" for n in _talos(evidence) if n.time_synced is False]
    expires = next((n.certificate for n in _talos(evidence)), None)
    if trouble := certificate_trouble(expires, evidence.now):
        found.append(trouble)
    if found:
        yield rule("node-trouble").fails("Talos reports trouble", "; ".join(found))
    else:
        yield rule("node-trouble").passes("no diagnostics, clocks in step")


def _network(evidence: Evidence) -> Finding:
    """The pod network's agents, on every node that wants one."""
    if evidence.snapshot is None or not evidence.read(Topic.WORKLOADS):
        return rule("network").skipped(evidence.unread(Topic.WORKLOADS))
    found = cni(evidence.snapshot[Topic.WORKLOADS].items.values())
    if found is None:
        return rule("network").skipped("no network plugin that is known here was found")
    told = f"{found.name} is ready on {found.ready} of {found.desired} nodes"
    if found.healthy:
        return rule("network").passes(told)
    return rule("network").fails(told, "Pods that move to the other nodes get no network there.")


def _flux(evidence: Evidence) -> Iterator[Finding]:
    if evidence.snapshot is None or not evidence.read(Topic.FLUX):
        yield rule("flux-carries").skipped(evidence.unread(Topic.FLUX))
        yield rule("flux-failing").skipped(evidence.unread(Topic.FLUX))
        return
    objects: list[FluxObject] = list(evidence.snapshot[Topic.FLUX].items.values())
    yield from _carrying(evidence, {o.key: o for o in objects})
    failing = sorted((o for o in objects if o.status in _BROKEN), key=lambda o: o.key)
    if failing:
        listed = ", ".join(f"{o.key.kind} {o.key.namespace}/{o.key.name}" for o in failing[:5])
        yield rule("flux-failing").fails(f"{len(failing)} Flux objects fail already", listed)
    else:
        yield rule("flux-failing").passes("nothing fails in Flux")


def _carrying(evidence: Evidence, objects: dict[tuple[str, ...], FluxObject]) -> Iterator[Finding]:
    """The Kustomizations that hold tuppr's resources, and their sources."""
    holders = set()
    for move in evidence.moves:
        cr = resource(evidence.snapshot, move.system) if evidence.snapshot else None
        if cr and cr.managed_by[1]:
            holders.add(("Kustomization", *cr.managed_by))
    chain = [objects[key] for key in sorted(holders) if key in objects]
    chain += [objects[o.source] for o in list(chain) if o.source and o.source in objects]
    if not chain:
        yield rule("flux-carries").skipped("no Kustomization of tuppr's resources was found")
        return
    bad = {o.key: o for o in chain if o.status in _BROKEN or o.status is Status.SUSPENDED}
    for o in bad.values():
        state = "is suspended" if o.status is Status.SUSPENDED else f"fails: {o.message or o.reason}"
        yield rule("flux-carries").fails(
            f"{o.key.kind} {o.key.namespace}/{o.key.name} {state}", "It carries this change."
        )
    if not bad:
        yield rule("flux-carries").passes(
            f"{chain[0].key.kind} {chain[0].key.namespace}/{chain[0].key.name} and its source work"
        )


def _tuppr(evidence: Evidence, move: Move) -> Iterator[Finding]:
    names = ("tuppr-resource", "tuppr-busy", "tuppr-suspended", "tuppr-other")
    if evidence.snapshot is None or not evidence.read(Topic.TUPPR):
        yield from (rule(name).skipped(evidence.unread(Topic.TUPPR)) for name in names)
        return
    cr = resource(evidence.snapshot, move.system)
    if cr is None:
        what = f"no resource of tuppr's for {TITLES[move.system]} is in the cluster"
        yield rule("tuppr-resource").fails(what, "The approval changes files only; no node will be upgraded by it.")
        return
    yield rule("tuppr-resource").passes(f"{cr.kind} {cr.name} takes it up")
    yield _busy(cr)
    yield _suspended(cr)
    yield from _other(evidence, move)
    if cr.windows:
        following = (
            f", next {cr.next_window:%Y-%m-%d %H:%M} UTC" if cr.next_window and cr.next_window > evidence.now else ""
        )
        yield rule("tuppr-window").fails(f"tuppr waits for its maintenance window{following}", "; ".join(cr.windows))


def _busy(cr: TupprUpgrade) -> Finding:
    if cr.in_flight:
        what = f"{cr.kind} {cr.name} is in flight ({cr.phase}): its webhook refuses another version until it is done"
        return rule("tuppr-busy").fails(what)
    return rule("tuppr-busy").passes(f"{cr.kind} {cr.name} is not in flight")


def _suspended(cr: TupprUpgrade) -> Finding:
    if cr.suspended is None:
        return rule("tuppr-suspended").passes(f"{cr.kind} {cr.name} is not suspended")
    why = "Nothing starts until the annotation goes."
    if cr.kind == "TalosUpgrade" and cr.completed_nodes:
        why += (
            " Take it away in the same commit as the version changes: removed alone afterwards, tuppr skips the nodes "
            "that it had done before and says Completed."
        )
    return rule("tuppr-suspended").fails(f"{cr.kind} {cr.name} is suspended: {cr.suspended or 'no reason given'}", why)


def _other(evidence: Evidence, move: Move) -> Iterator[Finding]:
    """Talos waits for an active Kubernetes upgrade; Kubernetes waits for a Talos upgrade that is active or pending."""
    other = next(s for s in SYSTEMS if s != move.system)
    cr = resource(evidence.snapshot, other) if evidence.snapshot else None
    pending = cr is not None and move.system == "kubernetes" and (cr.phase == "Pending" or cr.suspended is not None)
    if cr and (cr.in_flight or cr.phase == "HealthChecking" or pending):
        state = "suspended" if cr.suspended is not None else cr.phase
        ever = " for as long as it is" if cr.suspended is not None else ""
        yield rule("tuppr-other").fails(f"{cr.kind} {cr.name} is {state}: this one waits for it{ever}")
    elif cr:
        yield rule("tuppr-other").passes(f"{cr.kind} {cr.name} does not stand in the way")
