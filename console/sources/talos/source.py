"""The source of TALOS: asks every node through talosctl, and pours a row for each."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from console.model.clock import utc_now
from console.model.snapshot import Topic
from console.sources.ports import Sink
from console.sources.stop import Stop
from console.sources.talos import talosconfig as configuration
from console.sources.talos.attended import Attended
from console.sources.talos.places import Places
from console.sources.talos.watched import Watched


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: ``interval`` of a poll, ``deadline`` of a process, ``patience`` with one before others go first."""

    interval: float
    deadline: float
    patience: float


class TalosSource:
    """Watches all nodes of one talosconfig context.

    ``interval`` is how many seconds a poll takes, ``concurrency`` how many processes may run at once, ``deadline`` how
    long one may take. A node that does not answer within ``patience`` waits for its long turn beside the others.
    ``addresses`` gives what Kubernetes knows: addresses by node name. ``upgrading`` names nodes that an upgrade is
    about to restart; with those in ``attended`` they are followed closely. ``places``, where they are shared with
    others that run talosctl, go before ``concurrency``.
    """

    topics = (Topic.TALOS,)

    def __init__(
        self,
        talosconfig: Path | None,
        context: str | None,
        executable: str = "talosctl",
        interval: float = 15,
        concurrency: int = 8,
        *,
        deadline: float = 10,
        patience: float | None = None,
        addresses: Callable[[], Mapping[str, str]] = dict,
        upgrading: Callable[[], Collection[str]] = tuple,
        attended: Attended | None = None,
        places: Places | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._talosconfig = talosconfig
        self._context = context
        self._executable = executable
        waits = min(2.0, deadline / 4) if patience is None else patience
        self._pace = Pace(interval, deadline, waits)
        self._places = places or Places(concurrency)
        self._addresses = addresses
        self._upgrading = upgrading
        self._attended = attended or Attended()
        self._now = now
        self._nodes: list[Watched] = []
        self._client = ""
        self._refresh: Callable[[], None] = _nothing

    def refresh(self) -> None:
        """See Source."""
        self._refresh()

    def run(self, sink: Sink, stop: Stop) -> None:
        """See Source."""
        while not stop.is_set():
            self._watch(sink, stop)

    def _watch(self, sink: Sink, stop: Stop) -> None:
        """Until ``stop``, or until the talosconfig changes."""
        from console.sources.talos.client import TalosClient, check_version, client_version  # noqa: PLC0415 - late
        from console.sources.talos.watch import Watch  # noqa: PLC0415

        config = configuration.read(configuration.find(self._talosconfig), self._context)
        configuration.check_certificate(config, self._now())
        self._client = self._client or client_version(self._executable)
        check_version(self._client)
        client = TalosClient(self._executable, config)
        with ThreadPoolExecutor(self._places.total, thread_name_prefix="talosctl") as pool:
            watch = Watch(
                client=client,
                client_version=self._client,
                pool=pool,
                pace=self._pace,
                nodes=self._nodes,
                addresses=self._addresses,
                now=self._now,
                places=self._places,
                attended=lambda: self._attended.names() | frozenset(self._upgrading()),
            )
            self._refresh = watch.refresh
            self._places.freed = self._attended.changed = watch.wake
            try:
                with stop.closing(watch.wake):
                    watch.until(stop, sink)
            finally:
                self._refresh = self._places.freed = self._attended.changed = _nothing
                client.kill()


def _nothing() -> None:
    """There is nothing to refresh while nothing is watched."""
