"""Real upgrades of public clusters, as data: what was done by hand around them, and patches that went in quietly.

``steps.yaml`` and ``quiet.csv`` name repositories and commits. With clones of these at hand
``python -m tests.foresight.histories FOLDER`` examines each at its commit and tells recall, misses and false blocks;
FOLDER holds bare clones named ``owner+name`` (or ``owner+name/repo``). The suite needs none: it examines the made-up
lines of ``fixtures.yaml`` that stand for them.
"""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.foresight.evidence import Evidence, Move
from console.foresight.foresee import foresee
from console.foresight.places import Place, carries, moved, places
from console.foresight.tree import Tree
from console.model.finding import Finding
from console.model.updates import Change, System, Update
from console.model.version import Version

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_PACKAGES: Mapping[System, str] = {"talos": "siderolabs/talos", "kubernetes": "ghcr.io/siderolabs/kubelet"}


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One system's step in a repository, seen before ``at``."""

    repository: str
    at: str
    system: System
    old: str
    new: str

    @property
    def title(self) -> str:
        return f"{self.repository} {self.at} {self.system} {self.old} → {self.new}"


@dataclass(frozen=True, slots=True)
class Step:
    """What an operator did by hand around an upgrade. Any of ``rules`` names it; none where nothing foretells it."""

    upgrade: Upgrade
    step: str
    seen: str
    why: str
    rules: tuple[str, ...]
    like: str = ""
    beside: str = ""


def steps(section: str = "steps") -> list[Step]:
    """The steps around minors, or the patches that were ``taken_back``."""
    return [_step(entry) for entry in _load("steps.yaml")[section]]


def quiet() -> list[Upgrade]:
    """Patches that went in without anything."""
    lines = (HERE / "quiet.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [Upgrade(r["repository"], r["commit"], _system(r["system"]), r["old"], r["new"]) for r in rows]


def fixture(step: Step) -> dict[str, bytes]:
    """The lines that stand for the repository, with the versions that it holds."""
    other = "talos" if step.upgrade.system == "kubernetes" else "kubernetes"
    held = {step.upgrade.system: step.upgrade.old} | ({other: step.beside} if step.beside else {})
    files = {path: text.encode() for path, text in _load("fixtures.yaml")[step.like].items()}
    versions = "".join(f"{system}Version: {version}\n" for system, version in held.items())
    return files | {"talos/talenv.yaml": versions.encode()}


def examine(upgrade: Upgrade, files: Mapping[str, bytes]) -> list[Finding]:
    """What applies to a repository of ``files`` when every place with the old version says the new one. Offline."""
    old, new = Version.parse(upgrade.old), Version.parse(upgrade.new)
    assert old
    assert new
    before = _places(files)
    carrying = [p for p in before if (p.system, p.version) == (upgrade.system, str(old)) and p.kind != "client"]
    touched = tuple(dict.fromkeys(p.file for p in carrying))
    after = {**files}
    for file in touched:
        after[file] = moved(files[file], [p for p in carrying if p.file == file], str(new))
    size = "patch" if old.minor == new.minor else "minor"
    change = Change(_PACKAGES[upgrade.system], str(old), str(new), "patch" if size == "patch" else "minor")
    evidence = Evidence(
        update=Update(
            upgrade.title,
            upgrade.at,
            upgrade.at,
            upgrade.title,
            "ready",
            changes=(change,),
            type=change.type,
            files=touched,
            system=upgrade.system,
            signature="good",
        ),
        now=NOW,
        moves=(Move(upgrade.system, old, new),),
        before=before,
        after=_places(after),
        touched=touched,
        tree=Tree(after),
    )
    return [finding for finding in foresee(evidence) if finding.status == "fail"]


def _places(files: Mapping[str, bytes]) -> tuple[Place, ...]:
    return tuple(place for path, data in files.items() if carries(path) for place in places(path, data))


def _step(entry: Mapping[str, Any]) -> Step:
    system: System = "talos" if "talos" in entry else "kubernetes"
    old, new = entry[system]
    return Step(
        Upgrade(entry["repository"], entry["at"], system, old, new),
        entry["step"],
        entry["seen"],
        entry["why"],
        tuple(entry["rules"]),
        entry.get("like", ""),
        entry.get("beside", ""),
    )


def _system(text: str) -> System:
    return "talos" if text == "talos" else "kubernetes"


@functools.cache
def _load(name: str) -> Any:
    import yaml  # noqa: PLC0415 - as the console does

    return yaml.load((HERE / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
