"""What is in the wheel and in the sdist, and what they say of themselves."""

import email.message
import email.parser
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from console import __version__
from tests.packaging.conftest import ROOT

pytestmark = pytest.mark.timeout(600)
NAME = f"homeconsole-{__version__}"
DATA = (
    "console/py.typed",
    "console/cli/homeconsole.1",
    "console/wiring/rights.yaml",
    "console/wiring/status-job.yaml",
    "console/plain/schemas/status.json",
    "console/foresight/rules/talos.yaml",
    "console/foresight/knowledge/gates.csv",
    "console/ui/console.tcss",
)


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    assert path.name == f"{NAME}-py3-none-any.whl"
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> email.message.Message:
    return email.parser.Parser().parsestr(wheel.read(f"{NAME}.dist-info/METADATA").decode())


def committed(folder: str) -> set[str]:
    """What git knows below a folder, and is still there."""
    words = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", folder]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    return {name for name in said.stdout.splitlines() if (ROOT / name).is_file()}


def test_the_wheel_has_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    manual = f"{NAME}.data/data/share/man/man1/homeconsole.1"
    names = {name for name in wheel.namelist() if not name.startswith(f"{NAME}.dist-info/")}
    assert names == committed("console") | {manual}
    assert wheel.read(manual) == wheel.read("console/cli/homeconsole.1")
    assert set(DATA) <= names


def test_the_sdist_has_also_what_tests_it(built: Path) -> None:
    with tarfile.open(built / f"{NAME}.tar.gz") as sdist:
        names = {name.removeprefix(f"{NAME}/") for name in sdist.getnames()}
    assert names >= {*DATA, "pyproject.toml", "README.md", "LICENSE", "PKG-INFO", "tests/cli/test_commands.py"}
    assert not [name for name in names if "__pycache__" in name or name.startswith((".venv", ".git/", ".ci"))]


def test_it_says_what_it_is(metadata: email.message.Message) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (metadata["Name"], metadata["Version"]) == ("homeconsole", __version__)
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == project["requires-python"]
    assert metadata["Summary"] == project["description"]
    assert metadata.get_all("Provides-Extra") == ["check", "test"]
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert len(needed) == len(project["dependencies"])
    assert "# homeconsole" in str(metadata.get_payload())


def test_it_starts_by_its_name(wheel: zipfile.ZipFile) -> None:
    assert wheel.read(f"{NAME}.dist-info/entry_points.txt").decode().split() == [
        "[console_scripts]",
        "homeconsole",
        "=",
        "console.cli:main",
    ]
    assert f"{NAME}.dist-info/licenses/LICENSE" in wheel.namelist()
