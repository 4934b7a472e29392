"""The door to the repository: what it proposes, what its files say, and how a change is written to it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from console.model.clock import utc_now
from console.model.updates import ApprovedCommit, BranchCommit, Change, RepositoryState, Update
from console.sources.errors import NotConfigured, Refused, SourceError
from console.sources.git import trees
from console.sources.git.address import resolve
from console.sources.git.clone import ASIDE, TRACKING, Clone
from console.sources.git.failures import failure
from console.sources.git.merge import Merge, merge
from console.sources.git.merged import merged, taken_back
from console.sources.git.objects import Commit, reading
from console.sources.git.runner import Git, revision
from console.sources.git.signature import Signatures
from console.sources.git.visits import Visits, remembered
from console.sources.kept import Kept
from console.sources.stop import Stop

if TYPE_CHECKING:
    from console.sources.git.identity import Identity
    from console.sources.git.proposal import Proposal
    from console.sources.git.push import Pushed, RefUpdate
    from console.sources.git.scan import Scanner
    from console.sources.git.writing import Author

_Past = tuple[tuple[str, ...], tuple[ApprovedCommit, ...]]
# Main, the branches, the bots that were named, the keys: what all that is told of updates follows from.
_Seen = tuple[str, Mapping[str, str], tuple[str, ...], tuple[tuple[int, int], ...]]


class Mirror:
    """A private bare clone of the repository, below ``folder``. Thread-safe. Errors are SourceError unless said.

    ``url``: a URL, or a path that stands for its remote ``origin`` or else for itself. ``bots``: addresses known to be
    bots; others are learned. Commits and trees are named by full object names.
    """

    def __init__(
        self,
        url: str,
        branch: str,
        prefixes: Sequence[str],
        folder: Path,
        *,
        git: Git | None = None,
        bots: Sequence[str] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._git = git or Git()
        self._clone = Clone(self._git, resolve(url), branch=branch, prefixes=prefixes, folder=folder, now=now)
        self._now, self._began = now, now()
        self._repository = self._clone.repository
        self._signatures = Signatures(self._repository, self._clone.address.checkout)
        self._bots = tuple(bots)
        self._scanning = threading.Lock()
        self._kept = Kept(self._clone.path.with_suffix(".scan"), Update, Change, BranchCommit, ApprovedCommit)
        self._scanned: tuple[_Seen | None, tuple[Update, ...], _Past] = (None, (), ((), ()))
        self.visits = Visits(self._clone.path.with_suffix(".visit"))

    @property
    def url(self) -> str:
        """The address without credentials."""
        return self._clone.address.shown

    @property
    def branch(self) -> str:
        """The main branch."""
        return self._clone.branch

    @property
    def path(self) -> Path:
        """The clone."""
        return self._clone.path

    @property
    def fetched_at(self) -> datetime | None:
        """When the remote was last heard, by this or an earlier run."""
        if self._clone.state.fetched_at is None:
            self._clone.make()
        return self._clone.state.fetched_at

    # What is there

    def fetch(self, stop: Stop | None = None) -> bool:
        """Bring main and the update branches up to date; whether anything moved."""
        return self._clone.fetch(stop)

    def maintain(self, stop: Stop | None = None) -> None:
        """Tidy the clone when it is time."""
        self._clone.maintain(stop)

    def head(self) -> str:
        """The commit of main as last fetched. NotConfigured before the first fetch."""
        found = self._clone.refs().get(self.branch, "")
        if not found:
            raise NotConfigured(f"{self.url} was never fetched", "It is fetched as soon as it answers.", kind="no-data")
        return found

    def branches(self) -> dict[str, str]:
        """The update branches with their commits, as last fetched."""
        return {name: oid for name, oid in self._clone.refs().items() if self._clone.is_ours(name)}

    def pulled(self, number: int, stop: Stop | None = None) -> str:
        """The commit of the pull request ``number``, as the forge tells now; empty where it has none."""
        return self._clone.pulled(number, stop)

    def asides(self) -> dict[str, str]:
        """The branches ``homeconsole/approve/*`` with their commits, as last fetched."""
        return {name: oid for name, oid in self._clone.refs().items() if name.startswith(ASIDE)}

    def scan(self, stop: Stop | None = None) -> tuple[RepositoryState, list[Update]]:
        """The repository and its updates, from what was fetched. Nothing is computed twice."""
        with self._scanning:
            self._clone.make(stop)
            refs = self._clone.known()
            head = refs.get(self.branch) or self.head()
            tips = {name: oid for name, oid in sorted(refs.items()) if self._clone.is_ours(name)}
            updates, past = self._looked(head, tips, stop)
        memory = self._clone.state
        pulls = memory.pulls.numbers
        updates = tuple(replace(each, pull=pulls[each.head]) if each.head in pulls else each for each in updates)
        gone = tuple(reversed(memory.gone.items()))
        state = RepositoryState(
            self.url,
            self.branch,
            head,
            memory.fetched_at,
            *past,
            gone,
            visited_at=self.visits.last,
            begun_at=self._began,
        )
        return state, remembered(updates, memory.seen, state)

    def _looked(self, head: str, tips: Mapping[str, str], stop: Stop | None) -> tuple[tuple[Update, ...], _Past]:
        """Anew only where something moved since this run, or an earlier one, looked last."""
        key: _Seen = (head, tips, self._bots, self._signatures.keyrings())
        before, updates, past = self._scanned
        if before != key:
            kept = self._kept.read(key) if before is None else None
            if kept:
                updates, past = kept
            else:
                updates = self._scanner.scan(head, tips, stop)
                if before is None or before[0] != head:
                    past = self._history(head, stop)
            self._scanned = (key, updates, past)
            if not kept and self._scanner.lasts:
                self._kept.write(key, (updates, past))
        return updates, past

    @cached_property
    def _scanner(self) -> "Scanner":
        """All that reads a proposal comes with it: not before one is to be read."""
        from console.sources.git.scan import Scanner  # noqa: PLC0415

        return Scanner(self._repository, self._signatures, self._bots)

    def _history(self, head: str, stop: Stop | None) -> "_Past":
        from console.sources.git.history import history  # noqa: PLC0415

        with reading(self._repository) as reader:
            return history(self._repository, head, reader, stop)

    def proposed(self, commit: str) -> Update:
        """What one commit proposes, by the beginning of its id; ``branch`` and ``head`` are the id whole.

        One that main holds is looked at on main as it was before: ``base`` is its first parent.
        """
        self._clone.make()
        oid = self._repository.out("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
        head, main = oid.decode("ascii").strip(), self.head()
        if self.reaches(main, head):
            parents = self.commit(head).parents
            main = parents[0] if parents else main
        from console.sources.git.scan import Scanner  # noqa: PLC0415

        with self._scanning:  # a scanner of its own: this must not push out what the branches keep
            return replace(Scanner(self._repository, self._signatures).scan(main, {head: head})[0], base=main)

    def commit(self, oid: str) -> Commit:
        """One commit."""
        with reading(self._repository) as reader:
            return reader.commit(oid)

    def read(self, commit: str, path: str) -> bytes:
        """A file at ``commit``. Refused with kind ``not-found`` when there is none."""
        with reading(self._repository) as reader:
            return reader.at(commit, path)

    def files(self, tree: str) -> list[str]:
        """The paths of all files (and links) in a tree, or a commit's."""
        return trees.files(self._repository, tree)

    def contents(self, tree: str, paths: Sequence[str]) -> dict[str, bytes]:
        """The bytes of many files in a tree, or a commit's, by path; those that are not there are left out."""
        return trees.contents(self._repository, tree, paths)

    def export(self, tree: str, folder: Path, stop: Stop | None = None) -> None:
        """Write the files of a tree, or a commit's, into an empty folder."""
        trees.export(self._repository, tree, folder, stop)

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """The paths in which two trees, or commits, differ, both ends of a rename."""
        return trees.changed(self._repository, old, new)

    def newest(self, commit: str, path: str) -> str:
        """The newest commit, up to ``commit`` along its first parents, that touched ``path``; empty for none."""
        return trees.newest(self._repository, commit, path)

    def blame(self, commit: str, path: str, line: int) -> str:
        """The commit that wrote ``line`` (1-based) of a file; empty where that can't be told."""
        return trees.blame(self._repository, commit, path, line)

    def merged(self, branch: str) -> str:
        """The newest commit of main that says it merged ``branch``, and was not taken back; empty for none."""
        return merged(self._repository, self.head(), branch)

    def taken_back(self, commit: str) -> bool:
        """Whether main reverts ``commit``, and that revert was not taken back itself."""
        return taken_back(self._repository, self.head(), commit)

    def reaches(self, commit: str, ancestor: str) -> bool:
        """Whether ``ancestor`` is in the history of ``commit``. What can't be told is an error, never a no."""
        args = ("merge-base", "--is-ancestor", revision(ancestor), revision(commit))
        done = self._repository.run(*args)
        if done.end == "exited" and done.code not in {0, 1} and self._is_whole(commit):
            return False  # there is no such commit here, and nothing is missing
        if done.end != "exited" or done.code not in {0, 1}:
            raise failure(done)
        return done.code == 0

    def _is_whole(self, commit: str) -> bool:
        """Whether every commit of its history is here."""
        done = self._repository.run("rev-list", "--quiet", commit)
        return done.end == "exited" and done.code == 0

    def merge_base(self, one: str, other: str) -> str:
        """Their best common ancestor; empty when there is none."""
        done = self._repository.run("merge-base", revision(one), revision(other))
        return done.out.decode("ascii").strip() if done.end == "exited" and done.code == 0 else ""

    # What is changed

    def diff(self, base: str, head: str) -> list[str]:
        """What ``head`` changes since it left ``base`` (three dots), by lines, secrets masked.

        A tree as ``head`` (a merge's) is compared with ``base`` itself; a commit that ``base`` already has, with the
        one before it.
        """
        from console.sources.git.textdiff import text_diff  # noqa: PLC0415 - as all below: not to look at the updates

        old, new = self._sides(base, head, done=True)
        with reading(self._repository) as reader:
            return text_diff(self._repository, reader, old, new)

    def proposal(self, base: str, head: str) -> "Proposal":
        """The versions that ``head`` moves since it left ``base``; see ``diff``."""
        from console.sources.git.files import changed_files  # noqa: PLC0415
        from console.sources.git.proposal import proposal  # noqa: PLC0415

        old, new = self._sides(base, head, done=True)
        raw = changed_files(self._repository, [(old, new)])[0]
        with reading(self._repository) as reader:
            return proposal(raw, reader, "")

    def patch_id(self, base: str, head: str) -> str:
        """The stable patch id of the same difference as ``diff``'s; empty when there is none."""
        old, new = self._sides(base, head)
        args = ("-r", "-p", "--no-renames", "--no-ext-diff", "--no-textconv", "--full-index", "--binary", old, new)
        patch = self._repository.out("diff-tree", *args)
        if not patch:
            return ""
        return self._repository.out("patch-id", "--stable", stdin=patch).decode("ascii").split(" ")[0]

    def _sides(self, base: str, head: str, *, done: bool = False) -> tuple[str, str]:
        """The trees to compare; ``done``: when ``base`` has ``head`` already, what its last commit did."""
        if self._kind(head) == "commit" and self._kind(base) == "commit":
            fork = self.merge_base(base, head) or base
            parents = self.commit(head).parents if done and fork == head != base else ()
            base = parents[0] if parents else fork
        return self._tree(base), self._tree(head)

    def _kind(self, name: str) -> str:
        return self._repository.out("cat-file", "-t", revision(name)).decode("ascii").strip()

    def _tree(self, name: str) -> str:
        args = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{tree}}")
        return self._repository.out(*args).decode("ascii").strip()

    # What is written

    def identity(self) -> "Identity":
        """The operator, from their own git configuration."""
        from console.sources.git.identity import identity  # noqa: PLC0415

        return identity(self._git, self._clone.address.checkout)

    def merge_tree(self, base: str, head: str, stop: Stop | None = None) -> Merge:
        """``head`` merged into ``base``. MissingTool when git is too old."""
        return merge(self._repository, base, head, stop)

    def edited_tree(self, tree: str, files: Mapping[str, bytes | None], stop: Stop | None = None) -> str:
        """``tree`` with some files written anew or (None) removed."""
        from console.sources.git import writing  # noqa: PLC0415

        return writing.edited_tree(self._repository, tree, files, stop)

    def signer(self, oid: str) -> str:
        """Who signed a commit (a user id, a principal), as far as the signature holds here; empty otherwise."""
        return self._signatures.signer(oid)

    def commit_tree(
        self,
        tree: str,
        parents: Sequence[str],
        message: str,
        *,
        committer: "Identity",
        author: "Author | None" = None,
        at: datetime | None = None,
        stop: Stop | None = None,
    ) -> str:
        """A commit: a merge has two parents, a squash one and ``author`` (see ``Author.of``).

        Refused with kind ``signing`` when the operator's git signs and that fails.
        """
        from console.sources.git import writing  # noqa: PLC0415

        return writing.write_commit(
            self._repository,
            tree=tree,
            parents=parents,
            message=message,
            committer=committer,
            author=author,
            at=at or self._now(),
            stop=stop,
        )

    def push_command(self, updates: "Sequence[RefUpdate]") -> str:
        """The push as it would be typed, without credentials."""
        from console.sources.git import writing  # noqa: PLC0415

        return " ".join(["git", *writing.push_command(self._clone.address, updates)])

    def push(self, updates: "Sequence[RefUpdate]", *, dry_run: bool = False, stop: Stop | None = None) -> "Pushed":
        """One atomic push, each ref leased. What was pushed is known here at once, without another fetch.

        Refused for any ref other than main, the update branches and ``homeconsole/approve/*``.
        """
        from console.sources.git import writing  # noqa: PLC0415

        for update in updates:
            self._allow(update)
        with self._clone.writing(stop):
            pushed = writing.push(self._repository, self._clone.address, updates, dry_run=dry_run, stop=stop)
            if pushed.ok and not dry_run:
                self._follow(updates)
        return pushed

    def _allow(self, update: "RefUpdate") -> None:
        name = update.ref.removeprefix("refs/heads/")
        ours = name == self.branch or self._clone.is_ours(name) or name.startswith(ASIDE)
        if (
            not update.ref.startswith("refs/heads/")
            or not ours
            or (name == self.branch and not (update.new and update.old))
        ):
            raise Refused(f"{update.ref} is not ours to write")

    def _follow(self, updates: "Sequence[RefUpdate]") -> None:
        lines = [
            f"update {TRACKING}{name} {u.new}\n" if u.new else f"delete {TRACKING}{name}\n"
            for u in updates
            if (name := u.ref.removeprefix("refs/heads/"))
        ]
        self._clone.forget()
        done = self._repository.run("update-ref", "--stdin", stdin="".join(lines).encode())
        if done.code:
            raise SourceError(f"The private clone can't be written: {done.err.strip()}")
