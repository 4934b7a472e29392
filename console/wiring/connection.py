"""The connection to the cluster: made late, and made anew when the kubeconfig has changed."""

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from console.model.snapshot import Topic
from console.sources.ports import Source

if TYPE_CHECKING:
    from console.sources.kubernetes.cluster import KubernetesCluster

TOPICS = (Topic.FLUX, Topic.KUBERNETES, Topic.WORKLOADS, Topic.TUPPR)


class Connection:
    """At most one KubernetesCluster at a time. Thread-safe."""

    def __init__(self, kubeconfig: Path | None, context: str | None) -> None:
        self._kubeconfig = kubeconfig
        self._context = context
        self._lock = threading.Lock()
        self._cluster: KubernetesCluster | None = None
        self._made_from: tuple[tuple[int, int] | None, ...] = ()

    @property
    def name(self) -> str:
        """The cluster's name; empty before the first connection."""
        cluster = self._cluster
        return cluster.name if cluster else ""

    def cluster(self) -> "KubernetesCluster":
        """The cluster, connected on the first call. Raises SourceError."""
        from console.sources.kubernetes import connect  # noqa: PLC0415 - slow to import

        with self._lock:
            stands = self._stands()
            if self._cluster is None or stands != self._made_from:
                old, self._cluster = self._cluster, None
                if old:
                    old.close()
                self._cluster, self._made_from = connect(self._kubeconfig, self._context), stands
            return self._cluster

    def source(self, topic: Topic) -> Source:
        """The source for ``topic``. Raises SourceError."""
        return next(source for source in self.cluster().sources() if topic in source.topics)

    def close(self) -> None:
        """Cut every connection."""
        with self._lock:
            cluster, self._cluster = self._cluster, None
        if cluster:
            cluster.close()

    def _stands(self) -> tuple[tuple[int, int] | None, ...]:
        """What tells whether the files are still the same: size and time of each."""
        return tuple(_stand(Path(part)) for part in str(self._kubeconfig or "").split(os.pathsep))


def _stand(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)
