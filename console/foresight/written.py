"""The rules that are data: each is asked for its evidence when the update moves what it is about."""

from collections.abc import Iterator

from console.foresight.conditions import Ground, Hit, Unasked
from console.foresight.edit import edited
from console.foresight.evidence import Evidence
from console.foresight.knowledge import knowledge
from console.foresight.rule import Rule, Step
from console.model.finding import Finding
from console.model.version import Version

_LISTED = 4  # places that a finding names


def check(evidence: Evidence) -> Iterator[Finding]:
    """A finding for each rule that is asked."""
    asked = _asked(evidence)
    if not asked:
        return
    ground = Ground(evidence.tree, _running(evidence), evidence.live, evidence.now)
    for rule, step in asked:
        yield _answer(rule, step, ground)


def concerned(evidence: Evidence) -> bool:
    """Whether any rule wants to look at the repository."""
    return bool(_asked(evidence))


def _asked(evidence: Evidence) -> list[tuple[Rule, Step]]:
    steps = evidence.steps
    return [(rule, step) for rule in knowledge().rules.values() if rule.when and (step := rule.asked(steps))]


def _running(evidence: Evidence) -> dict[str, tuple[Version, ...]]:
    """What runs when the update is through."""
    moved = {m.system: (m.new,) for m in evidence.moves}
    return {"talos": evidence.running("talos"), "kubernetes": evidence.running("kubernetes")} | moved


def _answer(rule: Rule, step: Step, ground: Ground) -> Finding:
    try:
        hits = rule.find.found(ground) if rule.find else [Hit()]
    except Unasked as why:
        return rule.skipped(str(why))
    if not hits:
        return rule.passes(rule.about)
    first, count = hits[0], len(hits)
    detail = rule.told(rule.detail, first, step, count)
    others = list(dict.fromkeys(place for hit in hits if (place := _place(hit)) and place != _place(first)))
    if others:
        more = f" and {len(others) - _LISTED} more" if len(others) > _LISTED else ""
        detail = f"{detail} Also {', '.join(others[:_LISTED])}{more}.".lstrip()
    fix = edited(rule.repair, hits, ground.tree.files) if rule.repair else None
    title = rule.told(rule.title or rule.about, first, step, count)
    return rule.fails(title, detail, file=first.file, line=first.line, fix=fix)


def _place(hit: Hit) -> str:
    return f"{hit.file}:{hit.line}" if hit.file else hit.name
