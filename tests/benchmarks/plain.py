"""Plain commands on a warm repository, beside Python importing what they can't do without."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.benchmarks.figure import Figure, times
from tests.benchmarks.programs import CONSOLE, Cost, command, demo, home

_API = "python -c 'import kubernetes'"
_GIT = "python -c 'import git, yaml' and git for-each-ref"
_WHY = {
    "updates": "a fetch from the remote and our own modules come on top; what an earlier run scanned is kept",
    "flux": "TLS, discovery and a list of each of some twenty kinds come on top of the imports",
    "nodes": "talosctl is asked some ten questions for each node, in processes of its own",
}


def measure(runs: int) -> Iterator[Figure]:
    """``updates``, which needs no API, and ``flux``, which does."""
    with home() as env, demo(env) as served:
        for name in _WHY:
            yield from _figures(name, runs, served)


def _figures(name: str, runs: int, env: Mapping[str, str]) -> Iterator[Figure]:
    words = [*CONSOLE, name, "-o", "json"]
    done = subprocess.run(words, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    floor = _git_floor if name == "updates" else _api_floor
    pairs = [(command(words, env), floor(env)) for _ in range(runs + 1)][1:]
    beside = _GIT if name == "updates" else _API
    for clock in ("wall", "cpu"):
        ours, theirs = ([getattr(each[side], clock) for each in pairs] for side in (0, 1))
        unit = f"ms {clock.replace('cpu', 'CPU')}"
        yield Figure(f"homeconsole {name} -o json", unit, ours, beside, theirs, times(1.5), _WHY[name])


def _api_floor(env: Mapping[str, str]) -> Cost:
    return command([sys.executable, "-c", "import kubernetes"], env)


def _git_floor(env: Mapping[str, str]) -> Cost:
    mirror = next(Path(env["XDG_STATE_HOME"]).glob("homeconsole/repos/*/HEAD")).parent
    imports = command([sys.executable, "-c", "import git, yaml"], env)
    refs = command(["git", f"--git-dir={mirror}", "for-each-ref"], env)
    return Cost(imports.wall + refs.wall, imports.cpu + refs.cpu)
