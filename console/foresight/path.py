"""Whether the way from what runs to the target is one that Talos and Kubernetes can go (rules/path.yaml)."""

from collections.abc import Iterator

from console.foresight.evidence import Evidence, Move
from console.foresight.knowledge import knowledge, rule
from console.model.finding import Finding
from console.model.upgrades import TITLES
from console.model.version import Version


def check(evidence: Evidence) -> Iterator[Finding]:
    """Findings on the path of each system that moves."""
    for move in evidence.moves:
        yield _known(move)
        yield _forward(evidence, move)
        yield _release(move)
        yield from _talos(evidence, move) if move.system == "talos" else _kubernetes(evidence, move)


def _newest(move: Move, at: Version) -> Version | None:
    """The newest patch release that is known of the minor of ``at``."""
    known = knowledge()
    table = known.talos if move.system == "talos" else known.kubernetes
    entry = table.get((at.major, at.minor))
    return entry.newest if entry else None


def _known(move: Move) -> Finding:
    title, day = TITLES[move.system], knowledge().known[move.system]
    newest = _newest(move, move.new)
    if newest is None:
        what = f"{title} {move.new.major}.{move.new.minor} is unknown to these rules, which end on {day}"
        return rule("known").fails(
            what, "Nothing is known about what it needs: read its release notes before you approve."
        )
    if move.new > newest:
        what = f"{title} {move.new} is newer than these rules, which end on {day} with {newest}"
        return rule("known").fails(what, "Look at its release notes for what may have changed since.")
    return rule("known").passes(f"{title} {move.new} is known to the rules of {day}")


def _forward(evidence: Evidence, move: Move) -> Finding:
    ahead = [v for v in (*evidence.running(move.system), move.old) if v > move.new]
    if not ahead:
        return rule("downgrade").passes(f"{TITLES[move.system]} goes forward")
    what = f"{TITLES[move.system]} {move.new} is older than {ahead[-1]}, which runs"
    return rule("downgrade").fails(what, "tuppr carries out a downgrade as it is written; data may not follow it back.")


def _release(move: Move) -> Finding:
    if move.new.pre:
        return rule("prerelease").fails(f"{TITLES[move.system]} {move.new} is a pre-release")
    return rule("prerelease").passes(f"{move.new} is a release")


def _oldest(evidence: Evidence, move: Move) -> Version:
    running = evidence.running(move.system)
    return running[0] if running else move.old


def _talos(evidence: Evidence, move: Move) -> Iterator[Finding]:
    target = knowledge().talos.get((move.new.major, move.new.minor))
    running = evidence.running("talos") or (move.old,)
    if target:
        low, high = target.hosts
        outside = [v for v in running if not low <= _plain(v) < high]
        if outside:
            what = f"Talos {move.new} refuses to upgrade from {outside[0]}"
            why = f"Its installer accepts {low} and newer, older than {high}. Go through the minors between."
            yield rule("talos-host").fails(what, why)
        else:
            yield rule("talos-host").passes(f"Talos {move.new} upgrades from {running[0]}")
    yield from _minor_step(evidence, move)


def _plain(version: Version) -> Version:
    """Its compatibility check compares major, minor and patch alone."""
    return Version(version.major, version.minor, version.patch)


def _minor_step(evidence: Evidence, move: Move) -> Iterator[Finding]:
    oldest = _oldest(evidence, move)
    step = _minors(oldest, move.new)
    if step > 1:
        between = ", ".join(f"{oldest.major}.{oldest.minor + i}" for i in range(1, step))
        what = f"Talos skips {between} on the way from {oldest} to {move.new}"
        yield rule("talos-minor").fails(what, "Only neighbours are tested: take the newest patch of each minor.")
    else:
        yield rule("talos-minor").passes("same minor" if step == 0 else "the next minor")
    newest = _newest(move, oldest)
    if step >= 1 and newest and oldest < newest:
        what = f"Talos {oldest} is not the newest {oldest.major}.{oldest.minor}, which is {newest}"
        yield rule("talos-patch").fails(what, f"Take {newest} first, then {move.new}.")
    elif step >= 1:
        yield rule("talos-patch").passes(f"{oldest} is the newest of its minor")


def _minors(old: Version, new: Version) -> int:
    return new.minor - old.minor if old.major == new.major else 99 * (new.major - old.major)


def _kubernetes(evidence: Evidence, move: Move) -> Iterator[Finding]:
    oldest = _oldest(evidence, move)
    step = _minors(oldest, move.new)
    if step not in {0, 1}:
        what = f"Kubernetes {oldest} → {move.new} " + ("goes back a minor" if step < 0 else f"skips {step - 1} minor")
        yield rule("kubernetes-minor").fails(what, "upgrade-k8s refuses it: it takes the same minor or the next.")
    else:
        yield rule("kubernetes-minor").passes("same minor" if step == 0 else "the next minor")
    newest = _newest(move, oldest)
    if step == 1 and newest and oldest < newest:
        what = f"Kubernetes {oldest} is not the newest {oldest.major}.{oldest.minor}, which is {newest}"
        yield rule("kubernetes-patch").fails(what)
