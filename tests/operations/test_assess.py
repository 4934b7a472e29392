"""Preflights follow the facts, without polling."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from console.model.finding import Preflight
from console.model.snapshot import Life, Snapshot, Topic
from console.model.updates import Update
from console.operations.assess import Assessments
from console.sources.errors import Unreachable
from console.sources.git.mirror import Mirror
from console.sources.stop import Stop
from console.store import Store
from tests.operations import facts
from tests.operations import remote as remotes
from tests.operations.remote import IMMICH_BRANCH, TALENV, TALOS_BRANCH, Remote

NOW = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return remotes.build(tmp_path)


class Running:
    """The source in its thread, over a store that the test fills."""

    def __init__(self, mirror: Mirror) -> None:
        self.store = Store(lambda: NOW)
        self.mirror = mirror
        self.source = Assessments(self.store, lambda: self.mirror, lambda: NOW, patience=0)
        self.stop = Stop()
        self.thread = Thread(target=self.source.run, args=(self.store, self.stop))
        self.rounds = 0

    def found(self) -> dict[str, Preflight]:
        table: dict[tuple[str, ...], Preflight] = dict(self.store.table(Topic.ASSESSMENTS).items)
        return {found.update: found for found in table.values()}

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for the store to tell of a change that makes it true."""
        changed = Event()
        with self.store.listening(lambda _: changed.set()):
            while not true():
                assert changed.wait(30)
                changed.clear()

    def fetch(self) -> None:
        self.mirror.fetch(Stop())
        self.store.replace(Topic.UPDATES, self.mirror.scan()[1])


@pytest.fixture
def running(remote: Remote, tmp_path: Path) -> Iterator[Running]:
    made = Running(Mirror(str(remote.bare), "main", ("renovate/",), tmp_path / "clones", now=lambda: NOW))
    made.thread.start()
    yield made
    made.stop.set()
    made.thread.join(30)
    assert not made.thread.is_alive()


def test_every_node_upgrade_that_waits_gets_one(running: Running) -> None:
    running.fetch()
    running.until(lambda: bool(running.found()))
    assert list(running.found()) == [TALOS_BRANCH]


def test_others_get_one_when_they_are_wanted(running: Running) -> None:
    running.fetch()
    running.source.want(IMMICH_BRANCH)
    running.until(lambda: IMMICH_BRANCH in running.found())


def test_it_changes_with_the_cluster(running: Running) -> None:
    running.store.put(Topic.KUBERNETES, [facts.node()])
    running.store.put(Topic.FLUX, [facts.source(), facts.kustomization()])
    running.store.put(Topic.TUPPR, [facts.cr()])
    running.fetch()
    running.until(lambda: bool(running.found()))
    before = running.found()[TALOS_BRANCH].verdict
    assert before not in {"blocked", "unknown"}
    running.store.put(Topic.TUPPR, [facts.cr(phase="Upgrading")])
    running.until(lambda: running.found()[TALOS_BRANCH].verdict == "blocked")


def test_it_tells_why_the_cluster_cannot_be_read(running: Running) -> None:
    running.fetch()
    running.until(lambda: bool(running.found()))
    running.store.failed(Topic.KUBERNETES, Unreachable("no route"))
    running.until(lambda: [f.title for f in running.found()[TALOS_BRANCH].unseen] == [
        "the Kubernetes API can't be read: no route"
    ])  # fmt: skip


def test_it_changes_with_the_branch(running: Running, remote: Remote) -> None:
    running.fetch()
    running.until(lambda: bool(running.found()))
    moved = remote.push("talos/talenv.yaml", "talosVersion: v1.13.9\n", branch=TALOS_BRANCH)
    running.fetch()
    running.until(lambda: running.found()[TALOS_BRANCH].head == moved)


def test_it_goes_with_the_branch(running: Running, remote: Remote) -> None:
    running.fetch()
    running.until(lambda: bool(running.found()))
    remote.delete(TALOS_BRANCH)
    running.fetch()
    running.until(lambda: not running.found())


def test_a_load_that_changes_by_the_second_brings_no_new_one(running: Running) -> None:
    running.fetch()
    running.store.put(Topic.TALOS, [facts.talos_node()])
    running.until(lambda: bool(running.found()) and _asked_talos(running))
    before = running.store.table(Topic.ASSESSMENTS).version
    running.store.put(Topic.TALOS, [replace(facts.talos_node(), cpu=(0.5,))])
    running.source.want(IMMICH_BRANCH)  # a round that follows: by then the load has been seen
    running.until(lambda: IMMICH_BRANCH in running.found())
    assert running.store.table(Topic.ASSESSMENTS).version == before + 1


def _asked_talos(running: Running) -> bool:
    return any(f.rule == "etcd" and f.status == "pass" for f in running.found()[TALOS_BRANCH].findings)


def test_it_reads_the_repository_that_there_is_now(running: Running, tmp_path: Path) -> None:
    running.fetch()
    running.until(lambda: bool(running.found()))
    (tmp_path / "other").mkdir()
    other = remotes.build(tmp_path / "other")
    head = other.push(TALENV, "talosVersion: v1.13.9\n", branch=TALOS_BRANCH)
    running.mirror = Mirror(str(other.bare), "main", ("renovate/",), tmp_path / "others", now=lambda: NOW)
    running.fetch()
    running.until(lambda: [found.head for found in running.found().values()] == [head])
    assert running.thread.is_alive()


def test_the_first_ones_are_made_when_all_that_they_need_was_read(running: Running) -> None:
    running.fetch()
    running.until(lambda: bool(running.found()))
    asked, told, topics = (
        Event(),
        list[list[Topic]](),
        (Topic.TUPPR, Topic.KUBERNETES, Topic.TALOS, Topic.FLUX, Topic.WORKLOADS),
    )
    made = running.found()[TALOS_BRANCH]

    def check(_: Update, snapshot: Snapshot) -> Preflight:
        told.append([topic for topic in topics if snapshot[topic].freshness.life is Life.WAITING])
        asked.set()
        return made

    stop = Stop()
    source = Assessments(running.store, lambda: running.mirror, lambda: NOW, check, patience=600)
    thread = Thread(target=source.run, args=(Store(), stop))
    thread.start()
    for topic in topics:
        running.store.failed(topic, Unreachable("gone", ""))
    assert asked.wait(60)
    stop.set()
    thread.join(30)
    assert told[0] == []
