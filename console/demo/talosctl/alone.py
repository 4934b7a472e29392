"""The stand-in without its demo: what needs no cluster still works, everything else is refused."""

import asyncio
import os
import sys
from pathlib import Path

from console.demo.talosctl.answer import answer
from console.demo.talosctl.call import Site


def main() -> None:
    """Answer the command line; the first argument is the edition."""
    edition, *arguments = sys.argv[1:]

    async def write(channel: int, text: str) -> None:
        (sys.stdout if channel == 1 else sys.stderr).write(text)

    sys.exit(asyncio.run(answer(Site(None, edition), arguments, dict(os.environ), Path.cwd(), write)))
