"""Each rule that is data has an example that raises it and one that does not (the format: foresight/rules)."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.foresight.evidence import Evidence, Live, Move, offline
from console.foresight.knowledge import knowledge
from console.foresight.tree import Tree
from console.foresight.written import check
from console.model.finding import Finding
from console.model.updates import Change, Update
from console.model.version import Version

HERE = Path(__file__).parent / "examples"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    """One entry of an examples' file. ``quiet`` is empty for rules that look at versions alone."""

    rule: str
    step: Mapping[str, Sequence[str]]
    raises: Mapping[str, str]
    quiet: Mapping[str, str] | None
    live: Sequence[Mapping[str, Any]] = ()
    calm: Sequence[Mapping[str, Any]] = ()
    beside: Mapping[str, str] = field(default_factory=dict)


@functools.cache
def examples() -> list[Example]:
    found = []
    for path in sorted(HERE.glob("*.yaml")):
        for entry in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader):
            step = {key: entry[key] for key in ("talos", "kubernetes", "package") if key in entry}
            found.append(
                Example(
                    entry["rule"],
                    step,
                    entry.get("raises") or {},
                    entry.get("quiet"),
                    entry.get("live") or (),
                    entry.get("calm") or (),
                    entry.get("runs") or {},
                )
            )
    return found


def evidence(
    step: Mapping[str, Sequence[str]],
    files: Mapping[str, str],
    live: Live = offline,
    beside: Mapping[str, str] | None = None,
) -> Evidence:
    """An update that takes ``step`` over a repository of ``files``."""
    moves, changes = [], []
    for name, (*package, old, new) in step.items():
        if package:
            changes.append(Change(package[0], old, new, "minor"))
        else:
            first, last = Version.parse(old), Version.parse(new)
            assert first
            assert last
            moves.append(Move("talos" if name == "talos" else "kubernetes", first, last))
    tree = dict(files)
    for system, version in (beside or {}).items():
        kind = "TalosUpgrade" if system == "talos" else "KubernetesUpgrade"
        tree[f"{system}.yaml"] = f"kind: {kind}\nspec:\n  {system}:\n    version: {version}\n"
    held = {path: text.encode() for path, text in tree.items()}
    from console.foresight.places import places  # noqa: PLC0415 - only here

    before = tuple(place for path, data in held.items() for place in places(path, data))
    update = Update("renovate/x", "5" * 40, "e" * 40, "x", "ready", changes=tuple(changes))
    return Evidence(update, NOW, tuple(moves), before=before, after=before, tree=Tree(held), live=live)


def answers(objects: Sequence[Mapping[str, Any]]) -> Live:
    return lambda api, kind: [o for o in objects if (o["apiVersion"], o["kind"]) == (api, kind)]


def of(rule: str, found: Evidence) -> Finding:
    return next(f for f in check(found) if f.rule == rule)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.rule)
class TestExample:
    def test_raises_it(self, example: Example) -> None:
        live = answers(example.live) if example.live else offline
        found = of(example.rule, evidence(example.step, example.raises, live, example.beside))
        assert found.status == "fail", found
        assert not {"{", "}"} & set(found.title), found.title
        if example.raises and not example.live:
            assert not found.file or found.file in example.raises

    def test_leaves_others_alone(self, example: Example) -> None:
        live = answers(example.calm) if example.live else offline
        if example.quiet is not None or example.live:
            found = of(example.rule, evidence(example.step, example.quiet or {}, live, example.beside))
            assert found.status == "pass", found
        else:
            backwards = {key: [*rest, new, old] for key, (*rest, old, new) in example.step.items()}
            assert not [f for f in check(evidence(backwards, {})) if f.rule == example.rule]


def test_every_rule_that_is_data_has_an_example() -> None:
    written = {rule.id for rule in knowledge().rules.values() if rule.when}
    assert written == {example.rule for example in examples()}


def test_every_rule_says_where_and_when_it_was_read() -> None:
    for rule in knowledge().rules.values():
        assert rule.source
        assert rule.read, rule.id
