"""A command of the operator's own on what is chosen: its words, the cluster it acts on, and what it says in the
background."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from console.model.own import Command, filled
from console.model.redaction import redacted
from console.model.unstructured import mapping, text
from console.sources.errors import NotConfigured, Refused
from console.sources.folder import private_folder
from console.sources.process import run as run_process
from console.sources.stop import Stop

_LIMIT = 1024 * 1024  # bytes that are shown; a command that says more is ended


@dataclass(frozen=True, slots=True)
class Said:
    """``lines`` of both streams, standard output first; ``wrong``: why it did not end well, empty when it did."""

    lines: tuple[str, ...]
    wrong: str = ""


def words(command: Command, values: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """(argv, environment): every value within a word of its own, and as ``HOMECONSOLE_…``; never a shell's business.

    Refused for a value that is not known, or that would be taken for an option.
    """
    try:
        argv = filled(command.run, values)
    except LookupError as error:
        missing = f"{command.name}: there is nothing to put in place of {{{error.args[0]}}}."
        raise Refused(missing, "Nothing was run.") from None
    except ValueError as error:
        taken = f"{command.name}: in place of {error} a value would be taken for an option."
        raise Refused(taken, "Put -- before it in run, or an option's name: --name={name}.") from None
    told = {f"HOMECONSOLE_{name.upper()}": value for name, value in values.items()}
    return argv, {**os.environ, **told}


@contextmanager
def bound(
    kubeconfigs: str, context: str, talosconfig: Path | None, talos_context: str | None
) -> Iterator[Mapping[str, str]]:
    """KUBECONFIG and TALOSCONFIG in which the cluster that is shown is the current one: private files, gone afterwards.

    ``kubeconfigs``: joined as in KUBECONFIG, empty where there are none. They stay as they are, with what they name
    relatively, between two that only say what is current: kubectl takes the first that says so, Python's client the
    last. talosctl reads one file only: a copy, with nothing but the context in it. Where the talosconfig has no such
    context it is empty, so that talosctl finds no other cluster either.
    """
    with private_folder("own") as folder:
        ways = {"TALOSCONFIG": _written(folder / "talosconfig", _of_talos(talosconfig, talos_context))}
        if kubeconfigs and context:
            current = _written(
                folder / "kubeconfig", {"apiVersion": "v1", "kind": "Config", "current-context": context}
            )
            ways["KUBECONFIG"] = os.pathsep.join((current, kubeconfigs, current))
        elif kubeconfigs:
            ways["KUBECONFIG"] = kubeconfigs
        yield ways


def _of_talos(given: Path | None, context: str | None) -> Mapping[str, object]:
    import yaml  # noqa: PLC0415 - late

    from console.sources.talos.talosconfig import find  # noqa: PLC0415

    try:
        document = yaml.safe_load(find(given).read_text("utf-8"))
    except (NotConfigured, OSError, ValueError, RecursionError, yaml.YAMLError):
        document = {}
    name, known = context or text(document, "context"), mapping(document, "contexts")
    return {"context": name, "contexts": {name: known[name]}} if name in known else {"context": "", "contexts": {}}


def _written(path: Path, document: Mapping[str, object]) -> str:
    import yaml  # noqa: PLC0415 - late

    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(dict(document)), encoding="utf-8")
    return str(path)


def run(argv: Sequence[str], env: Mapping[str, str], seconds: float, stop: Stop) -> Said:
    """Run it without a terminal, at most so long. Refused when it can't be started."""
    try:
        done = run_process(argv, env=env, timeout=seconds, limit=_LIMIT, stop=stop, watched=True, whole=True)
    except OSError as error:
        raise Refused(f"{argv[0]} can't be started: {error.strerror}.", "Is it installed, and on PATH?") from error
    except ValueError as error:  # a zero byte, or what is no text
        raise Refused(f"{argv[0]} can't be started: {error}.", "A value can't be handed to a program.") from error
    lines = tuple(redacted(done.out.decode(errors="replace") + done.err).splitlines())
    if done.end == "exited":
        return Said(lines, f"ended with {done.code}" if done.code else "")
    wrong = {"expired": f"was ended: it took longer than {seconds:.0f} s", "overflow": "was ended: it said too much"}
    return Said(lines, wrong.get(done.end, "was stopped"))
