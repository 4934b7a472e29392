"""Pending Renovate updates, read from git alone. A branch is a proposal; what is done is named by its commit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from console.model.hold import Hold

UpdateType = Literal["major", "minor", "patch", "digest", "pin", "replacement", "unknown"]
UpdateState = Literal["ready", "conflict", "applied", "unknown"]
System = Literal["talos", "kubernetes"]
Concern = Literal["node", "risky", "routine"]
MARKS = ("new", "superseded", "overlaps", "pair", "unusual", "security", "downgrade", "unsigned")
Own = Literal["", "target", "hold", "release", "revert"]

_DIGEST = re.compile(r"^(?P<front>.*@)?(?:sha256:)?(?P<digest>[0-9a-f]{40,})$")
# What an outage of takes more with it than itself: storage, network, databases, delivery, identity, certificates.
_RISKY = re.compile(
    r"rook|ceph|longhorn|openebs|democratic-csi|\bcsi\b|csi-|zfs|piraeus|linstor|volsync|snapshot-controller|cilium|calico"
    r"|flannel|multus|coredns|metallb|kube-vip|envoy-gateway|ingress-nginx|traefik|istio|cloudnative-pg|cnpg|postgres"
    r"|mariadb|mysql|mongo|dragonfly|redis|valkey|crunchy|etcd|flux-operator|flux-instance|fluxcd|/flux2?\b|\btuppr\b"
    r"|cert-manager|external-secrets|authentik|authelia|kyverno|prometheus-operator-crds|gateway-api",
    re.IGNORECASE,
)


# What Renovate puts before a group's name in its branch (``groupSlug``): the size of the step, perhaps the version.
_GROUPED = re.compile(r"^(?:major|minor|patch)-(?:\d+(?:\.\d+)?-)?(?=.)")


@dataclass(frozen=True, slots=True)
class Change:
    """One version that a branch moves, and where. ``path`` is the YAML path (``spec.ref.tag``), ``line`` 1-based.

    Digests stand in full; ``old_short`` and ``new_short`` are for the eye.
    """

    name: str
    old: str
    new: str
    type: UpdateType
    datasource: str = ""
    file: str = ""
    path: str = ""
    line: int = 0

    @property
    def old_short(self) -> str:
        """``old`` with a digest cut to 7 characters, as Renovate writes it."""
        return _short(self.old)

    @property
    def new_short(self) -> str:
        """``new`` likewise."""
        return _short(self.new)


def _short(version: str) -> str:
    found = _DIGEST.match(version)
    return f"{found['front'] or ''}{found['digest'][:7]}" if found else version


@dataclass(frozen=True, slots=True)
class BranchCommit:
    """A commit that a branch has and main lacks. ``foreign``: it is not the bot's."""

    commit: str
    title: str
    author: str
    at: datetime
    signed: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """One proposal. ``head`` and ``base`` are full commit ids; ``base`` is main as it was when this was computed.

    ``fork`` is the commit of main that the branch grew from: the change is the difference from there to ``head``.
    ``overlaps`` are branches that touch the same lines, ``pairs`` those that move the same system to the same version.
    ``marks`` are words of ``MARKS``.
    ``commits`` are those that main lacks, newest first, at most 50; of one that main has, its last.
    """

    branch: str
    head: str
    base: str
    title: str
    state: UpdateState
    author: str = ""
    committed_at: datetime | None = None
    ahead: int = 0
    behind: int = 0
    pull: int | None = None
    conflicts: tuple[str, ...] = ()
    why: str = ""  # for state unknown
    modified: bool = False  # someone other than the bot committed onto it
    kind: Literal["dependency", "lockfile", "config"] = "dependency"
    changes: tuple[Change, ...] = ()
    type: UpdateType = "unknown"
    breaking: bool = False
    files: tuple[str, ...] = ()
    system: System | None = None  # the change moves the version that nodes run
    hold_reason: str = ""
    hold_by: str = ""
    hold_since: str = ""
    signature: Literal["good", "bad", "revoked", "unverified", "none"] = "none"
    marks: tuple[str, ...] = ()  # superseded, overlaps, unusual …
    fork: str = ""
    overlaps: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    unusual: tuple[str, ...] = ()  # what is unusual in the change, in words
    first_seen: datetime | None = None  # when the branch appeared here; None when it was there from the beginning
    commits: tuple[BranchCommit, ...] = ()
    own: Own = ""  # no branch of the remote: an edit of ours, whose head is a commit of the private clone alone
    reason: str = ""  # of such an edit: why the operator makes it

    @property
    def key(self) -> tuple[str, ...]:
        return (self.branch,)

    @property
    def id(self) -> str:
        """The branch name: means the proposal that is pending now."""
        return self.branch

    @property
    def called(self) -> str:
        """What it is called: its one dependency's last word, or the group's name (``major-immich``: ``immich``)."""
        names = {change.name.rstrip("/").rpartition("/")[2] for change in self.changes if change.name}
        return names.pop() if len(names) == 1 else _GROUPED.sub("", self.branch.rpartition("/")[2])

    @property
    def concern(self) -> Concern:
        """What it means for the operator: node upgrades first, then what is risky, then the routine."""
        if self.system:
            return "node"
        if self.breaking or self.type in ("major", "replacement"):
            return "risky"
        return "risky" if any(_RISKY.search(change.name) for change in self.changes) else "routine"

    @property
    def is_superseded(self) -> bool:
        """Whether main went further already: whatever its state, nobody waits for it."""
        return "superseded" in self.marks and self.state != "applied"

    @property
    def summary(self) -> tuple[Change, ...]:
        """The changes, each name and step once: the same version often stands in several places."""
        seen = {(c.name, c.old, c.new): c for c in reversed(self.changes)}
        return tuple(reversed(seen.values()))


