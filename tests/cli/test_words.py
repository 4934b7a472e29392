"""What is said of words that mean nothing, and short words that mean something."""

import pytest

from console.cli import commands
from console.cli.arguments import COMMANDS, parse
from console.model.flux import FluxKey
from console.sources.errors import UsageError


@pytest.mark.parametrize(
    ("text", "kind"), [("ks", "Kustomization"), ("hr", "HelmRelease"), ("OCIRepo", "OCIRepository")]
)
def test_short_names_of_kinds_are_understood(text: str, kind: str) -> None:
    assert commands.reference(f"{text}/media/plex") == FluxKey(kind, "media", "plex")
    assert commands.reference(f"{text}/media/plex", of_flux=False) == FluxKey(kind, "media", "plex")


def test_kinds_that_are_not_of_flux_are_looked_at_and_not_reconciled() -> None:
    assert commands.reference("Pod/media/plex-0", of_flux=False) == FluxKey("Pod", "media", "plex-0")
    with pytest.raises(UsageError, match="'Pod' is no kind of Flux"):
        commands.reference("Pod/media/plex-0")


@pytest.mark.parametrize("words", [["--nonsense"], ["approve", "x", "--nonsense"]])
def test_the_program_is_named_once_by_who_prints_it(words: list[str]) -> None:
    with pytest.raises(UsageError) as found:
        parse(words)
    assert not found.value.message.startswith("homeconsole")


@pytest.mark.parametrize("words", [["nonsense"], ["nonsense", "status"], ["--mouse", "nonsense"]])
def test_a_word_that_is_no_command_is_answered_with_all_there_are(words: list[str]) -> None:
    with pytest.raises(UsageError, match="'nonsense'") as found:
        parse(words)
    assert [name for name in COMMANDS if f"'{name}'" not in found.value.message] == []


@pytest.mark.parametrize("words", [["--help"], ["-h", "status"], ["--repo", "demo", "--help"]])
def test_the_help_lists_every_command_whatever_else_is_said(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(words)
    printed = capsys.readouterr().out.split()
    assert [name for name in COMMANDS if name not in printed] == []
