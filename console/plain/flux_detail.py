"""``homeconsole flux KIND/NAMESPACE/NAME``: one object whole, what it applied, and where it comes from."""

from collections.abc import Iterator
from datetime import datetime

from console.model.age import since
from console.model.flux import short_revision
from console.model.flux_detail import Condition, Detail, Occurrence, Pass
from console.model.flux_tree import Brought, Link, Node, Trace
from console.model.text import safe
from console.plain.document import Document, key, moment
from console.plain.table import table

_CONDITIONS = ("condition", "status", "age", "reason", "message")
_HISTORY = ("history", "revision", "last", "took", "times")
_EVENTS = ("events", "type", "reason", "message")
_TRACE = ("from", "object", "status", "revision")


def document(of: Detail) -> Document:
    """What the object says of itself, and what was said about it."""
    return {
        "conditions": [_condition(one) for one in of.conditions],
        "history": [_pass(one) for one in of.history],
        "valuesFrom": [key(one) for one in of.values],
        "events": [_event(one) for one in of.events],
    }


def tree(node: Node) -> Document:
    """The object and what it applied. ``hidden`` counts what was not looked at."""
    return {
        **key(node.key),
        "apiVersion": node.api_version,
        "status": node.status,
        "message": node.text,
        "hidden": node.hidden,
        "children": [tree(child) for child in node.children],
    }


def trace(of: Trace) -> Document:
    """The way up; ``commit`` is the newest one that touched ``path``, ``applied`` the one that the cluster runs."""
    return {
        "links": [_link(one) for one in of.links],
        "path": of.path,
        "commit": _brought(of.changed),
        "applied": _brought(of.applied),
        "reason": of.why or None,
    }


def lines(of: Detail, node: Node, at: datetime) -> Iterator[str]:
    """The same to be read, below the object's line."""
    if of.conditions:
        yield ""
        yield from table(
            _CONDITIONS, ((c.kind, c.status, since(c.since, at), c.reason, c.message) for c in of.conditions)
        )
    if of.history:
        yield ""
        yield from table(_HISTORY, (_past(one, at) for one in of.history))
    if node.children or node.hidden:
        yield ""
        yield "TREE"
        yield from _tree(node)
    if of.events:
        yield ""
        yield from table(_EVENTS, ((since(e.at, at), e.type, e.reason, e.message) for e in of.events))


def trace_lines(of: Trace, at: datetime) -> Iterator[str]:
    """The way up, and the commit."""
    yield ""
    rows = ((one.relation, one.key.ref, one.status, short_revision(one.revision)) for one in of.links)
    yield from table(_TRACE, rows)
    for word, commit in (("commit", of.changed), ("runs", of.applied)):
        if commit:
            pull = f"  #{commit.pull}" if commit.pull else ""
            who = f"{safe(commit.author)}, {since(commit.at, at)} ago"
            yield f"{word}  {commit.commit[:12]}  {safe(commit.subject)}{pull}  ({who})"
    if of.why:
        yield safe(of.why)


def _tree(node: Node, rail: str = "") -> Iterator[str]:
    if not rail:
        yield safe(node.key.ref)
    for index, child in enumerate(node.children):
        last = index == len(node.children) - 1
        more = f"  ({child.hidden} more below)" if child.hidden else ""
        words = " ".join(part for part in (child.status, safe(child.text).partition("\n")[0]) if part)
        yield f"{rail}{'└─' if last else '├─'} {safe(child.key.ref)}  {words}{more}"
        yield from _tree(child, rail + ("   " if last else "│  "))


def _past(one: Pass, at: datetime) -> tuple[str, ...]:
    name = f"{one.number} {one.outcome} {one.text}".strip() if one.number else one.outcome
    times = str(one.times) if one.times > 1 else ""
    return (name, short_revision(one.revision), since(one.last, at), one.duration, times)


def _condition(one: Condition) -> Document:
    return {
        "type": one.kind,
        "status": one.status,
        "reason": one.reason,
        "message": one.message,
        "since": moment(one.since),
    }


def _pass(one: Pass) -> Document:
    return {
        "outcome": one.outcome,
        "revision": one.revision,
        "firstAt": moment(one.first),
        "lastAt": moment(one.last),
        "duration": one.duration or None,
        "times": one.times,
        "release": one.number or None,
        "text": one.text,
    }


def _event(one: Occurrence) -> Document:
    return {
        "at": moment(one.at),
        "type": one.type,
        "reason": one.reason,
        "message": one.message,
        "times": one.times,
        "by": one.by,
    }


def _link(one: Link) -> Document:
    return {
        **key(one.key),
        "relation": one.relation,
        "status": one.status,
        "message": one.text,
        "revision": one.revision,
    }


def _brought(of: Brought | None) -> Document | None:
    if of is None:
        return None
    return {"id": of.commit, "author": of.author, "at": moment(of.at), "subject": of.subject, "pull": of.pull}
