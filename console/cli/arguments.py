"""The command line's words. Global options may stand before and after the command."""

import argparse
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any, NoReturn

from console.sources.errors import UsageError

SCENARIOS = ("held", "healthy", "failing", "upgrade-running", "drain-stuck", "upgrade-failed")
EXITS = (
    (0, "fine"),
    (1, "unhealthy, blocked, refused or failed"),
    (2, "wrong usage or configuration"),
    (3, "a source could not be reached"),
)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Raises UsageError; ``--help`` and ``--version`` end the program."""
    named = None if any(word.startswith(("-h", "--h")) for word in words) else COMMANDS.keys() & words
    try:
        options = _parsed(words, parser(named))
    except UsageError:
        options = _parsed(words, parser())  # tells of every command
    head = getattr(options, "head", "")
    if "yes" in options and head and not _FULL.fullmatch(head):
        raise UsageError(f"--yes takes --head with the commit's full id, not {head}", "git rev-parse gives it.")
    return options


def _parsed(words: Sequence[str], parser: argparse.ArgumentParser) -> argparse.Namespace:
    return parser.parse_args(list(words), argparse.Namespace(command=None, output="table"))


def guess(words: Sequence[str]) -> tuple[str, bool]:
    """(command, whether JSON was asked for) of words that could not be parsed: an error is told in the same form."""
    command = next((word for word in words if word in COMMANDS), "homeconsole")
    pairs = zip(words, [*words[1:], ""], strict=False)
    json = any(
        (word in {"-o", "--output"} and after == "json") or word in {"-ojson", "-o=json", "--output=json"}
        for word, after in pairs
    )
    return command, json


# Object ids of SHA-1 and SHA-256 repositories. A short one may mean another commit tomorrow.
_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT = re.compile(r"[0-9a-f]{7,64}")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")  # as Kubernetes takes it for a name, shorter


class _Parser(argparse.ArgumentParser):
    """Raises where argparse prints and exits, so that an error can be JSON too."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, allow_abbrev=False, argument_default=argparse.SUPPRESS)

    def error(self, message: str) -> NoReturn:
        command = self.prog.partition(" ")[2]  # who prints it says the program's name
        raise UsageError(f"{command}: {message}" if command else message, f"{self.prog} --help tells what there is.")


