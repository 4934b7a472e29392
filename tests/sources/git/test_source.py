"""The source that feeds the store."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest

from console.model.snapshot import Keyed, Life, Topic
from console.model.updates import RepositoryState, Update
from console.sources.errors import SourceError
from console.sources.git.source import RepositorySource
from console.sources.stop import Stop
from console.store import Feeds, Store
from tests.sources.git.workshop import BOT, OPERATOR, Workshop, oci

FILE = "app/ocirepository.yaml"


@pytest.fixture
def held(workshop: Workshop) -> Workshop:
    main = workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    workshop.commit("renovate/a", {FILE: oci("1.1.0")}, "feat: a", onto=main)
    return workshop


class Changes:
    """Waits for what a store tells."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told = threading.Condition()

    def hear(self, _: frozenset[Topic]) -> None:
        with self._told:
            self._told.notify_all()

    def until(self, branches: set[str]) -> dict[str, Update]:
        """Until the updates are those of ``branches``."""

        def now() -> dict[str, Update]:
            return {key[0]: item for key, item in self._store.table(Topic.UPDATES).items.items()}

        with self._told:
            assert self._told.wait_for(lambda: now().keys() == branches, 20), now()
        return now()


@contextmanager
def fed(source: RepositorySource) -> Iterator[tuple[Store, Changes]]:
    store = Store()
    feeds = Feeds(store, pauses=(0.01,))
    changes = Changes(store)
    with store.listening(changes.hear):
        feeds.start(source)
        yield store, changes
        assert feeds.stop()


def test_repository_and_updates_arrive(held: Workshop) -> None:
    with fed(RepositorySource(held.mirror(), 300)) as (store, changes):
        updates = changes.until({"renovate/a"})
        state: RepositoryState = store.table(Topic.REPOSITORY).items[("repository",)]
    assert updates["renovate/a"].state == "ready"
    assert (state.head, state.branch, state.url) == (held.tip("main"), "main", str(held.remote))
    assert state.history == (held.tip("main"),)


def test_refresh_looks_at_once(held: Workshop) -> None:
    source = RepositorySource(held.mirror(), 300)
    with fed(source) as (_, changes):
        changes.until({"renovate/a"})
        held.commit("renovate/b", {"b.yaml": oci("2.0.0")}, onto=held.tip("main"))
        source.refresh()
        changes.until({"renovate/a", "renovate/b"})


def test_the_interval_looks_by_itself(held: Workshop) -> None:
    with fed(RepositorySource(held.mirror(), 0.05)) as (_, changes):
        changes.until({"renovate/a"})
        held.git("update-ref", "-d", "refs/heads/renovate/a")
        changes.until(set())


def test_without_the_remote_what_was_fetched_is_shown_with_its_age(held: Workshop) -> None:
    held.scanned()
    mirror = held.mirror()
    held.remote.rename(held.folder / "away")
    with fed(RepositorySource(mirror, 300)) as (store, changes):
        changes.until({"renovate/a"})
        table = store.table(Topic.UPDATES)
        while table.freshness.life is not Life.STALE:
            store.wait([Topic.ASSESSMENTS], 0.01)
            table = store.table(Topic.UPDATES)
        assert table.freshness.problem is not None
        assert "not there any more" in table.freshness.problem.message
        held.folder.joinpath("away").rename(held.remote)
        while store.table(Topic.UPDATES).freshness.life is not Life.LIVE:
            store.wait([Topic.ASSESSMENTS], 0.01)


class Deaf:
    """A sink that keeps what is poured."""

    def __init__(self) -> None:
        self.poured: list[Topic] = []

    def replace(self, topic: Topic, items: Iterable[Keyed], prefix: tuple[str, ...] = ()) -> None:
        del items, prefix
        self.poured.append(topic)

    def put(self, *_: object) -> None:
        raise AssertionError

    remove = fresh = failed = limited = put


def test_a_source_that_can_not_go_on_says_so(workshop: Workshop) -> None:
    with pytest.raises(SourceError, match="is empty"):
        RepositorySource(workshop.mirror(), 1).run(Deaf(), Stop())


def test_stopped_before_it_began_it_pours_nothing(held: Workshop) -> None:
    stop = Stop()
    stop.set()
    sink = Deaf()
    RepositorySource(held.mirror(), 1).run(sink, stop)
    assert sink.poured == []


def test_approvals_are_read_back_from_their_trailers(held: Workshop) -> None:
    body = (
        "Why.\n\nUpdate: renovate/a\nReviewed-commit: 1\nApproved-by: Ada <ada@example.org>\n"
        "Approved-by: Bo <bo@example.org>\nApproved-at: 2026-08-22T18:23:11Z\nApproved-via: homeconsole/0.1"
    )
    head = held.tip("renovate/a")
    oid = held.commit("main", {FILE: oci("1.1.0")}, "Merge renovate/a", also=(head,), by=OPERATOR, body=body)
    held.commit("main", {"x": "1\n"}, "No approval", by=BOT, body="Approved-by: nobody, in the middle\n\nof a text")
    mirror = held.mirror()
    mirror.fetch()
    state, _ = mirror.scan()
    assert len(state.history) == 3
    approved = state.approvals[0]
    assert len(state.approvals) == 1
    assert (approved.commit, approved.branch, approved.by) == (
        oid,
        "renovate/a",
        "Ada <ada@example.org>, Bo <bo@example.org>",
    )
    assert (approved.files, approved.changes[0].new, str(approved.at)) == (
        (FILE,),
        "1.1.0",
        "2026-08-22 18:23:11+00:00",
    )
