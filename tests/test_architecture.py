"""Who may import whom, and what is not imported before it is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"textual", "rich", "kubernetes", "git", "sh", "yaml", "aiohttp", "cryptography", "orjson"}


def imported(statement: str) -> set[str]:
    """The top-level packages that are loaded after ``statement`` in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def console_modules() -> list[str]:
    """Every module of these parts, by name."""
    parts = [ROOT / "console" / name for name in ("model", "operations", "foresight", "plain", "wiring")]
    files = [*(file for part in parts for file in part.rglob("*.py")), *(ROOT / "console").glob("*.py")]
    return sorted(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for file in files)


class TestContracts:
    def test_the_floors_keep_their_contracts(self) -> None:
        pytest.importorskip("importlinter", reason="comes with the extra named check")
        code = "import sys; from importlinter.cli import lint_imports_command as main; sys.exit(main())"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


class TestHygiene:
    @pytest.mark.parametrize(
        "module",
        ["console.cli", "console.cli.arguments", "console.settings", "console.wiring.embedded", "console.store",
         "console.ui.ports", "console.wiring", "console.cli.commands", "console.cli.approving"],
    )  # fmt: skip
    def test_nothing_heavy_comes_with(self, module: str) -> None:
        assert imported(f"import {module}") & HEAVY == set()

    def test_nothing_heavy_comes_with_the_model(self) -> None:
        modules = [name for name in console_modules() if name.startswith("console.model")]
        assert imported("import " + ", ".join(modules)) & HEAVY == set()

    def test_the_screen_brings_no_source_before_its_first_frame(self) -> None:
        found = imported("import console.ui.app, console.ui.screens.home, console.wiring, console.cli")
        assert found & (HEAVY - {"textual", "rich"}) == set()

    def test_no_plain_command_imports_the_screen(self) -> None:
        plain = [n for n in console_modules() if n != "console.__main__" and not n.startswith("console.ui")]
        assert imported("import " + ", ".join(plain)) & {"textual", "rich"} == set()

    @pytest.mark.parametrize("words", [["--version"], ["updates", "--bogus"]])
    def test_what_needs_no_source_loads_none(self, words: list[str]) -> None:
        statement = f"import console.cli\ntry: console.cli.main({words!r})\nexcept SystemExit: pass"
        assert imported(statement) & HEAVY == set()

    def test_updates_as_json_come_from_git_alone(self, tmp_path: Path) -> None:
        """All that the command loads, from its start to its end: neither the screen nor the way to the API."""
        git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@home.example", "-C", str(tmp_path)]
        for words in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "first"]):
            subprocess.run([*git, *words], check=True, timeout=60)
        command = [sys.executable, "-X", "importtime", "-m", "console", "updates", "-o", "json"]
        done = subprocess.run(
            [*command, "--repo", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=100, check=True
        )
        loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
        assert '"homeconsole/updates/v1"' in done.stdout
        assert "git" in loaded
        assert loaded & {"textual", "rich", "kubernetes", "sh", "aiohttp", "cryptography", "orjson"} == set()

    def test_the_console_never_imports_the_demo(self) -> None:
        code = "import sys, console.ui.app, console.wiring.examination, console.cli.commands, console.wiring.embedded\n"
        code += "print(*[name for name in sys.modules if name.startswith('console.demo')])"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout.strip() == ""
