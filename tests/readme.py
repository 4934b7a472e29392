"""The parts of the README that are made from the code: ``python -m tests.readme`` writes them, and the manual."""

import re
from pathlib import Path

from console.cli.itself import MANUAL
from console.settings.keys import KEYS
from console.ui import keymap
from tests.benchmarks import report

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def configuration() -> str:
    """Every key of the configuration file, with its variable and its flag."""
    lines = ["| key | what for | expected | environment | flag |", "|---|---|---|---|---|"]
    for key in KEYS:
        cells = (key.path, key.variable, key.flag)
        path, variable, flag = (f"`{cell}`" if cell else "" for cell in cells)
        lines.append(f"| {path} | {key.says} | {key.expected} | {variable} | {flag} |")
    return "\n".join(lines)


def made() -> dict[str, str]:
    """What stands between ``<!-- name -->`` and ``<!-- /name -->``, by name."""
    return {
        "keys": keymap.listing().strip(),
        "configuration": configuration(),
        "benchmarks": report.markdown(report.load()),
    }


def renewed(text: str) -> str:
    """The README with these parts as they are now."""
    for name, part in made().items():
        pattern = re.compile(rf"<!-- {name} -->.*?<!-- /{name} -->", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"README.md: expected one <!-- {name} --> … <!-- /{name} -->")
        whole = f"<!-- {name} -->\n{part}\n<!-- /{name} -->"
        text = pattern.sub(whole.replace("\\", r"\\"), text)
    return text


if __name__ == "__main__":
    from tests import manual  # another page of the same words

    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
    MANUAL.write_text(manual.page(), encoding="utf-8")
