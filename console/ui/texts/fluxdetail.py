"""What a Flux object says of itself, what was said about it, what it applied, and where it comes from."""

from collections.abc import Iterator, Sequence

from console.model.duration import duration
from console.model.flux import FluxKey, Status, short_revision
from console.model.flux_detail import Condition, Detail, LogLine, Occurrence, Pass
from console.model.flux_tree import Brought, Link, Node, Trace
from console.model.inventory import Entry
from console.model.text import safe
from console.ui.looks import Line, Run, age
from console.ui.panes.flux import MARKS
from console.ui.texts.layout import fact, heading, prose
from console.ui.texts.plot import spans

Choice = tuple[Line, FluxKey | None]
"""A line, and the object that it is about."""

_LATEST = 5  # events beside everything else; ``e`` shows all
_WIDEST = 60  # cells of a message in a line of the tree
# kstatus' words for workloads; Flux' own are in MARKS.
_STANDS = {"InProgress": ("▶", "accent"), "Missing": ("✖", "bad"), "Unknown": ("·", "muted")}
_LEVELS = {"error": "bad", "warn": "warn", "warning": "warn"}
_BAD_WHEN_TRUE = frozenset(("Stalled", "Reconciling", "TestSuccessFailed", "FetchFailed", "StorageOperationFailed"))


def describe(of: Detail, told: str, width: int) -> list[Line]:
    """Conditions, history, the latest events, the inventory. ``told``: the message that stands above already."""
    lines: list[Line] = []
    if of.problem:
        lines += [(), (Run(f" ▲ not live: {of.problem.message}", "warn"),)]
    if of.gone:
        lines += [(), (Run(" It was deleted while you looked; this is what was known.", "warn"),)]
    if of.conditions:
        lines += [(), heading("Conditions")]
        said = {told}  # a message that several conditions share stands once
        for condition in of.conditions:
            lines += _condition(condition, said, width)
            said.add(condition.message)
    if of.history:
        lines += [(), (*heading("History   "), Run(_durations(of.history), "muted")), *map(_pass, of.history)]
    if of.events:
        more = f"   latest {_LATEST} of {len(of.events)}, e shows all" if len(of.events) > _LATEST else ""
        lines += [(), (*heading("Events"), Run(more, "muted"))]
        lines += [line for each in of.events[:_LATEST] for line in _event(each, width)]
    if of.values:
        lines += [(), heading("Values from"), *((Run(f"  {key.ref}"),) for key in of.values)]
    if of.inventory:
        lines += [(), heading(f"Inventory {len(of.inventory)}"), *map(_entry, of.inventory)]
    return lines


def events(of: Detail, width: int) -> list[Line]:
    """All events, newest first."""
    return [line for each in of.events for line in _event(each, width)]


def event_line(text: str) -> Line:
    """An event that is a line of text already."""
    return (Run(f" {text}", "warn" if " Warning " in f" {text} " else ""),)


def log_line(of: LogLine) -> Line:
    """What a controller wrote."""
    fields = "  ".join(f"{name}={value}" for name, value in of.fields)
    at = f"{of.at:%m-%d %H:%M:%S}" if of.at else ""
    style = _LEVELS.get(of.level, "")
    return (Run(f" {at}  ", "muted"), Run(f"{of.level:5}  {of.message}", style), Run(f"  {fields}  {of.by}", "muted"))


def tree(top: Node) -> list[Choice]:
    """The object and all below it."""
    how = Run("   ↑↓ choose, enter opens", "muted")
    return [((*heading("Tree"), how), None), *_branch(top, "  ", "  ")]


def trace(of: Trace, width: int) -> list[Choice]:
    """The way up to the source, and the commit."""
    return [
        (heading("Comes from"), None),
        *((_link(link), link.key) for link in of.links),
        *((each, None) for each in _origin(of, width)),
    ]


def _origin(of: Trace, width: int) -> list[Line]:
    lines: list[Line] = []
    if of.path:
        lines.append(fact("path", of.path))
    same = of.applied and of.changed and of.applied.commit == of.changed.commit
    if of.changed:
        lines += _commit("brought by", of.changed, width)
    if of.applied and not same:
        lines += _commit("runs", of.applied, width)
    if of.why:
        lines += prose(of.why, width, "warn")
    return lines


