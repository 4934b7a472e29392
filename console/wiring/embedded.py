"""The embedded cluster as a child process: begun before the first frame, read after it, ended for sure.

Nothing of ``console.demo`` is imported here: the console knows the cluster only by the addresses that it prints.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import console
from console.settings import Settings
from console.sources.errors import TimedOut, Unreachable

START = 60.0  # seconds: far beyond what it takes, for machines under load
_END = 5.0
# Approvals there are by its own operator: whoever tries it out may have no name for git, or a key that wants a PIN.
_GIT_CONFIG = "[user]\n\tname = Home Operator\n\temail = operator@home.example\n"
_HERE = "the embedded cluster"
_WANTED = ("KUBECONFIG", "TALOSCONFIG", "PATH", "HOMECONSOLE_REPOSITORY")


def secluded(settings: Settings) -> Settings:
    """``settings`` without what names another cluster, and without what runs, tells or asks anybody outside."""
    reset: Mapping[str, Any] = {
        **dict.fromkeys(("context", "talos_context")),
        **dict.fromkeys(("clusters", "before", "after", "checks", "commands"), ()),
        **dict.fromkeys(("notify_command", "notify_webhook"), ""),
        "branch": "main",
        "prefixes": ("renovate/",),
        "approvers": 1,
    }
    return replace(settings, **reset, origins={**settings.origins, **dict.fromkeys(reset, _HERE)})


class Embedded:
    """One child. ``arguments`` are those of ``homeconsole demo``."""

    def __init__(self, arguments: Sequence[str]) -> None:
        # -P: a folder called console where the operator stands is none of ours.
        command = [sys.executable, "-P", "-m", "console", "demo", "--serve", "--leashed", *arguments]
        paths = [str(Path(console.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the child lives
        # A group of its own: what the terminal sends goes to the console alone. Standard input is the leash.
        self._child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,
        )
        self._lock = threading.Lock()

    def addresses(self, seconds: float = START) -> dict[str, str]:
        """The variables that the child exports, once everything answers. Raises SourceError when it does not start."""
        timer = threading.Timer(seconds, self._kill)
        timer.start()
        try:
            found = self._read()
        finally:
            timer.cancel()
        missing = [name for name in _WANTED if name not in found]
        if missing and self._child.poll() == -signal.SIGKILL:
            raise TimedOut(f"The embedded cluster did not start within {seconds:.0f} s", self._last_words())
        if missing:
            raise Unreachable("The embedded cluster did not start", self._last_words())
        return found

    def settings(self, settings: Settings) -> Settings:
        """``settings`` with the child's addresses; what is written beside them goes into the child's own folder."""
        found = self.addresses()
        folder = Path(found["KUBECONFIG"]).parent
        git_config = folder / "gitconfig"
        git_config.write_text(_GIT_CONFIG)
        names = ("kubeconfig", "talosconfig", "talosctl", "repository", "state")
        settings = secluded(settings)
        return replace(
            settings,
            kubeconfig=Path(found["KUBECONFIG"]),
            talosconfig=Path(found["TALOSCONFIG"]),
            talosctl=shutil.which("talosctl", path=found["PATH"]) or "talosctl",
            repository=found["HOMECONSOLE_REPOSITORY"],
            state=folder / "state",
            git_config=git_config,
            origins={**settings.origins, **dict.fromkeys(names, _HERE)},
        )

    def stop(self) -> None:
        """End the child, and everything that it started. May be called again, from any thread."""
        with self._lock:
            if self._child.poll() is None:
                self._signal(signal.SIGTERM)
                try:
                    self._child.wait(_END)
                except subprocess.TimeoutExpired:
                    self._kill()
                    self._child.wait()
            # Not before: closing waits for whoever reads, and they wait for the child.
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe:
                    with contextlib.suppress(OSError):
                        pipe.close()
            self._said.close()

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = {}
        assert self._child.stdout is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(ValueError, OSError):  # closed by ``stop`` meanwhile
            for line in self._child.stdout:
                words = shlex.split(line.decode(errors="replace"))
                if words and words[0] == "export":
                    found.update((name, value) for name, _, value in (word.partition("=") for word in words[1:]))
                if all(name in found for name in _WANTED):
                    break
        return found

    def _last_words(self) -> str:
        try:
            self._said.seek(0)
            lines = self._said.read().decode(errors="replace").strip().splitlines()
        except (OSError, ValueError):
            return ""
        return lines[-1] if lines else ""

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, number)
