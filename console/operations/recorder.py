"""Watches rollouts for the journal: when each step of each node began, and a summary when one has ended."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from console.model.evidence import JobLog, jobs
from console.model.news import News
from console.model.redaction import redacted
from console.model.rollout import Rollout
from console.model.runs import NodeRun, Run
from console.model.snapshot import Problem, Snapshot, Topic
from console.model.step import Step, StepState
from console.operations.journal import Journal, Record
from console.operations.rollout import rollouts
from console.sources.errors import HomeconsoleError
from console.sources.ports import Sink
from console.sources.stop import Stop
from console.store import Store

# The journal's events: a step of a node began (or the node was back); the whole rollout ended.
STEP, SUMMARY = "step", "rollout"
_WATCHED = frozenset({Topic.TALOS, Topic.KUBERNETES, Topic.FLUX, Topic.TUPPR, Topic.REPOSITORY, Topic.EVIDENCE})
_ENDS = frozenset({"done", "failed", "superseded"})
_PAUSE = 0.2  # seconds between two looks at a store that changes all the time
_LINES = 20  # of the log of a job that failed

_UNSEEN = "unseen"  # what happened to a node since its last step was seen by nobody


class Recorder:
    """A Source for Topic.RUNS. What earlier runs have seen is read from the journal.

    ``writes``: what is seen is written there too, and ``tell`` gets what ends or hangs; a question does neither.
    """

    topics = (Topic.RUNS,)

    def __init__(
        self, store: Store, journal: Journal, *, writes: bool, tell: Callable[[Rollout], None] = lambda _: None
    ) -> None:
        self._store = store
        self._journal = journal
        self._writes = writes
        self._tell = tell
        self._news = News()
        self._changed = threading.Event()
        self._runs: dict[str, Run] = {}
        self._seen: dict[tuple[str, str], dict[str, StepState]] = {}
        self._hangs: dict[str, str] = {}  # by commit: what it hangs on now, empty while it gets on

    def refresh(self) -> None:
        """See Source."""
        self._changed.set()

    def run(self, sink: Sink, stop: Stop) -> None:
        """See Source."""
        self._runs = runs(self._journal.records())
        self._seen = {}
        self._hangs = {}
        sink.replace(Topic.RUNS, self._runs.values())
        with self._store.listening(self._listen), stop.closing(self._changed.set):
            while self._writes and not stop.is_set():
                self._look(sink, self._store.snapshot())
                stop.wait(_PAUSE)
                self._changed.wait()
                self._changed.clear()
            stop.wait(1e9)

    def _listen(self, topics: frozenset[Topic]) -> None:
        if topics & _WATCHED:
            self._changed.set()

    def _look(self, sink: Sink, snapshot: Snapshot) -> None:
        found = rollouts(snapshot)
        for way in self._news.of(found):
            self._tell(way)
        for way in found:
            run = self._runs.get(way.commit) or _begun(way)
            if way.outcome == "running" and run.outcome == "failed":  # it was reset: what comes now is told again
                run = self._runs[way.commit] = replace(run, outcome="")
                sink.put(Topic.RUNS, [run])
            events: list[tuple[str, dict[str, Any]]] = []
            for look in (self._steps, self._warning, partial(_summary, snapshot), partial(_late_log, snapshot)):
                for event, data in list(look(way, run)):
                    run = applied(run, event, snapshot.at, data)
                    events.append((event, data))
            if events:
                self._runs[way.commit] = run
                self._write(sink, way, events)  # before it is shown: who has seen it may rely on it
                sink.put(Topic.RUNS, [run])

    def _write(self, sink: Sink, way: Rollout, events: list[tuple[str, dict[str, Any]]]) -> None:
        try:
            for event, data in events:
                self._journal.append(event, way.commit[:12], **data)
        except HomeconsoleError as error:
            sink.limited(Topic.RUNS, (Problem(error.kind, error.message, error.hint),))

    def _steps(self, way: Rollout, run: Run) -> Iterator[tuple[str, dict[str, Any]]]:
        """Steps that have begun since the last look. What went on when it was first seen has no beginning; where it is
        not what an earlier look had last seen, nobody looked in between."""
        for name, steps in way.nodes:
            key = (way.commit, name)
            before, now = self._seen.get(key), {step.name: step.state for step in steps}
            self._seen[key] = now
            known = {step for step, _ in run.node(name).began}
            at_work = [step for step, state in now.items() if state is StepState.RUNNING]
            last = run.node(name).began[-1:]
            if before is None and last and last[0][0] not in {*at_work, ""} and not run.node(name).ended:
                yield STEP, {"commit": way.commit, "node": name, "step": _UNSEEN}
            for step, state in now.items():
                if before is None or before.get(step) is state or run.node(name).ended:
                    continue
                began = state is StepState.RUNNING and step not in known
                if began or (step == steps[-1].name and state is StepState.DONE):
                    word = step if began else "ended"
                    yield STEP, {"commit": way.commit, "node": name, "step": word}

    def _warning(self, way: Rollout, run: Run) -> Iterator[tuple[str, dict[str, Any]]]:
        """That it hangs, each time it does, with the reason as it was then."""
        reason = redacted(way.reason) if way.outcome == "stuck" and not run.outcome else ""
        known = self._hangs.get(way.commit)
        self._hangs[way.commit] = reason
        if reason and reason != known and (known is not None or reason not in run.warned):
            yield STEP, {"commit": way.commit, "node": "", "step": "stuck", "text": reason}


def _begun(way: Rollout) -> Run:
    return Run(way.commit, way.title, way.system, target=way.target, started=way.started)


def _summary(snapshot: Snapshot, way: Rollout, run: Run) -> Iterator[tuple[str, dict[str, Any]]]:
    if way.outcome not in _ENDS or run.outcome in {way.outcome, "done"}:
        return
    failed = jobs(snapshot, way.system)[:1] if way.system and way.outcome == "failed" else []
    ended = way.ended or (snapshot.at if way.outcome != "done" else None)
    yield (
        SUMMARY,
        {
            "commit": way.commit,
            "branch": way.branch,
            "title": way.title,
            "system": way.system,
            "before": way.before,
            "target": way.target,
            "outcome": way.outcome,
            "reason": "" if way.outcome == "done" else redacted(way.note),
            "started": _text(way.started),
            "ended": _text(ended),
            "nodes": [_node(run.node(name), steps) for name, steps in way.nodes],
            "warned": list(run.warned),
            "log": [line for job in failed for line in _end_of(job)],
        },
    )


def _late_log(snapshot: Snapshot, way: Rollout, run: Run) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the job of a failure wrote, where that came after tuppr's word."""
    last = jobs(snapshot, way.system)[:1] if way.system and run.outcome == "failed" and not run.log else []
    for job in last:
        if job.state == "failed" and job.lines:
            yield STEP, {"commit": way.commit, "node": "", "step": "log", "log": _end_of(job)}


