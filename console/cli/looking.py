"""One thing whole: a Flux object and where it comes from, an update; and what was written about one, as it comes."""

import json
import threading
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from console.cli.commands import FINE, UNREACHED, opened, reference, require
from console.model.flux import FluxKey
from console.model.flux_detail import LogLine
from console.model.flux_kinds import KINDS
from console.model.snapshot import Problem, Snapshot, Topic
from console.model.text import safe, safe_lines
from console.plain import flux, flux_detail, log, nodes, update, updates
from console.plain.document import schema, sources
from console.plain.printing import print_document, print_lines, say
from console.settings import Settings
from console.sources.errors import Refused, SourceError, UsageError
from console.sources.stop import Stop
from console.wiring import Console

_EXAMPLE = "For example: HelmRelease/media/plex, or Deployment/media/plex."
TOPICS = (Topic.FLUX, Topic.REPOSITORY, Topic.UPDATES)


def look(options: Namespace, settings: Settings) -> int:
    """Print it. The repository is only wanted for the commit: without it the rest is told."""
    key = reference(options.ref, of_flux="yaml" in options)
    with opened(settings, TOPICS) as desk:
        require(desk.snapshot(), Topic.FLUX)
        whole = key.kind in KINDS
        (_object if whole else _origin)(options, desk, key, desk.snapshot())
    return FINE


def _object(options: Namespace, desk: Console, key: FluxKey, now: Snapshot) -> None:
    document, table = flux.document(now, key), flux.lines(now, key)  # an unknown name is said before anything is asked
    if "yaml" in options:
        _manifest(options, desk.manifest(key), document)
        return
    detail, tree, trace = desk.inspect(key), desk.tree(key), desk.trace(key)
    if options.output == "json":
        more = flux_detail.document(detail) | {"tree": flux_detail.tree(tree), "trace": flux_detail.trace(trace)}
        document["objects"][0] |= more
        print_document(document)
        return
    print_lines([*table, *flux_detail.lines(detail, tree, now.at), *flux_detail.trace_lines(trace, now.at)])


def _manifest(options: Namespace, text: str, document: dict[str, Any]) -> None:
    if options.output == "json":
        document["objects"][0]["manifest"] = text
        print_document(document)
    else:
        print_lines(safe_lines(text))


def _origin(options: Namespace, desk: Console, key: FluxKey, now: Snapshot) -> None:
    try:
        trace = desk.trace(key)
    except Refused as error:
        raise UsageError(error.message, _EXAMPLE, kind=error.kind) from error
    if options.output == "json":
        answer = schema("flux") | {"sources": sources(now, flux.TOPICS)}
        print_document(answer | {"objects": [], "trace": flux_detail.trace(trace)})
        return
    print_lines(list(flux_detail.trace_lines(trace, now.at))[1:])


def propose(options: Namespace, settings: Settings) -> int:
    """One update whole, or what it changes by lines."""
    with opened(settings, updates.TOPICS) as desk:
        now = desk.snapshot()
        require(now, Topic.UPDATES)
        found = desk.update(options.update)
        diff = desk.diff(found.branch) if "diff" in options else None
    if options.output == "json":
        print_document(updates.document(now) | {"updates": [update.document(found, diff)]})
    else:
        print_lines(update.lines(found, now.at) if diff is None else map(safe, diff))
    return FINE


def follow(options: Namespace, settings: Settings) -> int:
    """What was written, then each line as it comes, until the reader has enough, or ``--timeout`` is over."""
    stop = Stop()
    of_flux = "/" in options.what
    if of_flux and "service" in options and options.service:
        raise UsageError("a Flux object has no service", "For example: homeconsole logs k8s-control-1 kubelet.")
    key = reference(options.what) if of_flux else None
    with opened(settings, (Topic.FLUX,) if key else nodes.TOPICS) as desk, _ending(options, stop):
        if key:
            require(desk.snapshot(), Topic.FLUX)
            flux.document(desk.snapshot(), key)  # an unknown name ends here
            return _tell(options, desk.logs(key, stop), stop)
        require(desk.snapshot(), Topic.TALOS, Topic.KUBERNETES)
        service = getattr(options, "service", None)
        written = desk.service_log(options.what, service, stop) if service else desk.dmesg(options.what, stop)
        return _tell(options, (LogLine(None, "", line, service or "kernel") for line in written), stop)


def _tell(options: Namespace, written: Iterable[LogLine | Problem | None], stop: Stop) -> int:
    """Each line; the exit code says whether it could be read in the end. That our own end cuts it is no trouble."""
    problem: Problem | None = None
    try:
        for line in written:
            if not isinstance(line, LogLine):
                problem = None if stop.is_set() else line
                if problem:
                    say(f"homeconsole: {safe(problem.message)}")
            elif options.output == "json":
                print_lines([json.dumps(log.document(line))])
            else:
                print_lines([log.line(line)])
    except SourceError:
        if not stop.is_set():
            raise
    return UNREACHED if problem else FINE


@contextmanager
def _ending(options: Namespace, stop: Stop) -> Iterator[None]:
    """While inside, ``stop`` is set when the time is over."""
    timer = threading.Timer(getattr(options, "timeout", threading.TIMEOUT_MAX), stop.set)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        stop.set()
        timer.cancel()
