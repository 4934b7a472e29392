"""What follows from an update alone: its concern, its order, how it is told."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.model.attention import attention
from console.model.snapshot import Topic
from console.model.updates import Change, Update, release_notes, sort_key, together
from console.model.upgrades import proposals
from console.store import Store


def update(branch: str = "renovate/a", name: str = "ghcr.io/x/app", **more: object) -> Update:
    change = Change(name, "1.0.0", "1.0.1", "patch")
    parts: dict[str, object] = {"title": "t", "state": "ready", "changes": (change,), "type": "patch"} | more
    return Update(branch, "1" * 40, "2" * 40, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "concern"),
    [
        (update(system="talos"), "node"),
        (update(type="major"), "risky"),
        (update(type="replacement"), "risky"),
        (update(type="minor", breaking=True), "risky"),
        (update(name="ghcr.io/rook/rook-ceph"), "risky"),
        (update(name="quay.io/cilium/charts/cilium"), "risky"),
        (update(name="ghcr.io/cloudnative-pg/postgresql"), "risky"),
        (update(name="ghcr.io/controlplaneio-fluxcd/charts/flux-operator"), "risky"),
        (update(name="ghcr.io/home-operations/plex"), "routine"),
        (update(name="longhorn", system="kubernetes"), "node"),
    ],
)
def test_concern(of: Update, concern: str) -> None:
    assert of.concern == concern


def test_order_is_by_concern_then_state_then_newest() -> None:
    def at(day: int) -> datetime:
        return datetime(2026, 8, day, tzinfo=UTC)

    updates = [
        update("old", committed_at=at(1)),
        update("applied node", system="talos", state="applied"),
        update("new", committed_at=at(2)),
        update("risky", type="major"),
        update("node", system="talos"),
    ]
    assert [u.branch for u in sorted(updates, key=sort_key)] == ["node", "applied node", "risky", "new", "old"]


def test_a_pair_stands_together_where_the_first_of_it_stands() -> None:
    cr, talenv = update("renovate/cr", pairs=("renovate/talenv",)), update("renovate/talenv", pairs=("renovate/cr",))
    other = update("renovate/b")
    assert [each.branch for each in together([cr, other, talenv])] == ["renovate/cr", "renovate/talenv", "renovate/b"]
    gone = update("renovate/cr", pairs=("renovate/gone",))
    assert together([other, gone]) == [other, gone]


def test_digests_are_short_for_the_eye() -> None:
    change = Change("x", "sha256:" + "a" * 64, "1.2@sha256:" + "b" * 64, "digest")
    assert (change.old_short, change.new_short) == ("aaaaaaa", "1.2@bbbbbbb")
    assert Change("x", "c" * 40, "v1", "pin").old_short == "ccccccc"
    assert Change("x", "v1.2.3", "v1.2.4", "patch").new_short == "v1.2.4"


def test_the_same_step_in_several_places_is_told_once() -> None:
    places = [Change("a", "1", "2", "major", file=name) for name in ("x", "y")]
    other = Change("b", "1", "2", "major")
    assert [c.name for c in update(changes=(*places, other)).summary] == ["a", "b"]
    assert update(changes=(*places, other)).summary[0].file == "x"


@pytest.mark.parametrize(
    ("change", "url"),
    [
        (
            Change("siderolabs/talos", "v1", "v1.13.8", "patch"),
            "https://github.com/siderolabs/talos/releases/tag/v1.13.8",
        ),
        (
            Change("factory.talos.dev/metal-installer", "v1", "v1.13.8", "patch"),
            "https://github.com/siderolabs/talos/releases/tag/v1.13.8",
        ),
        (
            Change("ghcr.io/siderolabs/kubelet", "v1", "v1.36.3", "patch"),
            "https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.36.md",
        ),
        (
            Change("actions/checkout", "v6", "v7.0.0", "major", "github-tags"),
            "https://github.com/actions/checkout/releases/tag/v7.0.0",
        ),
        (
            Change("aqua:helm/helm", "4.1.3", "4.2.0", "minor", "github-releases"),
            "https://github.com/helm/helm/releases",
        ),
        (Change("ghcr.io/o/r", "1", "2", "major", "docker"), "https://github.com/o/r/releases"),
        (Change("docker.io/library/alpine", "1", "2", "major", "docker"), ""),
        (Change("longhorn", "1", "2", "major", "helm"), ""),
    ],
)
def test_release_notes_where_the_name_says_where(change: Change, url: str) -> None:
    assert release_notes(change) == url


def test_what_main_went_beyond_waits_for_nobody_and_stands_below_what_does() -> None:
    store = Store(lambda: datetime(2026, 8, 22, tzinfo=UTC))
    change = Change("siderolabs/talos", "v1.13.6", "v1.13.7", "patch")
    old = update("renovate/a", system="talos", changes=(change,), marks=("superseded",), state="conflict")
    new = update("renovate/b", system="talos", changes=(replace(change, new="v1.13.9"),), state="unknown")
    store.replace(Topic.UPDATES, [old, new])
    assert sorted([old, new], key=sort_key) == [new, old]
    assert proposals(store.snapshot(), "talos") == [new]
    assert not [each for each in attention(store.snapshot()) if "conflict" in each.text]
