"""Configuration against the tables: gates, flags, plugins, API versions, documents (rules/tables.yaml)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from console.foresight.arguments import Argument, GateSet, arguments, gates
from console.foresight.conditions import Hit
from console.foresight.edit import edited
from console.foresight.evidence import Evidence
from console.foresight.knowledge import rule
from console.foresight.knowledge.components import Gone, Minor, Tables, tables
from console.foresight.rule import Repair, Rule
from console.foresight.yamlfiles import is_yaml, read
from console.model.finding import Finding
from console.model.version import Version

_API = re.compile(rb"(?m)^apiVersion:[ \t]*[\"']?([\w./-]+)")
_LISTED = 3


def check(evidence: Evidence) -> Iterator[Finding]:
    """Findings for a move of Kubernetes, and on Talos' documents for a move of Talos."""
    if evidence.move("kubernetes"):
        yield from _kubernetes(evidence)
    if evidence.move("talos"):
        yield from _documents(evidence)


def _span(evidence: Evidence, system: str) -> tuple[Minor, Minor]:
    """The minors that the oldest node runs and that it goes to."""
    step = next(s for s in evidence.steps if s.name == system)
    return _minor(step.old), _minor(step.new)


def _minor(version: Version) -> Minor:
    return version.major, version.minor


def _kubernetes(evidence: Evidence) -> Iterator[Finding]:
    old, new = _span(evidence, "kubernetes")
    known = tables()
    if new > known.last:
        why = f"nothing is known of Kubernetes {_text(new)}"
        names = (
            "gate-unknown",
            "gate-locked",
            "gate-needs",
            "flag-unknown",
            "plugin-unknown",
            "runtime-config",
            "api-gone",
        )
        yield from (rule(name).skipped(why) for name in names)
        return
    given, switched = list(arguments(evidence.tree.parts)), list(gates(evidence.tree.parts))
    yield from _unknown_gates(evidence, switched, old, new)
    yield from _locked_gates(evidence, switched, old, new)
    yield from _needy_gates(evidence, switched, old, new)
    yield from _needless_gates(evidence, switched, new)
    yield from _flags(evidence, given, old, new)
    yield from _plugins(given, old, new)
    yield from _runtime(evidence, given, old, new)
    yield from _apis(evidence, old, new)


def _text(minor: Minor) -> str:
    return f"{minor[0]}.{minor[1]}"


def _unknown_gates(evidence: Evidence, switched: Sequence[GateSet], old: Minor, new: Minor) -> Iterator[Finding]:
    found = False
    for name, here in _by_name(switched).items():
        gate = tables().gates.get(name)
        if name in {"AllAlpha", "AllBeta"} or (gate and gate.at(new) != "."):
            continue
        found = True
        components = ", ".join(sorted({each.argument.component for each in here}))
        why = f"{components} refuses a gate that it does not know, and does not start. Take it out first."
        already = gate is None or gate.at(old) == "."
        if gate is None:
            what = f"feature gate {name} is in no list of gates from 1.29 to {_text(tables().last)}"
        elif gate.known_before(new):
            what = f"feature gate {name} is gone in Kubernetes {_text(new)}"
        else:
            what = f"feature gate {name} is not yet in Kubernetes {_text(new)}"
        yield _gate_finding(evidence, _grave(rule("gate-unknown"), already=already), here, what, why)
    if not found:
        yield rule("gate-unknown").passes(f"every feature gate that is set is known to {_text(new)}")


def _locked_gates(evidence: Evidence, switched: Sequence[GateSet], old: Minor, new: Minor) -> Iterator[Finding]:
    found = False
    for name, here in _by_name(switched).items():
        gate = tables().gates.get(name)
        state = gate.at(new) if gate else "."
        wrong = [each for each in here if state in {"T", "F"} and each.value != _word(state)]
        if wrong:
            found = True
            what = f"feature gate {name} is locked to {_word(state)} in Kubernetes {_text(new)}"
            why = f"{wrong[0].argument.component} refuses another value, and does not start. Take it out first."
            already = gate is not None and gate.at(old) == state
            yield _gate_finding(evidence, _grave(rule("gate-locked"), already=already), wrong, what, why)
    if not found:
        yield rule("gate-locked").passes(f"no gate is set against its lock in {_text(new)}")


