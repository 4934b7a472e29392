"""Every branch of the demo's repository can be looked at; the node upgrades can be approved, one after the other."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.demo.repository import build
from console.demo.world import Topology
from console.model.review import Review
from console.model.updates import Update
from console.operations.approve import approve
from console.operations.journal import Journal
from console.operations.preflight import preflight
from console.operations.review import review
from console.sources.git.mirror import Mirror
from console.sources.stop import Stop
from tests.operations.remote import introduce

NOW = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)


def mirrored(folder: Path) -> Mirror:
    introduce()
    build(folder / "home-ops.git", Topology(), NOW)
    made = Mirror(str(folder / "home-ops.git"), "main", ("renovate/",), folder / "clones", now=lambda: NOW)
    made.fetch(Stop())
    return made


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> list[Review]:
    """Of every branch, for all that only look."""
    mirror = mirrored(tmp_path_factory.mktemp("looked"))
    return [reviewing(update, mirror) for update in mirror.scan()[1]]


def reviewing(update: Update, mirror: Mirror) -> Review:
    return review(update, preflight(update, mirror, None, NOW), mirror, now=NOW, via="homeconsole/0.1.0")


def test_every_branch_can_be_reviewed(reviewed: list[Review]) -> None:
    assert len(reviewed) >= 25
    for found in reviewed:
        blocked = {f.rule for f in found.preflight.failing("block")}
        assert ("merges" in blocked) == (found.update.state == "conflict"), found.update.branch
        assert found.preflight.verdict in ({"blocked"} if blocked else {"ready", "warn"}), found.update.branch
        assert found.noop == (found.update.state == "applied")
        assert bool(found.refusal) == (found.update.state == "conflict" or found.update.kind == "config")


def test_only_what_reaches_far_asks_for_more_than_yes(reviewed: list[Review]) -> None:
    for found in reviewed:
        update = found.update
        far = update.system or update.type == "major" or update.modified or update.state == "conflict"
        assert bool(found.typed) or not far, update.branch
        if update.type in {"patch", "digest", "pin"} and not far:
            assert found.typed == "", update.branch


def test_the_talos_upgrade_is_read_from_the_files(reviewed: list[Review]) -> None:
    (found,) = [r for r in reviewed if r.update.system == "talos"]
    demo = Topology()
    assert found.preflight.talos == (demo.talos, demo.talos_next)
    assert found.typed == demo.talos_next
    (left,) = [f for f in found.preflight.findings if f.rule == "client"]
    assert (left.status, left.file) == ("fail", ".mise.toml")


def test_both_node_upgrades_are_approved_one_after_the_other(tmp_path: Path) -> None:
    mirror = mirrored(tmp_path)
    journal = Journal(tmp_path / "state", lambda: NOW)
    for system in ("talos", "kubernetes"):
        (update,) = [update for update in mirror.scan()[1] if update.system == system]
        steps = list(approve(reviewing(update, mirror), mirror, journal, lambda: NOW, Stop()))
        assert steps[-1].name == "verify"
    newest = mirror.scan()[0].approvals[:2]
    assert [approval.system for approval in newest] == ["kubernetes", "talos"]
