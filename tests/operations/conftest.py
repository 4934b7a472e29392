"""A remote with Renovate branches, and machines that approve them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from console.operations.journal import Journal
from tests.operations import remote as remotes
from tests.operations.machine import NOW, Machine, clone
from tests.operations.remote import Remote, introduce


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    introduce()
    return remotes.build(tmp_path)


@pytest.fixture
def machines(remote: Remote, tmp_path: Path) -> Callable[[str], Machine]:
    def machine(name: str = "here") -> Machine:
        return Machine(clone(remote, tmp_path / name), Journal(tmp_path / name / "state", lambda: NOW))

    return machine


@pytest.fixture
def machine(machines: Callable[[str], Machine]) -> Machine:
    return machines("here")
