"""A command of the operator's own on what is chosen: its words, and what it says in the background."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.model.own import Command, filled
from console.model.redaction import redacted
from console.sources.errors import Refused
from console.sources.git.process import run as run_process
from console.sources.stop import Stop

_LIMIT = 1024 * 1024  # bytes that are shown; a command that says more is ended


@dataclass(frozen=True, slots=True)
class Said:
    """``lines`` of both streams, standard output first; ``wrong``: why it did not end well, empty when it did."""

    lines: tuple[str, ...]
    wrong: str = ""


def words(command: Command, values: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """(argv, environment): every value within a word of its own, and as ``HOMECONSOLE_…``; never a shell's business.

    The cluster's files are in the environment too, so that kubectl and talosctl ask the one that is shown. Refused for
    a value that would be taken for an option.
    """
    try:
        argv = filled(command.run, values)
    except ValueError as error:
        text = f"{command.name}: in place of {error} a value would be taken for an option."
        raise Refused(text, "Put -- before it in run, or an option's name: --name={name}.") from None
    told = {f"HOMECONSOLE_{name.upper()}": value for name, value in values.items()}
    ways = {name.upper(): values[name] for name in ("kubeconfig", "talosconfig") if values.get(name)}
    return argv, {**os.environ, **told, **ways}


def run(argv: Sequence[str], env: Mapping[str, str], seconds: float, stop: Stop) -> Said:
    """Run it without a terminal, at most so long. Refused when it can't be started."""
    try:
        done = run_process(argv, env=env, timeout=seconds, limit=_LIMIT, stop=stop, watched=True, whole=True)
    except OSError as error:
        raise Refused(f"{argv[0]} can't be started: {error.strerror}.", "Is it installed, and on PATH?") from error
    lines = tuple(redacted(done.out.decode(errors="replace") + done.err).splitlines())
    if done.end == "exited":
        return Said(lines, f"ended with {done.code}" if done.code else "")
    wrong = {"expired": f"was ended: it took longer than {seconds:.0f} s", "overflow": "was ended: it said too much"}
    return Said(lines, wrong.get(done.end, "was stopped"))
