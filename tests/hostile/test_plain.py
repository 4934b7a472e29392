"""The embedded cluster with poison in every field that an outsider could fill: what plain commands and the console make
of it, through the real sources. All in processes of their own, the console in a pseudo-terminal.
"""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Shell, environment
from tests.hostile.wire import strange
from tests.hostile.world import BRANCH, hostile
from tests.terminal import terminal

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    home = tmp_path_factory.mktemp("evil") / "home"
    home.mkdir()
    with hostile(home) as (demo, more):
        yield Shell(home, environment(home, demo) | more)


PLEX, NODE = "HelmRelease/media/plex", "k8s-control-1"
COMMANDS = (
    ("status",),
    ("nodes",),
    ("nodes", NODE),
    ("flux",),
    ("flux", PLEX),
    ("updates",),
    ("upgrades",),
    ("preflight", "kubernetes"),
    ("approve", BRANCH, "--yes", "--head", "HEAD", "--reason", "x", "--write"),
    ("reconcile", PLEX, "--timeout", "5", "--write"),
    ("logs", PLEX, "--timeout", "5"),
    ("logs", NODE, "--timeout", "5"),
    ("history",),
    ("doctor",),
)
# Less of the world is in these: in the second tier, as all are once more as JSON.
MORE = (
    ("preflight", BRANCH),
    ("approve", BRANCH, "--dry-run"),
    ("hold", BRANCH, "--yes", "--reason", "evil \x1b]0;x\x07\u202e", "--write"),
    ("updates", BRANCH, "--diff"),
    ("flux", PLEX, "--yaml"),
    ("logs", NODE, "kubelet", "--timeout", "5"),
    ("watch", "--timeout", "1"),
    ("config", "show"),
    ("rules",),
    ("explain", "evil\x1b[66m"),
)
_QUIET = frozenset({"history", "doctor", "rules", "watch"})  # where nothing of it need stand


def _told(shell: Shell, words: tuple[str, ...]) -> bytes:
    head = shell.git("rev-parse", BRANCH)
    done = subprocess.run(
        shell.command(*(head if word == "HEAD" else word for word in words)),
        env=shell.environment,
        cwd=shell.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "form"),
    [
        *((words, "table") for words in COMMANDS),
        *(pytest.param(words, "table", marks=pytest.mark.live) for words in MORE),
        *(pytest.param(words, "json", marks=pytest.mark.live) for words in (*COMMANDS, *MORE)),
    ],
    ids=lambda given: given if isinstance(given, str) else ascii(" ".join(given)),
)
def test_no_table_and_no_document_writes_it(shell: Shell, words: tuple[str, ...], form: str) -> None:
    told = _told(shell, (*words, "-o", form))
    assert strange(told.replace(b"\n", b" ")) == []
    assert b"Traceback" not in told
    assert b"a defect" not in told
    assert words[0] in _QUIET or b"evil" in told
    assert words != ("preflight", "kubernetes") or b"The alert evil" in told


def test_the_console_writes_it_nowhere(shell: Shell) -> None:
    """Panes, details, logs of nodes and of controllers, what own commands say, the refusal of a hook and a webhook."""
    command = [sys.executable, "-P", "-m", "console", "--write"]
    ways = (
        *("1", "\r", "\x1b", "l", "\x1b", "\x14", "\x1b", "\x0f", "\x1b"),
        *("2", "\r", "\t", "y", "\x1b", "t", "\x1b", "l", "\x1b", "e", "\x1b", "R", "y", "\x1b"),
        *("3", "D", "\x1b", "\r", "\t", "\x1b", "4", "w", "\x1b", "?", "\x1b", "!", "\x1b", ":view evil\t\r", "\x1b"),
    )
    with terminal(command, columns=140, rows=45, env=shell.environment) as screen:
        screen.sees("Talos v1.13", 120)
        screen.sees("evil", 60)
        for keys in ways:
            screen.presses(keys)
        screen.presses("\x03")
        screen.presses("y")
        screen.ends(60)
        assert strange(bytes(screen.raw)) == []
