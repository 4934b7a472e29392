"""A source that is built where it runs."""

from collections.abc import Callable

from console.model.snapshot import Topic
from console.sources.errors import HomeconsoleError, NotConfigured, SourceError
from console.sources.ports import Sink, Source
from console.sources.stop import Stop


class Late:
    """``build`` imports what is heavy and finds what it needs, in the feed's thread, each time the feed begins anew:
    a cause that is gone is noticed. Whatever goes wrong costs these topics alone.
    """

    def __init__(self, topics: tuple[Topic, ...], build: Callable[[], Source]) -> None:
        self._topics = topics
        self._build = build
        self._source: Source | None = None

    @property
    def topics(self) -> tuple[Topic, ...]:
        """See Source."""
        return self._topics

    def run(self, sink: Sink, stop: Stop) -> None:
        """See Source."""
        try:
            self._source = self._build()
            self._source.run(sink, stop)
        except SourceError:
            raise
        except HomeconsoleError as error:
            raise NotConfigured(error.message, error.hint, kind=error.kind) from error
        finally:
            self._source = None

    def refresh(self) -> None:
        """See Source."""
        source = self._source
        if source is not None:
            source.refresh()
