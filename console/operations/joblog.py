"""The log of one of tuppr's jobs, followed while its pod is there, and kept when it is gone."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

from console.model.evidence import JobLog, JobState
from console.model.redaction import redacted
from console.model.snapshot import Problem, Topic
from console.sources.errors import Forbidden, HomeconsoleError, SourceError
from console.sources.ports import Sink
from console.sources.stop import Stop

LINES = 200  # of each job's log
_AGAIN = 2.0  # seconds before a log is asked for again whose stream has ended


class Writings(Protocol):
    """Where pods' logs are."""

    def written(self, pod: str, namespace: str, *, lines: int, stop: Stop) -> Iterator[str]:
        """What a pod writes, until it ends."""


class FollowedLog:
    """Follows what one job writes; a lost connection is taken up again while its pod is there.

    Why logs can't be read goes into ``unread``.
    """

    def __init__(self, cluster: Writings, sink: Sink, namespace: str, job: JobLog, unread: list[Problem]) -> None:
        self._cluster = cluster
        self._sink = sink
        self._namespace = namespace
        self._unread = unread
        self._lock = threading.Lock()
        self._job = job
        self._stop = Stop()
        sink.put(Topic.EVIDENCE, [job])
        self._thread = threading.Thread(target=self._run, name="evidence-log", daemon=True)
        self._thread.start()

    def stands(self, state: JobState) -> None:
        """How its pod stands now."""
        self._put(state=state)

    def end(self) -> None:
        """And wait for it."""
        self._stop.set()
        self._thread.join(3)

    def _run(self) -> None:
        while not self._stop.is_set():
            over = self._job.state != "running"  # before it is read: then all of it is there
            try:
                self._read()
            except Forbidden as error:
                self._unread.append(error.problem)
                return
            except SourceError:
                over = False
            except HomeconsoleError:
                return  # the pod is gone: what was read stays
            if over or self._stop.wait(_AGAIN):
                return

    def _read(self) -> None:
        lines: list[str] = []
        for line in self._cluster.written(self._job.pod, self._namespace, lines=LINES, stop=self._stop):
            lines = [*lines, redacted(line)][-LINES:]
            if len(lines) >= len(self._job.lines):  # read anew: until it is as much, what is known stays
                self._put(lines=tuple(lines))

    def _put(self, **changes: Any) -> None:
        with self._lock:
            changed = replace(self._job, **changes)
            if changed != self._job:
                self._job = changed
                self._sink.put(Topic.EVIDENCE, [changed])
