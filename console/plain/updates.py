"""``homeconsole updates``: every branch that Renovate proposes."""

import re

from console.model.age import since
from console.model.snapshot import Snapshot, Topic
from console.model.updates import BranchCommit, Change, RepositoryState, Update, release_notes
from console.plain.document import Document, moment, schema
from console.plain.table import table

TOPICS = (Topic.REPOSITORY, Topic.UPDATES)
_HEX = re.compile(r"[0-9a-f]{40,64}")
_ORDER = {"talos": 0, "kubernetes": 1, None: 2}
_CLASSES = ("major", "minor", "replacement", "patch", "unknown", "pin", "digest")


def document(snapshot: Snapshot) -> Document:
    """The repository and its updates, node upgrades first."""
    state = repository(snapshot)
    return schema("updates") | {
        "repository": _repository(state) if state else None,
        "updates": [described(update) for update in updates(snapshot)],
        "gone": [{"branch": branch, "at": moment(at)} for branch, at in state.gone] if state else [],
    }


def lines(snapshot: Snapshot) -> list[str]:
    """The same as a table."""
    head = ("state", "type", "update", "from", "to", "age", "pull", "branch")
    text = table(head, (_cells(snapshot, update) for update in updates(snapshot)))
    state = repository(snapshot)
    gone = [(branch, f"{since(at, snapshot.at)} ago") for branch, at in state.gone] if state else []
    return [*text, "", *table(("gone", "when"), gone)] if gone else text


def repository(snapshot: Snapshot) -> RepositoryState | None:
    """The repository, once it was read."""
    found: RepositoryState | None = snapshot[Topic.REPOSITORY].items.get(("repository",))
    return found


def updates(snapshot: Snapshot) -> list[Update]:
    """All updates: node upgrades, then what can be taken, by class; what is done comes last."""
    found: list[Update] = list(snapshot[Topic.UPDATES].items.values())
    return sorted(found, key=_place)


def _place(update: Update) -> tuple[bool, int, int, str]:
    done = update.state == "applied" or update.is_superseded
    return done, _ORDER[update.system], _CLASSES.index(update.type), update.branch


def _cells(snapshot: Snapshot, update: Update) -> tuple[str, ...]:
    first = update.changes[0] if update.changes else None
    more = len({(c.name, c.new) for c in update.changes}) - 1
    name = (first.name if first else update.title) + (f" and {more} more" if more > 0 else "")
    return (
        " ".join((update.state, *update.marks, *(("modified",) if update.modified else ()))),
        update.type + ("!" if update.breaking else ""),
        name,
        short(first.old) if first else "",
        short(first.new) if first else "",
        since(update.committed_at, snapshot.at),
        f"#{update.pull}" if update.pull else "",
        update.branch,
    )


def short(version: str) -> str:
    """A version for a table: digests and commit ids by their first digits, as git has them."""
    return _HEX.sub(lambda match: match[0][:7], version)


def _repository(state: RepositoryState) -> Document:
    return {
        "url": state.url,
        "branch": state.branch,
        "head": state.head,
        "fetchedAt": moment(state.fetched_at),
        "visitedAt": moment(state.visited_at),
    }


def described(update: Update) -> Document:
    """One of them."""
    held = update.hold_reason or update.hold_by or update.hold_since
    return {
        "id": update.id,
        "branch": update.branch,
        "head": update.head,
        "base": update.base,
        "pull": update.pull,
        "title": update.title,
        "author": update.author,
        "committedAt": moment(update.committed_at),
        "ahead": update.ahead,
        "behind": update.behind,
        "state": update.state,
        "why": update.why,
        "conflicts": list(update.conflicts),
        "modified": update.modified,
        "kind": update.kind,
        "changes": [change(each) for each in update.changes],
        "type": update.type,
        "breaking": update.breaking,
        "files": list(update.files),
        "system": update.system,
        "hold": {"reason": update.hold_reason, "by": update.hold_by, "since": update.hold_since} if held else None,
        "signature": update.signature,
        "marks": list(update.marks),
        "concern": update.concern,
        "overlaps": list(update.overlaps),
        "pairs": list(update.pairs),
        "unusual": list(update.unusual),
        "firstSeen": moment(update.first_seen),
        "commits": [_commit(each) for each in update.commits],
        "releaseNotes": list(dict.fromkeys(filter(None, map(release_notes, update.summary)))),
    }


def _commit(of: BranchCommit) -> Document:
    return {
        "commit": of.commit,
        "title": of.title,
        "author": of.author,
        "committedAt": moment(of.at),
        "signed": of.signed,
        "foreign": of.foreign,
    }


def change(of: Change) -> Document:
    """One version that moves."""
    return {
        "name": of.name,
        "from": of.old,
        "to": of.new,
        "type": of.type,
        "datasource": of.datasource,
        "file": of.file,
        "path": of.path,
        "line": of.line,
    }