def _needy_gates(evidence: Evidence, switched: Sequence[GateSet], old: Minor, new: Minor) -> Iterator[Finding]:
    """Of each component: a gate that is on, by hand or by default, and one that it needs and that is off."""
    if new < tables().needs_since:
        return
    lives = old >= tables().needs_since and old == new  # what runs has the same gates, and runs
    needy: dict[tuple[str, str], tuple[GateSet, list[str]]] = {}
    for component in dict.fromkeys(each.argument.component for each in switched):
        here = {each.name: each for each in switched if each.argument.component == component}
        for name, needs in tables().needs.items():
            lacking = next((other for other in needs if not _is_on(other, here, new)), "")
            culprit = here.get(lacking) or here.get(name)
            if lacking and culprit and _is_on(name, here, new):
                needy.setdefault((component, lacking), (culprit, []))[1].append(name)
    for (component, lacking), (culprit, names) in needy.items():
        what = f"feature gate {lacking} is off, and {', '.join(names)} is on and needs it"
        why = f"{component} does not start so from Kubernetes {_text(tables().needs_since)} on."
        yield _gate_finding(evidence, _grave(rule("gate-needs"), already=lives), [culprit], what, why, repair=False)
    if not needy:
        yield rule("gate-needs").passes("no feature gate lacks one that it needs")


def _is_on(name: str, here: Mapping[str, GateSet], minor: Minor) -> bool:
    gate = tables().gates.get(name)
    if name in here:
        return here[name].value == "true"
    return gate is not None and gate.at(minor) in {"1", "T"}


def _needless_gates(evidence: Evidence, switched: Sequence[GateSet], new: Minor) -> Iterator[Finding]:
    needless = [
        each
        for each in switched
        if (gate := tables().gates.get(each.name)) and each.value == _word(gate.at(new)) and gate.at(new) != "."
    ]
    names = list(dict.fromkeys(each.name for each in needless))
    if names:
        what = f"{', '.join(names)}: the value is the default in Kubernetes {_text(new)}"
        fixed = needless if len(names) == 1 else []
        yield _gate_finding(evidence, rule("gate-needless"), fixed or needless, what, "It can go.", repair=bool(fixed))


def _grave(of: Rule, *, already: bool) -> Rule:
    """The rule, no more than a warning where what runs lives with it ``already``."""
    return replace(of, severity="warn") if already else of


def _gate_finding(
    evidence: Evidence, of: Rule, here: Sequence[GateSet], what: str, why: str, *, repair: bool = True
) -> Finding:
    hits = [each.argument.hit for each in here]
    fix = None
    if repair:
        name = re.escape(here[0].name)
        whole = all(len(each.argument.entries) == 1 for each in here)
        away = Repair(drop=True) if whole else Repair(replace=(rf"{name}=[^,]*,|,?{name}=[^,]*", ""))
        fix = edited(away, hits, evidence.tree.files)
    return of.fails(what, why + _also(hits), file=hits[0].file, line=hits[0].line, fix=fix)


def _by_name(switched: Iterable[GateSet]) -> dict[str, list[GateSet]]:
    found: dict[str, list[GateSet]] = {}
    for each in switched:
        found.setdefault(each.name, []).append(each)
    return found


def _word(state: str) -> str:
    return "true" if state in {"1", "T"} else "false"


def _flags(evidence: Evidence, given: Sequence[Argument], old: Minor, new: Minor) -> Iterator[Finding]:
    gone = [(a, g) for a in given if (g := tables().flags.get((a.component, a.flag))) and g.at <= new]
    for argument, entry in gone:
        what = f"{argument.component} has no --{argument.flag} from Kubernetes {_text(entry.at)} on"
        fix = edited(Repair(drop=True), [argument.hit], evidence.tree.files)
        why = f"It does not start with it. Take it out first. ({entry.source})"
        of = _grave(rule("flag-unknown"), already=entry.at <= old)
        yield of.fails(what, why, file=argument.hit.file, line=argument.hit.line, fix=fix)
    if not gone:
        yield rule("flag-unknown").passes(f"no argument is known to be gone in {_text(new)}")


def _plugins(given: Sequence[Argument], old: Minor, new: Minor) -> Iterator[Finding]:
    known = tables().plugins
    gone = [
        (argument, name)
        for argument in given
        if argument.flag in {"enable-admission-plugins", "disable-admission-plugins"}
        for name in argument.entries
        if name in known and known[name].at <= new
    ]
    for argument, name in gone:
        what = f"admission plugin {name} is gone from Kubernetes {_text(known[name].at)} on"
        hit, of = argument.hit, _grave(rule("plugin-unknown"), already=known[name].at <= old)
        yield of.fails(what, "kube-apiserver does not start with it.", file=hit.file, line=hit.line)
    if not gone:
        yield rule("plugin-unknown").passes(f"no admission plugin is known to be gone in {_text(new)}")


