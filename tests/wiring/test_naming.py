"""What an update is called on a command line."""

from dataclasses import replace

import pytest

from console.model.updates import Change, Update
from console.sources.errors import UsageError
from console.wiring.naming import named
from tests.operations.facts import update

TALOS = update("talos", pull=2307)
OTHER = update(None, pull=23)
IMMICH = "ghcr.io/immich-app/immich-server"


@pytest.mark.parametrize("name", ["talos", "Talos", "2307", "#2307", TALOS.branch, "siderolabs-talos-1.x"])
def test_short_names_mean_the_update(name: str) -> None:
    assert named([OTHER, TALOS], name, ["renovate/"]) is TALOS


@pytest.mark.parametrize("name", [IMMICH, "immich-server", "Immich-Server"])
def test_the_dependency_means_the_update_that_moves_it(name: str) -> None:
    moves = update(None, branch="renovate/major-immich", changes=(Change(IMMICH, "v2.4.1", "v3.0.0", "major"),))
    assert named([TALOS, moves], name, ["renovate/"]) is moves
    with pytest.raises(UsageError, match="means 2 updates"):
        named([moves, replace(moves, branch="renovate/immich")], name, ["renovate/"])


def test_a_group_is_meant_by_the_name_that_is_typed_to_approve_it() -> None:
    changes = tuple(Change(f"ghcr.io/immich-app/{name}", "v2", "v3", "major") for name in ("server", "learning"))
    moves = update(None, branch="renovate/major-immich", changes=changes)
    assert named([TALOS, moves], "immich", ["renovate/"]) is moves


@pytest.mark.parametrize("name", ["kubernetes", "#7", "230", "#"])
def test_what_means_nothing_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="there is no update"):
        named([OTHER, TALOS], name, ["renovate/"])


def test_a_system_of_which_two_wait_is_asked_for_by_branch() -> None:
    second: Update = update("talos", branch="renovate/talos-2.x", pull=9)
    with pytest.raises(UsageError, match=r"means 2 updates: .*talos-2\.x"):
        named([TALOS, second], "talos", ["renovate/"])
    assert named([TALOS, update("talos", branch="renovate/talos-2.x", state="applied")], "talos", []) is TALOS
