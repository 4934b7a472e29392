"""What blocks runs in threads of its own and tells of itself in messages."""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from textual.app import App
from textual.message import Message

from console.model.step import Step
from console.sources.errors import HomeconsoleError
from console.sources.stop import Stop
from console.ui.messages import Ended, Stepped

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

    @property
    def operations(self) -> list[Job]:
        """The jobs under way that act on the world."""
        return [job for job, thread in self._threads.items() if job.operation and thread.is_alive()]

    def ask(self, label: str, question: Callable[[], Any]) -> Job:
        """Run ``question``; its answer arrives as ``Ended``."""
        return self._start(Job(label), lambda _: question())

    def follow(self, label: str, steps: Callable[[Stop], Iterator[Step]]) -> Job:
        """Run an operation; each step arrives as ``Stepped``, the last step as the result of ``Ended``."""

        def run(job: Job) -> Step | None:
            last = None
            for last in steps(job.stop):
                self._post(Stepped(job, last))
            return last

        return self._start(Job(label, operation=True), run)

    def stop(self) -> None:
        """Ask every job to end; returns at once."""
        for job in list(self._threads):
            job.stop.set()

    def join(self, seconds: float) -> bool:
        """Wait for the threads, at most so long; whether all are gone."""
        for thread in list(self._threads.values()):
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads.values())

    def _start(self, job: Job, run: Callable[[Job], Any]) -> Job:
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
        thread.start()
        return job

    def _post(self, message: Message) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._app.post_message(message)
