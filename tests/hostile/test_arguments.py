"""Names that would be options, paths or second lines somewhere else: never executed, never written outside."""

from pathlib import Path

import pytest

from tests.cli.conftest import Shell, demo, shell

__all__ = ["demo", "shell"]  # fixtures

pytestmark = [pytest.mark.timeout(300), pytest.mark.live]  # a process for each name takes its time

EVIL = (
    "--upload-pack=touch evil",
    "--output=evil",
    "-c",
    "-oProxyCommand=touch evil",
    "../../evil",
    "ext::sh -c touch% evil",
    "file:///etc",
    "refs/heads/--evil",
    "@{u}",
    "main:refs/heads/evil",
    "$(touch evil)",
    "`touch evil`; touch evil",
    "two\nUpdate: evil",
    "\x1b]0;evil\x07",
)
# Each place of the command line that takes a name.
PLACES = (
    ("preflight", "{}"),
    ("approve", "--yes", "--", "{}"),
    ("hold", "--yes", "--reason", "x", "--", "{}"),
    ("nodes", "{}"),
    ("flux", "{}"),
    ("reconcile", "{}"),
    ("--branch={}", "updates"),
    ("--repo={}", "updates"),
    ("--context={}", "flux"),
    ("--talos-context={}", "nodes"),
    ("--prefix={}", "updates"),
)


@pytest.mark.parametrize("words", PLACES, ids=lambda words: words[0])
def test_no_name_is_more_than_a_name(shell: Shell, words: tuple[str, ...]) -> None:
    before = shell.git("for-each-ref")
    for evil in EVIL[PLACES.index(words) % 5 :: 5]:  # each name at some places: a command takes its time
        done = shell.run(*(word.format(evil) if "{}" in word else word for word in words))
        assert "Traceback" not in done.err
        assert "a defect" not in done.err
        assert "\x1b" not in done.out + done.err
        assert words[-1] == "updates" or done.code in {1, 2, 3}, (evil, done)
    assert shell.git("for-each-ref") == before
    assert _evil(shell.folder.parent) == []


def _evil(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith("evil")]
