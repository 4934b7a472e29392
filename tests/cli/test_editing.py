"""Versions without a branch, holds, releases and reverts without a screen, on the embedded cluster's repository."""

from collections.abc import Iterator

import pytest

from console.demo.thread import DemoThread
from console.demo.world import Topology
from tests.cli.conftest import Shell
from tests.terminal import terminal

PLEX = "renovate/ghcr.io-home-operations-plex-1.x"
IMAGE = "ghcr.io/home-operations/plex"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoThread]:
    """One for all: each test takes another update."""
    with DemoThread(Topology()) as running:
        yield running


def shown(shell: Shell, path: str) -> str:
    return shell.git("show", f"main:{path}")


def test_a_hold_is_a_commit_that_renovate_honours_and_release_takes_it_away(shell: Shell) -> None:
    before = shell.git("for-each-ref")
    words = ("hold", PLEX, "--reason", "the tuner breaks", "--until", "2099-01-31", "-o", "json")
    dry = shell.run(*words, "--dry-run")
    assert (dry.code, dry.json["schema"], dry.json["outcome"]) == (0, "homeconsole/hold/v1", "dry-run")
    assert dry.json["commit"] is None
    refused = shell.run(*words, "--yes")
    assert (refused.code, refused.json["outcome"]) == (1, "refused")
    assert "Nobody was asked" in shell.run(*words, "--write").json["reason"]
    assert shell.git("for-each-ref") == before

    ran = shell.run(*words, "--yes", "--write")
    assert (ran.code, ran.json["outcome"]) == (0, "pushed")
    assert ran.json["commit"] == shell.git("rev-parse", "main")
    text = shown(shell, ".renovaterc.json5")
    assert "// The last one wins: node upgrades wait for a person." in text
    assert f'matchDepNames: ["{IMAGE}"],\n      enabled: false\n' in text
    listed = {each["branch"]: each for each in shell.run("updates", "-o", "json").json["updates"]}
    assert listed[PLEX]["hold"]["reason"] == "the tuner breaks (until 2099-01-31)"
    assert listed[PLEX]["hold"]["by"] == "Ada Op"
    assert shell.run(*words, "--yes", "--write").json["outcome"] == "noop"

    ran = shell.run("release", IMAGE, "--yes", "--write", "-o", "json")
    assert (ran.code, ran.json["schema"], ran.json["outcome"]) == (0, "homeconsole/release/v1", "pushed")
    assert IMAGE not in shown(shell, ".renovaterc.json5")
    ran = shell.run("release", PLEX, "--yes", "--write", "-o", "json")
    assert (ran.code, ran.json["outcome"]) == (1, "refused")


def test_a_revert_takes_back_what_was_approved_once(shell: Shell) -> None:
    branch = "renovate/ghcr.io-home-operations-qbittorrent-rolling"
    commit = shell.run("approve", branch, "--yes", "--write", "-o", "json").json["commit"]
    after = shell.git("rev-parse", "main^1^{tree}")
    ran = shell.run("revert", commit[:8], "--yes", "--write", "-o", "json")
    assert (ran.code, ran.json["schema"], ran.json["outcome"]) == (0, "homeconsole/revert/v1", "pushed")
    assert shell.git("diff-tree", "-r", "--name-only", after, "main") == ".renovaterc.json5"
    assert shell.git("log", "-1", "--format=%(trailers:key=Reverts,valueonly)", "main") == commit
    ran = shell.run("revert", commit, "--yes", "--write", "-o", "json")
    assert (ran.code, ran.json["outcome"]) == (0, "noop")


def test_a_revert_of_what_reaches_far_needs_more_than_yes(shell: Shell) -> None:
    branch = "renovate/major-immich"
    words = ("--yes", "--write", "-o", "json", "--reason", "photos are gone")
    commit = shell.run("approve", branch, "--head", shell.git("rev-parse", branch), *words).json["commit"]
    short = shell.run("revert", commit[:8], *words)
    assert (short.code, short.json["outcome"]) == (1, "refused")
    assert "needs more than --yes" in short.json["reason"]
    assert commit in short.json["hint"]
    assert shell.git("rev-parse", "main") == commit
    with terminal(shell.command("revert", commit, *words[1:2]), columns=120, env=shell.environment) as screen:
        screen.sees(f"Type {commit[:7]} to go on:")
        assert f"On home, in {shell.environment['HOMECONSOLE_REPOSITORY']}, branch main" in screen.raw.decode()
        screen.presses("y\r")
        assert screen.ends() == 1
    assert shell.git("rev-parse", "main") == commit
    ran = shell.run("revert", commit, *words)
    assert (ran.code, ran.json["outcome"]) == (0, "pushed")


def test_a_version_that_no_branch_offers_is_written_at_every_place(shell: Shell) -> None:
    dry = shell.run("approve", "talos@v1.13.9", "--dry-run", "-o", "json")
    assert (dry.code, dry.json["outcome"], dry.json["update"]) == (0, "dry-run", "talos@v1.13.9")
    assert any(note.startswith("talos/talenv.yaml:2: ") for note in dry.json["notes"])
    head = dry.json["reviewed"]["head"]
    words = ("approve", "talos@v1.13.9", "--yes", "--write", "-o", "json")
    assert shell.run(*words).json["outcome"] == "refused"
    ran = shell.run(*words, "--head", head, "--reason", "asked for")
    assert (ran.code, ran.json["outcome"]) == (0, "pushed")
    changed = shell.git("diff-tree", "-r", "--name-only", "main~1", "main").splitlines()
    assert "talos/talenv.yaml" in changed
    assert "kubernetes/apps/system/tuppr/upgrades/talosupgrade.yaml" in changed
    assert shell.run(*words, "--head", head).json["outcome"] == "noop"
    refused = shell.run("revert", ran.json["commit"], "--yes", "--write", "-o", "json")
    assert (refused.code, refused.json["outcome"]) == (1, "refused")
    assert "talosctl rollback" in refused.json["hint"]


@pytest.mark.parametrize(
    "words", [("hold", PLEX), ("hold", PLEX, "--reason", "x", "--until", "soon"), ("revert", "main")]
)
def test_wrong_words_are_wrong_usage(shell: Shell, words: tuple[str, ...]) -> None:
    ran = shell.run(*words, "-o", "json")
    assert (ran.code, ran.json["error"]["kind"] in {"usage", "not-found"}) == (2, True)
