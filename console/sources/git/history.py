"""The newest commits of main, and the approvals among them, read back from their trailers."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from console.model.updates import ApprovedCommit, Own
from console.sources.errors import HomeconsoleError
from console.sources.git.files import FileChange, changed_files
from console.sources.git.objects import Commit, Reader
from console.sources.git.proposal import Proposal, proposal
from console.sources.git.runner import Repository
from console.sources.stop import Stop

MOST = 200
_TRAILER = re.compile(r"^(?P<key>[A-Za-z0-9][A-Za-z0-9-]*):\s+(?P<value>\S.*)$")


def history(
    repository: Repository, head: str, reader: Reader, stop: Stop | None = None
) -> tuple[tuple[str, ...], tuple[ApprovedCommit, ...]]:
    """The newest ``MOST`` commits that ``head`` reaches by first parents, newest first; the approvals among them."""
    out = repository.out("rev-list", "--first-parent", f"--max-count={MOST}", head, stop=stop)
    oids = tuple(out.decode("ascii").split())
    found = [(commit, trailers(commit.body)) for commit in map(reader.commit, oids)]
    ours = [(commit, said) for commit, said in found if "Approved-by" in said and "Approved-via" in said]
    pairs = [(reader.commit(commit.parents[0]).tree, commit.tree) for commit, _ in ours if commit.parents]
    if not pairs:
        return oids, ()
    whole = [entry for entry in ours if entry[0].parents]
    differences = changed_files(repository, pairs, stop)
    return oids, tuple(_approved(c, said, raw, reader) for (c, said), raw in zip(whole, differences, strict=True))


def _approved(
    commit: Commit, said: Mapping[str, Sequence[str]], raw: Sequence[FileChange], reader: Reader
) -> ApprovedCommit:
    try:
        found = proposal(raw, reader, commit.subject)
    except (HomeconsoleError, ValueError, LookupError):
        found = Proposal()
    branch = next(iter(said.get("Update", ())), "")
    own = own_of(branch, said)
    return ApprovedCommit(
        commit.oid,
        branch,
        commit.subject,
        _moment(next(iter(said.get("Approved-at", ())), "")) or commit.committed_at,
        ", ".join(said["Approved-by"]),
        found.changes,
        found.files,
        found.system,
        tuple((key, value) for key, values in said.items() for value in values),
        own,
        _reason(commit, own) or "; ".join(said.get("Override", ())),
    )


def own_of(branch: str, said: Mapping[str, Sequence[str]]) -> Own:
    """What a record is that approves no update: it reverts, or its ``Update`` begins with the verb."""
    if said.get("Reverts"):
        return "revert"
    verb = branch.partition(" ")[0] if " " in branch else ""
    return "hold" if verb == "hold" else "release" if verb == "release" else ""


def _reason(commit: Commit, own: Own) -> str:
    """Why: a hold says it in its subject, a revert in the paragraph behind the commit that it takes back."""
    if own == "hold":
        return commit.subject.partition(": ")[2]
    paragraphs = commit.body.strip().split("\n\n")
    return " ".join(paragraphs[1].split()) if own == "revert" and len(paragraphs) > 2 else ""


def trailers(body: str) -> dict[str, list[str]]:
    """The trailers of a commit message: the last paragraph, when every line of it is ``Key: value``."""
    paragraph = body.strip().rsplit("\n\n", 1)[-1]
    found: dict[str, list[str]] = {}
    for line in paragraph.splitlines():
        match = _TRAILER.match(line)
        if not match:
            return {}
        found.setdefault(match["key"], []).append(match["value"].strip())
    return found


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
