"""Completion as the shells themselves make it of the script, and the manual as its reader takes it."""

import argparse
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from console.cli import completion
from console.cli.arguments import COMMANDS, parser
from console.cli.itself import MANUAL
from tests import manual
from tests.terminal import terminal

UPDATE = "renovate/siderolabs-talos-1.x"
SHELLS = ("bash", "zsh", "fish")
CASES = [
    ("homeconsole pre", {"preflight"}),
    ("homeconsole --wri", {"--write"}),
    ("homeconsole demo --scen", {"--scenario"}),
    ("homeconsole demo --scenario dr", {"drain-stuck"}),
    ("homeconsole --context home status --out", {"--output"}),
    ("homeconsole -o js", {"json"}),
    ("homeconsole config in", {"init"}),
    ("homeconsole status --scen", set()),
    (f"homeconsole approve {UPDATE[:-8]}", {UPDATE}),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a clone in which one update is known."""
    home = tmp_path_factory.mktemp("home")
    clone = home / ".local" / "state" / "homeconsole" / "repos" / "home-ops-1.git"
    subprocess.run(["git", "init", "-q", "--bare", str(clone)], check=True, timeout=60, env=_env(home))
    tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # the empty one, which git knows always
    who = ("-c", "user.name=a", "-c", "user.email=a@home.example")
    words = ["git", "-C", str(clone), *who, "commit-tree", "-m", "x", tree]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60, env=_env(home))
    for name in (UPDATE, "main"):
        git = ["git", "-C", str(clone), "update-ref", f"refs/remotes/origin/{name}", said.stdout.strip()]
        subprocess.run(git, check=True, timeout=60, env=_env(home))
    for shell in SHELLS:
        (home / shell).write_text(completion.script(shell, parser()))
    return home


def _env(home: Path) -> dict[str, str]:
    state = str(home / ".local" / "state")
    return {"HOME": str(home), "XDG_STATE_HOME": state, "PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8"}


def _run(home: Path, *words: str) -> set[str]:
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env=_env(home), cwd=home)
    assert done.stderr == ""
    return {line.split("\t")[0] for line in done.stdout.split("\n") if line}


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash here")
@pytest.mark.parametrize(("typed", "offered"), CASES)
def test_bash_completes(home: Path, typed: str, offered: set[str]) -> None:
    words = " ".join(typed.split())
    code = f'. ./bash; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _homeconsole; printf "%s\\n" '
    assert _run(home, "bash", "--norc", "-uc", code + '"${COMPREPLY[@]}"') == offered


@pytest.mark.skipif(not shutil.which("fish"), reason="no fish here")
@pytest.mark.parametrize(("typed", "offered"), CASES)
def test_fish_completes(home: Path, typed: str, offered: set[str]) -> None:
    assert _run(home, "fish", "--no-config", "-c", f"source ./fish; complete -C '{typed}'") == offered


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh here")
def test_zsh_completes(home: Path) -> None:
    """What is offered alone is completed on the line that is typed."""
    with terminal(["zsh", "-f", "-i"], env=_env(home), columns=120) as zsh:
        zsh.presses(f"cd {home}; PS1='> '; autoload -U compinit; compinit -u -D; eval \"$(<./zsh)\"; echo rea''dy\r")
        zsh.sees("ready", 60)
        for typed, offered in CASES:
            if offered:
                zsh.presses(f"\x15{typed}\t")
                zsh.sees(" ".join([*typed.split()[:-1], *offered]), 60)


def test_each_command_and_each_option_has_its_place() -> None:
    whole, *commands = completion.commands(parser())
    assert {each.name for each in commands} == set(COMMANDS)
    assert all(each.says and all(word.says for word in (*each.options, *each.places)) for each in commands)
    takes: dict[tuple[str, ...], set[tuple[str, tuple[str, ...]]]] = {}
    for each in (whole, *commands):
        for option in each.options:
            takes.setdefault(option.names, set()).add((option.takes, option.choices))
    assert [names for names, kinds in takes.items() if len(kinds) > 1] == []  # bash knows an option by its name alone


def test_a_new_command_is_completed_without_more() -> None:
    made = argparse.ArgumentParser(prog="homeconsole")
    more = made.add_subparsers().add_parser("brand-new", help="of a kind")
    more.add_argument("--flavour", choices=("sweet", "sour"), help="which")
    for shell in SHELLS:
        text = completion.script(shell, made)
        assert all(word in text for word in ("brand-new", "flavour", "sweet"))


def test_the_manual_is_made_of_the_parser() -> None:
    assert MANUAL.read_text(encoding="utf-8") == manual.page(), "stale: python -m tests.readme"


@pytest.mark.skipif(not shutil.which("groff"), reason="no groff here")
def test_the_manual_is_sound_roff() -> None:
    words = ["groff", "-man", "-Tutf8", "-ww", "-z", str(MANUAL)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
