"""``homeconsole flux``: every Flux object, its status, its root cause."""

from console.model.age import since
from console.model.flux import FluxKey, Status, short_revision
from console.model.flux_graph import FluxRow, settle
from console.model.meaning import MEANINGS
from console.model.snapshot import Snapshot, Topic
from console.plain.document import Document, key, moment, schema, sources
from console.plain.table import table
from console.sources.errors import UsageError

TOPICS = (Topic.FLUX,)


def document(snapshot: Snapshot, only: FluxKey | None = None) -> Document:
    """All objects, worst first, or one."""
    rows = _rows(snapshot, only)
    answer = schema("flux") | {"sources": sources(snapshot, TOPICS)}
    return answer | {"objects": [_object(snapshot, row) for row in rows]}


def lines(snapshot: Snapshot, only: FluxKey | None = None) -> list[str]:
    """The same as a table; below it, what its words mean."""
    head = ("status", "kind", "namespace", "name", "revision", "age", "blocks", "message")
    rows = _rows(snapshot, only)
    text = table(head, (_cells(snapshot, row) for row in rows))
    words = {word for row in rows for word in (str(row.status), *row.marks)} - {Status.READY}
    known = [(of, meaning.says) for (kind, of), meaning in MEANINGS.items() if kind in {"flux", "mark"} and of in words]
    return [*text, "", *table(("word", "meaning"), known)] if known else text


def _rows(snapshot: Snapshot, only: FluxKey | None) -> list[FluxRow]:
    rows = list(settle(snapshot[Topic.FLUX].items.values(), snapshot.at))
    if only is None:
        return rows
    found = [row for row in rows if row.key == only]
    if not found:
        raise UsageError(f"there is no {only.ref}", "homeconsole flux lists them all.", kind="not-found")
    return found


def _cells(snapshot: Snapshot, row: FluxRow) -> tuple[str, ...]:
    words = " ".join((str(row.status), *row.marks))
    cause = row.root_cause
    message = f"{row.reason}: {row.message}" if row.reason and row.message else row.message or row.reason
    if cause:
        message = f"waits for {cause.ref}: {row.cause_message}"
    return (
        words,
        row.key.kind,
        row.key.namespace,
        row.key.name,
        short_revision(row.object.revision),
        since(row.since, snapshot.at),
        str(row.blocks) if row.blocks else "",
        message,
    )


def _object(snapshot: Snapshot, row: FluxRow) -> Document:
    this = row.object
    source = snapshot[Topic.FLUX].items.get(this.source) if this.source else None
    cause = row.root_cause
    return {
        **key(row.key),
        "apiVersion": this.api_version,
        "status": str(row.status),
        "lastStatus": str(this.last_status) if this.last_status else None,
        "marks": list(row.marks),
        "reason": row.reason,
        "message": row.message,
        "since": moment(row.since),
        "createdAt": moment(this.created),
        "revision": this.revision,
        "attemptedRevision": this.attempted_revision,
        "originRevision": this.origin_revision,
        "sourceRevision": source.revision if source else "",
        "source": key(this.source) if this.source else None,
        "url": this.url,
        "path": this.path,
        "interval": this.interval,
        "suspended": _suspended(row),
        "lastReconciledAt": moment(this.last_reconciled),
        "nextReconcileAt": moment(this.expected(snapshot.at)),
        "managedBy": key(this.managed_by) if this.managed_by else None,
        "dependsOn": [key(need) for need in this.needs],
        "inventory": this.inventory,
        "rootCause": {**key(cause), "message": row.cause_message} if cause else None,
        "blocks": row.blocks,
    }


def _suspended(row: FluxRow) -> Document | None:
    of = row.object.suspended
    return {"by": of.by or None, "at": of.at or None, "reason": of.reason or None} if of else None
