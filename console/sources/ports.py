"""The doors between the floors: what a source is, and what operations need of one."""

from __future__ import annotations  # what is only named in a signature comes after the first frame

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from console.model.snapshot import Keyed, Problem, Topic
from console.sources.errors import SourceError
from console.sources.stop import Stop

if TYPE_CHECKING:
    from console.model.flux import FluxKey


class Sink(Protocol):
    """Where a source pours its values. Thread-safe; each call is one change that listeners see whole."""

    def replace(self, topic: Topic, items: Iterable[Keyed], prefix: tuple[str, ...] = ()) -> None:
        """These are all values of the topic whose key begins with ``prefix``. The topic is live now."""

    def put(self, topic: Topic, items: Iterable[Keyed]) -> None:
        """Add or change values. The topic is live now."""

    def remove(self, topic: Topic, keys: Iterable[tuple[str, ...]]) -> None:
        """Take values away. The topic is live now."""

    def fresh(self, topic: Topic) -> None:
        """Nothing changed; what is known is current."""

    def failed(self, topic: Topic, error: SourceError) -> None:
        """The source can't be read. Values stay, marked with their age."""

    def limited(self, topic: Topic, limits: tuple[Problem, ...]) -> None:
        """These are all parts of the topic that can't be read while the rest can; its life stays as it is."""


class Source(Protocol):
    """Something that watches. ``topics`` are those it feeds."""

    @property
    def topics(self) -> tuple[Topic, ...]: ...

    def run(self, sink: Sink, stop: Stop) -> None:
        """Feed ``sink`` until ``stop``. Blocks; runs in a thread of its own.

        Raises SourceError when it can't go on: the caller reports it for all its topics, waits, and calls again.
        Returns early only when ``stop`` is set. Leaves no thread, process or socket behind.
        """

    def refresh(self) -> None:
        """Look again now (where looking is by interval). Returns at once."""


class ClusterApi(Protocol):
    """What operations need of the Kubernetes API. Every call has a deadline and raises SourceError."""

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
        """The whole object; Refused with kind ``not-found`` when there is none."""

    def objects(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> list[dict[str, Any]]:
        """All objects of a kind."""

    def patch(self, api_version: str, kind: str, name: str, namespace: str, patch: dict[str, Any]) -> dict[str, Any]:
        """JSON merge patch; gives the object as it is now."""

    def allowed(self, verb: str, group: str, resource: str, namespace: str = "", name: str = "") -> bool:
        """SelfSubjectAccessReview."""

    def events(self, key: FluxKey) -> list[dict[str, Any]]:
        """The events about one object, newest first (cluster-scoped objects have them in ``default``)."""
