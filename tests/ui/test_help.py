"""``?`` tells what stands under the cursor means, what to do about it, and where that is documented."""

from dataclasses import replace
from typing import get_args

import pytest

from console.model.finding import Severity
from console.model.flux import Status
from console.model.meaning import MEANINGS
from console.model.noderows import NodeState
from console.model.rollout import Outcome
from console.model.snapshot import Topic
from console.model.updates import MARKS, UpdateType
from console.model.upgrades import UpgradeState
from console.sources import errors
from console.sources.errors import SourceError, Unauthorized
from console.ui.panes.updates import _STATES
from tests.ui.desk import TALOS, Desk
from tests.ui.test_rollout import FAILED, on_its_way
from tests.ui.user import LARGE, SMALL, using

SOURCES = {error.kind for error in vars(errors).values() if isinstance(error, type) and issubclass(error, SourceError)}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("nodes", set(get_args(NodeState))),
        ("flux", {status.value for status in Status}),
        ("updates", set(_STATES)),
        ("upgrades", set(get_args(UpgradeState))),
        ("rollout", set(get_args(Outcome))),
        ("update", (set(get_args(UpdateType)) | {"breaking", *MARKS}) - {"superseded"}),  # that is a state of it too
        ("finding", set(get_args(Severity))),
        ("source", SOURCES - {"source"}),
    ],
)
def test_every_word_has_a_meaning_and_no_meaning_is_of_a_word_that_is_gone(kind: str, words: set[str]) -> None:
    assert {word for of, word in MEANINGS if of == kind} == words


async def test_the_state_under_the_cursor_explains_itself_before_the_keys() -> None:
    async with using(Desk(), SMALL) as user:
        await user.presses("2", "question_mark")
        await user.sees("Failed", "Its last pass failed", "fluxcd.io/")
        assert user.screen.index("Its last pass failed") < user.screen.index("one line down")


async def test_each_finding_says_what_its_severity_asks_for() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("4", "question_mark")
        await user.sees("held", "A newer version waits for you", "warn   only control plane", "F takes the fix")
        await user.presses("q", "a", "question_mark")
        await user.sees("warn   only control plane", "Keys  review")


async def test_how_far_an_update_moves_and_its_marks_are_explained() -> None:
    desk = Desk()
    found = desk.snapshot()[Topic.UPDATES].items[(TALOS,)]
    desk.store.put(Topic.UPDATES, [replace(found, breaking=True, marks=("security", "unsigned"))])
    async with using(desk, LARGE) as user:
        await user.presses("3", "g", "question_mark")
        await user.sees("patch", "Repairs alone", "breaking", "mends a vulnerability", "carry no good signature")


async def test_a_rollout_explains_the_outcome_that_stands_there_alone() -> None:
    async with using(on_its_way(**FAILED), LARGE) as user:
        await user.presses("w")
        await user.sees("Rollout  Talos v1.13.8", "failed")
        await user.presses("question_mark")
        await user.sees("It has ended, and not with what was approved")
        await user.does_not_see("Nothing has moved for longer", "A later commit changed the same thing")


async def test_a_source_that_fails_explains_its_error() -> None:
    desk = Desk()
    desk.store.failed(Topic.TALOS, Unauthorized("Talos refuses our certificate", "Make a new one"))
    async with using(desk, LARGE) as user:
        await user.presses("1", "question_mark")
        await user.sees("unauthorized   Talos refuses our certificate", "Make new credentials")
