"""An operator's shell, and a repository that several servers offer."""

import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, environment
from tests.live.sshd import Sshd
from tests.operations import remote as remotes
from tests.operations.remote import Remote, introduce


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    introduce()
    return remotes.build(tmp_path)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Where nothing but git is configured."""
    home, folder = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    folder.mkdir()
    return Shell(folder, environment(home))


@pytest.fixture
def over_ssh(shell: Shell, sshd: Sshd) -> Shell:
    """The same, and ssh knows the hosts of ``sshd``."""
    shell.environment["GIT_SSH_COMMAND"] = shlex.join(sshd.command)
    return shell
