"""One pass of a controller, asked for by a token of our own and followed to its outcome.

A controller copies ``requestedAt`` into ``status.lastHandledReconcileAt`` at the end of the pass, whether it went well
or not; so the outcome of a failure is known at once, without waiting for a retry (Flux 2.9; pkg/apis/meta).
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from console.model.flux import FluxKey, Status, short_revision
from console.model.flux_kinds import KINDS, REQUESTED_AT, FluxKind
from console.model.flux_status import suspended, unsuspended
from console.model.step import Step, StepState
from console.model.unstructured import condition, text
from console.sources.errors import CLOSED, Refused, SourceError
from console.sources.ports import ClusterApi
from console.sources.stop import Stop

Raw = Mapping[str, Any]
_LEFT = "no longer followed; what was asked for stands"
_DEEPEST = 3  # HelmRelease, HelmChart, HelmRepository


class Cluster(ClusterApi, Protocol):
    """A ClusterApi that can also follow one object."""

    def follow(
        self, api_version: str, kind: str, name: str, namespace: str, *, timeout: float, stop: Stop
    ) -> Iterator[dict[str, Any] | SourceError]:
        """The object, and again after each change, for at most ``timeout`` seconds; in between what keeps it away."""


def known(key: FluxKey) -> FluxKind:
    """What the object's kind understands. Raises Refused for one that is none of Flux'."""
    kind = KINDS.get(key.kind)
    if kind is None:
        raise Refused(f"{key.kind} is no kind of Flux", f"Kinds are {', '.join(KINDS)}.", kind="unknown-kind")
    return kind


def sources(key: FluxKey, source_of: Callable[[FluxKey], FluxKey | None]) -> list[FluxKey]:
    """What ``key`` is made from, nearest first: its source, and, where that is a chart, what the chart is made from."""
    found: list[FluxKey] = []
    here = key
    for _ in range(_DEEPEST):
        need = source_of(here)
        if need is None or need in found:
            break
        found.append(need)
        if need.kind != "HelmChart":
            break
        here = need
    return found


def token(now: datetime) -> str:
    """A time (RFC 3339) that nobody else asks with: its fraction of a second is random."""
    return f"{now:%Y-%m-%dT%H:%M:%S}.{secrets.randbelow(10**9):09d}Z"


def check_allowed(cluster: ClusterApi, key: FluxKey) -> None:
    """Raises Refused, naming the missing verb, when we may not patch the object."""
    kind = known(key)
    if not cluster.allowed("patch", kind.group, kind.plural, key.namespace, key.name):
        raise Refused(
            f"You may not patch {key.ref}",
            f'Give this user the verb "patch" on {kind.plural}.{kind.group}'
            + (f" in namespace {key.namespace}." if key.namespace else "."),
            kind="forbidden",
        )


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Asks for passes and follows them, each for at most ``timeout`` seconds."""

    cluster: Cluster
    timeout: float
    now: Callable[[], datetime]
    stop: Stop

    def ask(self, key: FluxKey, marks: tuple[str, ...] = ()) -> Iterator[Step]:
        """Ask for a pass, with further annotations that carry the same token, and follow it."""
        asked = token(self.now())
        annotations = dict.fromkeys((REQUESTED_AT, *marks), asked)
        yield Step(key.ref, StepState.RUNNING, "asking for a pass", self.now())
        patch = {"metadata": {"annotations": annotations}}
        self.cluster.patch(known(key).api_version, key.kind, key.name, key.namespace, patch)
        yield from self.follow(key, asked)

    def follow(self, key: FluxKey, asked: str) -> Iterator[Step]:
        """Steps named after the object, the last one with the outcome of the pass that ``asked`` brought about."""
        said, began = "", self.now()
        try:
            for seen in self._seen(key):
                if not isinstance(seen, SourceError) and finished(seen, asked):
                    state, words = outcome(seen, key.kind)
                    yield Step(key.ref, state, short_revision(words), self.now())
                    return
                words = f"{seen.message}; still waiting" if isinstance(seen, SourceError) else _progress(seen, asked)
                if words != said:
                    said = words
                    yield Step(key.ref, StepState.RUNNING, short_revision(words), began)
        except Refused as error:
            yield Step(key.ref, StepState.FAILED, error.message, self.now())
            return
        except SourceError as error:
            if error.kind != CLOSED:
                raise
            yield Step(key.ref, StepState.SKIPPED, _LEFT, self.now())
            return
        if self.stop.is_set():
            yield Step(key.ref, StepState.SKIPPED, _LEFT, self.now())
        else:
            words = f"no outcome within {self.timeout:.0f} s: {said or 'nothing was heard'}"
            yield Step(key.ref, StepState.FAILED, short_revision(words), self.now())

    def _seen(self, key: FluxKey) -> Iterator[dict[str, Any] | SourceError]:
        return self.cluster.follow(
            known(key).api_version, key.kind, key.name, key.namespace, timeout=self.timeout, stop=self.stop
        )


def finished(raw: Raw, asked: str) -> bool:
    """Whether a whole pass ended after ``asked``: ours, or that of somebody who asked after us."""
    handled = text(raw, "status", "lastHandledReconcileAt")
    wanted = text(raw, "metadata", "annotations", REQUESTED_AT)
    if not handled or handled not in {asked, wanted}:
        return False
    if suspended(raw, text(raw, "kind")):
        return True  # handled without a pass: the outcome says so
    running = condition(raw, "Reconciling")
    progressing = running.get("status") == "True" and running.get("reason") == "Progressing"
    return not progressing and condition(raw, "Ready").get("status") != "Unknown"


def outcome(raw: Raw, kind: str) -> tuple[StepState, str]:
    """What the pass came to: its reason and message."""
    if suspended(raw, kind):
        return StepState.FAILED, "it was suspended meanwhile: nothing was done"
    word = unsuspended(raw, kind)
    words = ": ".join(part for part in (word.reason, word.message) if part)
    well = word.status is Status.READY or (
        # The spec was changed again meanwhile: that is for the next pass.
        word.status is Status.PENDING and condition(raw, "Ready").get("status") == "True"
    )
    return (StepState.DONE if well else StepState.FAILED), words or word.status.value


def _progress(raw: Raw, asked: str) -> str:
    running = condition(raw, "Reconciling")
    if running.get("status") == "True" and running.get("reason") == "Progressing":
        return text(running, "message") or "Reconciling"
    ready = condition(raw, "Ready")
    if ready.get("status") == "Unknown":
        return text(ready, "message") or "Reconciling"
    if text(raw, "metadata", "annotations", REQUESTED_AT) != asked:
        return "somebody else asked for a pass too; waiting for that one"
    return "asked for a pass; the controller has not begun yet"
