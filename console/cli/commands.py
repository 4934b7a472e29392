"""The plain commands: read what is needed, print it, say by the exit code what it means."""

import contextlib
from argparse import Namespace
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from console.model.snapshot import Snapshot, Topic
from console.model.text import safe
from console.plain.document import Document, problem
from console.plain.printing import only_ascii, print_document, print_lines, say
from console.settings import Settings
from console.sources.errors import SourceError, TimedOut, UsageError
from console.wiring import Console, standing

if TYPE_CHECKING:
    from console.model.flux import FluxKey

FINE, BAD, UNREACHED = 0, 1, 3
# Seconds until every source has said something: each has deadlines of its own, this is above them all. The first
# clone of a repository is the longest.
PATIENCE = 90.0


def run(options: Namespace, settings: Settings) -> int:
    """Run the command; its exit code. Raises HomeconsoleError."""
    only_ascii(settings.ascii)
    return _COMMANDS[options.command](options, settings)


@contextlib.contextmanager
def opened(settings: Settings, topics: Collection[Topic]) -> Iterator[Console]:
    """A desk on which everything in ``topics`` has been read, or has failed."""
    desk = Console(settings, folder=standing())
    try:
        desk.start(topics)
        desk.read(topics, PATIENCE)
        yield desk
    finally:
        desk.stop()


def require(snapshot: Snapshot, *topics: Topic) -> None:
    """At least one of ``topics`` could be read. Raises SourceError; what else is missing is said."""
    known = [topic for topic in topics if snapshot[topic].freshness.at]
    if not known:
        raise unread(snapshot, topics[0])
    for topic in topics:
        problem = snapshot[topic].freshness.problem
        if problem and topic not in known:
            say(f"homeconsole: {topic.value}: {safe(problem.message)}")
        for limit in snapshot[topic].freshness.limits:
            say(f"homeconsole: {topic.value}: {safe(limit.message)}")


def unread(snapshot: Snapshot, topic: Topic) -> SourceError:
    """Why nothing is known of ``topic``, as an error."""
    problem = snapshot[topic].freshness.problem
    if problem is None:
        return TimedOut(f"{topic.value}: no answer within {PATIENCE:.0f} s")
    return SourceError(problem.message, problem.hint, kind=problem.kind)


def _print(options: Namespace, document: Callable[[], Document], lines: Callable[[], Sequence[str]]) -> None:
    if options.output == "json":
        print_document(document())
    else:
        print_lines(lines())


def _status(options: Namespace, settings: Settings) -> int:
    from console.plain import status  # noqa: PLC0415 - only here

    # A question writes nothing, whatever is configured: what became of an interrupted approval is told, not recorded.
    with opened(replace(settings, write=False), status.TOPICS) as desk:
        desk.assess()
        now, cluster = desk.snapshot(), desk.cluster
    _print(options, lambda: status.document(now, cluster), lambda: status.lines(now, cluster))
    if status.broken(now):
        return BAD
    return UNREACHED if status.unread(now) else FINE


def _nodes(options: Namespace, settings: Settings) -> int:
    from console.plain import nodes  # noqa: PLC0415 - only here

    name = getattr(options, "name", None) or ""
    with opened(settings, nodes.TOPICS) as desk:
        now = desk.snapshot()
        require(now, Topic.TALOS, Topic.KUBERNETES)
        if name:
            return _node(options, desk, name)
    _print(options, lambda: nodes.document(now), lambda: nodes.lines(now))
    whole = all(now[topic].freshness.at for topic in (Topic.TALOS, Topic.KUBERNETES))
    return FINE if whole else UNREACHED


def _node(options: Namespace, desk: Console, name: str) -> int:
    """Its row; below it what a close look tells, or why there was none."""
    from console.plain import node, nodes  # noqa: PLC0415 - only here

    now = desk.snapshot()
    row = nodes.document(now, name)  # an unknown name ends here
    try:
        detail = desk.node(name)
    except SourceError as error:
        failed = row | {"detail": None, "error": problem(error.problem)}
        _print(options, lambda: failed, lambda: nodes.lines(now, name))
        say(f"homeconsole: {safe(error.message)}")
        return UNREACHED
    _print(
        options, lambda: row | {"detail": node.document(detail)}, lambda: nodes.lines(now, name) + node.lines(detail)
    )
    return FINE


def _flux(options: Namespace, settings: Settings) -> int:
    from console.plain import flux  # noqa: PLC0415 - only here

    if getattr(options, "ref", None):
        from console.cli.looking import look  # noqa: PLC0415 - only here

        return look(options, settings)
    if "yaml" in options:
        raise UsageError("--yaml needs an object", "For example: homeconsole flux HelmRelease/media/plex --yaml.")
    with opened(settings, flux.TOPICS) as desk:
        now = desk.snapshot()
    require(now, Topic.FLUX)
    _print(options, lambda: flux.document(now), lambda: flux.lines(now))
    return FINE


def _logs(options: Namespace, settings: Settings) -> int:
    from console.cli.looking import follow  # noqa: PLC0415 - only here

    return follow(options, settings)


def _updates(options: Namespace, settings: Settings) -> int:
    from console.plain import updates  # noqa: PLC0415 - only here

    if getattr(options, "update", None):
        from console.cli.looking import propose  # noqa: PLC0415 - only here

        return propose(options, settings)
    if "diff" in options:
        raise UsageError("--diff needs an UPDATE", "For example: homeconsole updates talos --diff.")
    with opened(settings, updates.TOPICS) as desk:
        now = desk.snapshot()
    require(now, Topic.UPDATES)
    _print(options, lambda: updates.document(now), lambda: updates.lines(now))
    return FINE


