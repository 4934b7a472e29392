"""A review to read: its parts, what will happen, and the question before it happens."""

from console.model.review import Review
from console.ui.looks import Line, Run
from console.ui.panes.updates import title, versions
from console.ui.texts import update as updates
from console.ui.texts.finding import findings, summary
from console.ui.texts.layout import coloured_diff, facts, prose
from console.ui.texts.layout import heading as headed

_FEW = 4  # lines for what is written and what follows: the commit alone takes most of one at 80 columns


def heading(branch: str, review: Review | None) -> tuple[Line, Line]:
    """The first line: what is approved; at the right, what was found."""
    if review is None:
        return (Run("Approve  ", "accent"), Run(branch, "strong")), ()
    return (Run("Approve  ", "accent"), *updates.headline(review.update)), summary(review.preflight)


def part(name: str, review: Review, width: int) -> list[Line]:
    """One part of it."""
    if name == "findings":
        return findings(review.preflight.findings, width)
    if name == "changes":
        notes = [(Run(f" · {note}", "accent"),) for note in review.notes]
        edited = [(Run(f" · edited: {edit.path}", "accent"),) for edit in review.edits]
        return [*updates.changes(review.update), *notes, *edited]
    if name == "diff":
        return coloured_diff(review.diff) or [(Run(" The diff is empty.", "muted"),)]
    return _commit(review) if name == "commit" else _rollout(review, width)


def facts_of(review: Review) -> list[Line]:
    """What stands beside the message of the commit that will be written."""
    commit = review.commit
    return facts(
        (
            ("author", commit.author),
            ("committer", commit.committer),
            ("signature", commit.signature or Run("not signed", "warn")),
            ("parents", " ".join(parent[:12] for parent in commit.parents)),
            ("tree", commit.tree[:12]),
            ("patch id", review.patch_id[:12]),
        )
    )


def _commit(review: Review) -> list[Line]:
    lines = enumerate(review.commit.message.split("\n"))
    return [*facts_of(review), (), *((Run(f"  {text}", "" if index else "strong"),) for index, text in lines)]


def _rollout(review: Review, width: int) -> list[Line]:
    lines: list[Line] = []
    if review.consequence:
        lines += [*prose(review.consequence, width, "warn", 1), ()]
    lines += [headed(" Then"), *(line for text in review.then for line in prose(text, width, "", 3))]
    if review.commands:
        lines += [(), headed(" By these commands"), *((Run(f"   {text}", "muted"),) for text in review.commands)]
    return lines


def will(review: Review, width: int) -> list[Line]:
    """What an approval does, in a few lines, below what it costs; or why it can't be given."""
    if review.refusal:
        return prose(f"✖ {review.refusal}", width, "bad", 1)
    if review.noop:
        return prose(f"{review.target} holds it already: nothing will be written.", width, "", 1)
    signed = f"({review.commit.signature or 'not signed'})"
    costs = _brief(f"▲ {review.consequence}", width, "warn") if review.consequence else []
    edited = [edit.path.rpartition("/")[2] for edit in review.edits if edit.made_from is not None]
    costs += _brief(f"· with your edits of {', '.join(edited)}", width, "accent", lines=1) if edited else []
    if review.recording:
        return [*costs, *_brief(f"writes {review.record} {signed}: {'; '.join(review.then)}", width, lines=_FEW)]
    text = f"writes {review.target} {base(review)[:7]} → new {signed}, then: {'; '.join(review.then)}"
    return [*costs, *_brief(text, width, lines=_FEW)]


def _brief(text: str, width: int, style: str = "", *, lines: int = 2) -> list[Line]:
    """So many lines at most; that there is more is shown, and the part ``rollout`` has it all."""
    told = prose(text, width, style, 1)
    if len(told) <= lines:
        return told
    last = told[lines - 1][0]
    return [*told[: lines - 1], (Run(f"{last.text[: width - 2]} …", last.style),)]


def base(review: Review) -> str:
    """The commit of main that it was reviewed on."""
    return review.base or (review.commit.parents[0] if review.commit.parents else review.update.base)


def blockers(review: Review) -> str:
    """What stands against it, and what is asked."""
    named = "\n".join(f"✖ {each.title}" for each in review.unanswered)
    return f"{named}\nWith a reason it can be approved all the same; the reason goes into the commit."


def protected(said: str) -> tuple[str, str]:
    """Title and text of the offer when main takes no pushes."""
    text = f"The server: {said}\nThe same commit can be pushed to a branch homeconsole/approve/… of its own instead."
    return "Push it for a pull request", f"{text}\nNothing else is written; the pull request is yours to open."


def question(review: Review) -> tuple[str, str]:
    """Title and text of the dialog."""
    what = f"Approve {title(review.update)} {versions(review.update)}"
    if review.noop:
        return what, f"{review.target} holds it already: nothing will be written."
    text = [review.consequence] if review.consequence else []
    blockers = len(review.preflight.failing("block"))
    if blockers:
        text.append(f"{blockers} blocker{'' if blockers == 1 else 's'} stand against it.")
    text += [f"Not known: {each.title}." for each in review.preflight.unseen]
    text += [f"Acknowledged: {each.title}. {each.acknowledged}" for each in review.preflight.overridden]
    if review.edits:
        files = [edit.path for edit in review.edits]
        text.append(f"With edits of {', '.join(files[:3])}{' …' if len(files) > 3 else ''}.")
    signed = review.commit.signature or "not signed"
    if review.recording:
        text.append(f"Writes your approval to {review.record} ({signed}).")
        text.append(f"{review.target} stays as it is until another operator approves it too.")
    else:
        count = "two commits" if review.separate else "one commit"
        text.append(f"Writes {count} to {review.target} ({signed}).")
    return what, "\n".join(text)