class _Versions(argparse.Action):
    """Prints them and ends; what they take is asked for only then."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, nargs=0)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from console.cli.itself import versions  # noqa: PLC0415 - only here

        for line in versions():
            print(line, flush=True)
        parser.exit()


def parser(named: Collection[str] | None = None) -> argparse.ArgumentParser:
    """All commands with their options, or those ``named``: each takes as long to make as to import a module.

    Completion and manual are made of it.
    """
    everywhere = _everywhere()
    parser = _Parser(
        prog="homeconsole",
        description="One GitOps home cluster in a terminal: nodes, Flux, updates, held upgrades.",
        epilog=f"Without a command: the console. Exit codes: {', '.join(f'{code} {says}' for code, says in EXITS)}.",
        parents=[everywhere],
    )
    parser.add_argument("--version", action=_Versions, help="print it, and those of what it uses")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name, (says, fill) in COMMANDS.items():
        if named is None or name in named:
            fill(commands.add_parser(name, help=says, description=says, parents=[everywhere]))
    return parser


def _everywhere() -> _Parser:
    parser = _Parser(add_help=False)
    group = parser.add_argument_group("where things are")
    group.add_argument("--kubeconfig", metavar="PATH", help="else KUBECONFIG, else ~/.kube/config")
    group.add_argument("--context", metavar="NAME", help="of the kubeconfig; else its current one")
    group.add_argument("--talosconfig", metavar="PATH", help="else TALOSCONFIG, else ~/.talos/config")
    group.add_argument("--talos-context", metavar="NAME", help="of the talosconfig; else its current one")
    group.add_argument("--repo", dest="repository", metavar="URL_OR_PATH",
                       help="else HOMECONSOLE_REPOSITORY, the checkout you stand in, what Flux follows")  # fmt: skip
    group.add_argument("--branch", metavar="NAME", help="the branch that the cluster follows (main)")
    group.add_argument("--prefix", dest="prefixes", metavar="PREFIX", action="append",
                       help="of the branches that are proposals (renovate/); may be given again")  # fmt: skip
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--write", action="store_const", const=True, help="allow writing for this run")
    mode.add_argument("--read-only", dest="write", action="store_const", const=False, help="forbid it, also :write")
    screen = parser.add_argument_group("the console's screen")
    screen.add_argument("--ascii", action="store_const", const=True, help="draw with plain ASCII alone")
    screen.add_argument("--theme", metavar="NAME", help="dark, light, contrast, or terminal: its own colours (dark)")
    screen.add_argument(
        "--mouse", action="store_const", const=True, help="take the mouse too; the terminal lets go of it"
    )
    parser.add_argument("-o", "--output", choices=("table", "json"), help="of plain commands (table)")
    return parser


_UPDATE = "a branch, with or without its prefix; or talos@VERSION, kubernetes@VERSION, a commit"


def _bare(parser: argparse.ArgumentParser) -> None:
    """Nothing beside what is asked everywhere."""


def _nodes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NODE", help="a name or an address")


def _flux(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", nargs="?", metavar="KIND/NAMESPACE/NAME", help="of Flux, or what Flux applied")
    parser.add_argument("--yaml", action="store_true", help="the object as the API has it, without what is secret")


def _updates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("update", nargs="?", metavar="UPDATE", help=_UPDATE)
    parser.add_argument("--diff", action="store_true", help="what it changes, by lines")


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "word", nargs="?", metavar="WORD", help="as it stands on the screen; else all states and errors"
    )


def _preflight(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("update", metavar="UPDATE", help=_UPDATE)
    parser.add_argument("--offline", action="store_true", help="look at the repository alone")
    _acknowledging(parser)


def _acknowledging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ack",
        type=_reasoned,
        metavar="RULE=REASON",
        action="append",
        help="go on in spite of this finding, for this update at this commit only; may be given again",
    )


def _approve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("update", metavar="UPDATE", help=_UPDATE)
    parser.add_argument(
        "--head", type=_commit, metavar="SHA", help="the commit that was reviewed, else refused; with --yes its full id"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask; with --head also where a word would be typed")
    parser.add_argument("--reason", metavar="TEXT", help="why it is approved although something blocks it")
    _acknowledging(parser)
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, write nothing")
    parser.add_argument("--now", action="store_true", help="take tuppr's maintenance windows away too: begin at once")
    parser.add_argument("--pull-request", action="store_true",
                        help="push the commit to homeconsole/approve/ID, where main takes no pushes")  # fmt: skip
    style = parser.add_mutually_exclusive_group()
    style.add_argument("--squash", action="store_const", const=True, help="one commit with the bot as its author")
    style.add_argument("--merge", dest="squash", action="store_const", const=False, help="a merge commit")


def _watch(parser: argparse.ArgumentParser) -> None:
    what = "a commit (7 digits at least), a branch, #PULL, talos@VERSION, a dependency; else what is under way"
    parser.add_argument("what", nargs="?", metavar="UPDATE|COMMIT", help=what)
    parser.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="give up after so long (never)")


def _hold(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="UPDATE", help=_UPDATE)
    parser.add_argument("--reason", metavar="TEXT", required=True, help="why: it stands in the repository")
    parser.add_argument("--until", type=_day, metavar="DATE", help="the last day that it is meant for, as 2026-08-31")
    _asking(parser)


def _release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="UPDATE", help=f"{_UPDATE}; or what was held, by its name")
    _asking(parser)


def _revert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="COMMIT", help="a commit of the branch that the cluster follows")
    parser.add_argument("--reason", metavar="TEXT", help="why: it stands in the hold, and answers what blocks it")
    _asking(parser)


def _asking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written, write nothing")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("expected a day, as 2026-08-31") from None


def _reconcile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("refs", nargs="*", metavar="KIND/NAMESPACE/NAME", help="one, or several: needs first")
    parser.add_argument("--failing", action="store_true", help="everything that fails, and what it blocks")
    parser.add_argument("--with-source", action="store_true", help="its source first")
    parser.add_argument("--force", action="store_true", help="HelmRelease: upgrade even if nothing changed")
    parser.add_argument("--reset", action="store_true", help="HelmRelease: forget the failures")
    parser.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="how long to wait for the outcome (300)")


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--serve", action="store_true", help="the cluster alone; prints how to reach it")
    parser.add_argument("--name", type=_label, metavar="NAME", help="what the cluster is called (home)")
    parser.add_argument("--speed", type=_seconds, metavar="N", help="how many times faster than life (20)")
    parser.add_argument("--nodes", type=_count, metavar="N", help="how many (1)")
    parser.add_argument("--source", choices=("oci", "git"), help="what Flux follows (oci)")
    parser.add_argument("--talosctl", choices=("1.13", "1.14"), help="which client (1.13)")
    parser.add_argument("--scenario", choices=SCENARIOS, help="how it begins (held)")
    parser.add_argument("--scale", type=_number, metavar="N", help="so many Flux objects more (0)")
    # Set by the console that starts it: when its end of standard input closes, the cluster ends too.
    parser.add_argument("--leashed", action="store_true", help=argparse.SUPPRESS)


def _logs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="KIND/NAMESPACE/NAME|NODE", help="a Flux object, or a node: its kernel's log")
    parser.add_argument("service", nargs="?", metavar="SERVICE", help="of the node, in place of its kernel")
    parser.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="end after so long (never)")


def _config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("show", "init", "schema"), help="settings; write the file; its JSON Schema")
    parser.add_argument("--force", action="store_true", help="init: write a file anew that is there")


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="which one")


def _manifests(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("which", choices=("rights", "job"), help="which one")


def _schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="COMMAND", help="whose; else which there are")


def _label(text: str) -> str:
    if not _LABEL.fullmatch(text):
        raise argparse.ArgumentTypeError("expected small letters, digits and dashes")
    return text


def _commit(text: str) -> str:
    """An object id or the beginning of one, in lower case."""
    if not _SHORT.fullmatch(text.lower()):
        raise argparse.ArgumentTypeError("expected a commit's id: at least 7 hexadecimal digits")
    return text.lower()


def _reasoned(text: str) -> tuple[str, str]:
    """A rule, and why it is acknowledged."""
    rule, sign, reason = text.partition("=")
    if not sign or not rule or not reason.strip():
        raise argparse.ArgumentTypeError("expected RULE=REASON")
    return rule, reason


def _seconds(text: str) -> float:
    """Above 0; also "so many times"."""
    number = float(text)
    if not 0 < number <= 86400:
        raise argparse.ArgumentTypeError("expected a number above 0")
    return number


def _number(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 20000:
        raise argparse.ArgumentTypeError("expected a number between 0 and 20000")
    return number


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100:
        raise argparse.ArgumentTypeError("expected a number between 1 and 100")
    return number


# In the order of the help: what each is for, and what makes its options.
COMMANDS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "status": ("is all well, and what needs you", _bare),
    "nodes": ("the nodes, etcd and the network; one of them looked at closely", _nodes),
    "flux": ("every Flux object, worst first; one of them whole; where a pod comes from", _flux),
    "updates": ("every branch that Renovate proposes; one of them whole", _updates),
    "upgrades": ("Talos and Kubernetes: held, waiting, running, done", _bare),
    "preflight": ("everything to know of an update before it is approved", _preflight),
    "rules": ("what preflights ask for: each rule with its source and the day it was read", _bare),
    "explain": ("what a state, an error or a rule means, and what to do about it", _explain),
    "approve": ("review an update and write the commit that approves it", _approve),
    "watch": ("follow an approved change to its end, a line for each step", _watch),
    "hold": ("keep Renovate from proposing it, with a reason", _hold),
    "release": ("let go what was held by us", _release),
    "revert": ("take an approved update back, by a commit of its own and a hold", _revert),
    "history": ("what was approved, held, reverted and refused: the journal here, the record on main", _bare),
    "reconcile": ("ask a Flux object for a pass and wait for its outcome", _reconcile),
    "doctor": ("what was found where, and how to fix what is wrong", _bare),
    "logs": ("what a Flux object's controllers wrote about it, or a node, as it comes", _logs),
    "demo": ("the console on an embedded home cluster", _demo),
    "config": ("what is configured, and where it came from; a file to begin with", _config),
    "completion": ("the script that completes homeconsole's words in your shell", _completion),
    "man": ("open the manual; where there is no terminal, print its path", _bare),
    "manifests": ("what may be applied to the cluster: least rights, an hourly status", _manifests),
    "schema": ("the JSON Schema of a command's -o json", _schema),
}
