"""Reading the updates of a repository with 15,000 commits and 10,000 pull refs, beside bare git on the same branches.

With 25, 200 and 800 branches: cold, with nothing new, with one branch that is new, with main moved over one.
"""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from console.sources.git.mirror import Mirror
from tests.benchmarks.figure import Figure, times

COMMITS, APPS, PULLS = 15_000, 1200, 10_000
SIZES = (25, 200, 800)

_BOT = "bot[bot] <1+bot[bot]@users.noreply.github.com>"


def build(path: Path, branches: int = 200) -> None:
    """The repository: branches grow from as far as 1,000 commits back, each in an app of its own."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(path)], check=True)
    stream = [_commit("main", 1, 1_700_000_000, dict.fromkeys(range(APPS), 0))]
    for number in range(2, COMMITS + 1):
        app = number * 7 % (APPS - branches)
        stream.append(_commit("main", number, 1_700_000_000 + number, {app: number}, number - 1))
    back = 1_000 // branches
    for branch in range(branches):
        app = APPS - branches + branch
        stream.append(
            _commit(f"renovate/app{app}-1.x", COMMITS + 1 + branch, 1_700_100_000, {app: 1}, COMMITS - branch * back)
        )
    _git(path, "fast-import", "--quiet", stdin=b"".join(stream))
    tips = _git(path, "for-each-ref", "--format=%(objectname)", "refs/heads/renovate").split()
    old = _git(path, "rev-list", f"--max-count={PULLS - branches}", "main").split()
    creates = "".join(f"create refs/pull/{n}/head {oid}\n" for n, oid in enumerate([*old, *tips], 1))
    _git(path, "update-ref", "--stdin", stdin=creates.encode())
    _git(path, "pack-refs", "--all")


def _commit(branch: str, mark: int, at: int, apps: dict[int, int], parent: int | None = None) -> bytes:
    message = f"fix(container): update image ghcr.io/x/app{next(iter(apps))} (1.0.0 ➔ 1.0.1)".encode()
    head = f"commit refs/heads/{branch}\nmark :{mark}\ncommitter {_BOT} {at} +0000\ndata {len(message)}\n".encode()
    parts = [head, message, b"\n", f"from :{parent}\n".encode() if parent else b""]
    for app, version in apps.items():
        text = (
            "# what an app's file has above it\n"
            * 60
            + "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n"
            f"metadata:\n  name: app{app}\nspec:\n  ref:\n    tag: 1.0.{version}\n  url: oci://ghcr.io/x/app{app}\n"
        )
        parts.append(f"M 100644 inline {_file(app)}\ndata {len(text)}\n{text}\n".encode())
    return b"".join(parts)


def _file(app: int) -> str:
    return f"kubernetes/apps/ns{app % 20}/app{app}/ocirepository.yaml"


def _git(path: Path, *args: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", f"--git-dir={path}", *args], input=stdin, check=True, capture_output=True)
    return done.stdout.decode()


def _took(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _branch(name: str, parent: str, app: int, version: int) -> bytes:
    return _commit(name, 1, 1_700_200_000, {app: version}).replace(b"\nM ", f"\nfrom {parent}\nM ".encode(), 1)


def measure(runs: int) -> Iterator[Figure]:
    """Each size in a repository of its own."""
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="homeconsole-benchmark-") as folder:
            yield from _Bench(Path(folder), size).figures(min(runs, 3 if size < SIZES[-1] else 1))


class _Bench:
    """One repository, and a clone of it for each cold scan."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder, self._size = folder, size
        self._remote = folder / "remote.git"
        build(self._remote, size)
        self._made = 0

    def figures(self, runs: int) -> Iterator[Figure]:
        """Wall times: most of the work is git's."""
        cold = [self._cold() for _ in range(runs)]
        yield self._figure("cold", [ours for ours, _ in cold], "git for each branch", [bare for _, bare in cold])
        mirror = self._cloned()
        mirror.scan()
        warm = [(_took(lambda: self._again(mirror)), _took(self._listed)) for _ in range(3 * runs)]
        yield self._figure("nothing new", [ours for ours, _ in warm], "git ls-remote", [bare for _, bare in warm])
        for what, (name, floor) in _NEWS.items():
            pairs = [self._moved(mirror, name, run) for run in range(runs)]
            yield self._figure(what, [ours for ours, _ in pairs], floor, [bare for _, bare in pairs])

    def _figure(self, what: str, ours: list[float], beside: str, bare: list[float]) -> Figure:
        return Figure(f"scan of {self._size} branches: {what}", "ms wall", ours, beside, bare, times(1.5), _WHY)

    def _cloned(self) -> Mirror:
        self._made += 1
        mirror = Mirror(str(self._remote), "main", ("renovate/",), self._folder / f"state{self._made}")
        mirror.fetch()
        return mirror

    def _cold(self) -> tuple[float, float]:
        mirror = self._cloned()
        main, tips = mirror.head(), list(mirror.branches().values())

        def plain() -> None:
            for tip in tips:
                _asked(mirror.path, main, tip)

        bare = _took(plain)
        return _took(mirror.scan), bare

    @staticmethod
    def _again(mirror: Mirror) -> None:
        mirror.fetch()
        mirror.scan()

    def _listed(self) -> None:
        _git(self._remote, "ls-remote", str(self._remote))

    def _moved(self, mirror: Mirror, name: str, run: int) -> tuple[float, float]:
        """What is new, looked at by us; and then by git alone, in a clone that has not seen it either."""
        bare = self._folder / f"bare-{name.replace('/', '-')}-{run}.git"
        subprocess.run(["cp", "-r", str(mirror.path), str(bare)], check=True)
        parent = _git(self._remote, "rev-parse", "main").strip()
        ref = name if name == "main" else f"{name}{run}"
        _git(self._remote, "fast-import", "--quiet", stdin=_branch(ref, parent, APPS - 1 - run, 9))
        ours = _took(lambda: self._again(mirror))
        main, tips = mirror.head(), list(mirror.branches().values())

        def plain() -> None:
            self._listed()
            _git(bare, "fetch", "--quiet", str(self._remote), "+refs/heads/*:refs/remotes/origin/*")
            for tip in tips[:-1] if name == "main" else ():
                _git(bare, "rev-list", "--count", "--left-right", f"{main}...{tip}")
            _asked(bare, main, tips[-1])

        return ours, _took(plain)


def _asked(path: Path, main: str, tip: str) -> None:
    """What must be known of a branch at least: how far ahead and behind it is, whether it merges, what it changes."""
    _git(path, "rev-list", "--count", "--left-right", f"{main}...{tip}")
    _git(path, "merge-tree", "--write-tree", main, tip)
    _git(path, "diff-tree", "-p", f"{tip}^", tip)


# What happens, to which ref, and what bare git needs to tell the same.
_NEWS = {
    "one branch is new": ("renovate/new", "git ls-remote, fetch, and for that branch"),
    "main has moved over one": ("main", "git ls-remote, fetch, rev-list --count for each, all for one"),
}
_WHY = (
    "a look starts some processes of git, each of which costs about as much as the little that is new; one that finds "
    "a branch asks for the numbers of the pull requests, too, 10,000 here"
)
