"""One node looked at closely, for as long as somebody looks: its detail, its kernel's log, a service's log."""

import contextlib
import queue
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

from console.model.nodedetail import Missing, NodeDetail
from console.model.nodes import TalosNode
from console.sources.errors import SourceError, TimedOut, UsageError
from console.sources.stop import Stop
from console.sources.talos import detail, talosconfig
from console.sources.talos.classify import QUESTION
from console.sources.talos.client import TalosClient
from console.sources.talos.detail import LOOKS, Look
from console.sources.talos.places import Places

_AT_ONCE = 4  # questions to the one node
_QUIET = 0.5  # seconds without an event: then all that were kept have been told
_HERE = frozenset({"not-registered", "not-here"})  # this Talos has no such thing: nothing is missing
_Answer = tuple[str, str, dict[str, Any] | SourceError]  # part, the role that it takes, what was told
_SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Access:
    """Starts talosctl for what the operator opened, within the same ``places`` as the polls.

    ``deadline`` in seconds, of one question. Thread-safe; ``close`` ends all that runs.
    """

    def __init__(
        self,
        config: Path | None,
        context: str | None,
        executable: str,
        places: Places,
        now: Callable[[], datetime],
        *,
        deadline: float = 10,
    ) -> None:
        self._config = config
        self._context = context
        self._executable = executable
        self._places = places
        self._now = now
        self._deadline = deadline
        self._lock = threading.Lock()
        self._stops: set[Stop] = set()
        self._closed = False

    def inspect(self, node: TalosNode) -> NodeDetail:
        """Everything about ``node``. A part that can't be read is named among the missing. Raises SourceError when the
        node does not answer the first question: it is not asked the others.
        """
        first, *others = [look for look in LOOKS if look.asks(node)]
        with self._opened(Stop()) as (client, stop):
            answers = [self._answer(client, node.address, first, stop)]
            told = answers[0][2]
            if isinstance(told, SourceError) and told.kind not in QUESTION:
                raise told
            with ThreadPoolExecutor(_AT_ONCE, "talosctl-look") as pool:
                happened = pool.submit(self._events, client, node.address, stop)
                answers += pool.map(lambda look: self._answer(client, node.address, look, stop), others)
                answers.append(happened.result())
        return self._put_together(node, answers)

    def _put_together(self, node: TalosNode, answers: list[_Answer]) -> NodeDetail:
        fields: dict[str, Any] = {}
        missing: list[Missing] = []
        for part, needs, answer in answers:
            if isinstance(answer, SourceError):
                missing += _missing(part, needs, answer)
            else:
                fields |= answer
        return NodeDetail(node.name, node.address, self._now(), **detail.joined(fields), missing=tuple(missing))

    def dmesg(self, address: str, stop: Stop) -> Iterator[str]:
        """The kernel's log, what was kept and then what comes, until ``stop``. To be read in one thread."""
        return self._lines(address, ("dmesg", "--follow"), stop)

    def service_log(self, address: str, service: str, stop: Stop, *, tail: int = 1000) -> Iterator[str]:
        """A service's log likewise, at most ``tail`` lines of what was kept."""
        if not _SERVICE.fullmatch(service):
            raise UsageError(f"{service!r} is no name of a service.")
        return self._lines(address, ("logs", service, "--follow", f"--tail={tail}"), stop)

    def close(self) -> None:
        """End all that runs, and start no more."""
        with self._lock:
            self._closed = True
            stops = tuple(self._stops)
        for stop in stops:
            stop.set()

    @contextlib.contextmanager
    def _opened(self, stop: Stop) -> Iterator[tuple[TalosClient, Stop]]:
        """A client that is gone afterwards; ``close`` sets ``stop``."""
        config = talosconfig.read(talosconfig.find(self._config), self._context)
        client = TalosClient(self._executable, config)
        with self._lock:
            self._stops.add(stop)
            closed = self._closed
        if closed:
            stop.set()
        try:
            with stop.closing(client.kill):
                yield client, stop
        finally:
            client.kill()
            with self._lock:
                self._stops.discard(stop)

    def _lines(self, address: str, arguments: tuple[str, ...], stop: Stop) -> Iterator[str]:
        with self._opened(stop) as (client, _), self._places.stream(stop) as answered:
            for line in client.lines(address, arguments, stop):
                answered()
                yield line

    def _answer(self, client: TalosClient, address: str, look: Look, stop: Stop) -> _Answer:
        try:
            with self._places.look(stop):
                text = client.ask(address, look.arguments, self._deadline)
            return look.part, look.needs, look.fields(text, self._now())
        except SourceError as error:
            return look.part, look.needs, error

    def _events(self, client: TalosClient, address: str, stop: Stop) -> _Answer:
        """What the node kept: ``events`` never ends by itself, so it is ended when nothing more comes."""
        lines: queue.SimpleQueue[str | SourceError | None] = queue.SimpleQueue()
        end = Stop()

        def read() -> None:
            try:
                for line in client.lines(address, ("events", f"--tail={detail.EVENTS}"), end):
                    lines.put(line)
                lines.put(None)
            except SourceError as error:
                lines.put(error)

        try:
            with self._places.look(stop), stop.closing(end.set):
                reader = threading.Thread(target=read, name="talosctl-events", daemon=True)
                reader.start()
                found = _until_quiet(lines, self._deadline)
                end.set()
                reader.join()
        except SourceError as error:
            return "events", "os:reader", error
        return "events", "os:reader", found if isinstance(found, SourceError) else detail.events("\n".join(found))


def _until_quiet(lines: queue.SimpleQueue[str | SourceError | None], deadline: float) -> list[str] | SourceError:
    """What comes until nothing comes for a moment; the head of the table comes first, also where nothing happened."""
    found: list[str] = []
    try:
        while (line := lines.get(timeout=_QUIET if found else deadline)) is not None:
            if isinstance(line, SourceError):
                return line
            found.append(line)
            if len(found) > 4 * detail.EVENTS:
                break
    except queue.Empty:
        if not found:
            return TimedOut(f"No answer within {deadline:g} s.")
    return found


def _missing(part: str, needs: str, error: SourceError) -> list[Missing]:
    if error.kind in _HERE:
        return []
    if error.kind == "forbidden":
        return [Missing(part, error.problem, needs if needs != "os:reader" else detail.ADMIN)]
    return [Missing(part, error.problem)]
