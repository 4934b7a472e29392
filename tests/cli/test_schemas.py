"""Every answer in JSON has its schema, which is sound, printed, and says what there is."""

import argparse
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from console.cli.arguments import COMMANDS, parse
from console.cli.itself import SCHEMAS
from console.model.flux_detail import LogLine
from console.plain import config, doctor, document, log
from console.settings.schema import DIALECT
from console.sources.errors import UsageError
from tests.answers import NAMES, check, published
from tests.cli.conftest import Shell

# What opens a screen, or prints what is no document of ours.
NO_ANSWER = {"demo", "completion", "man", "manifests", "schema"}


def test_every_command_that_answers_has_one() -> None:
    assert set(NAMES) == set(COMMANDS) - NO_ANSWER


@pytest.mark.parametrize("name", NAMES)
def test_it_is_sound_and_names_its_command(name: str) -> None:
    schema = published(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT
    assert schema["$defs"]["schema"] == {"const": f"homeconsole/{name}/v1"}
    assert schema["description"]


@pytest.mark.parametrize("name", NAMES)
def test_an_error_is_an_answer_of_every_command(name: str) -> None:
    check(document.error(name, UsageError("no", "yes")))


def test_it_is_printed_as_it_stands(nowhere: Shell) -> None:
    assert nowhere.run("schema", "status").out == (SCHEMAS / "status.json").read_text(encoding="utf-8")
    assert nowhere.run("schema").out.split() == list(NAMES)
    unknown = nowhere.run("schema", "nonesuch")
    assert (unknown.code, "status" in unknown.err) == (2, True)


@pytest.mark.parametrize("wrong", [{"healthy": "yes"}, {"checks": None}, {"extra": 1}, {"checks": [{"name": "x"}]}])
def test_what_is_not_as_it_says_is_found(wrong: dict[str, Any]) -> None:
    answer = doctor.document([doctor.Check("git", "ok", "2.39.5")])
    check(answer)
    with pytest.raises(AssertionError, match=r"doctor\.json"):
        check(answer | wrong)


def test_a_reader_has_room_for_keys_that_come_later() -> None:
    answer = config.document(Path("/none"), []) | {"later": 1}
    jsonschema.validate(answer, published("config"))


def test_a_line_of_a_log_is_an_answer() -> None:
    check(log.document(LogLine(None, "", "text", "kernel")))


def test_the_words_are_still_read_as_ever() -> None:
    assert parse(["schema", "status"]) == argparse.Namespace(command="schema", name="status", output="table")
