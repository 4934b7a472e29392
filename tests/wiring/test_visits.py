"""A visit ends when the operator at the screen leaves; a plain command is none."""

import threading
from collections.abc import Collection
from pathlib import Path

import pytest

from console.model.snapshot import Topic
from console.model.updates import RepositoryState, Update
from console.settings import Settings, load
from console.sources.errors import NotConfigured
from console.wiring import Console
from console.wiring.desk import ALL
from tests.sources.git.workshop import OPERATOR, Workshop, oci

_OF_GIT = (Topic.REPOSITORY, Topic.UPDATES)
GRAFANA, LOKI = "apps/grafana.yaml", "apps/loki.yaml"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop(tmp_path)
    made.commit("main", {GRAFANA: oci("1.0.0"), LOKI: oci("1.0.0", "loki")}, by=OPERATOR)
    made.commit("renovate/grafana", {GRAFANA: oci("1.1.0")}, onto=made.tip("main"))
    return made


def settings(workshop: Workshop) -> Settings:
    """No cluster: whatever asks for one is told so."""
    nowhere = str(workshop.folder / "none")
    given = {"repository": str(workshop.remote), "kubeconfig": nowhere, "talosconfig": nowhere}
    return load(given, {"HOME": str(workshop.home), "XDG_STATE_HOME": str(workshop.folder / "state")})


def seen(workshop: Workshop, topics: Collection[Topic]) -> tuple[RepositoryState, dict[str, Update]]:
    """What somebody sees who looks, and leaves."""
    desk = Console(settings(workshop))
    desk.start(topics)
    try:
        assert desk.read(_OF_GIT, 60)
        snapshot = desk.snapshot()
    finally:
        desk.stop()
    updates = {update.branch: update for update in snapshot[Topic.UPDATES].items.values()}
    return snapshot[Topic.REPOSITORY].items[("repository",)], updates


class Hasty(Console):
    """Is left while it begins."""

    def recall(self) -> None:
        super().recall()
        self.stop()


def test_who_leaves_while_it_begins_leaves_nothing_open(workshop: Workshop) -> None:
    desk = Hasty(settings(workshop))
    desk.start(_OF_GIT)
    with pytest.raises(NotConfigured, match="not started yet"):
        desk.node("k8s-1")
    assert not any(thread.name.startswith("feed-") for thread in threading.enumerate())


def test_what_came_since_the_operator_left_is_new_for_as_long_as_nobody_looks(workshop: Workshop) -> None:
    state, _ = seen(workshop, ALL)
    assert state.visited_at is None
    workshop.commit("renovate/loki", {LOKI: oci("1.1.0", "loki")}, onto=workshop.tip("main"))
    state, updates = seen(workshop, _OF_GIT)
    assert state.visited_at
    assert ("new" in updates["renovate/loki"].marks, "new" in updates["renovate/grafana"].marks) == (True, False)
    again, updates = seen(workshop, ALL)
    assert (again.visited_at, "new" in updates["renovate/loki"].marks) == (state.visited_at, True)
    _, updates = seen(workshop, ALL)
    assert "new" not in updates["renovate/loki"].marks
