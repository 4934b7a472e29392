"""What is seen of a rollout goes into the journal, and comes back from it: once, whoever watched, however it ended."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from console.model.evidence import JobLog
from console.model.redaction import MASK
from console.model.runs import Run, paces
from console.model.snapshot import Snapshot, Topic
from console.operations.journal import Journal
from console.operations.recorder import Recorder, runs
from console.sources.stop import Stop
from console.store import Store
from tests.operations.facts import COMMIT, NEW, NOW, ago, approved, cluster, node, repository, talos_node
from tests.operations.test_stuck import asked

NODE = "k8s-control-1"


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


class Watching:
    """A recorder over a store that is filled by hand."""

    def __init__(self, folder: Path, clock: Clock, *, writes: bool = True) -> None:
        self.clock = clock
        self.store = Store(clock)
        self.journal = Journal(folder, clock)
        self._recorder = Recorder(self.store, self.journal, writes=writes)
        self._recorder._runs = runs(self.journal.records())

    def sees(self, **facts: Any) -> Run | None:
        """What is known of the rollout after a look at these facts, as of now."""
        found = cluster(**({"state": repository(approved())} | facts))
        self._recorder._look(self.store, Snapshot(self.clock.at, found.tables))
        return self.store.table(Topic.RUNS).items.get((COMMIT,))


UPGRADED: dict[str, Any] = {"talos": [talos_node(talos=NEW)], "nodes": [node(os_image=f"Talos ({NEW})")]}
DRAINS, INSTALLS = {"tuppr": [asked(phase="Draining")]}, {"tuppr": [asked(phase="Upgrading")]}
REBOOTS = {"tuppr": [asked(phase="Rebooting")], "talos": [talos_node(stage="rebooting")]}
ENDED = {"tuppr": [asked(phase="Completed", completed=NOW, current_nodes=())], **UPGRADED}


@contextmanager
def running(recorder: Recorder, store: Store) -> Iterator[None]:
    stop = Stop()
    thread = threading.Thread(target=recorder.run, args=(store, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


def whole(watching: Watching, *ways: dict[str, Any]) -> Run | None:
    """Look at one after the other, ten seconds apart."""
    found = None
    for facts in ways:
        found = watching.sees(**facts)
        watching.clock.at = datetime.fromtimestamp(watching.clock.at.timestamp() + 10, NOW.tzinfo)
    return found


def test_a_summary_holds_each_nodes_times_and_the_versions(tmp_path: Path) -> None:
    run = whole(Watching(tmp_path, Clock()), {"tuppr": [asked()]}, DRAINS, INSTALLS, REBOOTS, ENDED)
    assert run is not None
    assert (run.outcome, run.before, run.target) == ("done", "v1.13.7", NEW)
    (record,) = [each for each in Journal(tmp_path).records() if each.event == "rollout"]
    assert record.data["nodes"] == [
        {"name": NODE, "seconds": {"drain": 10.0, "install": 10.0, "reboot": 10.0}, "total": 30.0}
    ]


def test_a_console_that_was_killed_in_each_phase_goes_on_where_the_last_one_was(tmp_path: Path) -> None:
    clock = Clock()
    whole(Watching(tmp_path, clock), {"tuppr": [asked()]}, DRAINS)
    whole(Watching(tmp_path, clock), DRAINS, INSTALLS)
    whole(Watching(tmp_path, clock), INSTALLS, REBOOTS)
    run = whole(Watching(tmp_path, clock), REBOOTS, ENDED)
    assert run is not None
    assert [step for step, _ in run.node(NODE).began] == ["drain", "install", "reboot"]
    assert run.outcome == "done"
    assert Watching(tmp_path, clock).sees(**ENDED) is None, "nothing is written twice"
    assert [each.event for each in Journal(tmp_path).records()].count("rollout") == 1


def test_what_went_on_before_anybody_looked_has_no_beginning(tmp_path: Path) -> None:
    run = whole(Watching(tmp_path, Clock()), INSTALLS, REBOOTS, ENDED)
    assert run is not None
    assert [step for step, _ in run.node(NODE).began] == ["reboot"]


def test_what_nobody_watched_has_no_length_and_says_nothing_of_what_is_usual(tmp_path: Path) -> None:
    clock = Clock()
    whole(Watching(tmp_path, clock), {"tuppr": [asked()]}, DRAINS)
    run = whole(Watching(tmp_path, clock), REBOOTS, ENDED)
    assert run is not None
    assert [step for step, _ in run.node(NODE).began] == ["drain", ""]
    assert [run.node(NODE).took(step) for step in ("drain", "install", "reboot")] == [None, None, None]
    assert paces([run], "talos") == {}
    assert runs(Journal(tmp_path).records())[COMMIT].node(NODE) == run.node(NODE)


def test_that_it_hung_is_kept_once(tmp_path: Path) -> None:
    late = {"tuppr": [asked(phase="Draining", updated=ago(minutes=11))]}
    later = {"tuppr": [asked(phase="Draining", updated=ago(minutes=12))]}
    run = whole(Watching(tmp_path, Clock()), late, later, ENDED)
    assert run is not None
    assert len(run.warned) == 1
    assert run.warned[0].startswith(f"{NODE}: The drain does not get on")


def test_that_it_hangs_anew_is_kept_again_though_the_words_are_the_same(tmp_path: Path) -> None:
    def hangs() -> int:
        return [record.data.get("step") for record in Journal(tmp_path).records()].count("stuck")

    late = {"tuppr": [asked(phase="Draining", updated=ago(minutes=11))]}
    clock = Clock()
    whole(Watching(tmp_path, clock), late, late)
    whole(Watching(tmp_path, clock), late)
    assert hangs() == 1, "a console that is started anew finds what is known already"
    run = whole(Watching(tmp_path, clock), late, INSTALLS, late)
    assert hangs() == 2
    assert run is not None
    assert len(run.warned) == 1


def test_a_failure_keeps_the_end_of_the_log_and_may_still_end_well(tmp_path: Path) -> None:
    job = JobLog("talos-a", "talos", "talos", NODE, "failed", NOW, ("pulling", "no space left"))
    watching = Watching(tmp_path, Clock())
    run = watching.sees(tuppr=[asked(phase="Failed", last_error="exit 1")], evidence=[job])
    assert run is not None
    assert (run.outcome, run.log) == ("failed", ("pulling", "no space left"))
    run = watching.sees(**ENDED)
    assert run is not None
    assert run.outcome == "done"
    kept = runs(Journal(tmp_path).records())[COMMIT]
    assert (kept.outcome, kept.failed) == ("done", True)


def test_a_log_that_comes_after_the_failure_is_kept_too(tmp_path: Path) -> None:
    job = JobLog("talos-a", "talos", "talos", NODE, "failed", NOW, ("pulling", "no space left"))
    watching = Watching(tmp_path, Clock())
    ended: dict[str, Any] = {"tuppr": [asked(phase="Failed", last_error="exit 1")]}
    watching.sees(**ended, evidence=[replace(job, state="running", lines=())])
    for _ in range(2):
        watching.sees(**ended, evidence=[job])
    assert runs(Journal(tmp_path).records())[COMMIT].log == ("pulling", "no space left")
    assert [record.event for record in Journal(tmp_path).records()] == ["rollout", "step"]


def test_no_token_is_kept(tmp_path: Path) -> None:
    token = "glpat-0123456789abcdefghij"
    job = JobLog("talos-a", "talos", "talos", NODE, "failed", NOW, (f"denied {token}",))
    watching = Watching(tmp_path, Clock())
    run = watching.sees(tuppr=[asked(phase="Failed", last_error=f"pull of {token} failed")], evidence=[job])
    assert run is not None
    assert run.log == (f"denied {MASK}",)
    kept = watching.journal.path.read_text()
    assert "pull of " in kept
    assert token not in kept


def test_a_second_failure_after_a_reset_is_kept_too(tmp_path: Path) -> None:
    failed = {"tuppr": [asked(phase="Failed", last_error="exit 1")]}
    again = {"tuppr": [asked(phase="Failed", last_error="exit 2")]}
    hangs = {"tuppr": [asked(phase="Draining", updated=ago(minutes=11))]}
    run = whole(Watching(tmp_path, Clock()), failed, failed, DRAINS, hangs, again, again)
    assert run is not None
    ends = [each.data for each in Journal(tmp_path).records() if each.event == "rollout"]
    assert [(end["outcome"], "exit 2" in end["reason"]) for end in ends] == [("failed", False), ("failed", True)]
    assert len(run.warned) == 1
    whole(Watching(tmp_path, Clock()), again)
    assert [each.event for each in Journal(tmp_path).records()].count("rollout") == 2


def test_who_asks_a_question_reads_and_writes_nothing(tmp_path: Path) -> None:
    whole(Watching(tmp_path, Clock()), DRAINS, INSTALLS, REBOOTS, ENDED)
    before = Journal(tmp_path).path.read_bytes()
    store = Store(Clock())
    changed = threading.Event()
    with store.listening(lambda _: changed.set()), running(Recorder(store, Journal(tmp_path), writes=False), store):
        assert changed.wait(60)
        assert store.table(Topic.RUNS).items[COMMIT,].outcome == "done"
    assert Journal(tmp_path).path.read_bytes() == before


def test_a_journal_that_can_not_be_written_limits_it_and_stops_nothing(tmp_path: Path) -> None:
    watching = Watching(tmp_path / "state", Clock())
    (tmp_path / "state").write_text("no folder")
    run = whole(watching, {"tuppr": [asked()]}, DRAINS)
    assert run is not None
    assert run.node(NODE).began
    (limit,) = watching.store.table(Topic.RUNS).freshness.limits
    assert "can't be written" in limit.message


def test_records_that_make_no_sense_change_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("step", "x", commit=7)
    journal.append("rollout", "x", commit=COMMIT, started="soon", ended=3, system="cheese", outcome="done", log=None)
    assert runs(journal.records()) == {COMMIT: Run(COMMIT, outcome="done")}
