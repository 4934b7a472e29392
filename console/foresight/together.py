"""What belongs together: Talos with Kubernetes, their order, the places of a version (rules/together.yaml)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from console.foresight.edit import diff
from console.foresight.evidence import Evidence, Move
from console.foresight.knowledge import Minor, TalosMinor, knowledge, rule
from console.foresight.places import Place, moved
from console.model.finding import Finding, Fix
from console.model.moves import target_of
from console.model.snapshot import Topic
from console.model.updates import Update
from console.model.upgrades import TITLES
from console.model.version import Version

_LOCKS = ((".mise.toml", "mise.lock"), ("mise.toml", "mise.lock"))


def check(evidence: Evidence) -> Iterator[Finding]:
    """Findings on the pair, the order, the places and the clients."""
    if not evidence.moves:
        return
    yield from _matrix(evidence)
    yield from _order(evidence)
    yield from _pair(evidence)
    for move in evidence.moves:
        yield from _places(evidence, move)
        yield from _client(evidence, move)
        yield _main_runs(evidence, move)


def supports(talos: Version, kubernetes: Version) -> bool | None:
    """Whether that Talos runs that Kubernetes; None when the Talos is not known."""
    entry = knowledge().talos.get((talos.major, talos.minor))
    return None if entry is None else _within(entry.code, kubernetes)


def _within(span: tuple[Minor, Minor], version: Version) -> bool:
    return span[0] <= (version.major, version.minor) <= span[1]


def _span(span: tuple[Minor, Minor]) -> str:
    (a, b), (c, d) = span
    return f"{a}.{b}–{c}.{d}"


def _matrix(evidence: Evidence) -> Iterator[Finding]:
    """Every Talos that will run beside every Kubernetes that will run, when this update is through."""
    talos, kubernetes = evidence.move("talos"), evidence.move("kubernetes")
    hosts = (talos.new,) if talos else evidence.running("talos")
    guests = evidence.running("kubernetes")
    if kubernetes:  # the old one still runs while Talos goes first
        guests = (*guests, kubernetes.new) if talos else (kubernetes.new,)
    if not hosts or not guests:
        yield rule("matrix").skipped("the version of the other system could not be found")
        return
    for host in hosts:
        entry = knowledge().talos.get((host.major, host.minor))
        if entry is None:
            yield rule("matrix").skipped(f"Talos {host} is unknown to these rules")
            continue
        outside = [g for g in guests if not _within(entry.code, g)]
        if outside:
            found = _unsupported(evidence, host, outside[0], entry)
            yield replace(found, severity="warn") if _was_outside(evidence) else found
            return
        yield from _documented(host, guests, entry)


def _was_outside(evidence: Evidence) -> bool:
    """Whether Talos and Kubernetes do not support each other already: then the update does not part them."""
    talos, kubernetes = evidence.move("talos"), evidence.move("kubernetes")
    hosts = (*evidence.running("talos"), *((talos.old,) if talos else ()))
    guests = (*evidence.running("kubernetes"), *((kubernetes.old,) if kubernetes else ()))
    minors = [(m.old.minor, m.new.minor) for m in evidence.moves]
    return all(old == new for old, new in minors) and any(supports(h, g) is False for h in hosts for g in guests)


def _documented(host: Version, guests: Sequence[Version], entry: TalosMinor) -> Iterator[Finding]:
    outside = [g for g in guests if not _within(entry.docs, g)]
    span = _span(entry.docs)
    pair = f"Talos {host.major}.{host.minor}"
    if outside:
        yield rule("matrix-docs").fails(f"Kubernetes {outside[0]} is not in the documented {span} of {pair}")
    else:
        yield rule("matrix").passes(f"Kubernetes {guests[-1]} is in {span} for {pair}")


def _unsupported(evidence: Evidence, host: Version, guest: Version, entry: TalosMinor) -> Finding:
    what = f"Talos {host} does not run Kubernetes {guest}, only {_span(entry.code)}"
    too_new = (guest.major, guest.minor) > entry.code[1]
    first = "Talos" if too_new else "Kubernetes"
    waiting = [u for u in _others(evidence) if u.system == first.lower() and _cures(u, host, guest, too_new=too_new)]
    if waiting:
        return rule("matrix").fails(what, f"Take {first} {target_of(waiting[0])} first: {waiting[0].branch}.")
    return rule("matrix").fails(what, f"Take {first} to a version that goes with it first.")


def _cures(update: Update, host: Version, guest: Version, *, too_new: bool) -> bool:
    target = Version.parse(target_of(update))
    if target is None:
        return False
    return supports(target, guest) is True if too_new else supports(host, target) is True


def _others(evidence: Evidence) -> list[Update]:
    return [u for u in evidence.pending if u.system and u.branch != evidence.update.branch and u.state != "applied"]


def _order(evidence: Evidence) -> Iterator[Finding]:
    """Which of two that wait goes first: Talos, unless it drops the Kubernetes that runs."""
    if len(evidence.moves) != 1:
        return
    move = evidence.moves[0]
    other = next((u for u in _others(evidence) if u.system != move.system), None)
    target = Version.parse(target_of(other)) if other else None
    if other is None or other.system is None or target is None:
        return
    if any(target <= running for running in evidence.running(other.system)[-1:]):  # it goes nowhere
        return
    talos = move.new if move.system == "talos" else target
    dropped = any(supports(talos, running) is False for running in evidence.running("kubernetes"))
    if move.system == "talos" and dropped:
        yield rule("kubernetes-first").fails(f"Kubernetes {target} waits too and goes first: {other.branch}")
    elif move.system == "kubernetes" and not dropped:
        yield rule("talos-first").fails(f"Talos {target} waits too and goes first: {other.branch}")


def _pair(evidence: Evidence) -> Iterator[Finding]:
    """Branches that move the same system to the same version, each in files of its own."""
    if evidence.update.pairs:
        names = ", ".join(evidence.update.pairs)
        yield rule("pair").fails(f"belongs with {names}: approve both", "Each changes places that the other leaves.")


def _places(evidence: Evidence, move: Move) -> Iterator[Finding]:
    mine = [p for p in evidence.after if p.system == move.system and p.kind != "client"]
    left = [p for p in mine if p.version != str(move.new)]
    if not left:
        yield rule("places").passes(f"all {len(mine)} places in the repository say {move.new}")
        return
    listed = ", ".join(f"{p.where} {p.version}" for p in left[:5]) + (" …" if len(left) > 5 else "")
    resource = next((p for p in left if p.kind == "resource"), None)
    if resource and not any(p.kind == "resource" and p.version == str(move.new) for p in mine):
        what = f"tuppr's resource stays at {resource.version}: no node will be upgraded"
    else:
        what = f"{len(left)} of {len(mine)} places keep another {TITLES[move.system]} version"
    raised = _raised_by(evidence, left)
    fix = None if raised else _raise(evidence, left, str(move.new))
    yield rule("places").fails(what, f"{listed}{raised}", file=left[0].file, line=left[0].line, fix=fix)


def _client(evidence: Evidence, move: Move) -> Iterator[Finding]:
    clients = [p for p in evidence.after if p.system == move.system and p.kind == "client"]
    tool = "talosctl" if move.system == "talos" else "kubectl"
    lagging = [p for p in clients if _lags(p, move)]
    if lagging:
        place = lagging[0]
        what = f"{place.file} keeps {tool} {place.version.removeprefix('v')}"
        raised = _raised_by(evidence, lagging).lstrip("; ")
        fix = None if raised or _locked(evidence, place.file) else _raise(evidence, lagging, str(move.new))
        yield rule("client").fails(what, raised, file=place.file, line=place.line, fix=fix)
    elif clients:
        yield rule("client").passes(f"{tool} {clients[0].version} in {clients[0].file} goes with {move.new}")


def _raise(evidence: Evidence, left: Sequence[Place], version: str) -> Fix | None:
    """The edit that brings the first file's places along; none of a resource, which may be another cluster's."""
    file = left[0].file
    data = evidence.tree.files.get(file)
    if data is None or any(place.kind == "resource" for place in left if place.file == file):
        return None
    new = moved(data, [place for place in left if place.file == file], version)
    try:
        lines = [text.decode("utf-8").splitlines(keepends=True) for text in (data, new)]
    except UnicodeDecodeError:
        return None
    return diff(file, *lines)


def _locked(evidence: Evidence, file: str) -> bool:
    """Whether checksums stand beside the pin: an edit of the pin alone would be half of one."""
    return any(file.endswith(pin) and f"{file[: -len(pin)]}{lock}" in evidence.tree.files for pin, lock in _LOCKS)


def _lags(place: Place, move: Move) -> bool:
    """talosctl goes with one version of the nodes; kubectl may be one minor off."""
    version = Version.parse(place.version)
    if version is None:
        return False
    if move.system == "talos":
        return version < move.new
    return abs(version.minor - move.new.minor) > 1


def _raised_by(evidence: Evidence, left: Sequence[Place]) -> str:
    """The other update that changes one of these lines, if one waits."""
    files = {(p.file, p.version) for p in left}
    for update in evidence.pending:
        if update.branch == evidence.update.branch or update.state == "applied":
            continue
        if any((c.file, str(Version.parse(c.old) or c.old)) in files for c in update.changes):
            return f"; {f'#{update.pull}' if update.pull else update.branch} raises it"
    return ""


def _main_runs(evidence: Evidence, move: Move) -> Finding:
    if not evidence.read(Topic.KUBERNETES) and not evidence.read(Topic.TALOS):
        return rule("main-runs").skipped(evidence.unread(Topic.KUBERNETES))
    running = evidence.running(move.system)
    off = [v for v in running if v != move.old]
    if off:
        what = f"a node runs {TITLES[move.system]} {off[0]}, main holds {move.old}"
        return rule("main-runs").fails(what, "The last upgrade has not reached every node.")
    return rule("main-runs").passes(f"every node runs {TITLES[move.system]} {move.old}, as main holds")
