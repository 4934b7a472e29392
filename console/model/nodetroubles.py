"""What is not well on a node that runs: worth a mark on its row, though Talos and Kubernetes may call it ready."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from console.model.nodes import EtcdMember, TalosNode

FULL = 0.85  # of a file system: from here on the kubelet deletes images (imageGCHighThresholdPercent's default)
LAG = 1000  # entries of etcd's log that are not applied yet
_DATABASE = 2 * 1024**3  # bytes: etcd's default quota, which Talos leaves as it is; beyond it etcd takes no writes
_LARGE = 0.8
_SOON = timedelta(days=30)


def troubles(node: TalosNode) -> tuple[str, ...]:
    """In words, worst first. None of a node that does not run or does not answer: that is said already."""
    if node.problem or node.stage != "running":
        return ()
    return (*etcd_troubles(node.etcd), *_full(node), *_clock(node), *_services(node), *node.diagnostics, *_rights(node))


def etcd_troubles(member: EtcdMember | None) -> tuple[str, ...]:
    """Alarms and other errors as the member tells them, and what keeps it from counting fully."""
    if member is None:
        return ()
    found = [_alarm(error) for error in member.errors]
    if member.learner:
        found.append("etcd learner: does not vote yet")
    behind = member.raft_index - member.raft_applied
    if behind > LAG:
        found.append(f"etcd {behind} entries behind")
    if member.db_size >= _LARGE * _DATABASE:
        found.append(f"etcd database {member.db_size / 1e9:.1f} GB of {_DATABASE / 1e9:.1f} GB")
    return tuple(found)


def certificate_trouble(expires: datetime | None, now: datetime) -> str:
    """Of our own certificate for the Talos API; empty while it is valid for long, or not known."""
    if expires is None or expires - now > _SOON:
        return ""
    days = (expires - now).days
    when = (
        "has expired" if days < 0 else {0: "expires today", 1: "expires tomorrow"}.get(days, f"expires in {days} days")
    )
    return f"our certificate for Talos {when} ({expires:%Y-%m-%d})"


def _alarm(error: str) -> str:
    found = re.search(r"alarm:(\w+)", error)
    return f"etcd alarm {found[1]}" if found else f"etcd: {error}"


def _full(node: TalosNode) -> Iterator[str]:
    for each in sorted(node.filesystems, key=lambda each: -each.share):
        if each.share >= FULL:
            yield f"{each.mount} {each.share:.0%} full"


def _clock(node: TalosNode) -> Iterator[str]:
    if node.time_synced is False and not any(each.startswith("time:") for each in node.unmet):
        yield "clock is not in sync"


def _services(node: TalosNode) -> Iterator[str]:
    told = " ".join(each for each in node.unmet if each.startswith("services:"))
    for name, state in node.services:
        if state in {"unhealthy", "not running"} and name not in told:
            yield f"service {name} {state}"


def _rights(node: TalosNode) -> Iterator[str]:
    if node.forbidden:
        yield f"needs os:reader: {', '.join(node.forbidden)}"
