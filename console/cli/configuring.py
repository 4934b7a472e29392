"""``homeconsole config``: what holds and where it came from; a file to begin with; its schema for editors."""

import contextlib
from argparse import Namespace
from typing import Any

from console.plain import config
from console.plain.printing import print_document, print_lines, say
from console.settings import Settings
from console.settings.keys import KEYS, OWN
from console.settings.schema import schema
from console.settings.shown import shown
from console.sources.errors import HomeconsoleError

FINE = 0


def run(options: Namespace, settings: Settings) -> int:
    """Carry it out; the exit code. Raises UsageError."""
    if options.what == "schema":
        print_document(schema())
    elif options.what == "init":
        _init(settings, force="force" in options)
    else:
        entries = [config.Entry(key.path, shown(settings, key), settings.origin(key.field)) for key in KEYS]
        if options.output == "json":
            print_document(config.document(settings.config_file, entries))
        else:
            print_lines(config.lines(entries))
    return FINE


def _init(settings: Settings, *, force: bool) -> None:
    from console.settings.written import commented, own, write  # noqa: PLC0415 - brings PyYAML

    found = _found(settings)
    if force and settings.config_file.exists():
        found |= own(settings.config_file)
    write(settings.config_file, commented(found), force=force)
    print_lines([str(settings.config_file)])
    held = ", ".join(key.path for key in KEYS if key.field in found)
    say(f"homeconsole: holds {held}" if held else "homeconsole: nothing had to be set; all is commented out")


def _found(settings: Settings) -> dict[str, Any]:
    """What is not as it would be without a file: what was named, and the repository that was found.

    What has parts (clusters, views, …) is the operator's to write.
    """
    named = [key for key in KEYS if settings.origin(key.field) not in {"default", "usual place"}]
    values = {key.field: getattr(settings, key.field) for key in named if key.form not in OWN}
    with contextlib.suppress(HomeconsoleError):
        values["repository"] = _address(settings)
    return values


def _address(settings: Settings) -> str:
    """The repository's address without credentials: git has a place of its own for them. Raises HomeconsoleError."""
    from console.sources.git.address import resolve  # noqa: PLC0415 - brings git
    from console.wiring.connection import Connection  # noqa: PLC0415
    from console.wiring.location import locate, standing  # noqa: PLC0415

    connection = Connection(settings.named_kubeconfig, settings.context)
    try:
        return resolve(locate(settings, connection.cluster, standing())[0]).shown
    finally:
        connection.close()
