"""What the operator can propose: a version that no branch offers, a hold, its release, the way back; and what an
approval of a node upgrade takes along so that the upgrade is let go."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from console.edits import renovate
from console.model.hold import day
from console.model.review import FileEdit
from console.model.updates import Change, System, Update
from console.model.upgrades import TITLES
from console.operations.holding import Manifests
from console.operations.lifting import lifted
from console.operations.message import line
from console.operations.own import proposed
from console.operations.ports import Repository
from console.operations.revert import Reverted, reverted
from console.operations.seconding import own_record_branch
from console.operations.target import raised
from console.sources.errors import Refused, UsageError


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposal of our own, and what it does beside the versions, in words."""

    update: Update
    notes: tuple[str, ...] = ()


def target(repository: Repository, system: System, version: str, *, windows: bool = False) -> Offer:
    """``version`` for the nodes at every place that says it, and what holds it lifted. Refused, or SourceError."""
    made = raised(repository, system, version)
    main = repository.commit(repository.head()).tree
    tree = repository.edited_tree(main, {edit.path: edit.data for edit in made.edits})
    free = lifted(Manifests.of(repository, main), Manifests.of(repository, tree), system, windows=windows)
    if free.left and not made.edits:
        raise Refused(
            f"Main says {version} already: only what holds it would go, and tuppr might take it for done.",
            f"Lift it in the cluster, then reset it: kubectl annotate {system}upgrade NAME "
            "tuppr.home-operations.com/suspend- tuppr.home-operations.com/reset=$(date +%s)",
            kind="alone",
        )
    both = {edit.path: edit for edit in (*made.edits, *free.edits)}
    name = f"{system}@{version}"
    title = f"Update {TITLES[system]} to {version}"
    update = proposed(repository, tuple(both.values()), name=name, title=title, own="target")
    left = tuple(f"left: {each}" for each in made.left)
    return Offer(replace(update, system=system), (*made.changed, *free.notes, *left))


def taken_along(
    repository: Repository, update: Update, *, windows: bool = False
) -> tuple[tuple[FileEdit, ...], tuple[str, ...]]:
    """(edits, words): what an approval of a node upgrade lifts, and leaves. Nothing where it does not merge."""
    main = repository.commit(repository.head()).tree
    merged = repository.merge_tree(repository.head(), update.head) if update.system and not update.own else None
    if not merged or not merged.clean or merged.tree == main:
        return (), ()
    before, after = Manifests.of(repository, main), Manifests.of(repository, merged.tree)
    free = lifted(before, after, update.system or "talos", windows=windows)
    return free.edits, free.notes


def configuration(repository: Repository) -> str:
    """The path of Renovate's configuration on main; empty when it has none there."""
    return renovate.place(repository.files(repository.head()))


def hold(repository: Repository, update: Update, *, reason: str, by: str, today: date, until: date | None) -> Offer:
    """A rule in Renovate's configuration that it leaves what ``update`` moves alone."""
    names = names_of(update)
    if not names:
        raise Refused(f"What {update.branch} moves can't be told, so no rule can name it.", kind="unnamed")
    path, data = _configuration(repository)
    words = line(" ".join(reason.split()))
    if any(r.ours and set(names) <= set(r.names) for r in renovate.rules(data)):
        edit = FileEdit(path, data)  # nothing changes: it is held already
    else:
        rule = renovate.rule(names, reason=words, by=line(by), since=today, until=until)
        edit = FileEdit(path, renovate.held(data, rule))
    told = f"{words} (until {until})" if until else words
    title = f"Hold {', '.join(names[:3])}: {told}"
    made = proposed(repository, (edit,), name=f"hold {update.branch}", title=title, own="hold", reason=told)
    return Offer(made, (f"{path}: a rule for {', '.join(names)}",))


def release(repository: Repository, names: Sequence[str], *, told: str) -> Offer:
    """Our rules that name any of ``names`` go. ``told`` is what the operator called it. Refused when there are none."""
    path, data = _configuration(repository)
    mine = [r for r in renovate.rules(data) if r.ours and set(r.names) & set(names)]
    if not mine:
        raise Refused(
            f"No hold of ours names {told}.", "homeconsole updates shows what is held, and by whom.", kind="not-held"
        )
    edit = FileEdit(path, renovate.released(data, [r.number for r in mine]))
    title = f"Release {', '.join(dict.fromkeys(name for r in mine for name in r.names))}"
    made = proposed(repository, (edit,), name=f"release {told}", title=title, own="release")
    return Offer(made, tuple(f"{path}: the rule of line {r.line} goes" for r in mine))


def revert(repository: Repository, name: str, *, reason: str, by: str, today: date) -> Offer:
    """``name`` (a commit) taken back, with a rule that keeps Renovate from bringing the same versions again.

    Where another operator's approval of it waits, the rule is as that one has it: both approve the same.
    """
    back = reverted(repository, name)
    tree, notes = back.tree, tuple[str, ...]()
    called = f"revert {back.commit.oid}"
    if not back.noop and configuration(repository):
        words = _waiting(repository, back, called) or (reason, by, today)
        tree, notes = _without_return(repository, back, *words)
    title = f'Revert "{line(back.commit.subject)}"'
    update = proposed(
        repository,
        (),
        name=called,
        title=title,
        own="revert",
        squashed=tree,
        reason=line(" ".join(reason.split())),
    )
    return Offer(update, notes)


def names_of(update: Update) -> tuple[str, ...]:
    """The dependencies that an update moves, as Renovate calls them."""
    return tuple(dict.fromkeys(change.name for change in update.changes if change.name))


def _moved(back: Reverted) -> tuple[str, ...]:
    return tuple(dict.fromkeys(change.name for change in back.changes if change.name))


def _waiting(repository: Repository, back: Reverted, called: str) -> tuple[str, str, date] | None:
    """(reason, by, since) of the rule in the first of two approvals of the same; None where none waits."""
    first = repository.asides().get(own_record_branch(repository.branch, called))
    path, names = configuration(repository), set(_moved(back))
    data = repository.contents(first, [path]).get(path, b"{}") if first else b"{}"
    for each in reversed(renovate.rules(data)):
        since = day(each.ours["since"]) if each.ours and set(each.names) == names else None
        if each.ours and since:
            return each.ours["reason"], each.ours["by"], since
    return None


def _without_return(
    repository: Repository, back: Reverted, reason: str, by: str, today: date
) -> tuple[str, tuple[str, ...]]:
    """The tree with the rule, and what it is, in words."""
    names = _moved(back)
    if not names:
        return back.tree, ()
    path = configuration(repository)
    data = repository.contents(back.tree, [path])[path]
    versions = tuple(dict.fromkeys(map(_bare, back.changes)))
    pinned = all(change.type not in {"digest", "pin", "replacement"} for change in back.changes)
    words = line(reason) or f"taken back in {back.commit.oid[:7]}"
    rule = renovate.rule(names, reason=words, by=line(by), since=today, versions=versions if pinned else ())
    tree = repository.edited_tree(back.tree, {path: renovate.held(data, rule)})
    what = f"not {', '.join(versions)} again" if pinned else "nothing of it"
    return tree, (f"{path}: a hold, {what}: {', '.join(names)}",)


def _bare(change: Change) -> str:
    """The version without its digest: Renovate compares versions."""
    return change.new.partition("@")[0].rpartition(":")[2]


def _configuration(repository: Repository) -> tuple[str, bytes]:
    path = configuration(repository)
    if not path:
        raise UsageError("the repository has no Renovate configuration", kind="not-found")
    return path, repository.contents(repository.head(), [path])[path]
