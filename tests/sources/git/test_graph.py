"""Ahead and behind, for any history, as git itself counts them."""

import random
from pathlib import Path

import pytest

from console.sources.git.graph import Trunk, forks
from console.sources.git.runner import Git, Repository
from tests.sources.git.workshop import Workshop


@pytest.mark.parametrize("seed", range(6))
def test_counts_are_those_of_rev_list(workshop: Workshop, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same histories each time
    commits, stream = 60, []
    for number in range(1, commits + 1):
        parents = dice.sample(range(1, number), min(number - 1, dice.choice((1, 1, 1, 2, 3)))) if number > 1 else []
        if dice.random() < 0.05:
            parents = []
        stream.append(f"reset refs/heads/c{number}\n\ncommit refs/heads/c{number}\nmark :{number}\n")
        stream.append(f"committer A <a@b> {1_700_000_000 + number} +0000\ndata 1\nx\n")
        stream += [f"{'merge' if i else 'from'} :{parent}\n" for i, parent in enumerate(parents)]
        stream.append(f"M 100644 inline f{number}\ndata 1\nx\n\n")
    workshop.git("fast-import", "--quiet", stdin="".join(stream).encode())
    tips = [workshop.tip(f"c{number}") for number in range(1, commits + 1)]
    repository = Repository(Git(environ=workshop.environ), Path(workshop.remote))
    main = dice.choice(tips[30:])
    found = forks(repository, Trunk.read(repository, main), main, tips)
    for tip in tips:
        behind, ahead = workshop.git("rev-list", "--left-right", "--count", f"{main}...{tip}").split()
        assert (len(found[tip].ahead), found[tip].behind) == (int(ahead), int(behind))
        if len(found[tip].points) == 1:
            assert found[tip].points[0] == workshop.git("merge-base", main, tip)
