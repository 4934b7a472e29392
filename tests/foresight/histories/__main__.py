"""Recall and false blocks on clones of the repositories: ``python -m tests.foresight.histories FOLDER``."""

import sys
from collections import Counter
from pathlib import Path

from console.model.finding import Finding
from tests.foresight.histories import Step, Upgrade, examine, quiet, steps
from tests.foresight.histories.mirrors import clone_of, files_before

_HANDFUL = 5


def found(folder: Path, upgrade: Upgrade) -> list[Finding] | None:
    """What applied then; None without a clone."""
    clone = clone_of(folder, upgrade.repository)
    return examine(upgrade, files_before(clone, upgrade.at)) if clone else None


def recall(folder: Path, title: str, listed: list[Step]) -> None:
    """Says how many steps were named beforehand, and which were not."""
    named, missed = 0, []
    for step in listed:
        findings = found(folder, step.upgrade)
        if findings is None:
            continue
        if {f.rule for f in findings} & set(step.rules):
            named += 1
        else:
            missed.append(f"  missed: {step.upgrade.title}: {step.step} ({step.why}), {step.seen}")
    examined = named + len(missed)
    if examined:
        print(f"{title}: {named} of {examined} named beforehand ({named / examined:.0%})", *missed, sep="\n")


def false_blocks(folder: Path, listed: list[Upgrade]) -> None:
    """Says which quiet patches are blocked, and how much is said of the others."""
    blocked, counts = [], Counter[int]()
    for upgrade in listed:
        findings = found(folder, upgrade)
        if findings is None:
            continue
        counts[len(findings)] += 1
        blocked += [f"  blocked: {upgrade.title}: {f.rule}, {f.title}" for f in findings if f.severity == "block"]
    if counts:
        few = sum(number for count, number in counts.items() if count <= _HANDFUL)
        print(f"quiet patches: {len(blocked)} of {counts.total()} blocked", *blocked, sep="\n")
        print(f"  findings: {few} of {counts.total()} have {_HANDFUL} or fewer, the most is {max(counts)}")


def main() -> None:
    """All three tables."""
    if len(sys.argv) != len(["histories", "FOLDER"]):
        sys.exit("Say where the clones are: python -m tests.foresight.histories FOLDER")
    folder = Path(sys.argv[1])
    recall(folder, "steps by hand around minors", steps())
    recall(folder, "patches that were taken back", steps("taken_back"))
    false_blocks(folder, quiet())


if __name__ == "__main__":
    main()
