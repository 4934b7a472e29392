"""Reads rules from YAML (the format: ``foresight/rules``). Every mistake is a ValueError that names file and rule."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from console.foresight import conditions as found
from console.foresight.conditions import All, Any_, Condition
from console.foresight.paths import pattern
from console.foresight.ranges import Range, parsed
from console.foresight.rule import Repair, Rule, Way

_KEYS = frozenset({"rule", "severity", "about", "source", "read", "when", "find", "unless", "title", "detail", "fix"})
_NEEDED = ("rule", "severity", "about", "source")


def rules(path: Path, content: Any) -> list[Rule]:
    """The rules of one file."""
    head = content if isinstance(content, Mapping) else {"rules": content}
    made = []
    for entry in head.get("rules") or []:
        try:
            made.append(_rule(entry, path.stem, head.get("read")))
        except (ValueError, TypeError, KeyError, re.error) as error:
            name = entry.get("rule", "?") if isinstance(entry, Mapping) else "?"
            raise ValueError(f"{path.name}: {name}: {error}") from error
    return made


def _rule(entry: Mapping[str, Any], concern: str, read: date | None) -> Rule:
    _known(entry, _KEYS)
    missing = [key for key in _NEEDED if not entry.get(key)]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing")
    if entry["severity"] not in {"block", "warn", "info"}:
        raise ValueError(f"severity {entry['severity']!r} is none of block, warn, info")
    when = _when(entry.get("when") or {})
    find, unless = entry.get("find"), entry.get("unless")
    if (find or unless) and not when:
        raise ValueError("find without when: it would be asked of every update")
    return Rule(
        id=entry["rule"],
        severity=entry["severity"],
        about=entry["about"],
        source=entry["source"],
        concern=concern,
        read=entry.get("read") or read,
        when=when,
        find=_all(find, unless) if find or unless else None,
        title=entry.get("title") or "",
        detail=entry.get("detail") or "",
        repair=_repair(entry["fix"]) if entry.get("fix") else None,
    )


def _known(entry: Mapping[str, Any], keys: frozenset[str]) -> None:
    if not isinstance(entry, Mapping):
        raise TypeError(f"{entry!r} is no mapping")
    unknown = sorted(set(entry) - keys)
    if unknown:
        raise ValueError(f"{', '.join(map(str, unknown))}: not known here, only {', '.join(sorted(keys))}")


def _when(entry: Mapping[str, Any]) -> tuple[tuple[str, Way], ...]:
    _known(entry, frozenset({"talos", "kubernetes", "package"}))
    return tuple((name, _way(name, about)) for name, about in entry.items())


def _way(name: str, about: Any) -> Way:
    if not isinstance(about, Mapping):
        about = {"crosses": about}
    _known(about, frozenset({"name", "crosses", "from", "to", "step"}))
    if (name == "package") != ("name" in about):
        raise ValueError("package takes a name, talos and kubernetes do not")
    crosses = str(about.get("crosses") or "")
    if crosses:
        parsed(f">={crosses}")
    return Way(_texts(about.get("name")), crosses, _range(about, "from"), _range(about, "to"), _range(about, "step"))


def _range(about: Mapping[str, Any], key: str) -> Range | None:
    return parsed(str(about[key])) if key in about else None


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(each) for each in value) if isinstance(value, list) else (str(value),)


def _repair(entry: Mapping[str, Any]) -> Repair:
    _known(entry, frozenset({"drop", "set", "replace"}))
    if "replace" in entry:
        old, new = entry["replace"]
        return Repair(replace=(re.compile(old).pattern, new))
    return Repair(value=str(entry["set"])) if "set" in entry else Repair(drop=bool(entry.get("drop")))


def _all(value: Any, unless: Any = None) -> All:
    """What must not be there stands beside what must, so that both speak of the same node."""
    entries = value if isinstance(value, list) else [value] if value else []
    wanted = [entry for entry in entries if set(entry) != {"none"}]
    unwanted = [each for entry in entries if set(entry) == {"none"} for each in _several(entry["none"])]
    return All(_several(wanted), (*unwanted, *_several(unless)))


def _several(value: Any) -> tuple[Condition, ...]:
    if not value:
        return ()
    entries = value if isinstance(value, list) else [value]
    made = [_condition(word, about) for entry in entries for word, about in entry.items()]
    return tuple(sorted(made, key=lambda condition: isinstance(condition, found.Live)))  # the cluster is asked last


def _condition(word: str, about: Any) -> Condition:
    if word not in _CONDITIONS:
        raise ValueError(f"{word}: no such condition, only {', '.join(sorted(_CONDITIONS))}")
    return _CONDITIONS[word](about)


def _paths(value: Any) -> tuple[str, ...]:
    texts = _texts(value)
    for text in texts:
        pattern(text)
    return texts


def _regex(value: Any) -> str:
    return re.compile(str(value)).pattern if value is not None else ""


def _has(value: Any) -> dict[str, str]:
    entries = value if isinstance(value, Mapping) else dict.fromkeys(_texts(value))
    return {_paths(path)[0]: _regex(wanted) for path, wanted in entries.items()}


def _config(about: Any) -> Condition:
    if not isinstance(about, Mapping):
        return found.Config(_paths(about))
    _known(about, frozenset({"kind", "path", "value", "not", "key"}))
    values = {"value": about.get("value"), "unlike": about.get("not"), "key": about.get("key")}
    paths = _paths(about.get("path"))
    if not paths and (any(values.values()) or not about.get("kind")):
        raise ValueError("config without a path asks for a kind alone")
    return found.Config(paths, str(about.get("kind") or ""), **{key: _regex(v) for key, v in values.items()})


def _object(about: Any) -> Condition:
    _known(about, frozenset({"kind", "api", "name", "chart", "has", "lacks"}))
    kinds = _texts(about.get("kind")) or (("HelmRelease",) if about.get("chart") else ())
    return found.Object(
        kinds,
        _texts(about.get("api")),
        str(about.get("name") or ""),
        _texts(about.get("chart")),
        _has(about.get("has") or {}),
        _paths(about.get("lacks")),
    )


def _live(about: Any) -> Condition:
    _known(about, frozenset({"api", "kind", "has", "lacks", "older"}))
    older = {_paths(path)[0]: _age(age) for path, age in (about.get("older") or {}).items()}
    return found.Live(about["api"], about["kind"], _has(about.get("has") or {}), _paths(about.get("lacks")), older)


def _age(text: str) -> timedelta:
    matched = re.fullmatch(r"(\d+)([mhd])", str(text))
    if not matched:
        raise ValueError(f"{text!r} is no age: 30m, 12h, 2d")
    return int(matched[1]) * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[matched[2]]


def _held(about: Any) -> Condition:
    _known(about, frozenset({"name", "version"}))
    return found.Held(_texts(about["name"]), _range(about, "version"))


def _runs(about: Any) -> Condition:
    _known(about, frozenset({"talos", "kubernetes"}))
    return All(tuple(found.Runs(system, parsed(str(text))) for system, text in about.items()))


def _text(about: Any) -> Condition:
    _known(about, frozenset({"files", "match"}))
    return found.Text(_texts(about["files"]), _regex(about["match"]))


_CONDITIONS: dict[str, Callable[[Any], Condition]] = {
    "config": _config,
    "object": _object,
    "extension": lambda about: found.Schematic(_texts(about)),
    "kernel": lambda about: found.Kernel(_regex(about)),
    "installer": lambda about: found.Installer(_regex(about)),
    "package": _held,
    "runs": _runs,
    "text": _text,
    "live": _live,
    "any": lambda about: Any_(_several(about)),
    "all": _all,
    "none": lambda about: All((), _several(about)),
}