def _end_of(job: JobLog) -> list[str]:
    return [redacted(line) for line in job.lines[-_LINES:]]


def _node(seen: NodeRun, steps: tuple[Step, ...]) -> dict[str, Any]:
    """A node's times in seconds, as far as they were seen."""
    took = {step.name: span.total_seconds() for step in steps if (span := seen.took(step.name)) is not None}
    total = seen.total
    return {"name": seen.name, "seconds": took, "total": total.total_seconds() if total else None}


def _text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds") if at else None


# Back from the journal


def runs(records: Iterable[Record]) -> dict[str, Run]:
    """What the journal knows of rollouts, by commit. Two consoles may have written the same: the first one counts."""
    found: dict[str, Run] = {}
    for record in records:
        commit = record.data.get("commit")
        if record.event in {STEP, SUMMARY} and isinstance(commit, str) and record.at:
            run = found.get(commit, Run(commit))
            found[commit] = applied(run, record.event, record.at, record.data)
    return found


def applied(run: Run, event: str, at: datetime, data: Mapping[str, Any]) -> Run:
    """The run after one event of the journal. What is malformed changes nothing."""
    if event == STEP:
        return _stepped(run, at, data)
    text = {name: str(data.get(name) or "") for name in ("title", "before", "target", "outcome")}
    system = data.get("system")
    return replace(
        run,
        **text,  # type: ignore[arg-type]
        system=system if system in {"talos", "kubernetes"} else None,
        started=_moment(data.get("started")) or run.started,
        ended=_moment(data.get("ended")),
        log=_lines(data),
        failed=run.failed or data.get("outcome") == "failed",
    )


def _stepped(run: Run, at: datetime, data: Mapping[str, Any]) -> Run:
    name, step = str(data.get("node") or ""), str(data.get("step") or "")
    if step == "stuck":
        reason = str(data.get("text") or "")
        return run if reason in run.warned else replace(run, warned=(*run.warned, reason))
    if step == "log":
        return replace(run, log=_lines(data))
    node = run.node(name)
    if step == "ended":
        node = replace(node, ended=node.ended or at)
    elif step == _UNSEEN:
        node = replace(node, began=(*node.began, ("", at)))
    elif step not in {known for known, _ in node.began}:
        node = replace(node, began=(*node.began, (step, at)))
    others = tuple(each for each in run.nodes if each.name != name)
    return replace(run, nodes=tuple(sorted((*others, node), key=lambda each: each.name)))


def _lines(data: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(line) for line in data.get("log") or ())


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
