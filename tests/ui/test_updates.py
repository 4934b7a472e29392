"""The updates: in groups, with words for what sets them apart, and names that can be read."""

import pytest

from console.model.flux import FluxKey, FluxObject, Status
from console.model.snapshot import Topic
from console.model.updates import ApprovedCommit, BranchCommit, Change, RepositoryState, Update
from tests.ui.desk import BASE, Desk, ago, update
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
            await user.sees("postgres-", "→ 17.0.1", "cert-mana", "immich-se")


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


async def test_what_is_new_since_the_last_visit_and_what_went_stands_out() -> None:
    desk = Desk()
    desk.store.put(Topic.UPDATES, [_odd(marks=("new",))])
    mine, theirs = "renovate/loki-3.x", "renovate/major-immich"
    gone = tuple((name, ago(hours=1)) for name in ("renovate/grafana-10.x", mine, theirs))
    moves = (Change("ghcr.io/immich-app/immich-server", "v1.1.0", "v2.0.0", "major"),)
    state = RepositoryState(
        "https://x",
        "main",
        BASE,
        ago(minutes=1),
        withdrawn=(*gone, ("renovate/old-1.x", ago(days=9))),
        visited_at=ago(days=2),
        begun_at=ago(hours=2),
        approvals=(
            ApprovedCommit("a" * 40, mine, "Merge", ago(hours=1), "Home"),
            ApprovedCommit("b" * 40, theirs, "Merge", ago(hours=9), "Ada", moves),
        ),
    )
    desk.store.put(Topic.REPOSITORY, [state])
    async with using(desk, LARGE) as user:
        await user.presses("3", "z")
        await user.sees("+ postgres-with-a-long-name", "Gone since your last visit", "grafana-10.x")
        assert "new" in user.line("+ postgres")
        assert "merged or withdrawn" in user.line("grafana-10.x")
        assert "v1.1.0 → v2.0.0" in user.line("written to main")
        assert "immich-server" in user.line("written to main")
        await user.does_not_see("old-1.x", "loki-3.x")
        await user.presses("G", "space")
        await user.sees("mark: this update is gone")
        await user.presses("a")
        await user.does_not_see("Approve ")


async def test_the_details_list_the_commits_and_whose_they_are() -> None:
    commits = (
        BranchCommit("b" * 40, "tidy up", "Ada", ago(hours=1), foreign=True),
        BranchCommit("a" * 40, "fix: update db", "home-bot[bot]", ago(days=1), signed=True),
    )
    desk = Desk()
    desk.store.replace(Topic.UPDATES, [_odd(commits=commits)])
    async with using(desk, (120, 70)) as user:
        await user.presses("3", "enter")
        await user.sees("Commits, newest first", "bbbbbbbbb", "1h", "Ada", "tidy up")
        assert "fix: update db, signed" in user.line("aaaaaaaaa")


async def test_every_row_shows_what_moves_digests_pins_and_other_images_too() -> None:
    desk = Desk()
    old, new = f"sha256:557a2ac{'0' * 57}", f"sha256:930af59{'1' * 57}"
    moved = {
        "digest": (old, new, "557a2ac → 930af59"),
        "pin": ("12.3.0", f"12.3.0@{new}", "12.3.0 → 12.3.0@930af59"),
        "replacement": (f"ghcr.io/one/app:4.0@{old}", f"ghcr.io/two/app:4.0@{new}", "one → two"),
    }
    changes = {kind: Change(f"moved-{kind}", a, b, kind) for kind, (a, b, _) in moved.items()}  # type: ignore[arg-type]
    desk.store.put(Topic.UPDATES, [update(f"renovate/{kind}", kind, change) for kind, change in changes.items()])
    async with using(desk, SMALL) as user:
        await user.presses("3")
        for kind, (_, _, shown) in moved.items():
            await user.sees(f"moved-{kind}")
            assert shown in user.line(f"moved-{kind}")


@pytest.mark.parametrize("width", [80, 100, 120, 140])
async def test_versions_win_over_long_names(width: int) -> None:
    desk = Desk()
    long = Change("a-chart-with-a-very-long-name-indeed", "v46.0.0", "v46.0.1", "patch")
    desk.store.put(Topic.UPDATES, [update("renovate/long", "long", long, marks=("security", "unusual"))])
    async with using(desk, (width, 45)) as user:
        await user.presses("3")
        await user.sees("v1.13.7 → v1.13.8", "v46.0.0 → v46.0.1", "v2.4.1 → v3.0.0", "· a-chart-")


async def test_what_main_went_beyond_is_no_conflict() -> None:
    desk = Desk()
    desk.store.replace(Topic.UPDATES, [_odd(marks=("superseded", "overlaps"), state="conflict")])
    async with using(desk, LARGE) as user:
        await user.presses("3", "z")
        await user.sees("main has newer, overlaps", "1 superseded")
        await user.does_not_see("conflict")
