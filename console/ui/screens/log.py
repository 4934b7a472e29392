"""Logs as they come; a node's: dmesg, and that of each of its services."""

import threading
from collections import deque
from collections.abc import Iterator
from typing import Any, ClassVar

from textual import events

from console.model.snapshot import Snapshot, Topic
from console.sources.errors import CLOSED, HomeconsoleError
from console.sources.stop import Stop
from console.ui.looks import Line, Run
from console.ui.messages import Ended
from console.ui.scene import Scene
from console.ui.screens.reading import Reading
from console.ui.texts.layout import prose
from console.ui.widgets.columns import Row
from console.ui.work import Job

KEPT = 5000  # lines
_DMESG = "dmesg"


class Log(Reading):
    """What is written about ``subject``. ``tab`` goes from log to log where there are several.

    What reads a log ends when another one or another screen is looked at.
    """

    PLACE: ClassVar[str] = "log"

    def __init__(self, subject: str, log: str) -> None:
        super().__init__()
        self._subject = subject
        self._logs: tuple[str, ...] = (log,)
        self._log = log
        self._lock = threading.Lock()
        self._came: deque[Any] = deque(maxlen=KEPT)  # not shown yet
        self._shown: list[Line] = []
        self._paused = False
        self._job: Job | None = None
        self._error: HomeconsoleError | None = None

    def source(self, log: str, stop: Stop) -> Iterator[Any]:
        """What comes, each thing as it comes, until ``stop``. In a thread of its own."""
        raise NotImplementedError

    def line(self, thing: Any) -> Line | None:
        """The line that it is; None for one that is not to be shown."""
        return (Run(thing),)

    def on_mount(self) -> None:
        """See Place."""
        super().on_mount()
        self._begin(self._log)

    def on_unmount(self) -> None:
        """Nothing is read any more."""
        self._end()

    def heading(self) -> tuple[Line, Line]:
        """See Reading."""
        several = len(self._logs) > 1
        where = f"  ‹{self._logs.index(self._log) + 1} of {len(self._logs)}›  l lists them" if several else ""
        left = (Run("Log  ", "accent"), Run(f"{self._subject}  "), Run(self._log, "strong"), Run(where, "muted"))
        return left, (self._state(),)

    def lines(self, snapshot: Snapshot, width: int) -> list[Line]:
        """See Reading."""
        del snapshot
        ended: list[Line] = []
        if self._error:
            hint = prose(self._error.hint, width, "muted", 3) if self._error.hint else []
            ended = [(Run(" ✖ ", "bad"), Run(self._error.message, "strong")), *hint]
        return [*self._shown, *ended] or [(Run(" No line yet.", "muted"),)]

    def take(self, scene: Scene) -> None:
        """See Place."""
        del scene
        self._head()

    def on_resize(self, event: events.Resize | None = None) -> None:
        """The end stays in sight."""
        del event
        if self.is_mounted:
            self._show(0)

    # Keys

    def do_pause(self) -> None:
        """Stand still, or go on; what came meanwhile is kept."""
        self._paused = not self._paused
        self._came_in()
        self._head()

    def do_logs(self) -> None:
        """All of its logs, to choose one."""
        title = (Run("Logs  ", "accent"), Run(self._subject, "strong"))
        self.console_app.open("choice", "Choice", title, self.choices(), "reads it", then=self._choose)

    def choices(self) -> list[Row]:
        """A row for each log."""
        return [Row((log,), (Run(log, "strong"),), find=log, name=log) for log in self._logs]

    def _choose(self, log: str | None) -> None:
        if log and log != self._log:
            self._begin(log)

    def do_next_part(self) -> None:
        """The next log."""
        self._turn(1)

    def do_previous_part(self) -> None:
        """The log before."""
        self._turn(-1)

    def do_refresh(self) -> None:
        """Read it anew."""
        self._begin(self._log)
        self.say(Run("reading it anew", "muted"))

    def _turn(self, by: int) -> None:
        self._begin(self._logs[(self._logs.index(self._log) + by) % len(self._logs)])

    # Reading

    def _begin(self, log: str) -> None:
        self._end()
        self._log, self._error, self._shown = log, None, []
        self._paused = False
        with self._lock:
            self._came = came = deque[Any](maxlen=KEPT)
        self._job = self.console_app.work.watch(
            f"log {log}", lambda stop: self._read(log, came, stop), self._came_in, self._ended
        )
        self.text.show(())
        self._head()

    def _end(self) -> None:
        job, self._job = self._job, None
        if job:
            job.stop.set()

    def _read(self, log: str, came: deque[Any], stop: Stop) -> Iterator[None]:
        """In a thread of its own. However much comes, the screen is told once before it has looked."""
        for each in self.source(log, stop):
            if stop.is_set():
                return
            with self._lock:
                told = len(came) > 0
                came.append(each)
            if not told or self._paused:
                yield

    def _ended(self, ended: Ended) -> None:
        if ended.job is self._job and self.is_mounted:
            if ended.error and ended.error.kind == CLOSED:
                self._begin(self._log)
                return
            self._job, self._error = None, ended.error
            self._came_in()
            self._show(0)
            self._head()

    def _came_in(self, _: object = None) -> None:
        """Show what came; while it stands still only count it."""
        if self._paused:
            self._head()
            return
        with self._lock:
            new = list(self._came)
            self._came.clear()
        self._shown += [line for line in map(self.line, new) if line is not None]
        dropped = max(0, len(self._shown) - KEPT)
        self._shown = self._shown[dropped:]
        self._show(dropped)

    def _show(self, dropped: int) -> None:
        self.text.follow(self.lines(self.console_app.scene.snapshot, max(40, self.size.width - 2)), dropped)
        self._head()

    def _head(self) -> None:
        self.title_line.left, self.title_line.right = self.heading()
        self.title_line.repaint()

    def _state(self) -> Run:
        if self._paused:
            count = len(self._came)
            return Run(f"‖ stands still, {count} new" if count else "‖ stands still", "warn")
        if self._job is None:
            return Run("has ended", "muted")
        return Run("▶ live", "accent")


class NodeLog(Log):
    """A node's."""

    def __init__(self, node: str) -> None:
        super().__init__(node, _DMESG)
        self._node = node
        self._services: dict[str, str] = {}  # and how each is

    def take(self, scene: Scene) -> None:
        """See Place."""
        node = scene.snapshot[Topic.TALOS].items.get((self._node,))
        self._services = dict(node.services) if node else {}
        self._logs = tuple(dict.fromkeys((_DMESG, *self._services, self._log)))
        super().take(scene)

    def choices(self) -> list[Row]:
        """See Log. With how each service is."""
        states = {_DMESG: "what the kernel wrote", **self._services}
        ill = {log: state.startswith(("un", "not")) for log, state in states.items()}
        return [
            Row(
                (log,),
                (Run(log, "strong"), Run(states.get(log, ""), "bad" if ill.get(log) else "muted")),
                problem=ill.get(log, False),
                find=f"{log} {states.get(log, '')}",
                name=log,
            )
            for log in self._logs
        ]

    def source(self, log: str, stop: Stop) -> Iterator[str]:
        """See Log."""
        desk = self.console_app.desk
        return desk.dmesg(self._node, stop) if log == _DMESG else desk.service_log(self._node, log, stop)
