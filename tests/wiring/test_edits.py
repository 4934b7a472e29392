"""Edits of the operator on a review, through the desk, on a real repository."""

from dataclasses import replace
from pathlib import Path

import pytest

from console.model.review import FileEdit
from console.model.snapshot import Topic
from console.settings import load
from console.sources.errors import Refused
from console.wiring import Console
from tests.operations import remote as remotes
from tests.operations.remote import TALENV, TALOS_BRANCH, introduce

_OF_GIT = (Topic.REPOSITORY, Topic.UPDATES)


def test_a_kept_edit_is_refused_when_the_branch_has_another_file_than_it_was_made_from(tmp_path: Path) -> None:
    introduce()
    remote = remotes.build(tmp_path)
    here = tmp_path / "here"
    desk = Console(replace(load({}, {"HOME": str(here)}), repository=str(remote.bare), state=here / "state"))
    desk.start(_OF_GIT)
    try:
        assert desk.read(_OF_GIT, 60)
        made = desk.review(TALOS_BRANCH)
        data = desk.planned(made, TALENV)
        edits = (FileEdit(TALENV, data + b"# mine\n", data),)
        assert desk.review(TALOS_BRANCH, edits=edits).edits == edits

        remote.push(TALENV, data.decode().replace("v1.13.8", "v1.13.9"), branch=TALOS_BRANCH)
    finally:
        desk.stop()
    desk = Console(desk.settings)
    desk.start(_OF_GIT)
    try:
        assert desk.read(_OF_GIT, 60)
        with pytest.raises(Refused, match="the edit would undo what moved"):
            desk.review(TALOS_BRANCH, edits=edits)
    finally:
        desk.stop()
