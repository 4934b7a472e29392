"""Many objects at once: what others need comes first, a few run side by side, each ends with one line."""

import queue
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from console.model.flux import FluxKey, FluxObject, Status
from console.model.flux_graph import FluxRow
from console.model.flux_kinds import KINDS
from console.model.flux_order import Needs, ordered
from console.model.step import Step, StepState
from console.operations import passes
from console.operations.passes import Cluster
from console.operations.reconcile import FORCED, reconcile
from console.sources.errors import HomeconsoleError, Refused
from console.sources.stop import Stop

SIDE_BY_SIDE = 4  # passes at a time: the controllers themselves work on four objects of a kind (--concurrent)
TOTAL = "all"  # the name of the last step
_LEFT_OUT = frozenset({"suspended", "static"})  # refusals that are no failure of the object
_ENDED = frozenset({StepState.DONE, StepState.FAILED, StepState.SKIPPED})

Act = Callable[[FluxKey, Stop], Iterator[Step]]
"""The operation on one object; its last step is the outcome."""


def failing(rows: Sequence[FluxRow]) -> tuple[FluxKey, ...]:
    """Everything that fails, and what is blocked by it; without what is suspended and what nobody reconciles."""
    bad = {Status.STALLED, Status.FAILED, Status.BLOCKED}
    return tuple(
        row.key for row in rows if row.order in bad and row.key.kind in KINDS and not KINDS[row.key.kind].static
    )


def reconcile_all(
    cluster: Cluster,
    keys: Collection[FluxKey],
    objects: Mapping[FluxKey, FluxObject],
    *,
    with_source: bool = False,
    force: bool = False,
    reset: bool = False,
    timeout: float = 300,
    now: Callable[[], datetime],
    stop: Stop,
) -> Iterator[Step]:
    """Reconcile ``keys``; ``objects`` is what is known of all, for the order. See ``each`` for the steps.

    ``with_source``: each source gets one pass, before all that take from it. ``force`` and ``reset`` reach those of
    ``keys`` whose kind understands them.
    """
    wanted = tuple(dict.fromkeys(keys))
    sources = [key for key in _sources(wanted, objects) if key not in wanted] if with_source else []

    def act(key: FluxKey, ended: Stop) -> Iterator[Step]:
        asked = key not in sources
        return reconcile(
            cluster,
            key,
            force=force and asked and key.kind in FORCED,
            reset=reset and asked and key.kind == "HelmRelease",
            timeout=timeout,
            now=now,
            stop=ended,
        )

    return each(ordered((*sources, *wanted), objects), act, now=now, stop=stop)


def each(
    keys: Needs, act: Act, *, now: Callable[[], datetime], stop: Stop, side_by_side: int = SIDE_BY_SIDE
) -> Iterator[Step]:
    """Do ``act`` with each of ``keys``, in their order, each after those of the others that it names.

    Steps are named after the objects, first of all one that waits for each; the last one, ``all``, counts the
    outcomes. What follows on a failure is left out. After ``stop``, or when the iterator is closed, nothing begins any
    more, and what runs is no longer followed.
    """
    run = _Run(keys, act, now)
    yield from (Step(key.ref, StepState.WAITING, "", now()) for key in keys)
    try:
        with stop.closing(run.end):
            yield from run.steps(side_by_side)
            total = run.total(stopped=stop.is_set())
    finally:
        run.end()
        run.join()
    yield total


@dataclass(slots=True)
class _Run:
    keys: Needs
    act: Act
    now: Callable[[], datetime]
    outcomes: dict[FluxKey, StepState] = field(default_factory=dict)
    _unmet: set[FluxKey] = field(default_factory=set)  # failed, or left out because of a failure
    _stop: Stop = field(default_factory=Stop)
    _said: "queue.SimpleQueue[tuple[FluxKey, Step, bool]]" = field(default_factory=queue.SimpleQueue)
    _threads: dict[FluxKey, threading.Thread] = field(default_factory=dict)

    def steps(self, side_by_side: int) -> Iterator[Step]:
        running = 0
        while True:
            yield from self._left_out()
            for key in self._due()[: side_by_side - running]:
                self._begin(key)
                running += 1
            if not running:
                return
            key, step, last = self._said.get()
            if last:
                running -= 1
                self._ended(key, step.state)
            yield step

    def end(self) -> None:
        """What runs is no longer followed; nothing begins."""
        self._stop.set()

    def join(self) -> None:
        for thread in self._threads.values():
            thread.join()

    def total(self, *, stopped: bool) -> Step:
        states = list(self.outcomes.values())
        words = {StepState.DONE: "done", StepState.FAILED: "failed", StepState.SKIPPED: "left out"}
        counted = ", ".join(f"{states.count(state)} {word}" for state, word in words.items() if state in states)
        well = not self._unmet and not stopped
        text = (counted or "nothing to do") + ("; stopped" if stopped else "")
        return Step(TOTAL, StepState.DONE if well else StepState.FAILED, text, self.now())

    def _ended(self, key: FluxKey, state: StepState) -> None:
        self.outcomes[key] = state
        if state is StepState.FAILED:
            self._unmet.add(key)

    @property
    def _waiting(self) -> list[FluxKey]:
        return [key for key in self.keys if key not in self.outcomes and key not in self._threads]

    def _left_out(self) -> Iterator[Step]:
        """What can't begin any more. In their order, so that one look suffices."""
        for key in self._waiting:
            cause = next((need for need in self.keys[key] if need in self._unmet), None)
            if cause is None and not self._stop.is_set():
                continue
            self.outcomes[key] = StepState.SKIPPED
            if cause:
                self._unmet.add(key)
            text = f"it waits for {cause.ref}, which did not get well" if cause else "stopped before it began"
            yield Step(key.ref, StepState.SKIPPED, text, self.now())

    def _due(self) -> list[FluxKey]:
        return [key for key in self._waiting if all(need in self.outcomes for need in self.keys[key])]

    def _begin(self, key: FluxKey) -> None:
        thread = threading.Thread(target=self._follow, args=(key,), name=f"bulk-{key.name}", daemon=True)
        self._threads[key] = thread
        thread.start()

    def _follow(self, key: FluxKey) -> None:
        last = Step(key.ref, StepState.FAILED, "it ended without an outcome", self.now())
        try:
            for last in self.act(key, self._stop):
                if last.state not in _ENDED:
                    self._said.put((key, last, False))
        except HomeconsoleError as error:
            left_out = isinstance(error, Refused) and error.kind in _LEFT_OUT
            last = Step(key.ref, StepState.SKIPPED if left_out else StepState.FAILED, error.message, self.now())
        except Exception as error:  # noqa: BLE001 - a defect costs one object's line
            last = Step(key.ref, StepState.FAILED, f"{type(error).__name__}: {error}", self.now())
        self._said.put((key, last, True))


def _sources(keys: Sequence[FluxKey], objects: Mapping[FluxKey, FluxObject]) -> list[FluxKey]:
    def source_of(key: FluxKey) -> FluxKey | None:
        here = objects.get(key)
        return here.source if here else None

    return list(dict.fromkeys(need for key in keys for need in passes.sources(key, source_of)))