_FORGE_NAME = re.compile(r"^(?:(?:aqua|ubi|github|go):)?(?P<name>[\w.-]+/[\w.-]+)$")
_GHCR = re.compile(r"^ghcr\.io/(?P<name>[\w.-]+/[\w.-]+)$")


def release_notes(change: Change) -> str:
    """Where the release notes are, as far as that follows from the name; an empty text otherwise. Never looked up."""
    if re.search(r"(?:^|/)(?:siderolabs/talos|(?:[\w-]+-)?installer)$", change.name):
        return f"https://github.com/siderolabs/talos/releases/tag/{change.new}"
    if re.search(r"(?:^|/)(?:kubelet|kube-[a-z-]+|kubernetes/kubernetes)$", change.name):
        minor = re.match(r"v?(\d+\.\d+)", change.new)
        page = "https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG"
        return f"{page}/CHANGELOG-{minor[1]}.md" if minor else page
    forge = _FORGE_NAME.match(change.name)
    if forge and (change.datasource.startswith("github") or ":" in change.name):
        tagged = change.datasource in ("github-releases", "github-tags") and change.new_short == change.new
        own = f"https://github.com/{forge['name']}/releases"
        return f"{own}/tag/{change.new}" if tagged and ":" not in change.name else own
    image = _GHCR.match(change.name)
    return f"https://github.com/{image['name']}/releases" if image else ""


def sort_key(update: Update) -> tuple[int, int, bool, float, str]:
    """Orders updates as an operator takes them: by concern, pending before finished, Talos first, the newest first."""
    concerns: tuple[Concern, ...] = ("node", "risky", "routine")
    states = ("ready", "conflict", "unknown", "superseded", "applied")
    moment = update.committed_at.timestamp() if update.committed_at else 0.0
    state = states.index("superseded" if update.is_superseded else update.state)
    return (concerns.index(update.concern), state, update.system != "talos", -moment, update.branch)


def together(updates: Iterable[Update]) -> list[Update]:
    """The same in the same order, but those that belong together stand one below the other."""
    order = {update.branch: update for update in updates}
    placed: dict[str, Update] = {}
    for update in order.values():
        placed.setdefault(update.branch, update)
        for branch in filter(order.__contains__, update.pairs):
            if order[branch].concern == update.concern:
                placed.setdefault(branch, order[branch])
    return list(placed.values())


@dataclass(frozen=True, slots=True)
class ApprovedCommit:
    """A commit on main that we wrote, read back from its trailers (``record``) and its own diff.

    ``own`` says what it is when it approves no update: a hold, a release, a revert; ``reason`` why it was made.
    """

    commit: str
    branch: str
    title: str
    at: datetime | None
    by: str
    changes: tuple[Change, ...] = ()
    files: tuple[str, ...] = ()
    system: System | None = None
    record: tuple[tuple[str, str], ...] = ()
    own: Own = ""
    reason: str = ""

    def said(self, trailer: str) -> tuple[str, ...]:
        """The values of one trailer."""
        return tuple(value for key, value in self.record if key == trailer)


@dataclass(frozen=True, slots=True)
class DeclaredVersion:
    """A version (``vX.Y.Z``) that main asks for: by tuppr's resource, a configuration (talenv, talconfig), an image in
    one, or the pin of a client. ``where`` is ``file:line``."""

    system: System
    kind: Literal["resource", "config", "image", "client"]
    version: str
    where: str

    @property
    def file(self) -> str:
        """The file's name, without folders."""
        return self.where.rpartition(":")[0].rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class RepositoryState:
    """The repository that holds the cluster: ``url`` without credentials, ``head`` of ``branch``, when it was fetched.

    ``history`` are the newest commits of the branch along its first parents, newest first, at most 200;
    ``approvals`` those of them that carry our trailers. ``withdrawn`` are update branches that are gone, and since
    when, newest first, at most 50.
    """

    url: str
    branch: str
    head: str
    fetched_at: datetime | None
    history: tuple[str, ...] = ()
    approvals: tuple["ApprovedCommit", ...] = ()
    withdrawn: tuple[tuple[str, datetime], ...] = ()
    versions: tuple[DeclaredVersion, ...] = ()  # as far as they were read
    visited_at: datetime | None = None  # when the operator's last visit ended, before this one
    begun_at: datetime | None = None  # when this visit, or this look, began
    holds: tuple["Hold", ...] = ()  # what keeps updates from going on, as the files of ``head`` say, and our records

    def is_news(self, at: datetime | None) -> bool:
        """Whether what came about here ``at`` that time did so since the last visit."""
        return at is not None and (self.visited_at is None or at > self.visited_at)

    @property
    def gone(self) -> tuple[tuple[str, datetime], ...]:
        """The branches that went since the last visit, newest first; none that was approved during this one."""
        begun = self.begun_at
        known = {
            each.branch for each in self.approvals if begun and each.at and each.at >= begun.replace(microsecond=0)
        }
        return tuple(each for each in self.withdrawn if self.is_news(each[1]) and each[0] not in known)

    @property
    def key(self) -> tuple[str, ...]:
        return ("repository",)
