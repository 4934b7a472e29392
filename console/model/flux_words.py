"""What the words beside a Flux object mean: its status, and the marks behind it."""

from collections.abc import Iterable, Mapping

from console.model.flux import Status
from console.model.flux_graph import OUTDATED, REFUSED, UNTOUCHED

MEANINGS: Mapping[str, str] = {
    Status.STALLED: "failed, and Flux does not try again by itself: something has to change first",
    Status.FAILED: "the last try failed; Flux tries again",
    Status.BLOCKED: "waits for something that is not ready; the message names the root cause",
    Status.TERMINATING: "is being deleted",
    Status.PENDING: "has not been reconciled yet, or not with its newest spec",
    Status.RECONCILING: "is being reconciled now",
    Status.SUSPENDED: "left alone by Flux until someone resumes it",
    Status.READY: "as it should be",
    "exhausted": "no retry is left: fix it, then reset it, or reconcile it with --reset",
    "retrying": "failed, and is being tried again",
    "remediated": "the failed upgrade was rolled back or uninstalled",
    "drifted": "what runs differs from what was applied",
    "cycle": "waits for something that waits for it",
    OUTDATED: "runs an older revision than its source has",
    REFUSED: "the newer revision was tried, and failed",
    UNTOUCHED: "nobody has tried the newer revision yet",
}


def meanings(words: Iterable[str]) -> list[tuple[str, str]]:
    """(word, what it means) of those that are there and need it, in one order."""
    here = set(words) - {Status.READY}
    return [(str(word), text) for word, text in MEANINGS.items() if word in here]
