"""What is known of releases and rules: data with sources, read once when first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from console.foresight.language import rules
from console.foresight.rule import Rule
from console.model.version import Version

_HERE = Path(__file__).parent
_RULES = _HERE.parent / "rules"

Minor = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TalosMinor:
    """One minor of Talos. ``hosts``: the oldest that it upgrades, and the first too new; the rest are Kubernetes."""

    hosts: tuple[Version, Version]
    code: tuple[Minor, Minor]
    docs: tuple[Minor, Minor]
    newest: Version
    source: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KubernetesMinor:
    """One minor of Kubernetes."""

    newest: Version
    end: date
    source: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the platform, the words that name it, and whether its name is typed for an approval."""

    part: str
    typed: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All of it. ``known`` is the day up to which releases were looked at."""

    talos: Mapping[Minor, TalosMinor]
    kubernetes: Mapping[Minor, KubernetesMinor]
    parts: tuple[Part, ...]
    rules: Mapping[str, Rule]
    known: Mapping[str, date]


def minor(text: str) -> Minor:
    """``1.13`` as numbers."""
    major, _, rest = text.partition(".")
    return int(major), int(rest)


@lru_cache(maxsize=1)
def knowledge() -> Knowledge:
    """Everything known, from the files of this folder and of ``rules``."""
    talos, kubernetes = _load(_HERE / "talos.yaml"), _load(_HERE / "kubernetes.yaml")
    return Knowledge(
        talos={minor(name): _talos(entry) for name, entry in talos["minors"].items()},
        kubernetes={
            minor(name): KubernetesMinor(_version(entry["newest"]), entry["end"], entry["source"])
            for name, entry in kubernetes["minors"].items()
        },
        parts=tuple(
            Part(entry["part"], entry["typed"], tuple(entry["words"]))
            for entry in _load(_HERE / "platform.yaml")["parts"]
        ),
        rules=_rules(sorted(_RULES.glob("*.yaml"))),
        known={"talos": talos["known"], "kubernetes": kubernetes["known"]},
    )


def rule(name: str) -> Rule:
    """The rule of that name."""
    return knowledge().rules[name]


def part_of(name: str) -> Part | None:
    """The platform's part that a dependency's name belongs to, by whole words of its last two segments."""
    words = "-" + "-".join(name.lower().split("/")[-2:]).replace("_", "-").replace(".", "-") + "-"
    return next((part for part in knowledge().parts if any(f"-{word}-" in words for word in part.words)), None)


def _rules(paths: list[Path]) -> dict[str, Rule]:
    made: dict[str, Rule] = {}
    for path in paths:
        for rule in rules(path, _load(path)):
            if rule.id in made:
                raise ValueError(f"{path.name}: {rule.id} stands in {made[rule.id].concern}.yaml too")
            made[rule.id] = rule
    return made


def _talos(entry: dict[str, Any]) -> TalosMinor:
    low, high = entry["hosts"]
    return TalosMinor(
        (_version(low), _version(high)),
        (minor(entry["code"][0]), minor(entry["code"][1])),
        (minor(entry["docs"][0]), minor(entry["docs"][1])),
        _version(entry["newest"]),
        entry["source"],
    )


def _version(text: str) -> Version:
    version = Version.parse(text)
    if version is None:
        raise ValueError(f"{text!r} in the knowledge is no version")
    return version


def _load(path: Path) -> Any:
    import yaml  # noqa: PLC0415 - heavy, and first needed long after the first frame

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe one
