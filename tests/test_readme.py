"""What the README says is so."""

import re
import shlex

import pytest

from console.cli import arguments
from tests.readme import README, ROOT, renewed
from tests.screenshots import FOLDER, PICTURES, Picture, make

TEXT = README.read_text(encoding="utf-8")
_ALTERNATIVES = re.compile(r"\w+(\|\w+)+")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    """Every ``homeconsole …`` that stands after a prompt; where alternatives stand, with each of them."""
    found = []
    for line in re.findall(r"^\$ (homeconsole .*)$", TEXT, re.MULTILINE):
        plain = re.sub(r"#.*|&\s*$", "", line).replace("[", "").replace("]", "")
        alternatives = _ALTERNATIVES.search(plain)
        words = alternatives.group().split("|") if alternatives else [""]
        found += [_ALTERNATIVES.sub(word, plain) for word in words]
    return found


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


def test_every_picture_is_there_and_none_is_left_over() -> None:
    shown = set(re.findall(r"\(screenshots/([\w-]+)\.svg\)", TEXT))
    assert shown <= {picture.name for picture in PICTURES} == {path.stem for path in FOLDER.iterdir()}
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_shows_the_console_as_it_is(picture: Picture) -> None:
    shown = (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")
    assert make(picture) == shown, f"stale: python -m tests.screenshots {picture.name}"
