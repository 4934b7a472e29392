"""The table of the benchmarks: for a terminal, for the README, and as JSON with the machine it was made on."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.figure import Figure

LAST = Path(__file__).with_name("last.json")
_MARKS = {True: "met", False: "missed", None: ""}
_PACKAGES = ("textual", "kubernetes", "sh", "gitpython", "pyyaml", "orjson")


def document(figures: Sequence[tuple[str, Figure]], runs: int) -> dict[str, Any]:
    """Everything, for JSON. ``figures`` by the row that they belong to."""
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "machine": _machine(),
        "versions": {"python": platform.python_version(), "git": _git()} | {name: version(name) for name in _PACKAGES},
        "runs": runs,
        "figures": [{"row": row} | figure.document() for row, figure in figures],
    }


def _machine() -> dict[str, Any]:
    info = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return {
        "cpu": model.group(1).strip() if model else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def _git() -> str:
    return subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.split()[2]


def table(made: dict[str, Any]) -> list[str]:
    """For a terminal."""
    rows = [_cells(each) for each in made["figures"]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(_HEAD, widths, strict=True)).rstrip()]
    for each, row in zip(made["figures"], rows, strict=True):
        lines.append("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        lines += [f"    {each['why']}"] if _is_told(each) else []
    return lines


def markdown(made: dict[str, Any]) -> str:
    """For the README: the table, what remains of what is missed, and on what it was measured."""
    lines = [f"| {' | '.join(_HEAD)} |", "|" + "---|" * len(_HEAD)]
    lines += [f"| {' | '.join(_cells(each))} |" for each in made["figures"]]
    told: dict[str, list[str]] = {}
    for each in made["figures"]:
        if _is_told(each):
            told.setdefault(each["why"], []).append(each["what"])
    notes = [f"- {'; '.join(names)}: {why}" for why, names in told.items()]
    machine, versions = made["machine"], made["versions"]
    where = (
        f"Measured {made['at'][:10]} on {machine['cores']} cores ({machine['cpu']}, {machine['system']}, load "
        f"{machine['load'][0]}), with {', '.join(f'{name} {number}' for name, number in versions.items())}. "
        "A value is the median of its runs, with the lowest and the highest; a ratio is the median of the runs' ratios."
    )
    return "\n".join([*lines, "", *([*notes, ""] if notes else []), where])


def load(path: Path = LAST) -> dict[str, Any]:
    """What was measured last."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _is_told(each: dict[str, Any]) -> bool:
    return bool(each["why"]) and (each["met"] is False or not each["runs"])


_HEAD = ("what", "measured", "beside it", "ratio", "goal", "")


def _cells(each: dict[str, Any]) -> tuple[str, ...]:
    ours = f"{_spread(each['runs'])} {each['unit']}" if each["runs"] else "not measured"
    beside = f"{each['beside']}: {_number(each['besideMedian'])}" if each["besideRuns"] else each["beside"]
    ratio = f"{each['ratio']:.2f}" if each["ratio"] is not None else ""
    return each["what"], ours, beside, ratio, each["goal"], _MARKS[each["met"]]


def _spread(values: Sequence[float]) -> str:
    ordered = sorted(values)
    middle = _number(_median(ordered))
    low, high = _number(ordered[0]), _number(ordered[-1])
    return middle if low == high else f"{middle} ({low}–{high})"


def _median(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def write(made: dict[str, Any], path: Path) -> None:
    """As JSON."""
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def lines(made: dict[str, Any]) -> Iterable[str]:
    """The table, and on what it was measured."""
    yield from table(made)
    machine = made["machine"]
    yield f"\n{machine['cores']} cores, {machine['cpu']}, load {machine['load'][0]}"
