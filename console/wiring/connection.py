"""The connection to the cluster: made late, and made anew when the kubeconfig has changed."""

import os
import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from console.model.snapshot import Topic
from console.sources.errors import SourceError
from console.sources.kubernetes.kubeconfigs import places
from console.sources.ports import Source
from console.sources.stop import Stop

if TYPE_CHECKING:
    from console.sources.kubernetes.cluster import KubernetesCluster

Stands = tuple[tuple[int, int] | None, ...]

LOOK = 1.0  # seconds between two looks at the files

TOPICS = (Topic.FLUX, Topic.KUBERNETES, Topic.WORKLOADS, Topic.TUPPR)


class Connection:
    """At most one KubernetesCluster at a time. Thread-safe."""

    def __init__(self, kubeconfig: Path | None, context: str | None) -> None:
        self._kubeconfig = kubeconfig
        self._context = context
        self._lock = threading.Lock()  # held for moments only: connecting may take as long as a credential plugin
        self._closed = Stop()
        self._cluster: KubernetesCluster | None = None
        self._made_from: Stands = ()
        self._attempt: Future[KubernetesCluster] | None = None
        self._heeding: threading.Thread | None = None

    @property
    def name(self) -> str:
        """The cluster's name; empty before the first connection."""
        cluster = self._cluster
        return cluster.name if cluster else ""

    @property
    def context(self) -> str:
        """The context that it was made from; empty before the first connection."""
        cluster = self._cluster
        return cluster.context if cluster else ""

    def cluster(self) -> "KubernetesCluster":
        """The cluster, connected on the first call: by one thread, the others wait for what comes of it.

        Raises SourceError, with kind ``stopped`` after ``close``.
        """
        stands = self._stands()
        with self._lock:
            if self._closed.is_set():
                raise _stopped()
            if self._cluster is not None and stands == self._made_from:
                return self._cluster
            under_way, old = self._attempt, None
            attempt: Future[KubernetesCluster] = under_way or Future()
            if under_way is None:
                self._attempt = attempt
                old, self._cluster = self._cluster, None
        if old:
            old.close()
        if under_way is None:
            self._connect(attempt, stands)
        return attempt.result()

    def source(self, topic: Topic) -> Source:
        """The source for ``topic``. Raises SourceError."""
        return next(source for source in self.cluster().sources() if topic in source.topics)

    def heed(self) -> None:
        """From now on look at the files: once they have changed, all that runs on the old way begins anew on the new.

        Streams that live, or try again and again, would not come to ask for it.
        """
        self._heeding = threading.Thread(target=self._heed, name="kubeconfig", daemon=True)
        self._heeding.start()

    def close(self) -> None:
        """Cut every connection, and end one that is being made; at once, and for good."""
        with self._lock:
            cluster, self._cluster = self._cluster, None
            attempt = self._attempt
            self._closed.set()
        if attempt:
            with suppress(InvalidStateError):
                attempt.set_exception(_stopped())
        if cluster:
            cluster.close()
        if self._heeding:
            self._heeding.join(5)

    def _heed(self) -> None:
        before = self._stands()
        while not self._closed.wait(LOOK):
            now = self._stands()
            whole = now == before and None not in now  # not while they are being written
            if whole and self._cluster is not None and now != self._made_from:
                with suppress(SourceError):  # the feeds meet it, too, and tell it
                    self.cluster()
            before = now

    def _connect(self, attempt: "Future[KubernetesCluster]", stands: Stands) -> None:
        """Put into ``attempt`` what comes of it."""
        from console.sources.kubernetes import connect  # noqa: PLC0415 - slow to import

        made: KubernetesCluster | None = None
        problem: Exception = _stopped()
        try:
            made = connect(self._kubeconfig, self._context, self._closed)
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits must hear of it
            problem = error
        finally:
            self._came(attempt, made, problem, stands)

    def _came(
        self, attempt: "Future[KubernetesCluster]", made: "KubernetesCluster | None", problem: Exception, stands: Stands
    ) -> None:
        with self._lock:
            closed, self._attempt = self._closed.is_set(), None
            if made and not closed:
                self._cluster, self._made_from = made, stands
        if made and closed:
            made.close()
        with suppress(InvalidStateError):  # closed meanwhile
            if made and not closed:
                attempt.set_result(made)
            else:
                attempt.set_exception(_stopped() if closed else problem)

    def _stands(self) -> Stands:
        """What tells whether the files are still the same: size and time of each."""
        return tuple(_stand(Path(part)) for part in places(self._kubeconfig).split(os.pathsep) if part)


def _stopped() -> SourceError:
    return SourceError("The way to the cluster is closed", kind="stopped")


def _stand(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)
