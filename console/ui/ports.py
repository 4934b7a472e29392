"""What the screen asks for. ``wiring`` builds it; what blocks here runs in a worker, never on the screen's loop."""

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Literal, Protocol

from console.model.finding import Fix, Preflight
from console.model.flux import FluxKey
from console.model.flux_detail import Detail, LogLine
from console.model.flux_tree import Node, Trace
from console.model.intent import Intent
from console.model.nodedetail import NodeDetail
from console.model.own import Command, Kept, Own, Place
from console.model.review import Approval, FileEdit, Review
from console.model.snapshot import Problem, Snapshot, Topic
from console.model.step import Step
from console.model.updates import System
from console.sources.stop import Stop
from console.store import Listener


class Desk(Protocol):
    """Everything the operator can see and do, bound to one cluster. Errors are HomeconsoleError."""

    # Cheap; may be called on the screen's loop

    @property
    def cluster(self) -> str:
        """The cluster's name, as the kubeconfig's context gives it."""

    @property
    def writable(self) -> bool:
        """Whether writes are on."""

    @property
    def hastens(self) -> bool:
        """Whether what was approved is reconciled at once, by the operator's configuration."""

    def set_writable(self, writable: bool) -> None:
        """Switch writes on or off for this run (``:write``, ``:readonly``). Refused when this run must not write."""

    @property
    def found(self) -> str:
        """What the inputs were found to be, in a line, once ``start`` has ended; empty where that is no news."""

    def now(self) -> datetime:
        """The present (UTC); frozen in pictures."""

    def snapshot(self) -> Snapshot:
        """What is known now."""

    def listening(self, listener: Listener) -> AbstractContextManager[None]:
        """While inside, ``listener`` is called from other threads with the topics that changed."""

    def refresh(self, topic: Topic | None = None) -> None:
        """Look again now; returns at once."""

    @property
    def own(self) -> Own:
        """Keys, commands and views of the operator's own, by the configuration."""

    @property
    def kept(self) -> Kept:
        """What is remembered for the operator here; nothing before ``start``."""

    def words(self, command: Command, scope: str, key: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
        """(argv, environment) of a command of the operator's own on the row with ``key`` of a pane. Refused for a value
        that would be taken for an option.
        """

    def attending(self, name: str) -> AbstractContextManager[None]:
        """While inside, the node's status is followed as it changes, not at the next poll."""

    # Blocking

    def start(self) -> None:
        """Import what is heavy, find the inputs, start the sources. Called once, after the first frame."""

    def stop(self) -> None:
        """End everything; no thread, process, socket or temporary folder is left."""

    def places(self) -> Sequence[Place]:
        """The clusters that one can go to, this one among them."""

    def elsewhere(self, name: str) -> "Desk":
        """The desk of another cluster, not started: this one is to be stopped first. UsageError when there is none.

        Writing is on there only by that cluster's own configuration, or if it was switched on there in this run.
        """

    def keep(self, change: Callable[[Kept], Kept]) -> Kept:
        """Remember something else. Refused when it can't be written."""

    def standing(self, command: Command) -> AbstractContextManager[Mapping[str, str]]:
        """What its environment has besides: private files in which the cluster that is shown is the current one, there
        while inside. Refused read-only for one that writes.
        """

    def run_own(
        self, command: Command, argv: Sequence[str], told: Mapping[str, str], stop: Stop
    ) -> tuple[list[str], str]:
        """(what it said by lines, why it did not end well: empty when it did), ``standing`` as above. Refused when it
        can't be started.
        """

    def manifest(self, key: FluxKey) -> str:
        """The object as YAML, without managed fields and without the data of Secrets."""

    def events(self, key: FluxKey) -> Sequence[str]:
        """Events about the object, newest first, a line each."""

    def node(self, name: str) -> NodeDetail:
        """A node looked at closely; what our role may not read is named among the missing. Takes seconds."""

    def dmesg(self, name: str, stop: Stop) -> Iterator[str]:
        """The node's kernel log: what was kept, then each line as it comes, until ``stop``. Read it in one thread."""

    def service_log(self, name: str, service: str, stop: Stop) -> Iterator[str]:
        """The log of one of its services, likewise."""

    def diff(self, branch: str) -> Sequence[str]:
        """The textual diff of an update, by lines; secrets masked."""

    def preflight(self, branch: str) -> Preflight:
        """All findings for an update."""

    def acknowledge(self, checked: Preflight, reasons: Mapping[str, str]) -> None:
        """Go on in spite of findings: ``reasons`` by rule, for this update at this head and no other."""

    def review(self, branch: str, *, edits: Sequence[FileEdit] = (), windows: bool = False) -> Review:
        """What an approval of this update would write, exactly, with the operator's ``edits`` on top.

        ``talos@v1.14.0`` stands for a version that no branch offers.
        """

    def planned(self, review: Review, path: str) -> bytes:
        """A file as it would be on main. Refused when there is none."""

    def fixed(self, review: Review, fix: Fix) -> FileEdit:
        """The edit that a finding offers, on what would be on main. Refused when it does not fit."""

    def plan_hold(self, branch: str, *, reason: str, until: date | None = None) -> Intent:
        """What would be written to hold an update."""

    def plan_release(self, name: str) -> Intent:
        """What would be written to let it go. Refused when it is not held by us."""

    def plan_revert(self, commit: str, *, reason: str = "") -> Intent:
        """What would be written to take a commit back. Refused for what a revert does not take back.

        ``reason`` goes into the commit, and answers what blocks it.
        """

    def carry_out(self, intent: Intent, stop: Stop) -> Iterator[Step]:
        """Write it."""

    def again(self, review: Review) -> Review:
        """The same review on main as it is now. Refused when main has moved where it matters: see it anew."""

    def approve(self, review: Review, stop: Stop, *, aside: bool = False) -> Generator[Step, None, Approval]:
        """Write the reviewed commit; its value is what came of it. Raises Refused when anything is not as reviewed.

        ``aside``: to a branch of its own, for a pull request; for when main takes no pushes (kind ``protected``).
        """

    def refused(self, review: Review) -> None:
        """Note that the operator asked for what cannot be approved, and why it cannot."""

    def alone(self, review: Review) -> str:
        """Why it can't be approved among others; empty when it can. Cheap."""

    def approve_all(self, reviews: Sequence[Review], stop: Stop) -> Iterator[Step]:
        """One after the other; the first that fails stops the rest. Steps as ``bulk`` has them, named by branch."""

    def reconcile(
        self, key: FluxKey, *, with_source: bool, stop: Stop, force: bool = False, reset: bool = False
    ) -> Iterator[Step]:
        """Ask for a pass and follow it to its real outcome, the last step's.

        ``force`` (HelmRelease, FluxInstance, ResourceSetInputProvider) does it though nothing changed; ``reset``
        (HelmRelease) forgets the failures, so that it is tried again. Refused for other kinds.
        """

    def suspend(self, key: FluxKey, *, resume: bool, reason: str, stop: Stop) -> Iterator[Step]:
        """Suspend or resume."""

    def hasten(self, commit: str, stop: Stop) -> Iterator[Step]:
        """Ask the source and the Kustomizations that carry an approved commit for their passes, and follow them."""

    def intervene(
        self, verb: Literal["suspend", "release", "reset"], system: System, reason: str, stop: Stop
    ) -> Iterator[Step]:
        """One of tuppr's annotations on the resource that upgrades ``system``, and tuppr's answer. Never in git."""

    def inspect(self, key: FluxKey) -> Detail:
        """One Flux object whole: conditions, events, history, inventory, YAML."""

    def watch(self, key: FluxKey, stop: Stop) -> Iterator[Detail]:
        """The same now, and again after each change of it or of its events, until ``stop``; for an open detail view."""

    def logs(self, key: FluxKey, stop: Stop) -> Iterator[LogLine | Problem | None]:
        """What the object's controllers wrote about it, oldest first, then each line as it comes, until ``stop``; a
        Problem while it can't be read, None when it can again. Read it in one thread.
        """

    def tree(self, key: FluxKey) -> Node:
        """A Flux object and what it applied, with how each stands."""

    def trace(self, key: FluxKey) -> Trace:
        """From any object (``FluxKey("Pod", namespace, name)``) up to its source and the commit that brought it."""

    def failing(self) -> Sequence[FluxKey]:
        """Everything that fails, and what is blocked by it."""

    def bulk(
        self,
        verb: Literal["reconcile", "suspend", "resume"],
        keys: Collection[FluxKey],
        *,
        stop: Stop,
        with_source: bool = False,
        force: bool = False,
        reset: bool = False,
        reason: str = "",
    ) -> Iterator[Step]:
        """Many at once, needs first. Steps are named after the objects (``ref``), the last of each is its outcome;
        the very last one, ``all``, counts them.
        """
