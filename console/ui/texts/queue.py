"""Several updates to approve: what each changes, what was found, which are left out and why."""

from collections.abc import Sequence

from console.model.review import Review
from console.ui.looks import Line, Run
from console.ui.panes.updates import title, versions
from console.ui.texts.finding import summary
from console.ui.texts.layout import heading as headed
from console.ui.texts.layout import prose
from console.ui.texts.update import headline


def heading(good: int, left: int, *, read: bool) -> tuple[Line, Line]:
    """What the screen is for."""
    out = (Run(f"   {left} left out", "warn"),) if left else ()
    several = "1 update" if good == 1 else f"{good} updates, one after the other"
    what = f"Approve {several}" if read else "Approve several"
    return (Run(what, "accent"), *out), ()


def lines(reviews: Sequence[Review], left: Sequence[tuple[str, str]], width: int) -> list[Line]:
    """One paragraph for each; below them those that are left out."""
    told: list[Line] = []
    for review in reviews:
        told += [(Run(" ▶ ", "accent"), *headline(review.update)), (Run("   "), *summary(review.preflight))]
        told += [(Run(f"     {each.title}", "warn"),) for each in review.preflight.failing("warn")]
        told += [(Run(f"     {file}", "muted"),) for file in review.files]
    if left:
        told += [(), headed(" Left out")]
    for branch, why in left:
        told += [(Run(" – ", "warn"), Run(branch)), *prose(why, width - 6, "muted", 5)]
    return told


def called(review: Review) -> str:
    """``grafana 9.4.5 → 9.5.0``, in the question and in the outcome."""
    return f"{title(review.update)} {versions(review.update)}".rstrip()


def question(reviews: Sequence[Review]) -> tuple[str, str]:
    """Title and text of the dialog."""
    names = "\n".join(called(each) for each in reviews[:8])
    more = f"\nand {len(reviews) - 8} more" if len(reviews) > 8 else ""
    signed = reviews[0].commit.signature or "not signed"
    text = f"{names}{more}\nOne commit on main for each ({signed}), each checked again on the main that the one"
    return (
        f"Approve {len(reviews)} update{'s' if len(reviews) > 1 else ''}",
        f"{text} before has left. The first that fails stops the rest.",
    )
