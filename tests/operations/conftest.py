"""A remote with Renovate branches, and machines that approve them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.operations.journal import Journal
from tests.operations import remote as remotes
from tests.operations.machine import NOW, Machine, clone
from tests.operations.remote import Remote, introduce
from tests.operations.wire import Wire, over_http, over_ssh


@pytest.fixture
def remote(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """A folder, unless ``everywhere`` (wire.py) says otherwise."""
    introduce()
    made = remotes.build(tmp_path)
    if getattr(request, "param", "file") == "file":
        return made
    return replace(made, url=over_ssh(made, request.getfixturevalue("sshd"), monkeypatch).url)


@pytest.fixture(params=["http", pytest.param("ssh", marks=pytest.mark.live)])
def wire(request: pytest.FixtureRequest, remote: Remote, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """A line between the machines and the remote that may be cut."""
    if request.param == "http":
        with over_http(remote) as made:
            yield made
    else:
        yield over_ssh(remote, request.getfixturevalue("sshd"), monkeypatch)


@pytest.fixture
def machines(remote: Remote, tmp_path: Path) -> Callable[[str], Machine]:
    def machine(name: str = "here") -> Machine:
        return Machine(clone(remote, tmp_path / name), Journal(tmp_path / name / "state", lambda: NOW))

    return machine


@pytest.fixture
def machine(machines: Callable[[str], Machine]) -> Machine:
    return machines("here")


@pytest.fixture
def far(remote: Remote, wire: Wire, tmp_path: Path) -> Callable[[str], Machine]:
    """Machines at the other end of it."""

    def machine(name: str = "here") -> Machine:
        return Machine(clone(remote, tmp_path / name, wire.url), Journal(tmp_path / name / "state", lambda: NOW))

    return machine
