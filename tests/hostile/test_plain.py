"""The embedded cluster with poison in every field that an outsider could fill: what plain commands and the console make
of it, through the real sources. All in processes of their own, the console in a pseudo-terminal.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.demo.api.pods import Logs
from console.demo.thread import DemoThread
from console.demo.world import Topology
from tests.cli.conftest import Shell, environment
from tests.hostile.corpus import EVERYTHING, IN_UTF8, NO_CONTROLS
from tests.hostile.wire import strange
from tests.terminal import terminal

pytestmark = pytest.mark.timeout(900)

BRANCH = "renovate/evil\u202egnp\u200b-1.x"
# What the API server, and so the stand-in, would refuse to hold otherwise than as it is: names, references, enums.
_STRUCTURE = frozenset(
    ("kind", "apiVersion", "name", "namespace", "uid", "resourceVersion", "type", "status", "creationTimestamp",
     "lastTransitionTime", "lastTimestamp", "firstTimestamp", "eventTime", "interval", "timeout", "id", "v",
     "lastHandledReconcileAt", "version", "startedAt", "completedAt", "phase", "fieldPath", "prune", "time")
)  # fmt: skip
_KINDS = ("Kustomization", "HelmRelease", "OCIRepository", "GitRepository", "HelmRepository", "FluxInstance",
          "TalosUpgrade", "KubernetesUpgrade", "Node", "DaemonSet", "Deployment", "Pod", "Event")  # fmt: skip


def poison(value: Any) -> Any:
    """Every free text in an object, hostile."""
    if isinstance(value, dict):
        return {
            key: each if key in _STRUCTURE and isinstance(each, str) else poison(each) for key, each in value.items()
        }
    if isinstance(value, list):
        return [poison(each) for each in value]
    return f"{value} {IN_UTF8}" if isinstance(value, str) else value


def _poison_cluster(demo: DemoThread) -> None:
    for kind in _KINDS:
        for stored in demo.store.list(kind):
            meta = stored["metadata"]
            patch: dict[str, Any] = {
                "metadata": {
                    "annotations": {"homeconsole/suspended-reason": IN_UTF8, "homeconsole/suspended-by": IN_UTF8}
                }
            }
            patch |= {part: poison(stored[part]) for part in ("message", "reason", "note") if part in stored}
            demo.store.patch(kind, meta["name"], meta.get("namespace", ""), patch)
            if "status" in stored:
                demo.store.set_status(kind, meta["name"], meta.get("namespace", ""), poison(stored["status"]))

    for machine in demo.world.machines.values():
        machine.unmet = [("nodeReady", EVERYTHING)]
    before: Logs = demo.api.logs
    demo.api.logs = lambda *words: [*before(*words), *IN_UTF8.split("\n")]


def _poison_repository(repository: Path) -> None:
    """A branch of a bot with hostile names, texts, files and trailers."""

    index = str(repository / "evil-index")
    who = {"GIT_INDEX_FILE": index} | {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", NO_CONTROLS), ("EMAIL", "29139614+renovate[bot]@users.noreply.github.com"))
    }

    def git(*words: str, data: bytes = b"") -> str:
        command = ["git", f"--git-dir={repository}", *words]
        done = subprocess.run(
            command, input=data, capture_output=True, check=True, timeout=60, env={**os.environ, **who}
        )
        return done.stdout.decode().strip()

    bad = EVERYTHING.replace("\x00", "").encode("utf-8", "replace")
    git("read-tree", "main")
    blob = git("hash-object", "-w", "--stdin", data=b"# renovate: x\nversion: " + bad + b"\n")
    path = f"kubernetes/evil\u202e{chr(0x9B)}\x1b[66m.yaml"
    git("update-index", "-z", "--index-info", data=f"100644 {blob}\t{path}\0".encode())
    tree = git("write-tree")
    message = (
        b"fix(deps): update evil ( 1.0.0 \xe2\x86\x92 1.0.1 ) " + bad + b"\n\n" + bad + b"\n\nUpdate: " + bad + b"\n"
    )
    commit = git("commit-tree", tree, "-p", "main", data=message)
    git("update-ref", f"refs/heads/{BRANCH}", commit)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoThread]:
    """Frozen: no controller writes over the poison."""
    from datetime import UTC, datetime  # noqa: PLC0415

    with DemoThread(Topology(scenario="upgrade-failed", frozen=datetime.now(UTC).replace(microsecond=0))) as running:
        running.call(lambda: _poison_cluster(running))
        _poison_repository(running.repository)
        yield running


@pytest.fixture(scope="module")
def shell(demo: DemoThread, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    home = tmp_path_factory.mktemp("evil") / "home"
    home.mkdir()
    return Shell(home, environment(home, demo))


COMMANDS = (
    ("status",),
    ("nodes",),
    ("nodes", "k8s-control-1"),
    ("flux",),
    ("flux", "HelmRelease/media/plex"),
    ("updates",),
    ("upgrades",),
    ("preflight", BRANCH),
    ("approve", BRANCH, "--dry-run"),
    ("history",),
    ("doctor",),
    ("watch", "--timeout", "1"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_table_and_no_document_writes_it(shell: Shell, words: tuple[str, ...]) -> None:
    for form in ("table", "json") if words[0] in {"flux", "updates"} else ("table",):
        done = subprocess.run(
            shell.command(*words, "-o", form) if form == "json" else shell.command(*words),
            env=shell.environment,
            cwd=shell.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        told = done.stdout + done.stderr
        assert strange(told.replace(b"\n", b" ")) == []
        assert b"Traceback" not in told
        assert b"a defect" not in told
        assert form == "json" or words[0] in {"history", "doctor"} or b"evil" in told


def test_the_console_writes_it_nowhere(shell: Shell) -> None:
    command = [sys.executable, "-P", "-m", "console"]
    with terminal(command, columns=140, rows=45, env=shell.environment) as screen:
        screen.sees("Talos v1.13", 120)
        screen.sees("evil", 60)
        for keys in (
            "1",
            "\r",
            "\x1b",
            "2",
            "\r",
            "\t",
            "y",
            "\x1b",
            "t",
            "\x1b",
            "l",
            "\x1b",
            "3",
            "D",
            "\x1b",
            "4",
            "w",
        ):
            screen.presses(keys)
        screen.presses("\x03")
        screen.ends()
        assert strange(bytes(screen.raw)) == []
