"""The one tree of errors.

::

    HomeconsoleError            says what, where, and what to do (exit code)
    ├── UsageError              wrong usage, wrong configuration, unknown name            (2)
    ├── Refused                 an operation was refused or failed                        (1)
    └── SourceError             a source could not be reached or read                     (3)
        ├── NotConfigured       nothing found that says where it is
        ├── MissingTool         an executable is missing or too old
        ├── Unreachable         refused, no route, DNS
        ├── TimedOut            our own deadline
        ├── Unauthorized        it does not know us: 401, expired or foreign certificate
        ├── Forbidden           it knows us, and we may not
        └── Malformed           it answered something we can't read
"""

from console.model.redaction import redacted
from console.model.snapshot import Problem

CLOSED = "closed"  # the kind of an error that waiting does not mend: ask anew, by another way to the same source


class HomeconsoleError(Exception):
    """``message`` says what is wrong and where, ``hint`` what to do; ``kind`` is a stable word for scripts.

    No credential stays in either, whoever worded it.
    """

    kind = "error"
    exit_code = 1

    def __init__(self, message: str, hint: str = "", *, kind: str = "") -> None:
        self.message, self.hint = redacted(message), redacted(hint)
        super().__init__(self.message)
        self.kind = kind or type(self).kind

    @property
    def problem(self) -> Problem:
        """The same as a value."""
        return Problem(self.kind, self.message, self.hint)


class UsageError(HomeconsoleError):
    """Wrong usage or configuration, or a name that is not known."""

    kind = "usage"
    exit_code = 2


class Refused(HomeconsoleError):  # noqa: N818
    """An operation was refused, or it failed."""

    kind = "refused"
    exit_code = 1


class SourceError(HomeconsoleError):
    """A source could not be reached or read."""

    kind = "source"
    exit_code = 3


class NotConfigured(SourceError):  # noqa: N818
    """Nothing was found that says where the source is."""

    kind = "not-configured"


class MissingTool(SourceError):  # noqa: N818
    """An executable is missing or too old."""

    kind = "missing-tool"


class Unreachable(SourceError):  # noqa: N818
    """Connection refused, no route, name not resolved."""

    kind = "unreachable"


class TimedOut(SourceError):  # noqa: N818
    """Our own deadline passed."""

    kind = "timeout"


class Unauthorized(SourceError):  # noqa: N818
    """The source does not know us."""

    kind = "unauthorized"


class Forbidden(SourceError):  # noqa: N818
    """The source knows us, and we may not."""

    kind = "forbidden"


class Malformed(SourceError):  # noqa: N818
    """The source answered something we can't read."""

    kind = "malformed"
