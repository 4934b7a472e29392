"""What is said of words that mean nothing, and short words that mean something."""

import pytest

from console.cli import commands, looking
from console.cli.arguments import parse
from console.model.flux import FluxKey
from console.sources.errors import UsageError


@pytest.mark.parametrize(
    ("text", "kind"), [("ks", "Kustomization"), ("hr", "HelmRelease"), ("OCIRepo", "OCIRepository")]
)
def test_short_names_of_kinds_are_understood(text: str, kind: str) -> None:
    assert commands.reference(f"{text}/media/plex") == FluxKey(kind, "media", "plex")
    assert looking.reference(f"{text}/media/plex") == FluxKey(kind, "media", "plex")


@pytest.mark.parametrize("words", [["--nonsense"], ["approve", "x", "--nonsense"]])
def test_the_program_is_named_once_by_who_prints_it(words: list[str]) -> None:
    with pytest.raises(UsageError) as found:
        parse(words)
    assert not found.value.message.startswith("homeconsole")
