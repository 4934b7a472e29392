"""The updates: in groups, with words for what sets them apart, and names that can be read."""

import pytest

from console.model.flux import FluxKey, FluxObject, Status
from console.model.snapshot import Topic
from console.model.updates import Change, Update
from tests.ui.desk import Desk, ago, update
from tests.ui.user import LARGE, SMALL, using

CONFIG = Change(
    "docker.io/library/postgres-with-a-long-name",
    "17.0.0-alpine3.20-build.1",
    "17.0.1-alpine3.20-build.2",
    "patch",
    "docker",
    "kubernetes/apps/home/db/app/helmrelease.yaml",
)


def _odd(**more: object) -> Update:
    return update("renovate/odd", "chore(deps): lock file maintenance", CONFIG, committed_at=ago(hours=1), **more)


async def test_groups_stand_in_the_order_in_which_to_take_them() -> None:
    async with using(Desk(), SMALL) as user:
        await user.presses("3")
        await user.sees("Node upgrades", "Risky", "Routine")
        lines = [line.strip() for line in user.screen.split("\n")]
        places = [lines.index(title) for title in ("Node upgrades", "Risky", "Routine")]
        talos, immich, sonarr = (user.screen.split("\n").index(user.line(n)) for n in ("Talos  ", "immich", "sonarr"))
        assert places[0] < talos < places[1] < immich < places[2] < sonarr


async def test_a_list_that_is_sorted_otherwise_has_no_groups() -> None:
    async with using(Desk(), SMALL) as user:
        await user.presses("3", "N")
        await user.does_not_see("Node upgrades", "Routine")
        await user.sees("sonarr", "Talos")


async def test_a_filter_leaves_headings_only_above_rows() -> None:
    async with using(Desk(), SMALL) as user:
        await user.presses("3", "/")
        await user.types("sonarr")
        await user.sees("Routine", "sonarr")
        await user.does_not_see("Node upgrades", "Risky")


@pytest.mark.parametrize(("kind", "word"), [("lockfile", "lock file"), ("config", "config")])
async def test_what_moves_no_version_is_named_by_what_it_is(kind: str, word: str) -> None:
    desk = Desk()
    desk.store.put(Topic.UPDATES, [_odd(kind=kind, changes=(), type="unknown")])
    async with using(desk, SMALL) as user:
        await user.presses("3")
        await user.sees("lock file maintenance")
        line = user.line("lock file maintenance")
        assert word in line.replace("lock file maintenance", "")
        assert "chore" not in line
        assert "unknown" not in line


async def test_names_stay_readable_where_versions_are_long() -> None:
    desk = Desk()
    desk.store.put(Topic.UPDATES, [_odd(modified=True, marks=("overlaps", "unusual"))])
    for size in (SMALL, (100, 40)):
        async with using(desk, size) as user:
            await user.presses("3")
            await user.sees("postgres-wi", "→ 17.0.1", "cert-manager", "immich-serv")


async def test_the_details_say_what_is_unusual_what_overlaps_and_what_belongs_together() -> None:
    desk = Desk()
    odd = _odd(
        marks=("overlaps", "pair", "unusual"),
        overlaps=("renovate/postgres",),
        pairs=("renovate/talenv",),
        unusual=("deletes kubernetes/apps/home/db/secret.sops.yaml",),
        signature="good",
    )
    desk.store.replace(Topic.UPDATES, [odd])
    async with using(desk, (120, 70)) as user:
        await user.presses("3", "enter")
        await user.sees("▲ deletes kubernetes/apps/home/db/secret.sops.yaml")
        await user.sees("Touches the same lines as", "renovate/postgres", "Belongs together with", "renovate/talenv")
        await user.sees("signature", "good")


async def test_the_details_name_the_flux_objects_that_it_touches() -> None:
    desk = Desk()
    owner = FluxKey("Kustomization", "home", "db")
    desk.store.replace(Topic.UPDATES, [_odd()])
    desk.store.put(
        Topic.FLUX,
        [
            FluxObject(owner, "v1", Status.READY, path="kubernetes/apps/home/db/app"),
            FluxObject(FluxKey("HelmRelease", "home", "db"), "v2", Status.READY, managed_by=owner),
        ],
    )
    async with using(desk, (120, 70)) as user:
        await user.presses("3", "enter")
        await user.sees("Flux objects that it touches", "Kustomization/home/db", "HelmRelease/home/db")


async def test_a_key_gives_the_release_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "over there")
    async with using(Desk(), LARGE) as user:
        await user.presses("3", "/")
        await user.types("immich")
        await user.presses("enter", "o")
        await user.sees("https://github.com/immich-app/immich-server/releases  (copied)")
