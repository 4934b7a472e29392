"""Every branch under the prefixes as an Update. What was computed once is kept as long as it holds.

Kept by (fork, tip): what a branch proposes. Kept by (main, tip): how it merges; and when main moves, the merge of a
branch stays as it is unless main's move and the branch have a path in common.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from console.model.updates import BranchCommit, Change, Update, UpdateState
from console.sources.errors import HomeconsoleError, MissingTool, SourceError
from console.sources.git import bots
from console.sources.git.changes import file_versions
from console.sources.git.classify import is_breaking, weightiest
from console.sources.git.files import FileChange, changed_files, paths, text_of
from console.sources.git.graph import Fork, Trunk, forks
from console.sources.git.merge import Merge, merges, no_merge
from console.sources.git.objects import Commit, Reader, reading
from console.sources.git.proposal import Look, Proposal, proposal, superseded
from console.sources.git.relations import apart, related
from console.sources.git.runner import Repository
from console.sources.git.signature import Signatures
from console.sources.git.subjects import hint
from console.sources.stop import Stop

_NOTHING = Proposal()
_MERGED = Merge()
_MOST_COMMITS = 50  # of a branch that are looked at; more is no bot's work


@dataclass(frozen=True, slots=True)
class _Branch:
    """What is known of one branch at one tip."""

    tip: str
    fork: Fork
    commits: tuple[Commit, ...] = ()
    base: str = ""  # merge base
    proposal: Proposal = _NOTHING
    why: str = ""


class Scanner:
    """Scans one repository again and again. Not thread-safe."""

    def __init__(self, repository: Repository, signatures: Signatures, configured: Sequence[str] = ()) -> None:
        self._repository = repository
        self._signatures = signatures
        self._configured = tuple(configured)
        self._trunk: tuple[str, Trunk] | None = None
        self._branches: dict[str, _Branch] = {}
        self._merges: dict[str, Merge] = {}
        self._empty: set[str] = set()  # tips whose merge leaves the main that it was made on as it is
        self._newer: dict[tuple[str, str, str], tuple[Change, ...]] = {}  # what main moved in a file since
        self._listing: tuple[str, Mapping[str, str]] = ("", {})
        self._main = ""
        self.merged = 0  # merges computed since the beginning: what a rescan costs

    def scan(self, main: str, tips: Mapping[str, str], stop: Stop | None = None) -> tuple[Update, ...]:
        """``tips`` are commits by branch. Raises SourceError when main can't be read."""
        if self._trunk is None or self._trunk[0] != main:
            self._trunk = (main, Trunk.read(self._repository, main, stop))
        with reading(self._repository) as reader:
            found = self._forks(main, tips, stop)
            known = {
                tip: b for tip, b in self._branches.items() if found.get(tip) and b.fork.points == found[tip].points
            }
            stale = {tip for tip in self._merges if tip not in known}
            self._branches = {tip: replace(b, fork=found[tip]) for tip, b in known.items()}
            self._read(main, {tip: fork for tip, fork in found.items() if tip not in known}, reader, stop)
            self._merge(main, list(found), stale, reader, stop)
            updates = self._described(main, tips, reader)
        proposed = {b: self._branches[t].proposal for b, t in tips.items() if t in self._branches}
        return tuple(related(updates, proposed))

    @property
    def lasts(self) -> bool:
        """Whether another run would come to the same: nothing failed, and nobody was asked whose keys are trusted."""
        formats = {commit.signature for found in self._branches.values() for commit in found.commits[:1]}
        return (
            formats <= {"", "openpgp"}
            and not self._signatures.asked
            and not any(found.why or self._merges.get(tip, _MERGED).why for tip, found in self._branches.items())
        )

    # Where branches stand

    def _forks(self, main: str, tips: Mapping[str, str], stop: Stop | None) -> dict[str, Fork]:
        if self._trunk is None:
            return {}
        wanted = list(dict.fromkeys(tips.values()))
        try:
            return forks(self._repository, self._trunk[1], main, wanted, stop)
        except SourceError as error:
            if error.kind == "stopped":
                raise
        found: dict[str, Fork] = {}
        for tip in wanted:  # one that is broken must not hide the others
            try:
                found |= forks(self._repository, self._trunk[1], main, [tip], stop)
            except SourceError as error:
                self._branches[tip] = _Branch(tip, Fork((), 0, ()), why=error.message)
        return found

    # What branches propose

    def _read(self, main: str, wanted: Mapping[str, Fork], reader: Reader, stop: Stop | None) -> None:
        branches = [self._begun(main, tip, fork, reader, stop) for tip, fork in wanted.items()]
        whole = [b for b in branches if not b.why and b.base]
        pairs = [(reader.commit(b.base).tree, b.commits[0].tree) for b in whole]
        differences = self._differences(whole, pairs, stop)
        looked: dict[FileChange, Look] = {}
        for branch in branches:
            raw = differences.get(branch.tip)
            read = not branch.why and raw is not None
            self._branches[branch.tip] = self._proposed(branch, raw or (), reader, looked) if read else branch

    def _begun(self, main: str, tip: str, fork: Fork, reader: Reader, stop: Stop | None) -> _Branch:
        try:
            commits = tuple(reader.commit(oid) for oid in (fork.ahead or (tip,))[:_MOST_COMMITS])
            base = fork.points[0] if fork.points else ""
            if not fork.ahead:  # merged: what its last commit did
                base = commits[0].parents[0] if commits[0].parents else ""
            elif len(fork.points) > 1:
                base = self._repository.out("merge-base", main, tip, stop=stop).decode().strip()
            if base:
                reader.commit(base)
        except HomeconsoleError as error:
            return _Branch(tip, fork, why=error.message)
        return _Branch(tip, fork, commits, base)

    def _differences(
        self, branches: Sequence[_Branch], pairs: Sequence[tuple[str, str]], stop: Stop | None
    ) -> dict[str, tuple[FileChange, ...]]:
        tips = [branch.tip for branch in branches]
        try:
            return dict(zip(tips, changed_files(self._repository, pairs, stop), strict=True))
        except SourceError as error:
            if error.kind == "stopped":
                raise
        found = {}
        for branch, pair in zip(branches, pairs, strict=True):
            try:
                found[branch.tip] = changed_files(self._repository, [pair], stop)[0]
            except SourceError as error:
                self._branches[branch.tip] = replace(branch, why=error.message)
        return found

    def _proposed(
        self, branch: _Branch, raw: tuple[FileChange, ...], reader: Reader, looked: dict[FileChange, Look]
    ) -> _Branch:
        if len(branch.fork.ahead) > _MOST_COMMITS:  # main was rewritten under it
            unusual = f"{len(branch.fork.ahead)} commits that main lacks: more than an update has"
            return replace(branch, proposal=Proposal(paths(raw), unusual=(unusual,), raw=raw))
        try:
            return replace(branch, proposal=proposal(raw, reader, branch.commits[0].subject, looked))
        except (HomeconsoleError, ValueError, LookupError, RecursionError) as error:
            return replace(branch, why=f"The change can't be read: {error}")

    # How branches merge

    def _merge(self, main: str, tips: Sequence[str], stale: set[str], reader: Reader, stop: Stop | None) -> None:
        kept = self._still_valid(main, reader, stop) - stale
        self._merges = {tip: merge for tip, merge in self._merges.items() if tip in kept and tip in tips}
        self._empty &= set(self._merges)  # a kept merge has the tree of an older main, but still brings as little
        wanted = [tip for tip in tips if tip not in self._merges and self._branches[tip].fork.ahead]
        wanted = [tip for tip in wanted if not self._branches[tip].why]
        try:
            made = merges(self._repository, main, wanted, stop)
            self._merges |= made
            tree = reader.commit(main).tree
            self._empty |= {tip for tip, merge in made.items() if merge.tree == tree}
        except MissingTool as error:
            self._merges |= {tip: no_merge(error) for tip in wanted}
        self.merged += len(wanted)
        self._main = main

    def _still_valid(self, main: str, reader: Reader, stop: Stop | None) -> set[str]:
        """The tips whose merge comes out the same on the new main."""
        if self._main == main:
            return set(self._merges)
        if not self._main:
            return set()
        try:
            pair = (reader.commit(self._main).tree, reader.commit(main).tree)
            moved = changed_files(self._repository, [pair], stop)[0]
        except SourceError:
            return set()
        return {tip for tip in self._merges if tip in self._branches and apart(moved, self._branches[tip].proposal.raw)}

    # How it is told

    def _described(self, main: str, tips: Mapping[str, str], reader: Reader) -> list[Update]:
        known = bots.learned([self._branches[tip].commits for tip in tips.values()], self._configured)
        heads = [b.commits[0] for b in (self._branches[tip] for tip in tips.values()) if b.commits]
        worth = self._signatures.of(heads)
        signed = Counter(bool(commit.signed) for commit in heads)
        main_tree = reader.commit(main).tree
        updates = []
        for branch, tip in tips.items():
            update = self._update(branch, self._branches[tip], main, known)
            update = replace(update, signature=worth.get(tip, "none"))
            if update.signature == "none" and signed[True] > 2 * signed[False]:
                update = replace(update, marks=(*update.marks, "unsigned"))
            updates.append(update)
        return self._superseded(updates, main_tree, reader)

    def _update(self, branch: str, found: _Branch, main: str, known: frozenset[str]) -> Update:
        ours = [c for c in found.commits if bots.is_bots(c, known)]
        told = (ours or list(found.commits))[:1]
        state, why, conflicts = self._state(found)
        title = told[0].subject if told else branch
        said = hint(title)
        offered = found.proposal
        marks = ["security"] if said.security or branch.endswith("-vulnerability") else []
        marks += ["unusual"] if offered.unusual else []
        marks += ["downgrade"] if any("is older than" in text for text in offered.unusual) else []
        return Update(
            branch,
            found.tip,
            main,
            title,
            state,
            author=told[0].author if told else "",
            committed_at=found.commits[0].committed_at if found.commits else None,
            ahead=len(found.fork.ahead),
            behind=found.fork.behind,
            conflicts=conflicts,
            why=why,
            modified=bool(found.fork.ahead) and len(ours) < len(found.commits),
            kind=offered.kind,
            changes=offered.changes,
            type=weightiest(c.type for c in offered.changes),
            breaking=said.breaking or any(is_breaking(c.old, c.new, c.type) for c in offered.changes),
            files=offered.files,
            system=offered.system,
            marks=tuple(marks),
            fork=found.base,
            unusual=offered.unusual,
            commits=tuple(_told(commit, known) for commit in found.commits),
        )

    def _state(self, found: _Branch) -> tuple[UpdateState, str, tuple[str, ...]]:
        if found.why:
            return "unknown", found.why, ()
        if not found.fork.ahead:
            return "applied", "", ()
        merge = self._merges.get(found.tip, Merge(why="It was not merged"))
        if merge.conflicts:
            shown = tuple(p.encode(errors="surrogateescape").decode(errors="replace") for p in merge.conflicts)
            return "conflict", "", shown
        if merge.why:
            return "unknown", merge.why, ()
        return ("applied" if found.tip in self._empty else "ready"), "", ()

    def _superseded(self, updates: list[Update], main_tree: str, reader: Reader) -> list[Update]:
        """Mark those whose every change main already has, or something newer."""
        waiting = [u for u in updates if u.changes and u.state in ("ready", "conflict")]
        if not waiting:
            return updates
        blobs = self._blobs(main_tree)
        done = {
            u.branch for u in waiting if all(self._has(u, blobs, path, reader) for path in {c.file for c in u.changes})
        }
        return [replace(u, marks=(*u.marks, "superseded")) if u.branch in done else u for u in updates]

    def _has(self, update: Update, blobs: Mapping[str, str], path: str, reader: Reader) -> bool:
        """Whether main has what the update brings to the file at ``path``."""
        base = next((c.old for c in self._branches[update.head].proposal.raw if c.path == path), "")
        now = blobs.get(path, "")
        if not now or not base.strip("0") or now == base:
            return False
        key = (path, base, now)
        if key not in self._newer:
            texts = [text_of(reader.blob(blob)) or "" for blob in (base, now)]
            self._newer[key] = tuple(file_versions(path, texts[0], texts[1]).changes)
        return all(superseded(change, self._newer[key]) for change in update.changes if change.file == path)

    def _blobs(self, tree: str) -> Mapping[str, str]:
        if self._listing[0] != tree:
            out = self._repository.out("ls-tree", "-r", "-z", tree)
            entries = (e.split("\t", 1) for e in out.decode(errors="surrogateescape").split("\0") if e)
            self._listing = (tree, {path: meta.split()[2] for meta, path in entries})
        return self._listing[1]


def _told(commit: Commit, known: frozenset[str]) -> BranchCommit:
    foreign = not bots.is_bots(commit, known)
    return BranchCommit(commit.oid, commit.subject, commit.author, commit.committed_at, commit.signed, foreign)
