"""The files of a bare clone before a commit."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.foresight.histories.mirrors import clone_of, files_before

WHO = {f"GIT_{role}_{what}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(folder: Path, *words: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **WHO}
    done = subprocess.run(
        ["git", "-C", str(folder), *words], env=environment, capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def clones(tmp_path: Path) -> tuple[Path, str]:
    """A folder with one clone, and the newest of its two commits."""
    work = tmp_path / "work"
    work.mkdir()
    git(work, "init", "-q", "-b", "main")
    for text in ("one\n", "two\n\nmore\n"):
        (work / "a b.yaml").write_text(text)
        (work / "empty.yaml").write_text("")
        (work / "picture.png").write_text("x")
        git(work, "add", ".")
        git(work, "commit", "-q", "-m", text)
    folder = tmp_path / "clones"
    folder.mkdir()
    git(tmp_path, "clone", "-q", "--bare", str(work), str(folder / "owner+name"))
    return folder, git(work, "rev-parse", "HEAD")


def test_what_stood_before_a_commit_is_read(clones: tuple[Path, str]) -> None:
    folder, head = clones
    clone = clone_of(folder, "owner/name")
    assert clone
    assert files_before(clone, head) == {"a b.yaml": b"one\n", "empty.yaml": b""}


def test_a_repository_without_a_clone_is_none(clones: tuple[Path, str]) -> None:
    assert clone_of(clones[0], "owner/other") is None
