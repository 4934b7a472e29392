"""The review of one update: the exact commit, what it needs to hold, what it will bring about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from console.foresight.knowledge import part_of
from console.model.finding import Preflight
from console.model.flux import FluxKey, FluxObject
from console.model.moves import moves, target_of
from console.model.patience import control_planes
from console.model.review import APPROVED_AT_LATER, PlannedCommit, Review
from console.model.snapshot import Snapshot, Topic
from console.model.text import safe
from console.model.updates import Update
from console.model.upgrades import TITLES, resource, versions
from console.operations.delivery import carriers
from console.operations.order import refs
from console.operations.ports import Repository
from console.sources.errors import NotConfigured
from console.sources.git.identity import Identity
from console.sources.git.merge import Merge

WHO = 'git config --global user.name "NAME"; git config --global user.email ADDRESS'
NOBODY = "git does not know who you are: set user.name and user.email."


def review(
    update: Update,
    preflight: Preflight,
    repository: Repository,
    *,
    now: datetime,
    via: str,
    squash: bool = False,
    reason: str = "",
    checks: Sequence[str] = (),
    snapshot: Snapshot | None = None,
) -> Review:
    """What an approval of ``update`` would write, exactly, on main as the last fetch left it. Writes nothing remote.

    ``via`` names the program and its version. ``reason`` answers every blocker at once; ``overridden`` does it later.
    ``checks`` are the repository's own, see ``operations.checks``.
    Raises SourceError when the repository can't be read.
    """
    base, head = repository.head(), repository.branches().get(update.branch)
    merged = repository.merge_tree(base, update.head)
    tree = merged.tree if merged.clean else ""
    files = repository.changed(base, tree) if tree else update.files
    noop = bool(tree) and tree == repository.commit(base).tree
    who = _identity(repository)
    patch_id = repository.patch_id(base, update.head)
    commit = PlannedCommit(
        message=_message(update, preflight, base, patch_id, who=who, via=via, squash=squash, checks=checks),
        author=_author(repository, update) if squash else (who.person if who else ""),
        committer=who.person if who else "",
        parents=(base,) if squash else (base, update.head),
        tree=tree,
        signature=who.signature if who else "",
    )
    made = Review(
        update=update,
        preflight=preflight,
        commit=commit,
        patch_id=patch_id,
        diff=tuple(repository.diff(base, update.head)),
        commands=_commands(update, repository, base, commit, checks),
        then=_then(update, files, repository.branch, snapshot),
        typed=_typed(update, preflight),
        consequence=_consequence(update, repository.branch, snapshot),
        refusal="" if noop else _refusal(update, preflight, head, who, merged=merged),
        base=base,
        files=files,
        squash=squash,
        unanswered=(*preflight.failing("block"), *preflight.unseen),
        noop=noop,
        at=now,
        via=via,
        checks=tuple(checks),
    )
    return overridden(made, reason) if reason else made


def overridden(made: Review, reason: str) -> Review:
    """The same with ``reason`` as the answer to all that is ``unanswered``: one ``Override`` trailer for each."""
    words = _line(reason)
    if not words or not made.unanswered:
        return made
    lines = "".join(f"Override: {f.rule}: {words}\n" for f in made.unanswered)
    head, mark, tail = made.commit.message.rpartition("\nChecks: ")
    head, lines = head + "\n", lines.rstrip("\n")
    commit = replace(made.commit, message=head + lines + mark + tail)
    return replace(made, commit=commit, unanswered=(), reason=words)


def _identity(repository: Repository) -> Identity | None:
    try:
        return repository.identity()
    except NotConfigured:
        return None


def _line(text: str) -> str:
    """Text from outside on one line of a message: it can't end the line, begin a trailer, or hide."""
    return safe(text, 500).strip()


def _message(
    update: Update,
    preflight: Preflight,
    base: str,
    patch_id: str,
    *,
    who: Identity | None,
    via: str,
    squash: bool,
    checks: Sequence[str],
) -> str:
    """Subject, then the trailers as the last paragraph (git interpret-trailers, git 2.38)."""
    trailers = {
        "Update": _line(update.branch),
        "Reviewed-commit": update.head,
        "Reviewed-base": base,
        "Reviewed-patch-id": patch_id,
        "Findings": counted(preflight),
        "Checks": f"passed: {'; '.join(map(_line, checks))}" if checks else "none",
        "Approved-by": _line(who.person if who else ""),
        "Approved-at": APPROVED_AT_LATER,
        "Approved-via": via,
    }
    subject = _line(update.title) if squash else f"Merge {_line(update.branch)}: {summary(update)}"
    return f"{subject}\n\n" + "".join(f"{key}: {value}\n" for key, value in trailers.items())


def summary(update: Update) -> str:
    """What it changes, in a few words: ``siderolabs/talos v1.13.7 → v1.13.8``."""
    own = moves(update) if update.system else update.changes
    told = list(dict.fromkeys(f"{_line(c.name)} {_line(c.old)} → {_line(c.new)}" for c in own if c.new))
    if not told:
        return _line(update.title)
    return told[0] if len(told) == 1 else f"{told[0]} and {len(told) - 1} more"


def counted(preflight: Preflight) -> str:
    """The findings as a trailer has them: ``2 warn, 11 pass``; before that those that block, where there are any.

    What is only worth knowing, and what was not looked at, does not count.
    """
    blocking = len(preflight.failing("block"))
    parts = [f"{blocking} block"] if blocking else []
    return ", ".join([*parts, f"{len(preflight.failing('warn'))} warn", f"{preflight.count('pass')} pass"])


