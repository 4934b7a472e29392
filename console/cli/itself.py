"""What homeconsole tells of itself, without a cluster: completion, manual, manifests, schemas, versions."""

import os
import re
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from console import __version__
from console.plain.printing import print_lines
from console.sources.errors import UsageError

FINE = 0
MANUAL = Path(__file__).with_name("homeconsole.1")
MANIFESTS = Path(__file__).parents[1] / "wiring"
SCHEMAS = Path(__file__).parents[1] / "plain" / "schemas"
_FILES = {"rights": "rights.yaml", "job": "status-job.yaml"}
_USED = ("textual", "kubernetes", "GitPython")


def run(options: Namespace) -> int:
    """Carry it out; the exit code. Raises UsageError."""
    return _COMMANDS[options.command](options)


def versions() -> Iterator[str]:
    """homeconsole's version, and those of what it uses; of tools that are not there, why. No slow import."""
    yield f"homeconsole {__version__}"
    yield "python " + ".".join(map(str, sys.version_info[:3]))
    for name in _USED:
        yield f"{name.lower()} {metadata.version(name)}"
    yield f"git {_said('git', 'version')}"
    yield f"talosctl {_said(os.environ.get('HOMECONSOLE_TALOSCTL') or 'talosctl', 'version', '--client', '--short')}"


def _said(tool: str, *words: str) -> str:
    """The version that a tool prints, or why it does not."""
    from console.sources.process import run  # noqa: PLC0415 - late; brings nothing of git

    try:
        said = run((tool, *words), env=os.environ, timeout=10, limit=4096).out.decode(errors="replace")
    except OSError as error:
        return f"not found: {error.strerror}"
    found = re.search(r"\bv?\d+\.\d+\.\d[\w.+-]*", said)
    return found.group() if found else "prints no version"


def _completion(options: Namespace) -> int:
    from console.cli.arguments import parser  # noqa: PLC0415 - it calls us for the versions
    from console.cli.completion import script  # noqa: PLC0415 - only here

    sys.stdout.write(script(options.shell, parser()))
    return FINE


def _manual(_: Namespace) -> int:
    """The manual in a reader, where there is a terminal to read it on; else its path: ``man "$(homeconsole man)"``."""
    reader = shutil.which("man")
    if reader and sys.stdout.isatty():
        os.execv(reader, [reader, str(MANUAL)])  # noqa: S606 - the manual takes our place
    print_lines([str(MANUAL)])
    return FINE


def _manifest(options: Namespace) -> int:
    sys.stdout.write((MANIFESTS / _FILES[options.which]).read_text(encoding="utf-8"))
    return FINE


def _schema(options: Namespace) -> int:
    """The JSON Schema of a command's answer; without a name, which there are. Raises UsageError."""
    known = sorted(path.stem for path in SCHEMAS.glob("*.json"))
    name = getattr(options, "name", None)
    if name is None:
        print_lines(known)
    elif name in known:
        sys.stdout.write((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    else:
        raise UsageError(f"there is no schema {name!r}", f"There are: {', '.join(known)}.", kind="not-found")
    return FINE


_COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "completion": _completion,
    "man": _manual,
    "manifests": _manifest,
    "schema": _schema,
}
