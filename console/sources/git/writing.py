"""Objects that are made, never a working tree: trees with files changed, commits, and how a push is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.sources.errors import Malformed
from console.sources.folder import private_folder
from console.sources.git.address import Address
from console.sources.git.failures import failure
from console.sources.git.identity import Identity
from console.sources.git.objects import Commit
from console.sources.git.push import Pushed, RefUpdate, outcome
from console.sources.git.runner import NETWORK_TIMEOUT, Repository, revision
from console.sources.git.unsigned import program_says, told, unsigned
from console.sources.stop import Stop

_SIGN_TIMEOUT = 20.0  # seconds; a key that wants a person (pinentry, a touch) never comes


@dataclass(frozen=True, slots=True)
class Author:
    """Who a commit is by, and when (with the zone in which it was)."""

    name: str
    email: str
    at: datetime

    @classmethod
    def of(cls, commit: Commit) -> "Author":
        """The author of ``commit``, for a squash."""
        return cls(commit.author, commit.author_email, commit.authored_at)


def write_commit(
    repository: Repository,
    *,
    tree: str,
    parents: Sequence[str],
    message: str,
    committer: Identity,
    author: Author | None = None,
    at: datetime,
    stop: Stop | None = None,
) -> str:
    """A commit object, signed when the operator's git signs. ``author`` is the committer unless given.

    Raises Refused with kind ``signing`` when it can't be signed: an unsigned commit is never made instead.
    """
    author = author or Author(committer.name, committer.email, at)
    environment = {
        "GIT_AUTHOR_NAME": author.name,
        "GIT_AUTHOR_EMAIL": author.email,
        "GIT_AUTHOR_DATE": _date(author.at),
        "GIT_COMMITTER_NAME": committer.name,
        "GIT_COMMITTER_EMAIL": committer.email,
        "GIT_COMMITTER_DATE": _date(at),
    }
    signing = [f"-S{committer.key}"] if committer.sign else []
    done = repository.run(
        "commit-tree",
        *signing,
        *(word for parent in parents for word in ("-p", revision(parent))),
        "-F",
        "-",
        revision(tree),
        stdin=message.encode(errors="replace"),
        settings=committer.settings if committer.sign else (),
        environment=environment,
        timeout=_SIGN_TIMEOUT if committer.sign else 15,
        watched=committer.sign,
        stop=stop,
    )
    if done.end == "exited" and done.code == 0:
        return done.out.decode("ascii").strip()
    if committer.sign and done.end != "stopped":
        silent = done.end == "exited" and not told(done.err)
        raise unsigned(program_says(repository.git, committer) if silent else done.err, committer.signature)
    raise failure(done)


def edited_tree(repository: Repository, tree: str, files: Mapping[str, bytes | None], stop: Stop | None = None) -> str:
    """``tree`` with some files written anew (None: removed); modes stay. Made in an index of its own.

    Raises Malformed for a path that would not be an ordinary file inside the tree; Refused where there is no room.
    """
    with private_folder("index") as folder:
        environment = {"GIT_INDEX_FILE": str(folder / "index")}

        def run(*args: str, stdin: bytes = b"") -> bytes:
            done = repository.run(*args, stdin=stdin, environment=environment, stop=stop)
            if done.end != "exited" or done.code:
                raise failure(done)
            return done.out

        run("read-tree", revision(tree))
        entries = []
        for path, content in files.items():
            mode = _mode(run("ls-tree", "-z", tree, "--", f":(literal){path}"), path)
            if content is None:
                entries.append(f"0 {'0' * 40}\t{path}\0")
                continue
            blob = run("hash-object", "-w", "--stdin", "--no-filters", stdin=content).decode("ascii").strip()
            entries.append(f"{mode} {blob}\t{path}\0")
        run("update-index", "-z", "--index-info", stdin="".join(entries).encode(errors="surrogateescape"))
        return run("write-tree").decode("ascii").strip()


def _mode(entry: bytes, path: str) -> str:
    if path.startswith("/") or any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/")):
        raise Malformed(f"{path!r} is no path inside the repository")
    mode = entry.split(b" ", 1)[0].decode("ascii")
    if mode and mode not in ("100644", "100755"):
        raise Malformed(f"{path} is not an ordinary file")
    return mode or "100644"


def push_command(address: Address, updates: Sequence[RefUpdate], *, dry_run: bool = False) -> list[str]:
    """The words after ``git``, without credentials. Every ref is leased, and all move or none."""
    return [
        "push",
        "--porcelain",
        "--atomic",
        "--no-verify",
        "--no-follow-tags",
        *(["--dry-run"] if dry_run else []),
        *(update.lease for update in updates),
        "--end-of-options",
        address.shown,
        *(update.refspec for update in updates),
    ]


def push(
    repository: Repository,
    address: Address,
    updates: Sequence[RefUpdate],
    *,
    dry_run: bool = False,
    stop: Stop | None = None,
) -> Pushed:
    """One atomic push with a lease on each ref. Never raises for what the server does."""
    done = repository.run(
        *push_command(address, updates, dry_run=dry_run),
        operator=True,
        private=address.private,
        watched=True,
        timeout=NETWORK_TIMEOUT,
        stop=stop,
    )
    return outcome(done, updates, address.shown, address.host)


def _date(moment: datetime) -> str:
    return f"{int(moment.timestamp())} {moment.strftime('%z') or '+0000'}"