def _commands(
    update: Update, repository: Repository, base: str, commit: PlannedCommit, checks: Sequence[str]
) -> tuple[str, ...]:
    sign = " -S" if commit.signature else ""
    parents = "".join(f" -p {parent}" for parent in commit.parents)
    return (
        "git fetch --prune",
        f"git merge-tree --write-tree {base} {update.head}",
        *checks,
        f"git commit-tree{sign}{parents} -F - {commit.tree or '(no tree: it does not merge)'}",
        repository.push_command(refs(update.branch, update.head, repository.branch, base, "COMMIT")),
    )


def _author(repository: Repository, update: Update) -> str:
    commit = repository.commit(update.head)
    return f"{commit.author} <{commit.author_email}>"


def _typed(update: Update, preflight: Preflight) -> str:
    """The version for a node upgrade; the name for what is major, unknown, edited by others, network or storage."""
    if update.system and target_of(update):
        return target_of(update)
    parts = [part_of(change.name) for change in update.changes]
    untold = update.type == "unknown" and update.kind == "dependency"
    far = untold or update.type == "major" or update.modified or any(part and part.typed for part in parts)
    serious = any(f.rule in {"secrets", "content"} for f in preflight.failing("warn"))
    return name_of(update) if far or serious or preflight.verdict == "blocked" else ""


def name_of(update: Update) -> str:
    """The name that stands for an update where it is typed: its one dependency's last word, else its branch's."""
    names = {change.name.rstrip("/").rsplit("/", 1)[-1] for change in update.changes if change.name}
    name = names.pop() if len(names) == 1 else update.branch.partition("/")[2]
    return safe(name or update.branch)


def _refusal(
    update: Update,
    preflight: Preflight,
    head: str | None,
    who: Identity | None,
    *,
    merged: Merge,
) -> str:
    reasons = (
        (head is None, "The branch is gone: it was withdrawn, or it is done."),
        (head is not None and head != update.head, f"The branch has moved to {(head or '')[:7]}: look at it again."),
        (preflight.head != update.head, "The findings are those of another commit: look at it again."),
        (bool(merged.conflicts), f"It conflicts with main in {', '.join(safe(c) for c in merged.conflicts[:5])}."),
        (not merged.clean, f"Whether it merges can't be told: {safe(merged.why)}"),
        (update.kind == "config", "It sets up Renovate itself; merge it by hand."),
        (who is None, NOBODY),
    )
    return next((text for wrong, text in reasons if wrong), "")


def _nodes(snapshot: Snapshot, update: Update) -> list[str]:
    """The nodes that will be worked on: those that do not run the target yet."""
    found = versions(snapshot, update.system) if update.system else {}
    return sorted(name for name, version in found.items() if version != target_of(update))


def _consequence(update: Update, branch: str, snapshot: Snapshot | None) -> str:
    """What an approval brings about, in one sentence."""
    if not update.system:
        return f"{branch} gets {summary(update)}; Flux applies it."
    nodes = _nodes(snapshot, update) if snapshot else []
    title = TITLES[update.system]
    if snapshot is None or not nodes:
        return f"{branch} gets {title} {target_of(update)}; every node that is not there yet is upgraded."
    if resource(snapshot, update.system) is None:
        return f"{branch} gets {title} {target_of(update)}; nothing in the cluster upgrades the nodes to it."
    planes = control_planes(snapshot)
    if update.system == "kubernetes":
        away = "the API is away for about a minute" if len(planes) == 1 else "the API stays"
        return f"The control plane and the kubelet of {_listed(nodes)} restart; {away}."
    if len(nodes) == 1:
        away = "the API is away ~4 min" if planes == nodes else "its pods move or wait ~4 min"
        return f"{nodes[0]} will reboot; {away}."
    away = f"the API is away ~4 min while {planes[0]} does" if len(planes) == 1 else "the API stays"
    return f"{_listed(nodes)} will reboot, one after the other; {away}."


def _listed(names: Sequence[str]) -> str:
    shown = [safe(name) for name in names[:4]]
    return ", ".join(shown) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _then(update: Update, files: Sequence[str], branch: str, snapshot: Snapshot | None) -> tuple[str, ...]:
    lines = [f"{branch} moves; {safe(update.branch)} is removed"]
    if snapshot is None:
        return tuple(lines)
    objects: list[FluxObject] = list(snapshot[Topic.FLUX].items.values())
    carrying = carriers(objects, files)
    if objects and not carrying:
        lines.append("nothing for Flux to do: no Kustomization's path holds these files")
    sources: list[FluxKey] = list(dict.fromkeys(k.source for k in carrying if k.source))
    lines += [f"{s.kind} {s.namespace}/{s.name} gets a new artifact" for s in sources]
    lines += [f"Kustomization {k.key.namespace}/{k.key.name} applies it" for k in carrying]
    if update.system:
        lines += _tuppr(update, snapshot)
    return tuple(lines)


def _tuppr(update: Update, snapshot: Snapshot) -> list[str]:
    cr = resource(snapshot, update.system) if update.system else None
    if cr is None:
        return []
    if cr.suspended is not None:
        return [f"{cr.kind} {cr.name} stays suspended: nothing more happens until it is resumed"]
    if cr.windows:
        return [
            f"{cr.kind} {cr.name} waits for its maintenance window, then upgrades {_listed(_nodes(snapshot, update))}"
        ]
    return [f"{cr.kind} {cr.name} upgrades {_listed(_nodes(snapshot, update))}"]