def took(text: str) -> str:
    """A duration of Go's, to be read: ``1m3.213s`` → ``1m3s``; below ten seconds to the tenth."""
    span = duration(text)
    if span is None:
        return text
    seconds = span.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest}s" if minutes and rest else f"{minutes}m" if minutes else f"{rest}s"


def _condition(of: Condition, said: set[str], width: int) -> list[Line]:
    good = (of.status == "False") == (of.kind in _BAD_WHEN_TRUE)
    symbol, style = ("·", "muted") if of.status not in ("True", "False") else ("✔", "good") if good else ("✖", "bad")
    first = (Run(f"  {symbol} {of.kind} {of.status}", style), Run(f"   {of.reason}  "), age(of.since))
    return [first, *(prose(of.message, width, "muted", 4) if of.message and of.message not in said else ())]


def _pass(of: Pass) -> Line:
    number = f"{of.number:>3} " if of.number else ""
    well = of.outcome in ("ReconciliationSucceeded", "deployed", "superseded", "Succeeded")
    runs = [
        Run(f"  {number}{of.outcome:12}", "" if well else "bad"),
        Run(f"  {short_revision(of.revision)}  "),
        age(of.last),
    ]
    runs += [Run(f"  took {took(of.duration)}", "muted")] if of.duration else []
    runs += [Run(f"  {of.times} passes", "muted")] if of.times > 1 else []
    runs += [Run(f"  {of.text}", "muted")] if of.text else []
    return tuple(runs)


def _durations(history: Sequence[Pass]) -> str:
    """How long its passes took, the oldest first."""
    known = [span for each in reversed(history) if (span := duration(each.duration))]
    return spans(known)


def _event(of: Occurrence, width: int) -> list[Line]:
    style = "warn" if of.type == "Warning" else ""
    times = f"{of.times} times  " if of.times > 1 else ""
    said = safe(of.message)
    first = (Run("  "), age(of.at), Run(f"  {of.type}  {of.reason}  ", style))
    last = Run(f"  {times}{of.by}", "muted")
    if len(said) + sum(len(run.text) for run in (*first, last)) + 6 <= width:
        return [(*first, Run(said), last)]
    return [(*first, last), *prose(of.message, width, "", 6)]


def _entry(of: Entry) -> Line:
    return (Run(f"  {of.key.kind:24} ", "muted"), Run(_place(of.key.namespace, of.key.name)))


def _place(namespace: str, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def _branch(node: Node, first: str, below: str) -> Iterator[Choice]:
    symbol, style = _standing(node.status)
    said = node.text.partition("\n")[0]
    said = f"{said[: _WIDEST - 1]}…" if len(said) > _WIDEST else said
    more = f"  {node.hidden} more below" if node.hidden else ""
    name = Run(f" {_place(node.key.namespace, node.key.name)}")
    state = Run(f"{symbol} {node.status}", style)
    kind = Run(f"{node.key.kind}", "muted")
    yield (Run(first, "faint"), kind, name, Run("  "), state, Run(f"  {said}{more}", "muted")), node.key
    for index, child in enumerate(node.children):
        last = index == len(node.children) - 1
        yield from _branch(child, f"{below}{'└─ ' if last else '├─ '}", f"{below}{'   ' if last else '│  '}")


def _standing(word: str) -> tuple[str, str]:
    if word in _STANDS:
        return _STANDS[word]
    return MARKS[Status(word)] if word in set(Status) else ("·", "muted")


def _link(of: Link) -> Line:
    symbol, style = _standing(of.status) if of.status else ("·", "muted")
    return (
        Run(f"  {'this object' if of.relation == 'asked' else of.relation:14} ", "muted"),
        Run(of.key.ref),
        Run(f"  {symbol} {of.status}" if of.status else "", style),
        Run(f"  {short_revision(of.revision)}  {of.text}".rstrip(), "muted"),
    )


def _commit(word: str, of: Brought, width: int) -> list[Line]:
    pull = f"   #{of.pull}" if of.pull else ""
    return [
        (*fact(word, Run(f"{of.commit[:7]}{pull}   {of.author}, ", "strong")), age(of.at), Run(" ago", "muted")),
        *prose(of.subject, width, "", 17),
    ]
