"""Branches that are gone: did main take them? By the words that git and the forges put into a merge's subject."""

import re
from collections.abc import Sequence

from console.sources.git.runner import Repository

# git merge; GitHub's and Gitea's merge button (both name the pull request), GitLab's, and ours.
_MERGES = (
    r"Merge branch '{branch}'.*",
    r"Merge pull request .*[/ '`]{branch}[`']?.*",
    r"Merge remote-tracking branch '[^']*/{branch}'.*",
    r"Merge {branch}: .*",
    r"Update: {branch}",
)


def merged(repository: Repository, main: str, branch: str) -> str:
    """The newest commit along the first parents of ``main`` that says it merged ``branch``, and was not taken back.

    Empty for none: a squash names no branch.
    """
    commit = _newest(repository, main, [each.format(branch=re.escape(branch)) for each in _MERGES])
    return "" if commit and taken_back(repository, main, commit) else commit


def taken_back(repository: Repository, main: str, commit: str) -> bool:
    """Whether ``main`` says that it reverts ``commit``, and the newest to say so was not taken back itself."""
    back = _newest(repository, main, (f"This reverts commit {commit}.*", f"Reverts: {commit}"))
    return bool(back) and not taken_back(repository, main, back)


def _newest(repository: Repository, main: str, lines: Sequence[str]) -> str:
    patterns = [f"--grep=^{line}$" for line in lines]
    arguments = ("--max-count=1", "--first-parent", "--extended-regexp", *patterns, "--end-of-options", main)
    return repository.out("rev-list", *arguments).decode("ascii").strip()
