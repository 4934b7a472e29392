"""The report of a defect: what failed and where, for an issue anyone may read.

Textual's own shows the values of all local variables: settings, file contents, what a cluster answered. Python's own
shows an exception's text as it is, with whatever it does to a terminal.
"""

import traceback
from pathlib import Path

import console
from console.model.redaction import redacted
from console.model.text import safe

_LONGEST = 400  # characters of what the exception says


def report(error: BaseException) -> str:
    """Lines of text: where it went, by file and line, and what it said; nothing that was worked with."""
    ours = str(Path(console.__file__).parents[1])
    calls = traceback.extract_tb(error.__traceback__)
    return "\n".join(
        (
            "homeconsole: a defect. Please report it:",
            *(f"  {safe(call.filename.removeprefix(ours).lstrip('/'))}:{call.lineno} {call.name}" for call in calls),
            f"  {type(error).__name__}: {safe(redacted(str(error)), _LONGEST)}",
        )
    )
