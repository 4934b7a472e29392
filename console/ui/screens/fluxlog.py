"""What the controllers write about one Flux object, as they write it."""

from collections.abc import Iterator

from console.model.flux import FluxKey
from console.model.flux_detail import LogLine
from console.model.snapshot import Problem
from console.sources.stop import Stop
from console.ui.looks import Line, Run
from console.ui.screens.log import Log
from console.ui.texts import fluxdetail


class FluxLog(Log):
    """The lines that name the object, of all its controllers' pods together."""

    def __init__(self, key: tuple[str, ...]) -> None:
        self._key = FluxKey(*key)
        super().__init__(self._key.ref, "controllers")
        self._problem: Problem | None = None

    def source(self, log: str, stop: Stop) -> Iterator[LogLine | Problem | None]:
        """See Log."""
        del log
        return self.console_app.desk.logs(self._key, stop)

    def line(self, thing: LogLine | Problem | None) -> Line | None:
        """See Log."""
        if isinstance(thing, LogLine):
            return fluxdetail.log_line(thing)
        self._problem = thing
        return None

    def _state(self) -> Run:
        live = self._job is not None and not self._paused
        return Run(f"▲ not live: {self._problem.message}", "warn") if live and self._problem else super()._state()
