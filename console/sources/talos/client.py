"""talosctl's commands: arguments in, text or a classified error out."""

import os
import re
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from console.model.version import Version, normal
from console.sources.errors import Malformed, MissingTool, NotConfigured
from console.sources.stop import Stop
from console.sources.talos.classify import classify
from console.sources.talos.process import Ended, Outcome, Processes
from console.sources.talos.talosconfig import Talosconfig
from console.sources.talos.targets import sound

OLDEST = Version(1, 12)  # the oldest client whose formats are known here
_OWN_DEADLINE = 10.0  # seconds, for what needs no network


class TalosClient:
    """Asks one node at a time, in one context. What comes from outside is joined to its option by ``=``."""

    def __init__(self, executable: str, config: Talosconfig) -> None:
        self.config = config
        path, close = _for_talosctl(config.path)
        self.processes = Processes(executable, {"TALOSCONFIG": path})
        weakref.finalize(self.processes, close)

    def ask(self, node: str, arguments: Sequence[str], deadline: float) -> str:
        """What talosctl prints for one node. Raises SourceError."""
        outcome = self._run((*arguments, *self._at(node)), deadline)
        if outcome.code:
            raise classify(outcome.err, node)
        return outcome.out

    def lines(self, node: str, arguments: Sequence[str], stop: Stop) -> Iterator[str]:
        """Lines as they come, without the node that talosctl puts before each. Raises SourceError at the end."""
        self._must_exist()
        prefix = f"{node}: "
        try:
            for line in self.processes.lines((*arguments, *self._at(node)), stop):
                yield line.removeprefix(prefix)
        except Ended as ended:
            raise classify(str(ended), node) from ended

    def kill(self) -> None:
        """End all processes, start no more."""
        self.processes.kill()

    def _at(self, node: str) -> tuple[str, str]:
        if not sound(node):
            raise Malformed(f"{node!r} is no address of a node.")
        return f"--nodes={node}", f"--context={self.config.context}"

    def _run(self, arguments: Sequence[str], deadline: float) -> Outcome:
        self._must_exist()
        return self.processes.run(arguments, deadline)

    def _must_exist(self) -> None:
        """talosctl would create an empty talosconfig where none is."""
        path = self.config.path
        if not path.is_file() or not path.stat().st_size:
            raise NotConfigured(f"{path} is gone or empty.", "Restore it; this pane recovers by itself.")


def _for_talosctl(path: Path) -> tuple[str, Callable[[], None]]:
    """Where talosctl reads its configuration, and what is to be done when it is not needed any more.

    talosctl creates an empty file where none is, also when it was removed a moment ago. So it gets a copy that it can
    always read and never create: in memory, seen through this process, and gone with it even after a SIGKILL. Where
    the system has no such thing it gets the operator's file, which is looked for before each start.
    """
    if not hasattr(os, "memfd_create"):
        return str(path), lambda: None
    try:
        content = memoryview(path.read_bytes())
    except OSError as error:
        raise NotConfigured(f"{path} can't be read: {error.strerror}.") from error
    copy = os.memfd_create("talosconfig")
    while content:
        content = content[os.write(copy, content) :]
    return f"/proc/{os.getpid()}/fd/{copy}", lambda: os.close(copy)


def client_version(executable: str) -> str:
    """Our talosctl, ``vX.Y.Z``. Needs no talosconfig and no network. Raises MissingTool or Malformed."""
    outcome = Processes(executable).run(("version", "--client", "--short"), _OWN_DEADLINE)
    found = re.search(r"Talos (v\S+)|Tag: *(v\S+)", outcome.out)
    if not found:
        raise Malformed(f"{executable} version --client printed no version.", "Is it the talosctl of Talos Linux?")
    return normal(found[1] or found[2])


def check_version(version: str) -> None:
    """Raises MissingTool when the client is too old for what is asked here."""
    found = Version.parse(version)
    if found and found < OLDEST:
        message = f"talosctl {found} is too old: {OLDEST} or newer is needed."
        raise MissingTool(message, "Install the version that your nodes run.", kind="old-tool")
