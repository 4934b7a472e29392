"""What blocks runs in threads of its own and tells of itself in messages."""

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.message import Message

from console.sources.errors import HomeconsoleError
from console.sources.stop import Stop
from console.ui.messages import Ended, Stepped

if TYPE_CHECKING:
    from console.model.step import Step

_numbers = itertools.count(1)


@dataclass(eq=False)
class Job:
    """Something that runs. ``operation``: it acts on the world, so quitting asks first."""

    label: str
    operation: bool = False
    stop: Stop = field(default_factory=Stop)
    number: int = field(default_factory=lambda: next(_numbers))


class Work:
    """The jobs of one app. Their threads are daemons: what hangs can't keep the process."""

    def __init__(self, app: App[int]) -> None:
        self._app = app
        self._threads: dict[Job, threading.Thread] = {}
        self._then: dict[Job, Callable[[Ended], None]] = {}
        self._steps: dict[Job, Callable[[Any], None]] = {}
        self._waited: set[Job] = set()  # for an end, or for the first thing seen

    @property
    def operations(self) -> list[Job]:
        """The jobs under way that act on the world."""
        return [job for job, thread in self._threads.items() if job.operation and thread.is_alive()]

    @property
    def waits(self) -> bool:
        """Whether an end, or the first thing seen, has still to be told."""
        return bool(self._waited)

    def ask(self, label: str, question: Callable[[], Any], then: Callable[[Ended], None]) -> Job:
        """Run ``question``; ``then`` gets the answer on the loop."""
        job = Job(label)
        self._then[job] = then
        return self._start(job, lambda _: question())

    def follow(
        self,
        label: str,
        steps: "Callable[[Stop], Iterator[Step]]",
        step: "Callable[[Step], None]",
        then: Callable[[Ended], None],
    ) -> Job:
        """Run an operation. ``step`` gets each of its steps on the loop, ``then`` the end, with the last step."""

        def run(job: Job) -> "Step | None":
            last = None
            for last in steps(job.stop):
                self._post(Stepped(job, last))
            return last

        job = Job(label, operation=True)
        self._steps[job], self._then[job] = step, then
        return self._start(job, run)

    def watch(
        self,
        label: str,
        things: Callable[[Stop], Iterator[Any]],
        seen: Callable[[Any], None],
        then: Callable[[Ended], None],
        *,
        operation: bool = False,
    ) -> Job:
        """Look until the job's ``stop``: ``seen`` gets each of ``things`` on the loop, ``then`` the end."""

        def run(job: Job) -> None:
            for thing in things(job.stop):
                self._post(Stepped(job, thing))

        job = Job(label, operation)
        self._steps[job], self._then[job] = seen, then
        return self._start(job, run)

    def stepped(self, message: Stepped) -> None:
        """Hand a step on. On the loop."""
        if not message.job.operation:
            self._waited.discard(message.job)
        if message.job in self._steps:
            self._steps[message.job](message.step)

    def ended(self, message: Ended) -> None:
        """Hand the end on. On the loop."""
        self._waited.discard(message.job)
        self._steps.pop(message.job, None)
        then = self._then.pop(message.job, None)
        if then is not None:
            then(message)

    def stop(self) -> None:
        """Ask every job to end; returns at once."""
        for job in list(self._threads):
            job.stop.set()

    def join(self, seconds: float) -> bool:
        """Wait for the threads, at most so long; whether all are gone."""
        deadline = time.monotonic() + seconds
        for thread in list(self._threads.values()):
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads.values())

    def _start(self, job: Job, run: Callable[[Job], Any], *, waited: bool = True) -> Job:
        def body() -> None:
            result, error = None, None
            try:
                result = run(job)
            except HomeconsoleError as known:
                error = known
            except Exception as unknown:  # noqa: BLE001 - a defect in a job costs a line, never the console
                error = HomeconsoleError(f"{type(unknown).__name__}: {unknown}", "a defect: please report it")
            self._post(Ended(job, result, error))

        self._threads = {j: t for j, t in self._threads.items() if t.is_alive()}
        thread = threading.Thread(target=body, name=f"job-{job.label}", daemon=True)
        self._threads[job] = thread
        if waited:
            self._waited.add(job)
        thread.start()
        return job

    def _post(self, message: Message) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._app.post_message(message)
