"""Why something can't be done now: rules that the table of actions names. Each gives a reason, or nothing."""

from collections.abc import Callable

from console.ui.situation import Situation

Refusal = Callable[[Situation], str]

READ_ONLY = "read-only: :write switches writing on for this run"
FORCED = frozenset(("HelmRelease", "FluxInstance", "ResourceSetInputProvider"))  # as operations.reconcile has them


def approvable(situation: Situation) -> str:
    """Only what waits can be approved; what is reviewed already only asks for write mode."""
    update = situation.update
    if situation.place in {"review", "queue"}:
        return "" if situation.writable else f"approve: {READ_ONLY}"
    if situation.marked > 1:
        return ""  # the summary says which are left out
    if update is None:
        return "approve: nothing waits here"
    if update.state == "applied":
        return "approve: this is on main already"
    if update.state == "conflict":
        return f"approve: {update.branch} conflicts with main; Renovate rebases it, or resolve it by hand"
    return f"approve: {situation.in_the_way}; wait until it is done" if situation.in_the_way else ""


def markable(situation: Situation) -> str:
    """What is gone is a line to read."""
    gone = situation.place == "updates" and situation.key and situation.update is None
    return "mark: this update is gone; nothing can be done with it" if gone else ""


def zoomable(situation: Situation) -> str:
    """There are others beside it."""
    return "zoom: where there are so few columns one pane always fills the screen" if situation.narrow else ""


def has_diff(situation: Situation) -> str:
    """An update has one."""
    return "" if situation.update else "diff: no update here"


def has_fix(situation: Situation) -> str:
    """A finding offers one."""
    return "" if "fix" in situation.offers else "take fix: no finding here offers one"


def has_window(situation: Situation) -> str:
    """Its upgrade waits for one."""
    return "" if "window" in situation.offers else "window: no maintenance window of main's holds this"


def restartable(situation: Situation) -> str:
    """tuppr starts over what it gave up; while it still tries there are other ways."""
    return (
        "" if "reset" in situation.offers else "reset: tuppr starts over only after a failure, and none is known here"
    )


def suspendable(situation: Situation) -> str:
    """What tuppr is at, or hangs on; what is over has nothing to suspend, and an app's rollout is not tuppr's."""
    return "" if situation.offers & {"suspend", "release"} else "suspend: there is no upgrade of tuppr's under way here"


def forceable(situation: Situation) -> str:
    """See operations.reconcile."""
    return "" if situation.kinds & FORCED else f"force: only {', '.join(sorted(FORCED))} can be forced"


def resettable(situation: Situation) -> str:
    """See operations.reconcile."""
    return "" if "HelmRelease" in situation.kinds else "reset: only a HelmRelease counts its failures"