def _upgrades(options: Namespace, settings: Settings) -> int:
    from console.plain import upgrades  # noqa: PLC0415 - only here

    with opened(settings, upgrades.TOPICS) as desk:
        desk.assess()
        now = desk.snapshot()
    require(now, Topic.TUPPR, Topic.UPDATES)
    _print(options, lambda: upgrades.document(now), lambda: upgrades.lines(now))
    whole = all(now[topic].freshness.at for topic in (Topic.TUPPR, Topic.UPDATES))
    return FINE if whole else UNREACHED


def _preflight(options: Namespace, settings: Settings) -> int:
    from console.plain import preflight, updates, upgrades  # noqa: PLC0415 - only here
    from console.wiring.foreseeing import is_alone  # noqa: PLC0415 - only here

    topics = updates.TOPICS if "offline" in options or is_alone(settings) else upgrades.TOPICS
    with opened(settings, topics) as desk:
        require(desk.snapshot(), Topic.UPDATES)
        checked = desk.preflight(options.update)
        if getattr(options, "ack", None):
            desk.acknowledge(checked, dict(options.ack))
            checked = desk.preflight(options.update)
    _print(options, lambda: preflight.document(checked), lambda: preflight.lines(checked))
    return BAD if checked.verdict in {"blocked", "unknown"} else FINE


def _rules(options: Namespace, _: Settings) -> int:
    from console.plain import rules  # noqa: PLC0415 - brings them all

    _print(options, rules.document, rules.lines)
    return FINE


def _explain(options: Namespace, _: Settings) -> int:
    from console.plain import explain  # noqa: PLC0415 - only here

    found = explain.explained(getattr(options, "word", ""))
    _print(options, lambda: explain.document(found), lambda: explain.lines(found))
    return FINE


def _reconcile(options: Namespace, settings: Settings) -> int:
    from console.cli.reconciling import reconcile  # noqa: PLC0415 - only here

    return reconcile(options, settings)


def reference(text: str, *, of_flux: bool = True) -> "FluxKey":
    """``KIND/NAMESPACE/NAME``; a kind of Flux in any case, or its short name. Raises UsageError."""
    from console.model.flux import FluxKey  # noqa: PLC0415 - few commands name an object
    from console.model.flux_kinds import KINDS, called  # noqa: PLC0415

    parts = text.split("/")
    if len(parts) != 3 or not all(parts):
        more = "" if of_flux else ", Pod/media/plex-0"
        raise UsageError(f"{text!r} is no KIND/NAMESPACE/NAME", f"For example: HelmRelease/media/plex{more}.")
    kind = called(parts[0]) or (None if of_flux else parts[0])
    if kind is None:
        raise UsageError(f"{parts[0]!r} is no kind of Flux", f"Kinds: {', '.join(sorted(KINDS))}.")
    return FluxKey(kind, parts[1], parts[2])


def _approve(options: Namespace, settings: Settings) -> int:
    from console.cli.approving import approve  # noqa: PLC0415 - only here
    from console.plain import upgrades  # noqa: PLC0415 - only here

    with opened(settings, upgrades.TOPICS) as desk:
        return approve(desk, options)


def _watch(options: Namespace, settings: Settings) -> int:
    from console.cli.watching import watch  # noqa: PLC0415 - only here

    return watch(options, settings)


def _edit(options: Namespace, settings: Settings) -> int:
    from console.cli.editing import edit  # noqa: PLC0415 - only here
    from console.plain import updates  # noqa: PLC0415 - only here

    with opened(settings, updates.TOPICS) as desk:
        return edit(desk, options)


def _history(options: Namespace, settings: Settings) -> int:
    """Also where the repository can't be read: then only the journal tells."""
    from console.plain import history, updates  # noqa: PLC0415 - only here

    with opened(replace(settings, write=False), updates.TOPICS) as desk:
        told, now = desk.history(), desk.snapshot()
    _print(options, lambda: history.document(told), lambda: history.lines(told))
    for text in history.warnings(told):
        say(f"homeconsole: {text}")
    if told.altered is not None:
        return BAD
    fresh = now[Topic.REPOSITORY].freshness
    if fresh.problem:
        say(f"homeconsole: repository: {safe(fresh.problem.message)}")
    return FINE if fresh.at else UNREACHED


def _doctor(options: Namespace, settings: Settings) -> int:
    from console.plain import doctor  # noqa: PLC0415 - only here
    from console.wiring.examination import examine  # noqa: PLC0415
    from console.wiring.location import found  # noqa: PLC0415

    checks, told = examine(settings), found(settings, standing())
    _print(options, lambda: doctor.document(checks), lambda: [safe(told), "", *doctor.lines(checks)])
    return FINE if doctor.healthy(checks) else BAD


def _config(options: Namespace, settings: Settings) -> int:
    from console.cli import configuring  # noqa: PLC0415 - only here

    return configuring.run(options, settings)


_COMMANDS: dict[str, Callable[[Namespace, Settings], int]] = {
    "status": _status,
    "nodes": _nodes,
    "flux": _flux,
    "updates": _updates,
    "upgrades": _upgrades,
    "preflight": _preflight,
    "rules": _rules,
    "explain": _explain,
    "approve": _approve,
    "hold": _edit,
    "release": _edit,
    "revert": _edit,
    "watch": _watch,
    "reconcile": _reconcile,
    "history": _history,
    "doctor": _doctor,
    "logs": _logs,
    "config": _config,
}
