"""The loop of the source: gives questions to processes, takes in the answers, pours the rows."""

import contextlib
import queue
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime

from console.model.nodes import TalosNode
from console.model.snapshot import Topic
from console.sources.errors import HomeconsoleError, SourceError
from console.sources.ports import Sink
from console.sources.stop import Stop
from console.sources.talos.classify import OURS
from console.sources.talos.client import TalosClient
from console.sources.talos.facts import members
from console.sources.talos.places import Places
from console.sources.talos.questions import MEMBERS, STATUS
from console.sources.talos.roster import Roster
from console.sources.talos.schedule import Job, Schedule
from console.sources.talos.source import Pace
from console.sources.talos.streams import Streams
from console.sources.talos.targets import Directory
from console.sources.talos.watched import Trust, Watched

_Answer = tuple[Job, str | SourceError]
_STRANGER = 0.5  # seconds, at least, to answer for the first time, while others do at once
_GATHERED = 0.1  # seconds between two changes that are told


@dataclass(frozen=True, slots=True)
class _Streamed:
    """What a stream told of a machine's status; nothing when it has ended."""

    watched: Watched
    text: str


class Watch:
    """One run. ``nodes`` outlives it: what was known stays known."""

    def __init__(
        self,
        *,
        client: TalosClient,
        client_version: str,
        pool: Executor,
        pace: Pace,
        nodes: list[Watched],
        addresses: Callable[[], Mapping[str, str]],
        now: Callable[[], datetime],
        places: Places,
        attended: Callable[[], frozenset[str]],
    ) -> None:
        self._client = client
        self._client_version = client_version
        self._pool = pool
        self._pace = pace
        self._nodes = nodes
        self._addresses = addresses
        self._now = now
        self._places = places
        self._attended = attended
        self._schedule = Schedule(places, pace.interval)
        self._streams = Streams(client, places, self._streamed)
        self._roster = Roster(nodes, Directory(client.config.nodes, client.config.endpoints), pace.interval)
        self._typical = pace.patience  # seconds that an answer takes, about
        self._answers: queue.SimpleQueue[_Answer | _Streamed | None] = queue.SimpleQueue()
        self._refreshing = False
        self._members_asked = False
        self._shown = False
        self._poured = 0.0
        self._rows: dict[Watched, tuple[TalosNode, TalosNode]] = {}
        self._news = False
        self._began = time.monotonic()
        self._stamp = self._file_stamp()

    def wake(self) -> None:
        """End a wait."""
        self._answers.put(None)

    def refresh(self) -> None:
        """Ask everything that changes again, now."""
        self._refreshing = True
        self.wake()

    def until(self, stop: Stop, sink: Sink) -> None:
        """Watch until ``stop``, or until the talosconfig changes. Raises SourceError when the trouble is ours."""
        for watched in self._nodes:
            watched.under_way.clear()
            watched.error = None  # of the run before: the cause may be gone
            watched.due = {STATUS.name: 0.0}
        self._roster.update(self._addresses())
        try:
            while not stop.is_set() and self._file_stamp() == self._stamp:
                self._turn()
                if not stop.is_set():
                    self._ours()
                    self._pour(sink)
        finally:
            self._schedule.clear()
            self._streams.close()

    def _turn(self) -> None:
        """Give out what is due, wait for answers, take them in."""
        if self._refreshing:
            self._refreshing = False
            self._schedule.refresh(self._nodes)
        for job in self._schedule.take(self._nodes, time.monotonic()):
            self._pool.submit(self._ask, job)
        self._take_in(self._waited())
        now, attended = self._now(), self._attended()
        self._streams.follow(watched for watched in self._nodes if _is_followed(watched, now, attended))

    # Asking

    def _ask(self, job: Job) -> None:
        """In a thread of the pool."""
        deadline = self._pace.deadline if job.patient else self._patience(job)
        began = time.monotonic()
        answer: str | SourceError
        try:
            answer = self._client.ask(job.watched.target, job.question.arguments, deadline)
            self._typical += (time.monotonic() - began - self._typical) / 8
        except SourceError as error:
            answer = error
        except HomeconsoleError as error:
            answer = SourceError(error.message, error.hint, kind=error.kind)
        except Exception as error:  # noqa: BLE001 - a lost answer would be a node that is never asked again
            answer = SourceError(f"talosctl could not be run: {error}")
        self._answers.put((job, answer))

    def _patience(self, job: Job) -> float:
        """Seconds. With a node that was never met many times what others need: it may well be away."""
        if job.proven:
            return self._pace.patience
        return min(self._pace.patience, max(_STRANGER, 8 * self._typical))

    def _streamed(self, watched: Watched, text: str) -> None:
        """In a stream's thread; an empty text when it has ended."""
        self._answers.put(_Streamed(watched, text))

    def _waited(self) -> list[_Answer | _Streamed]:
        """All answers that are there, after the first that comes, or when something is due."""
        seconds = self._schedule.seconds(self._nodes, time.monotonic())
        if self._news:
            seconds = min(seconds, _GATHERED)
        found: list[_Answer | _Streamed | None] = []
        try:
            found.append(self._answers.get(timeout=max(0.01, seconds)))
            while True:
                found.append(self._answers.get_nowait())
        except queue.Empty:
            return [answer for answer in found if answer]

    # Taking in

    def _take_in(self, answers: list[_Answer | _Streamed]) -> None:
        now, attended = self._now(), self._attended()
        for each in answers:
            if isinstance(each, _Streamed):
                self._stream_told(each, now)
                continue
            job, answer = each
            if job.question is MEMBERS:
                self._discovered(answer)
            else:
                self._answered(job, answer, now)
            quick = job.watched.moving(now) or job.watched.node.name in attended
            if job.question is STATUS and job.watched in self._streams.followed:
                quick = False  # the stream tells at once; this only finds out that it hangs
            self._schedule.done(job, time.monotonic(), quick=quick)
        self._news = self._news or bool(answers)
        self._roster.heed(self._addresses())

    def _stream_told(self, told: _Streamed, now: datetime) -> None:
        if not told.text:
            told.watched.due[STATUS.name] = min(told.watched.due.get(STATUS.name, 0.0), time.monotonic())
        elif told.watched in self._nodes:
            with contextlib.suppress(SourceError):
                told.watched.answered(STATUS, told.text, now)

    def _discovered(self, answer: str | SourceError) -> None:
        self._members_asked = True
        if isinstance(answer, str):
            try:
                self._roster.discovered(members(answer), self._addresses())
            except SourceError:
                return

    def _answered(self, job: Job, answer: str | SourceError, now: datetime) -> None:
        watched = job.watched
        if isinstance(answer, str):
            try:
                watched.answered(job.question, answer, now)
            except SourceError as error:
                answer = error
            if job.question.name == "nodename":
                self._roster.update(self._addresses())
        if isinstance(answer, SourceError):
            self._not_answered(job, answer, now)
        elif job.question is STATUS and not job.patient:
            watched.trust = Trust.PROVEN
        elif job.question is not STATUS:
            watched.patient.discard(job.question.name)

    def _not_answered(self, job: Job, error: SourceError, now: datetime) -> None:
        watched = job.watched
        if error.kind == "timeout" and job.question is STATUS:
            watched.trust = Trust.SUSPECT
            if not job.patient:
                watched.due[STATUS.name] = 0.0  # again at once, with more patience
                if watched.node.asked is not None:
                    return  # it answered before: judged by the long wait
        watched.failed(job.question, error, now)

    # Trouble of ours

    def _ours(self) -> None:
        """Raises what every node tells alike about our certificate or configuration."""
        errors = [watched.error for watched in self._nodes if watched.node.problem]
        if errors and len(errors) == len(self._nodes):
            for error in errors:
                if error is None or error.kind not in OURS:
                    return
            raise errors[0] or SourceError("Talos refuses us.")

    def _file_stamp(self) -> tuple[int, int]:
        try:
            status = self._client.config.path.stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_size)

    # Telling

    def _pour(self, sink: Sink) -> None:
        """All rows at once, first when there is something to see in each; later what has gathered for a moment."""
        now = time.monotonic()
        if not self._shown and not self._is_showable(now - self._began):
            return
        if self._shown and (not self._news or now - self._poured < _GATHERED):
            return
        self._shown, self._news, self._poured = True, False, now
        self._rows = {watched: self._row(watched) for watched in self._nodes}
        sink.replace(Topic.TALOS, [row for _, row in self._rows.values()])

    def _is_showable(self, waited: float) -> bool:
        """Whether all is known; after a short wait what makes a row is enough, and after a longer one anything."""
        asked = self._members_asked or all(watched.node.problem for watched in self._nodes)
        if asked and all(watched.complete for watched in self._nodes):
            return True
        if waited > self._pace.patience and asked and all(watched.showable for watched in self._nodes):
            return True
        return waited > 2 * self._pace.patience

    def _row(self, watched: Watched) -> tuple[TalosNode, TalosNode]:
        """What is known of it, and its row: the one that was poured, where nothing new is known."""
        pending = not watched.complete
        before = self._rows.get(watched)
        if before and before[0] is watched.node and before[1].pending == pending:
            return before
        expires = self._client.config.expires
        row = replace(watched.node, certificate=expires, client=self._client_version, pending=pending)
        return watched.node, row


def _is_followed(watched: Watched, now: datetime, attended: frozenset[str]) -> bool:
    """Whether its status is streamed: while it restarts, and while somebody looks at it."""
    if watched.node.problem is not None or watched.trust is not Trust.PROVEN:
        return False
    return watched.moving(now) or watched.node.name in attended
