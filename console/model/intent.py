"""A hold, its release or the way back, planned: exactly what will be written, and where."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from console.model.review import Review
from console.model.updates import Update

Verb = Literal["hold", "release", "revert"]


@dataclass(frozen=True, slots=True)
class Intent:
    """``name`` is what it is about. With ``review`` it is a commit of main; else a record of this machine.

    ``text`` says what will be written, by lines. ``names`` are the dependencies; ``noop``: nothing has to be done.
    """

    verb: Verb
    name: str
    text: tuple[str, ...]
    review: Review | None = None
    update: Update | None = None
    names: tuple[str, ...] = ()
    reason: str = ""
    until: date | None = None
    noop: bool = False
