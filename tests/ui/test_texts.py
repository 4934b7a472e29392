"""Any text that is read: selected by lines, wrapped, copied, saved, handed to pager and editor."""

import stat
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.cells import cell_len

from console.model.own import Command, Own
from console.ui.looks import Run
from console.ui.widgets.wrapping import wrapped
from tests.ui.desk import Desk
from tests.ui.user import LARGE, SMALL, User, using

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LONG = "start " + "word " * 40 + "the-end"


def reading() -> Desk:
    """A desk with a command whose output is to be read: 60 lines, then a long one."""
    desk = Desk()
    says = Command("shown", ("sh", "-c", f"seq -f 'line %g' 60; echo '{LONG}'"), ("flux",), key="ctrl+t")
    desk.own = Own(commands=(says,))
    return desk


async def opened(user: User) -> None:
    await user.presses("2", "ctrl+t")
    await user.sees("line 9", seconds=60)


async def commands(user: User, text: str) -> None:
    await user.presses(":")
    await user.types(text)
    await user.presses("enter")


async def test_lines_are_selected_by_keys_and_copied() -> None:
    async with using(reading(), SMALL) as user:
        await opened(user)
        await user.presses("j", "j", "v", "j")
        await user.sees("2 lines selected")
        await user.presses("c")
        await user.sees("copied 2 lines to the clipboard")
        assert user.app.clipboard == "line 2\nline 3"
        await user.presses("v", "G")
        await user.sees("selected", "line 60")
        await user.presses("escape")
        await user.does_not_see("selected")
        await user.presses("c")
        assert user.app.clipboard.count("line ") == 61  # in the command, too


async def test_a_selection_goes_up_too_and_to_what_is_found() -> None:
    async with using(reading(), SMALL) as user:
        await opened(user)
        await user.presses("slash")
        await user.types("line 12")
        await user.presses("enter", "v", "k", "k")
        await user.sees("3 lines selected")
        await user.presses("c")
        assert user.app.clipboard == "line 10\nline 11\nline 12"


async def test_long_lines_are_wrapped_whole_and_unwrapped() -> None:
    async with using(reading(), SMALL) as user:
        await opened(user)
        await user.presses("G")
        await user.does_not_see("the-end")
        await user.presses("w", "G")
        await user.sees("wrapped", "start word", "the-end")
        await user.presses("w")
        await user.does_not_see("the-end")


@pytest.mark.parametrize("width", [10, 23, 80])
@pytest.mark.parametrize("text", [LONG, "x" * 200, "漢字" * 60, "日 " * 50], ids=["words", "one", "wide", "wide words"])
def test_what_is_wrapped_fits_and_loses_nothing(width: int, text: str) -> None:
    lines = wrapped((Run(text[:7], "bad"), Run(text[7:], "muted")), width, NOW)
    told = ["".join(run.text for run in line) for line in lines]
    assert all(cell_len(line) <= width for line in told)
    assert "".join([told[0], *(line[2:] for line in told[1:])]) == text
    assert lines[0][0].style == "bad"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("  applied by   Kustomization/media/plex", ["  applied by   ", "    Kustomization/media/plex"]),
        ("  schematic    " + "3" * 48, ["  schematic    " + "3" * 15, "    " + "3" * 26, "    " + "3" * 7]),
        ("  " + "x" * 40, ["  " + "x" * 28, "    " + "x" * 12]),
    ],
)
def test_a_word_that_fits_on_the_next_line_is_not_cut_and_what_goes_on_stands_further_in(
    text: str, told: list[str]
) -> None:
    assert ["".join(run.text for run in line) for line in wrapped((Run(text),), 30, NOW)] == told


async def test_a_text_is_saved_for_its_owner_alone_and_a_file_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    async with using(reading(), SMALL) as user:
        await opened(user)
        await commands(user, f"save {path}")
        await user.sees("62 lines are in")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text().splitlines()[1] == "line 1"
        path.write_text("mine\n" * 1000)
        await user.presses("v")
        await commands(user, f"save {path}")
        await user.sees("Overwrite kept.txt", "5000")
        await user.presses("n")
        assert path.read_text().startswith("mine")
        await commands(user, f"save {path}")
        await user.presses("y")
        await user.sees("1 line is in")
        assert path.read_text().startswith("$ sh -c")
        assert path.read_text().count("\n") == 1


async def test_where_it_cannot_be_saved_is_told(tmp_path: Path) -> None:
    async with using(reading(), (120, 20)) as user:
        await opened(user)
        await commands(user, f"save {tmp_path / 'no' / 'where'}")
        await user.sees("No such file or directory")
        await commands(user, f"save {tmp_path}")
        await user.sees("is no file")
        await commands(user, f"save {'x' * 300}")
        await user.sees("File name too long")
        await commands(user, "save ~nobody-of-that-name/x")
        await user.sees("save: No such file or directory: ~nobody-of-that-name/x")
        await commands(user, "save")
        await user.sees("where to? :save FILE")


async def test_where_there_is_no_room_for_the_pagers_copy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with using(reading(), LARGE) as user:
        await opened(user)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
        await commands(user, "pager")
        await user.sees("nowhere can't be written")


@pytest.mark.parametrize("variable", ["PAGER", "EDITOR"])
async def test_pager_and_editor_get_the_text(variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\ncat "$1" > {tmp_path}/seen; stat -c %a "$(dirname "$1")" >> {tmp_path}/seen\n')
    program.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv(variable, str(program))
    async with using(reading(), SMALL) as user:
        await opened(user)
        await commands(user, variable.lower())
        seen = (tmp_path / "seen").read_text().splitlines()
        assert (seen[1], seen[-1]) == ("line 1", "700")
        monkeypatch.setenv(variable, "false")
        await commands(user, variable.lower())
        await user.sees("false ended with 1")