def _runtime(evidence: Evidence, given: Sequence[Argument], old: Minor, new: Minor) -> Iterator[Finding]:
    found = False
    for argument in given:
        if argument.component != "kube-apiserver" or argument.flag != "runtime-config":
            continue
        for entry in argument.entries:
            api = "/".join(entry.partition("=")[0].split("/")[:2])
            if what := _unregistered(tables(), api, new):
                found = True
                away = Repair(drop=True)
                if len(argument.entries) > 1:
                    name = re.escape(entry)
                    away = Repair(replace=(rf"{name},|,?{name}", ""))
                hit = argument.hit
                fix = edited(away, [hit], evidence.tree.files)
                why = "kube-apiserver does not start with a version in runtime-config that it does not have."
                of = _grave(rule("runtime-config"), already=bool(_unregistered(tables(), api, old)))
                yield of.fails(what, why, file=hit.file, line=hit.line, fix=fix)
    if not found:
        yield rule("runtime-config").passes(f"runtime-config names nothing that {_text(new)} does not have")


def _unregistered(known: Tables, api: str, new: Minor) -> str:
    gone, coming = known.runtime.get(api), known.introduced.get(api)
    if gone and gone.at <= new:
        return f"runtime-config names {api}, gone from Kubernetes {_text(gone.at)} on"
    if coming and coming.at > new:
        return f"runtime-config names {api}, which comes with Kubernetes {_text(coming.at)}"
    return ""


def _apis(evidence: Evidence, old: Minor, new: Minor) -> Iterator[Finding]:
    crossing = {
        api: passed for api, gone in tables().apis.items() if (passed := [g for g in gone if old < g.at <= new])
    }
    found: dict[tuple[str, str], list[Hit]] = {}
    entries: dict[tuple[str, str], Gone] = {}
    for path, data in evidence.tree.files.items():
        named = {match.decode() for match in _API.findall(data)} & crossing.keys() if is_yaml(path) else ()
        for document in read(path, data) if named else ():
            for gone in crossing.get(document.api, ()):
                if not gone.kinds or document.kind in gone.kinds:
                    key = (document.api, document.kind)
                    place = next(s for s in document.settings if s.path == ("apiVersion",))
                    entries[key] = gone
                    found.setdefault(key, []).append(Hit(place.value, place.path, document.name, path, place.line))
    for (api, kind), hits in found.items():
        gone = entries[api, kind]
        what = f"{kind} of {api} is no longer served from Kubernetes {_text(gone.at)} on"
        why = f"Flux can't apply it then.{f' Write {gone.instead}.' if gone.instead else ''}{_also(hits)}"
        fix = None
        if re.fullmatch(r"[\w.-]+/v\d\w*", gone.instead):
            fix = edited(Repair(value=gone.instead), hits, evidence.tree.files)
        yield rule("api-gone").fails(what, why, file=hits[0].file, line=hits[0].line, fix=fix)
    if not found:
        yield rule("api-gone").passes(f"no manifest uses an API version that {_text(new)} stops serving")


def _documents(evidence: Evidence) -> Iterator[Finding]:
    old, new = _span(evidence, "talos")
    if new > tables().last_talos:
        yield rule("document-unknown").skipped(f"nothing is known of Talos {_text(new)}")
        return
    known = tables().documents
    early = [p for p in evidence.tree.parts if p.kind in known and known[p.kind].at > new]
    early.sort(key=lambda p: known[p.kind].at > old)  # what runs and knows it comes first
    later = [p for p in evidence.tree.parts if p.kind in known and old < known[p.kind].at <= new]
    for part in early[:1]:
        what = (
            f"{part.kind} comes with Talos {_text(known[part.kind].at)}: {_text(new)} refuses a configuration with it"
        )
        hits = [Hit(file=p.start.file, line=p.start.line) for p in early]
        of = _grave(rule("document-unknown"), already=known[part.kind].at > old)
        yield of.fails(what, _also(hits).strip(), file=hits[0].file, line=hits[0].line)
    if not early:
        yield rule("document-unknown").passes(f"Talos {_text(new)} knows every document of the configuration")
    for part in later[:1]:
        kinds = ", ".join(sorted({p.kind for p in later}))
        what = f"{kinds}: new in Talos {_text(new)}, apply the configuration after the upgrade"
        yield rule("document-later").fails(what, file=part.start.file, line=part.start.line)


def _also(hits: Sequence[Hit]) -> str:
    places = list(dict.fromkeys(f"{hit.file}:{hit.line}" for hit in hits[1:]))
    more = f" and {len(places) - _LISTED} more" if len(places) > _LISTED else ""
    return f" Also {', '.join(places[:_LISTED])}{more}." if places else ""
