"""Reading 200 updates of a repository with 15,000 commits and 10,000 pull refs, beside bare git on the same branches.

``python -m tests.benchmarks.updates [--json FILE]``. Floors: a full scan at most twice the bare loop of ``merge-tree``;
looking again with nothing new no more than listing the refs; one new branch, or main moving over one, one merge each.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from console.sources.git.mirror import Mirror

COMMITS, APPS, BRANCHES, PULLS = 15_000, 1200, 200, 10_000
_BOT = "bot[bot] <1+bot[bot]@users.noreply.github.com>"


def build(path: Path) -> None:
    """The repository: branches grow from as far as 1,000 commits back, each in an app of its own."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(path)], check=True)
    stream = [_commit("main", 1, 1_700_000_000, dict.fromkeys(range(APPS), 0))]
    for number in range(2, COMMITS + 1):
        app = number * 7 % (APPS - BRANCHES)
        stream.append(_commit("main", number, 1_700_000_000 + number, {app: number}, number - 1))
    for branch in range(BRANCHES):
        app = APPS - BRANCHES + branch
        stream.append(
            _commit(f"renovate/app{app}-1.x", COMMITS + 1 + branch, 1_700_100_000, {app: 1}, COMMITS - branch * 5)
        )
    _git(path, "fast-import", "--quiet", stdin=b"".join(stream))
    tips = _git(path, "for-each-ref", "--format=%(objectname)", "refs/heads/renovate").split()
    old = _git(path, "rev-list", f"--max-count={PULLS - BRANCHES}", "main").split()
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
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(folder: Path) -> dict[str, float]:
    """Seconds of each part, in one run."""
    remote = folder / "remote.git"
    build(remote)
    mirror = Mirror(str(remote), "main", ("renovate/",), folder / "state")
    seconds = {"first fetch": _took(mirror.fetch)}
    main, tips = mirror.head(), list(mirror.branches().values())
    seconds["bare merge-tree loop"] = _took(
        lambda: [_git(mirror.path, "merge-tree", "--write-tree", main, tip) for tip in tips]
    )
    seconds["full scan"] = _took(mirror.scan)

    def again() -> None:
        mirror.fetch()
        mirror.scan()

    seconds["bare list of refs"] = min(_took(lambda: _git(remote, "ls-remote", str(remote))) for _ in range(9))
    seconds["again, nothing new"] = min(_took(again) for _ in range(9))
    seconds["bare merge-tree, one"] = min(
        _took(lambda: _git(mirror.path, "merge-tree", "--write-tree", main, tips[0])) for _ in range(9)
    )
    parent = _git(remote, "rev-parse", "main").strip()
    _git(remote, "fast-import", "--quiet", stdin=_branch("renovate/new", parent, 3, 9))
    seconds["again, one new branch"] = _took(again)
    _git(remote, "fast-import", "--quiet", stdin=_branch("main", parent, APPS - 1, 2))
    seconds["again, main moved over one"] = _took(again)
    return seconds


def _branch(name: str, parent: str, app: int, version: int) -> bytes:
    return _commit(name, 1, 1_700_200_000, {app: version}).replace(b"\nM ", f"\nfrom {parent}\nM ".encode(), 1)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = measure(Path(folder))
    for name, took in seconds.items():
        print(f"{name:28} {took * 1000:8.0f} ms")
    print(f"full scan / bare loop        {seconds['full scan'] / seconds['bare merge-tree loop']:8.2f}    (floor 2)")
    print(f"nothing new / list of refs   {seconds['again, nothing new'] / seconds['bare list of refs']:8.2f}")
    if options.json:
        options.json.write_text(json.dumps(seconds, indent=2) + "\n")


if __name__ == "__main__":
    main()
