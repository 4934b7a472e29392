"""The manual, made of the command line's own words: ``python -m tests.readme`` writes it."""

from collections.abc import Collection, Iterator

from console.cli import completion
from console.cli.arguments import EXITS, parser
from console.settings.keys import KEYS

_DESCRIPTION = """\
homeconsole shows the Talos nodes, Flux objects, pending Renovate updates and held upgrades of one GitOps home cluster
side by side, live, and says first what needs you. It reviews an upgrade with you, writes exactly the commit that you
reviewed to your repository, and follows it to the last node. Without a command it opens the console; the commands below
tell the same without a screen. Nothing is written until writing is switched on."""
_FILES = (
    ("~/.config/homeconsole/config.yaml", "the configuration; under $XDG_CONFIG_HOME where that is set"),
    ("~/.local/state/homeconsole", "clones of the repository, and the journal; under $XDG_STATE_HOME likewise"),
)


def page() -> str:
    """The manual page in roff, for man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield '.\\" Made by python -m tests.readme'
    yield ".TH HOMECONSOLE 1"
    whole, *commands = completion.commands(parser())
    yield ".SH NAME"
    yield f"homeconsole \\- {_roff(whole.says)}"
    yield ".SH SYNOPSIS"
    yield ".B homeconsole\n.RI [ OPTIONS ]\n.RI [ COMMAND ]"
    yield ".SH DESCRIPTION"
    yield _roff(_DESCRIPTION)
    yield ".SH OPTIONS"
    yield "They may stand before and after the command."
    yield from _options(whole)
    yield ".SH COMMANDS"
    shared = {option.names for option in whole.options}
    for each in commands:
        places = " ".join(place.shown for place in each.places)
        yield f".SS {_roff(f'{each.name} {places}'.strip())}"
        yield _roff(each.says)
        yield from _options(each, shared)
    yield ".SH CONFIGURATION"
    for key in KEYS:
        yield f".TP\n.B {_roff(key.path)}"
        more = f"; {key.variable}" if key.variable else ""
        yield _roff(f"{key.says} ({key.expected}{more})")
    yield ".SH EXIT STATUS"
    for code, says in EXITS:
        yield f".TP\n.B {code}\n{_roff(says)}"
    yield ".SH FILES"
    for name, says in _FILES:
        yield f".TP\n.I {_roff(name)}\n{_roff(says)}"


def _options(each: completion.Command, but: Collection[tuple[str, ...]] = ()) -> Iterator[str]:
    for option in each.options:
        if option.names not in but:
            yield f".TP\n.B {_roff(', '.join(option.names))} {_roff(option.shown)}".rstrip()
            yield _roff(option.says)


def _roff(text: str) -> str:
    """Backslashes, hyphens that are typed, and a dot or quote at a line's beginning mean something to roff."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in plain.split("\n"))
