"""The line is cut in the middle of an approval: it is never lost, never made twice, and nothing of it runs on."""

import os
import shlex
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, environment
from tests.ending import watched
from tests.live.sshd import Sshd
from tests.live.terminals.conftest import Far, python
from tests.operations import remote as remotes
from tests.operations.remote import IMMICH_BRANCH, Remote, introduce


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    introduce()
    return remotes.build(tmp_path)


@pytest.fixture
def operator(tmp_path: Path, sshd: Sshd) -> Shell:
    """A shell at the far end; its home folder tells whose processes those are."""
    home = tmp_path / "home-of-the-operator"
    home.mkdir()
    return Shell(tmp_path, environment(home) | {"GIT_SSH_COMMAND": shlex.join(sshd.command)})


def running(shell: Shell) -> list[int]:
    """The processes that have this shell's home folder."""
    mark = f"HOME={shell.environment['HOME']}\0".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if mark in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


@pytest.mark.parametrize("during", ["a check before the push", "the push"])
def test_the_approval_is_neither_lost_nor_made_twice(
    far: Far, operator: Shell, remote: Remote, tmp_path: Path, during: str
) -> None:
    there, go = tmp_path / "there", tmp_path / "go"
    os.mkfifo(there)
    os.mkfifo(go)
    halt = f"echo there > {there}; read -r _ < {go}"
    settings = Path(operator.environment["HOME"]) / ".config" / "homeconsole"
    settings.mkdir(parents=True)
    url = f"ssh://box{remote.bare}"
    if during == "the push":
        remote.hook("pre-receive", halt)
    else:
        (settings / "config.yaml").write_text(f"approval:\n  checks:\n    - {halt!r}\n")
    variables = shlex.join(f"{name}={value}" for name, value in operator.environment.items() if name != "TERM")
    console = python("-m", "console", "--repo", url, "--write").replace("exec ", f"exec env {variables} ")
    with far(console, columns=120, rows=40) as screen:
        screen.sees("immich", 60)
        screen.presses("3/immich\r")
        screen.presses("a")
        screen.sees("0 blockers", 60)
        screen.presses("a")
        screen.sees("y yes", 60)
        screen.presses("y")
        assert there.read_text() == "there\n"  # where it halts
        ours = running(operator)
        assert ours
        with ExitStack() as stack:
            ends = [stack.enter_context(watched(pid)) for pid in ours]
            os.kill(screen.process.pid, signal.SIGKILL)
            assert all(end() for end in ends)
    assert running(operator) == []
    if during == "the push":  # the server looks at it still
        landed = tmp_path / "landed"
        os.mkfifo(landed)
        told = f'[ "$1" = committed ] && grep -q refs/heads/main && echo > {landed}; true'
        remote.hook("reference-transaction", told)
        go.write_text("go\n")
        assert landed.read_text() == "\n"
    else:
        (settings / "config.yaml").unlink()
    remote.hook("pre-receive", "exit 0")
    again = operator.run("approve", IMMICH_BRANCH, "--repo", url, "--write", "--yes", "-o", "json")
    assert again.code == 0, again.out + again.err
    assert (again.json["outcome"], again.json["commit"]) == ("noop" if during == "the push" else "pushed", remote.tip())
    assert [subject for subject in remote.commits() if subject.startswith("Merge")] == remote.commits()[:1]
    history = operator.run("history", "--repo", url, "-o", "json")
    assert history.code == 0, history.out
