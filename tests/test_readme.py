"""What the README says is so."""

import contextlib
import re
import shlex
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from console import cli
from console.cli import arguments
from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.sources.errors import UsageError
from tests.cli.conftest import environment
from tests.readme import README, ROOT, renewed
from tests.screenshots import FOLDER, PICTURES, Picture, make

pytestmark = pytest.mark.timeout(600)
TEXT = README.read_text(encoding="utf-8")
STORY = FOLDER / "README.md"
_ALTERNATIVES = re.compile(r"\w+(\|\w+)+")
_UPDATE = "renovate/siderolabs-talos-1.x"
# What stands for the operator's own words. Of a hold, and of what it takes to let it go, another update is the example.
_MEANT = {
    "UPDATE": _UPDATE,
    "COMMIT": "main",
    "KIND/NAMESPACE/NAME": "Kustomization/media/sonarr",
    "NODE": "k8s-control-1",
    "COMMAND": "status",
    "TEXT": "because",
    "--ack RULE=REASON": "",
    "1800": "5",
    "60": "1",
}
# Not run here: they take a terminal, or go on until they are ended. tests/ui/test_terminal.py and tests/demo run them.
_LONG = {"demo", ""}
# What an answer says by its exit code, on the demo as it begins: grafana fails, nothing was approved or is held yet.
_CODES = {"status": 1, "release": 1, "watch": 2}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    """Every ``homeconsole …`` that stands after a prompt; where alternatives stand, with each of them."""
    found = set()
    for line in re.findall(r"^\$ (?:eval .*\$\()?(homeconsole .*)$", TEXT, re.MULTILINE):
        plain = re.split(r" #| \| |\)\"|&\s*$", line)[0].replace("[", "").replace("]", "")
        alternatives = _ALTERNATIVES.search(plain)
        words = alternatives.group().split("|") if alternatives else [""]
        found |= {_ALTERNATIVES.sub(word, plain).strip() for word in words}
    return sorted(found)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoThread]:
    with DemoThread(Topology()) as running:
        yield running


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For all that only look: the repository is cloned once."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def at_home(line: str, demo: DemoThread, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where ``line`` runs: what writes has a state folder of its own."""
    variables = {**environment(tmp_path, demo), "HOMECONSOLE_TALOSCTL": str(demo.bin / "talosctl")}
    if "--write" not in line:
        variables["XDG_STATE_HOME"] = str(state)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


def test_its_lists_are_made_from_the_code() -> None:
    assert renewed(TEXT) == TEXT, "stale: python -m tests.readme"


def test_the_first_two_blocks_are_one_line_each() -> None:
    first, second = blocks("sh")[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert first.strip().endswith("homeconsole demo")
    assert second.strip().endswith("pytest")


@pytest.mark.parametrize("line", commands())
def test_every_command_is_one(line: str) -> None:
    arguments.parse(shlex.split(line)[1:])


def test_every_mention_of_a_command_is_of_one() -> None:
    for line in re.findall(r"`homeconsole ([a-z-][^`…]*)`", TEXT + STORY.read_text(encoding="utf-8")):
        with contextlib.suppress(UsageError) if len(line.split()) == 1 else contextlib.nullcontext():
            arguments.parse(shlex.split(line.partition(" | ")[0]))
        assert line.startswith("-") or line.split()[0] in arguments.COMMANDS


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("line", [line for line in commands() if shlex.split(line)[1] not in _LONG])
def test_every_command_does_what_it_says_on_the_demo(
    line: str, demo: DemoThread, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, meant in _MEANT.items():
        line = re.sub(rf"(?<![\w-]){re.escape(name)}(?!\w)", meant, line)
    words = shlex.split(line)[1:]
    heads = {"--head": _UPDATE, "revert": "main"}
    words = [_head(demo, heads[before]) if before in heads else word for before, word in pairwise(["", *words])]
    code = cli.main(words)
    out, err = capsys.readouterr()
    assert code == _CODES.get(words[0], 0), err
    assert out or err  # steps, and what is refused, are no data
    assert "Traceback" not in err


def _head(demo: DemoThread, name: str) -> str:
    git = ["git", f"--git-dir={demo.repository}", "rev-parse", name]
    return subprocess.run(git, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_every_picture_is_there_and_none_is_left_over() -> None:
    shown = set(re.findall(r"\(screenshots/([\w-]+)\.svg\)", TEXT))
    told = set(re.findall(r"\(([\w-]+)\.svg\)", STORY.read_text(encoding="utf-8")))
    assert shown <= {picture.name for picture in PICTURES} == {path.stem for path in FOLDER.glob("*.svg")}
    assert told <= {picture.name for picture in PICTURES}
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_shows_the_console_as_it_is(picture: Picture) -> None:
    shown = (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")
    assert make(picture) == shown, f"stale: python -m tests.screenshots {picture.name}"
