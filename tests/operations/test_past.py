"""What main has of an update whose branch is gone, and what it took back."""

from datetime import timedelta

import pytest

from console.model.review import Past
from console.operations.past import past
from console.sources.stop import Stop
from tests.operations.machine import Machine
from tests.operations.remote import IMMICH_BRANCH, RESOURCE, TALENV, Remote, git


def asked(machine: Machine, name: str, head: str = "") -> Past | None:
    machine.clone.fetch(Stop())
    return past(name, head, machine.clone.scan()[0], machine.clone, ("renovate/",))


def reverts(remote: Remote, times: int) -> None:
    """Someone takes the newest commit of main back, then that, and so on."""
    git("fetch", "-q", "origin", at=remote.work)
    git("checkout", "-q", "-B", "tmp", "origin/main", at=remote.work)
    for _ in range(times):
        git("revert", "--no-edit", "HEAD", at=remote.work)
    git("push", "-q", "origin", "tmp:main", at=remote.work)


@pytest.mark.parametrize(("times", "there"), [(0, True), (1, False), (2, True), (3, False)])
@pytest.mark.parametrize("named", [False, True], ids=["by its branch", "by its commit too"])
def test_what_was_taken_back_is_not_there_until_that_was_taken_back(
    remote: Remote, machine: Machine, times: int, *, there: bool, named: bool
) -> None:
    made = machine.review(IMMICH_BRANCH, squash=True)
    _, done = machine.approve(made)
    reverts(remote, times)
    found = asked(machine, IMMICH_BRANCH, made.update.head if named else "")
    assert (found.commit if found else "") == (done.commit if there else "")


def test_a_version_that_main_went_past_is_not_there(remote: Remote, machine: Machine) -> None:
    _, done = machine.approve(machine.review())
    found = asked(machine, "talos@1.13.8")
    assert found is not None
    assert found.commit == done.commit
    machine.now += timedelta(hours=1)
    for path in (TALENV, RESOURCE):
        remote.push(path, remote.file(path).replace("v1.13.8", "v1.13.9"))
    assert asked(machine, "talos@1.13.8") is None
