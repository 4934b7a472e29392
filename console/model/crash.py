"""The report of a defect: what failed and where, for an issue anyone may read.

Textual's own shows the values of all local variables: settings, file contents, what a cluster answered. Python's own
shows an exception's text as it is, with whatever it does to a terminal.
"""

import sys
import traceback
from pathlib import Path

import console
from console.model.redaction import redacted
from console.model.text import safe

_LONGEST = 400  # characters of what the exception says


def report(error: BaseException) -> str:
    """Lines of text: where it went, by file and line, and what it said; nothing that was worked with."""
    calls = traceback.extract_tb(error.__traceback__)
    return "\n".join(
        (
            "homeconsole: a defect. Please report it:",
            *(f"  {_file(call.filename)}:{call.lineno} {safe(call.name)}" for call in calls),
            f"  {type(error).__name__}: {safe(redacted(str(error)), _LONGEST)}",
        )
    )


def _file(path: str) -> str:
    """Ours as it stands in the repository, others' by package: no folder of this machine."""
    for folder in (str(Path(console.__file__).parents[1]), *sorted(sys.path, key=len, reverse=True)):
        if folder and path.startswith(folder + "/"):
            return safe(path[len(folder) + 1 :])
    return safe(Path(path).name)
