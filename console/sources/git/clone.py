"""The private bare clone: made once, fetched into, never a working tree, nobody else's."""

import hashlib
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from console.sources.errors import Forbidden, NotConfigured, SourceError, UsageError
from console.sources.folder import make_private
from console.sources.git.address import Address
from console.sources.git.failures import failure
from console.sources.git.lock import locked, sweep
from console.sources.git.memory import State
from console.sources.git.pulls import PATTERNS, refs
from console.sources.git.runner import NETWORK_TIMEOUT, Git, Repository
from console.sources.stop import Stop

TRACKING = "refs/remotes/origin/"
ASIDE = "homeconsole/approve/"  # branches of ours: for pull requests, and for the record of a first approver
_FIRST_TIMEOUT = 600.0  # seconds: the first fetch brings the whole history
_LOCK_TIMEOUT = 90.0  # seconds: longer than another console's fetch
# Flaws that old commits of many real repositories have; all else is refused.
_OLD_FLAWS = ("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate", "badDate", "badEmail", "missingEmail")


class Clone:
    """One clone of ``address`` below ``folder``. Thread-safe; other processes are kept out while it is written."""

    def __init__(
        self,
        git: Git,
        address: Address,
        *,
        branch: str,
        prefixes: Sequence[str],
        folder: Path,
        now: Callable[[], datetime],
    ) -> None:
        for name in (branch, *(prefix + "x" for prefix in prefixes)):
            _check_name(name)
        self.git = git
        self.address = address
        self.branch = branch
        self.prefixes = tuple(prefixes)
        name = re.sub(r"[^\w.-]+", "-", address.shown.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git"))[:40]
        self.path = folder / f"{name}-{hashlib.sha256(address.shown.encode()).hexdigest()[:12]}.git"
        self.repository = Repository(git, self.path)
        self._lock_file = self.path.with_suffix(".lock")
        self._now = now
        self.state = State()
        self._known: dict[str, str] | None = None

    # Making it

    def make(self, stop: Stop | None = None) -> None:
        """Create the clone where there is none. Forbidden when the folder can't be written."""
        if self._is_made():
            self.state = State.load(self.path)
            return
        try:
            make_private(self.path.parent)
            self.path.parent.chmod(0o700)
        except OSError as error:
            raise Forbidden(
                f"{self.path.parent} can't be written: {error.strerror}", "Check the rights of the state folder."
            ) from error
        with locked(self._lock_file, _LOCK_TIMEOUT, stop):
            if not self._is_made():
                self._init()
        self.state = State.load(self.path)

    def _is_made(self) -> bool:
        return (self.path / "objects").is_dir() and (self.path / "HEAD").is_file()

    def _init(self) -> None:
        done = self.git.run("init", "--bare", "--quiet", "--template=", "--object-format=sha1", str(self.path))
        if done.end != "exited" or done.code:
            raise failure(done)
        self.path.chmod(0o700)

    # Reading refs

    def refs(self) -> dict[str, str]:
        """All fetched branches with their commits."""
        if not self._is_made():
            return {}
        out = self.repository.out("for-each-ref", "--format=%(objectname) %(refname)", TRACKING).decode(
            errors="surrogateescape"
        )
        found = (line.split(" ", 1) for line in out.split("\n") if line)
        return {ref.removeprefix(TRACKING): oid for oid, ref in found}

    def known(self) -> dict[str, str]:
        """The same as this process last fetched or pushed them: looking again at once costs no git."""
        return self.refs() if self._known is None else self._known

    def forget(self) -> None:
        """They were changed here."""
        self._known = None

    # Fetching

    def fetch(self, stop: Stop | None = None) -> bool:
        """Bring main and the branches under the prefixes up to date; whether anything moved. Raises SourceError."""
        self.make(stop)
        with locked(self._lock_file, _LOCK_TIMEOUT, stop):
            before = self.known()
            if self._known is None or not self._is_current(self._known, stop):
                sweep(self.path)
                self._fetch(first=not before, stop=stop)
                self._known = self.refs()
            self._ask_for_pulls(self._known, stop)
            self.state.visit([name for name in self._known if self.is_ours(name)], self._now())
            self.state.fetched_at = self._now()
            self.state.save(self.path, self.address.shown)
            return before != self._known

    def _is_current(self, known: dict[str, str], stop: Stop | None) -> bool:
        """Whether the remote is as we know it: a listing costs half of a fetch that finds nothing."""
        there = {name: oid for name, oid in self._heads(stop).items() if self._is_followed(name)}
        return there == {name: oid for name, oid in known.items() if self._is_followed(name)}

    def _heads(self, stop: Stop | None) -> dict[str, str]:
        """All branches of the remote."""
        lines = (line.partition("\trefs/heads/") for line in self._list("--heads", stop=stop).split("\n"))
        return {name: oid for oid, _, name in lines if name}

    def _fetch(self, *, first: bool, stop: Stop | None) -> None:
        refspecs = [f"+refs/heads/{self.branch}:{TRACKING}{self.branch}"]
        refspecs += [f"+refs/heads/{prefix}*:{TRACKING}{prefix}*" for prefix in dict.fromkeys((*self.prefixes, ASIDE))]
        settings = ["transfer.fsckObjects=true", *(f"fetch.fsck.{flaw}=ignore" for flaw in _OLD_FLAWS)]
        done = self.repository.run(
            "fetch",
            "--quiet",
            "--prune",
            "--no-tags",
            "--force",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--no-recurse-submodules",
            "--no-show-forced-updates",
            "--update-shallow",
            "--end-of-options",
            self.address.shown,
            *refspecs,
            private=self.address.private,
            operator=True,
            watched=True,
            settings=settings,
            timeout=_FIRST_TIMEOUT if first else NETWORK_TIMEOUT,
            stop=stop,
        )
        if done.end != "exited" or done.code:
            problem = self.problem(failure(done, self.address.shown, self.address.host))
            raise self._no_branch(stop) if problem.kind == "no-branch" else problem

    def problem(self, error: SourceError) -> SourceError:
        """``error``, told in the words of a folder when the repository is one."""
        local = self.address.local
        if local and not local.exists():
            return NotConfigured(f"{local} is not there any more", "Check --repo.", kind="no-repository")
        return error

    def _no_branch(self, stop: Stop | None) -> SourceError:
        """Main was not found: what there is instead."""
        heads = sorted(self._heads(stop))
        shown = self.address.shown
        if not heads:
            return NotConfigured(f"{shown} is empty: it has no branch yet", "Push a first commit.", kind="empty")
        likely = [name for name in ("main", "master") if name in heads] or heads[:5]
        return NotConfigured(
            f"{shown} has no branch {self.branch!r}", f"It has {', '.join(likely)}: --branch.", kind="no-branch"
        )

    def _ask_for_pulls(self, refs: dict[str, str], stop: Stop | None) -> None:
        tips = {oid for name, oid in refs.items() if self.is_ours(name)}
        if self.state.pulls.wanted(tips, self._now()):
            try:
                listing = self._list(*PATTERNS, stop=stop)
            except SourceError as error:  # the numbers are an extra: without them all else works
                if error.kind == "stopped":
                    raise
                return
            self.state.pulls.learn(listing, tips, self._now())

    def pulled(self, number: int, stop: Stop | None = None) -> str:
        """The head of that pull request, also of one that is merged or closed; empty where the forge has none."""
        return self._list(*refs(number), stop=stop).partition("\t")[0]

    def _list(self, *what: str, stop: Stop | None) -> str:
        flags = [w for w in what if w.startswith("--")]
        patterns = [w for w in what if not w.startswith("--")]
        done = self.repository.run(
            "ls-remote",
            "--quiet",
            *flags,
            "--end-of-options",
            self.address.shown,
            *patterns,
            private=self.address.private,
            operator=True,
            watched=True,
            timeout=NETWORK_TIMEOUT,
            stop=stop,
        )
        if done.end != "exited" or done.code:
            raise self.problem(failure(done, self.address.shown, self.address.host))
        return done.out.decode(errors="surrogateescape")

    def is_ours(self, branch: str) -> bool:
        """Whether a branch is under one of the prefixes (and is not main)."""
        return branch != self.branch and branch.startswith(self.prefixes)

    def _is_followed(self, branch: str) -> bool:
        return branch == self.branch or self.is_ours(branch) or branch.startswith(ASIDE)

    def maintain(self, stop: Stop | None = None) -> None:
        """Pack what has gathered, when it is time. Failing to do so does no harm."""
        with locked(self._lock_file, _LOCK_TIMEOUT, stop):
            settings = ["gc.auto=6700", "gc.autoDetach=false"]
            self.repository.run("gc", "--auto", "--quiet", settings=settings, timeout=300, stop=stop, watched=True)

    def writing(self, stop: Stop | None = None) -> AbstractContextManager[None]:
        """While inside, no other process writes the clone or pushes from it."""
        return locked(self._lock_file, _LOCK_TIMEOUT, stop)


def _check_name(name: str) -> None:
    """UsageError for what git does not take as a branch name (git-check-ref-format(1), the rules for one branch)."""
    bad = re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[/.-]|[/.]$", name)
    if bad or not name:
        raise UsageError(f"{name!r} is no branch name", "Check --branch and --prefix.")
