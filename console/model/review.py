"""What the operator reviews before an approval: exactly what will be written."""

from dataclasses import dataclass

from console.model.finding import Preflight
from console.model.updates import Update


@dataclass(frozen=True, slots=True)
class PlannedCommit:
    """The commit as it will be written. ``parents`` and ``tree`` are full ids; ``signature`` says how it is signed."""

    message: str
    author: str
    committer: str
    parents: tuple[str, ...]
    tree: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """One update, reviewed at ``update.head`` on ``update.base``: everything that is shown, and everything done.

    ``diff`` is the combined diff by lines, secrets masked. ``then`` says in words what happens after the push.
    ``typed`` is what the operator must type (a version, a name), empty where y/N is enough.
    ``refusal`` says why this can't be approved, empty where it can.
    """

    update: Update
    preflight: Preflight
    commit: PlannedCommit
    patch_id: str
    diff: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    typed: str = ""
    consequence: str = ""
    refusal: str = ""
