"""The command line. Imports nothing heavy: the screen, and each source, only inside the command that needs it.

Exit codes: 0 fine; 1 unhealthy, blocked, refused or failed; 2 wrong usage or configuration, unknown name; 3 a source
could not be reached. Data goes to standard output, everything else to standard error.
"""

import atexit
import contextlib
import errno
import gc
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from functools import partial
from types import FrameType
from typing import Any

from console.cli import arguments
from console.sources.errors import HomeconsoleError, UsageError

INTERRUPTED = 130
_FIELDS = ("kubeconfig", "context", "talosconfig", "talos_context", "repository", "branch", "prefixes", "write",
           "mouse", "ascii", "theme")  # fmt: skip
_ITSELF = {"completion", "man", "manifests", "schema"}
_YOUNG = 100_000  # objects: more than a start makes
_DEMO = ("name", "speed", "nodes", "source", "talosctl", "scenario", "scale")


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    given = sys.argv[1:] if words is None else list(words)
    try:
        with _signals(), _uncollected():
            return _run(arguments.parse(given))
    except HomeconsoleError as error:
        return _tell(error, *arguments.guess(given))
    except BrokenPipeError:  # whoever read has seen enough
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as defect:  # noqa: BLE001 - told without the values that it was working with
        return _confess(defect)
    finally:
        _let_go()


def _confess(defect: BaseException) -> int:
    from console.model.crash import report  # noqa: PLC0415 - hopefully never

    print(report(defect), file=sys.stderr)
    return 1


def _let_go() -> None:
    """What a reader or a terminal that is gone has not taken is dropped: the exit code is that of the command."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            if error.errno not in {errno.EPIPE, errno.EIO}:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(options: Namespace) -> int:
    if options.command == "demo" and "serve" in options:
        return _serve(options)
    if options.command in {None, "demo"}:
        return _console(options)
    if options.command in _ITSELF:
        from console.cli import itself  # noqa: PLC0415 - only these need it

        return itself.run(options)
    from console.cli import commands  # noqa: PLC0415 - only plain commands need it

    return commands.run(options, _settings(options))


def _settings(options: Namespace) -> Any:
    from console.settings import load  # noqa: PLC0415 - an error of the words comes first

    return load({name: getattr(options, name, None) for name in _FIELDS}, os.environ)


def _console(options: Namespace) -> int:
    """The console; with ``demo`` on the embedded cluster."""
    if not _is_terminal():
        raise UsageError("The console needs a terminal; without one, homeconsole status tells the same.")
    from console.wiring import Console, standing  # noqa: PLC0415
    from console.wiring.embedded import Embedded  # noqa: PLC0415

    demo = options.command == "demo"
    if demo and getattr(options, "write", None) is None:
        options.write = True
    settings = _settings(options)
    embedded = partial(Embedded, _demo_words(options)) if demo else None
    desk = Console(settings, embedded=embedded, folder=standing(), announces=not demo)
    try:
        from console.ui import run  # noqa: PLC0415 - the screen

        return run(desk, ascii_only=settings.ascii, palette=settings.theme, mouse=settings.mouse, tells=settings.bell)
    finally:
        desk.stop()


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in {"", "dumb"}


def _serve(options: Namespace) -> int:
    """The embedded cluster alone, until it is told to end."""
    from console.demo.cluster import serve  # noqa: PLC0415 - the demo
    from console.demo.world import Topology  # noqa: PLC0415

    given = {name: getattr(options, name) for name in _DEMO if name in options}
    return serve(Topology(**given), with_parent="leashed" in options)


def _demo_words(options: Namespace) -> list[str]:
    return [word for name in _DEMO if name in options for word in (f"--{name}", str(getattr(options, name)))]


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the program in order: whatever was begun is ended on the way out."""

    def ended(number: int, frame: FrameType | None) -> None:
        del frame
        raise SystemExit(128 + number)

    # What is ignored (nohup) stays so.
    numbers = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is not signal.SIG_IGN]
    before = [signal.signal(number, ended) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """What a start loads is there to stay: to look through it for garbage again and again takes a tenth of its time,
    and once more at the end as much.
    """
    atexit.register(gc.freeze)
    before = gc.get_threshold()
    gc.set_threshold(_YOUNG, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _tell(error: HomeconsoleError, command: str, json: bool) -> int:
    """An error in the form that was asked for."""
    if json:
        from console.plain.document import error as answer  # noqa: PLC0415
        from console.plain.printing import print_document  # noqa: PLC0415

        print_document(answer(command, error))
    from console.model.text import safe, safe_lines  # noqa: PLC0415

    print(f"homeconsole: {safe(error.message)}", file=sys.stderr)
    if error.hint:
        for line in safe_lines(error.hint):
            print(f"  {line}", file=sys.stderr)
    return error.exit_code
