"""``homeconsole flux REF``: one Flux object whole; or, of any other kind, where it comes from."""

from argparse import Namespace

from console.cli.commands import FINE, opened, reference, require
from console.model.flux import FluxKey
from console.model.flux_kinds import KINDS
from console.model.snapshot import Snapshot, Topic
from console.plain import flux, flux_detail
from console.plain.document import schema, sources
from console.plain.printing import print_document, print_lines
from console.settings import Settings
from console.sources.errors import Refused, UsageError
from console.wiring import Console

_EXAMPLE = "For example: HelmRelease/media/plex, or Deployment/media/plex."
TOPICS = (Topic.FLUX, Topic.REPOSITORY, Topic.UPDATES)


def look(options: Namespace, settings: Settings) -> int:
    """Print it. The repository is only wanted for the commit: without it the rest is told."""
    key = reference(options.ref, of_flux=False)
    with opened(settings, TOPICS) as desk:
        require(desk.snapshot(), Topic.FLUX)
        whole = key.kind in KINDS
        (_object if whole else _origin)(options, desk, key, desk.snapshot())
    return FINE


def _object(options: Namespace, desk: Console, key: FluxKey, now: Snapshot) -> None:
    document, table = flux.document(now, key), flux.lines(now, key)  # an unknown name is said before anything is asked
    detail, tree, trace = desk.inspect(key), desk.tree(key), desk.trace(key)
    if options.output == "json":
        more = flux_detail.document(detail) | {"tree": flux_detail.tree(tree), "trace": flux_detail.trace(trace)}
        document["objects"][0] |= more
        print_document(document)
        return
    print_lines([*table, *flux_detail.lines(detail, tree, now.at), *flux_detail.trace_lines(trace, now.at)])


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
