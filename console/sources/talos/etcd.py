"""The text tables of ``talosctl etcd``, which have no JSON (talosctl 1.12 to 1.14)."""

import re

from console.model.nodes import EtcdMember
from console.sources.errors import Malformed
from console.sources.talos.tables import rows

_UNITS: dict[str, int] = {unit: 1000**power for power, unit in enumerate(("B", "kB", "MB", "GB", "TB", "PB"))}


def size(text: str) -> int:
    """Bytes of a human size: ``45 MB``. Raises Malformed."""
    found = re.match(r"([\d.]{1,30}) ?([kMGTP]?B)\b", text)
    if not found:
        raise Malformed(f"talosctl printed no size: {text!r}")
    return int(float(found[1]) * _UNITS[found[2]])


def status(text: str) -> EtcdMember:
    """The one member of ``etcd status`` on one node. Raises Malformed."""
    found = rows(text)
    if not found:
        raise Malformed("talosctl printed no etcd status.")
    row = found[0]
    try:
        return EtcdMember(
            member_id=row["MEMBER"],
            leader=row["MEMBER"] == row["LEADER"],
            learner=row["LEARNER"] == "true",
            db_size=size(row["DB SIZE"]),
            db_in_use=size(row["IN USE"]),
            raft_index=int(row["RAFT INDEX"]),
            raft_applied=int(row["RAFT APPLIED INDEX"]),
            errors=tuple(error.strip() for error in row.get("ERRORS", "").split(",") if error.strip()),
            version=row.get("PROTOCOL", ""),
            leader_id=row["LEADER"],
        )
    except (KeyError, ValueError) as error:
        raise Malformed(f"talosctl printed another etcd status than is known here: {error}") from error
