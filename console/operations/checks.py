"""The repository's own checks, as the configuration declares them: they must end well on what would be pushed."""

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from console.model.redaction import redacted
from console.model.step import Step, StepState
from console.operations.ports import Repository
from console.sources import process
from console.sources.errors import Refused
from console.sources.folder import private_folder
from console.sources.process import Done
from console.sources.stop import Stop

TIMEOUT = 600.0  # seconds for each command
_LIMIT = 16 * 1024 * 1024  # bytes of output
_TOLD = 20  # last lines of what a command said


def check(
    commands: Sequence[str], tree: str, repository: Repository, now: Callable[[], datetime], stop: Stop
) -> Generator[Step, None, None]:
    """Run each of ``commands`` with ``/bin/sh`` in a private folder that holds ``tree`` and nothing else.

    Raises Refused with kind ``checks`` at the first that does not end with 0; its last words are in the hint.
    Whatever it leaves running in its group ends with it.
    """
    if not commands:
        return
    words: tuple[str, ...] = ()
    with private_folder("check") as folder:
        repository.export(tree, folder, stop)
        for command in commands:
            name = redacted(command)
            yield Step("checks", StepState.RUNNING, name, now())
            done = shell(command, folder, stop, told=os.environ, seconds=TIMEOUT)
            words, wrong = said(done), why(done, TIMEOUT)
            if wrong:
                yield Step("checks", StepState.FAILED, f"{name} {wrong}", now(), words)
                raise Refused(f"The check {name!r} {wrong}; nothing was pushed.", "\n".join(words), kind="checks")
    yield Step("checks", StepState.DONE, redacted("; ".join(commands)), now(), words)


def shell(command: str, folder: Path, stop: Stop, *, told: Mapping[str, str], seconds: float) -> Done:
    """Run it in a session of its own, without a terminal, with ``told`` in its environment but for git's own variables;
    with it ends all that it started. What it says on either stream is in ``out``. One that can't be started ended with
    126, as a shell tells it (POSIX.1-2017 XCU 2.8.2).
    """
    env = {name: value for name, value in told.items() if not name.startswith("GIT_")}
    env |= {"GIT_TERMINAL_PROMPT": "0", "PWD": str(folder)}
    argv = ["/bin/sh", "-c", f"exec 2>&1\n{command}"]
    try:
        return process.run(
            argv, env=env, cwd=folder, timeout=seconds, limit=_LIMIT, stop=stop, watched=True, whole=True
        )
    except (OSError, ValueError) as error:  # too long, no process left, no such folder; a NUL in it
        return Done(126, f"It can't be started: {error}".encode(), "")


def why(done: Done, seconds: float) -> str:
    """Why it did not end well; empty when it did."""
    if done.end == "exited":
        return f"ended with {done.code}" if done.code else ""
    late = f"did not end within {seconds:.0f} s"
    return {"expired": late, "overflow": "said too much", "stopped": "was stopped"}[done.end]


def said(done: Done) -> tuple[str, ...]:
    """Its last lines, without secrets."""
    lines = redacted(done.out.decode(errors="replace")).splitlines()
    return tuple(line for line in lines if line.strip())[-_TOLD:]
