"""The four panes, in the order of their numbers: all that the first frame needs of them.

What they show is ``view`` in the module of the same name as the place, imported after the first frame. Another kind of
pane is one more file and one more entry here.
"""

from typing import NamedTuple

from console.model.snapshot import Topic


class Kind(NamedTuple):
    """A kind of pane. ``place`` names it everywhere (keys, commands); ``topics`` are those whose freshness it shows.

    ``waiting`` stands there before the first answer; ``gives`` is the column that gives way where room is scarce;
    ``yields`` one that gives way before it.
    """

    place: str
    title: str
    topics: tuple[Topic, ...]
    waiting: str
    gives: int = 0
    yields: int | None = None


KINDS = (
    Kind("nodes", "Nodes", (Topic.TALOS, Topic.KUBERNETES), "asking Talos and Kubernetes for the nodes"),
    Kind("flux", "Flux", (Topic.FLUX,), "asking the Kubernetes API for Flux objects", gives=1),
    Kind("updates", "Updates", (Topic.UPDATES, Topic.REPOSITORY), "fetching the repository", yields=1),
    Kind("upgrades", "Upgrades", (Topic.TUPPR,), "asking for nodes and updates", gives=4),
)
