"""The repository's own checks, as the configuration declares them: they must end well on what would be pushed."""

import os
from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from pathlib import Path

from console.model.redaction import redacted
from console.model.step import Step, StepState
from console.operations.ports import Repository
from console.sources.errors import Refused
from console.sources.folder import private_folder
from console.sources.git import process
from console.sources.git.process import Done
from console.sources.stop import Stop

TIMEOUT = 600.0  # seconds for each command
_LIMIT = 16 * 1024 * 1024  # bytes of output
_TOLD = 20  # last lines of what a command said
_WHY = {"expired": f"did not end within {TIMEOUT:.0f} s", "overflow": "said too much", "stopped": "was stopped"}


def check(
    commands: Sequence[str], tree: str, repository: Repository, now: Callable[[], datetime], stop: Stop
) -> Generator[Step, None, None]:
    """Run each of ``commands`` with ``/bin/sh`` in a private folder that holds ``tree`` and nothing else.

    Raises Refused with kind ``checks`` at the first that does not end with 0; its last words are in the hint.
    Whatever it leaves running in its group ends with it.
    """
    if not commands:
        return
    said: tuple[str, ...] = ()
    with private_folder("check") as folder:
        repository.export(tree, folder, stop)
        for command in commands:
            yield Step("checks", StepState.RUNNING, command, now())
            done = _run(command, folder, stop)
            said = _said(done)
            if done.end != "exited" or done.code:
                why = _WHY.get(done.end) or f"ended with {done.code}"
                yield Step("checks", StepState.FAILED, f"{command} {why}", now(), said)
                raise Refused(f"The check {command!r} {why}; nothing was pushed.", "\n".join(said), kind="checks")
    yield Step("checks", StepState.DONE, "; ".join(commands), now(), said)


def _run(command: str, folder: Path, stop: Stop) -> Done:
    """In a session of its own, without a terminal; with it ends all that it started."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_TERMINAL_PROMPT": "0", "PWD": str(folder)}
    argv = ["/bin/sh", "-c", f"exec 2>&1\n{command}"]
    return process.run(argv, env=env, cwd=folder, timeout=TIMEOUT, limit=_LIMIT, stop=stop, watched=True, whole=True)


def _said(done: Done) -> tuple[str, ...]:
    lines = redacted(done.out.decode(errors="replace")).splitlines()
    return tuple(line for line in lines if line.strip())[-_TOLD:]
