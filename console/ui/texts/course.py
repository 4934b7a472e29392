"""What of a rollout took how long: a bar for each node, and the earlier rollouts beside it."""

from datetime import datetime, timedelta

from console.model.rollout import Rollout
from console.model.runs import NodeRun, Run, lasted
from console.model.snapshot import Snapshot, Topic
from console.ui import looks
from console.ui.looks import Line
from console.ui.texts.plot import spans, timeline

_STEP = timedelta(seconds=30)  # the bar of a node under way grows by so much: between two steps nothing is written


def course(rollout: Rollout, snapshot: Snapshot, width: int) -> list[Line]:
    """Nothing where nobody watched."""
    runs = snapshot[Topic.RUNS].items
    run: Run | None = runs.get(rollout.key)
    drawn = timeline(run.nodes, width, _stepped(run.nodes, snapshot.at)) if run else []
    earlier = spans([span for each, span in lasted(runs.values(), rollout.system) if each.key != rollout.key])
    lines = [(), (looks.Run("  What took how long", "accent"),), *drawn] if drawn else []
    if rollout.system and earlier:
        told = looks.Run(f"from approval to done, the oldest first: {earlier}", "muted")
        lines += [() if not drawn else (looks.Run(""),), (looks.Run("  Earlier ones   ", "accent"), told)]
    return lines


def _stepped(nodes: tuple[NodeRun, ...], now: datetime) -> datetime:
    """``now``, in steps since the first node began."""
    began = [node.began[0][1] for node in nodes if node.began]
    return min(began) + (now - min(began)) // _STEP * _STEP if began else now
