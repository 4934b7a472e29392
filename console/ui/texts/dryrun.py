"""A dry run to read: the commit, the leases, the commands; of several, or of a record of this machine, likewise."""

from collections.abc import Sequence
from textwrap import wrap

from console.model.intent import Intent
from console.model.review import Review
from console.model.text import safe
from console.ui.looks import Line, Run
from console.ui.panes.updates import title, versions
from console.ui.texts.layout import heading as headed
from console.ui.texts.layout import prose
from console.ui.texts.review import facts_of

Planned = Review | Intent


def heading(planned: Sequence[Planned]) -> tuple[Line, Line]:
    """What it is of, and that it writes nothing."""
    what = _called(planned[0]) if len(planned) == 1 else f"{len(planned)} updates, one after the other"
    return (Run("Dry run  ", "accent"), Run(what, "strong")), (Run("nothing is written", "good"),)


def lines(planned: Sequence[Planned], width: int) -> list[Line]:
    """All that would be done, in its order."""
    told: list[Line] = []
    for number, each in enumerate(planned, 1):
        if len(planned) > 1:
            told += [(Run(f" {number} of {len(planned)}  ", "muted"), Run(_called(each), "strong")), ()]
        review = each if isinstance(each, Review) else each.review
        told += [*(_of_review(review, width) if review else _of_record(each, width)), ()]
    if len(planned) > 1:
        text = "Each is looked at again on the main that the one before has left, so bases and trees will be others."
        told += prose(text, width, "muted", 1)
    return told


def _called(planned: Planned) -> str:
    if isinstance(planned, Intent):
        return f"{planned.verb} {planned.name[:40]}"
    return f"approve {title(planned.update)} {versions(planned.update)}".rstrip()


def _of_review(review: Review, width: int) -> list[Line]:
    refused = prose(f"✖ It would be refused: {review.refusal}", width, "bad", 1) if review.refusal else []
    if refused and not review.commit.tree:  # it does not merge
        return refused
    if review.noop:
        return prose(f"{review.target} holds it already: nothing would be written.", width, "", 1)
    asked = [each.title for each in review.unanswered]
    told = [*refused, *(line for each in asked for line in prose(f"✖ needs a reason first: {each}", width, "bad", 1))]
    told += [*([()] if told else []), headed(" The commit"), *facts_of(review), ()]
    for number, text in enumerate(review.commit.message.rstrip("\n").split("\n")):
        told += prose(text, width, "" if number else "strong", 3) if text else [()]
    told += [()]
    if review.separate:
        files = ", ".join(edit.path for edit in review.edits)
        told += [*prose(f"and one of its own behind it, with your edits of {files}", width, "", 3), ()]
    told += [headed(" The leases: one of them that does not hold, and nothing is changed")]
    told += [line for lease in review.leases for line in prose(lease, width, "", 3)]
    told += [(), headed(" The commands")]
    told += [line for command in review.commands for line in _typed(command, width)]
    return [*told, (), headed(" Then"), *(line for text in review.then for line in prose(text, width, "", 3))]


def _typed(command: str, width: int) -> list[Line]:
    """A command, broken between its words alone."""
    lines = wrap(safe(command), width - 7, break_on_hyphens=False, break_long_words=False)
    return [(Run(f"{'     ' if number else '   $ '}{text}"),) for number, text in enumerate(lines)]


def _of_record(planned: Planned, width: int) -> list[Line]:
    text = planned.text if isinstance(planned, Intent) else ()
    told = [headed(" One line in the journal of this machine; no commit, no push")]
    return [*told, *(line for each in text for line in prose(each, width, "", 3))]
