"""``homeconsole completion SHELL``: a script for the shell, made of the parser itself, so that it can't be stale.

Branches of updates are completed from the console's own clones: nothing is fetched, and no homeconsole is started.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

_FILES = {"--kubeconfig", "--talosconfig", "--repo"}
_PLURAL = (argparse._AppendAction,)  # noqa: SLF001 - the only way to know that an option may be given again
_UPDATES = {"UPDATE", "UPDATE|COMMIT"}
_BRANCHES = 'git --git-dir="$clone" for-each-ref --format="%(refname:lstrip=3)" "refs/remotes/origin/*/**" 2>/dev/null'
_CLONES = '"${XDG_STATE_HOME:-$HOME/.local/state}"/homeconsole/repos/*.git'


@dataclass(frozen=True, slots=True)
class Word:
    """An option, or a place for a word: its names, what it is for, and what may follow or stand there.

    ``takes`` is "" for an option without a value; else "file", "update", "word", or "choice".
    """

    names: tuple[str, ...]
    says: str
    takes: str = ""
    choices: tuple[str, ...] = ()
    again: bool = False
    shown: str = ""  # what stands for the value or the word


@dataclass(frozen=True, slots=True)
class Command:
    """A command with all that may stand behind it; the one without a name is homeconsole itself."""

    name: str
    says: str
    options: tuple[Word, ...]
    places: tuple[Word, ...]


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """The script for bash, zsh or fish."""
    return "\n".join(_SHELLS[shell](commands(parser))) + "\n"


def commands(parser: argparse.ArgumentParser) -> tuple[Command, ...]:
    """homeconsole itself, then each command, in the order of the help."""
    found = [_command(parser, "", parser.description or "")]
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to read a parser
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            said = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001
            found += [_command(each, name, said[name]) for name, each in action.choices.items()]
    return tuple(found)


def _command(parser: argparse.ArgumentParser, name: str, says: str) -> Command:
    words = [_word(a) for a in parser._actions if a.help != argparse.SUPPRESS and a.nargs != argparse.PARSER]  # noqa: SLF001
    options, places = [w for w in words if w.names], [w for w in words if not w.names]
    return Command(name, says, tuple(options), tuple(places))


def _word(action: argparse.Action) -> Word:
    choices = tuple(map(str, action.choices or ()))
    names = tuple(action.option_strings)
    takes = "choice" if choices else "file" if _FILES & {*names} else "word"
    takes = "update" if action.metavar in _UPDATES else "" if action.nargs == 0 else takes
    again = isinstance(action, _PLURAL) or action.nargs == "*"
    shown = str(action.metavar or "|".join(choices))
    shown = f"[{shown}]" if action.nargs in {"?", "*"} else shown
    return Word(names, action.help or "", takes, choices, again, shown if takes else "")


# bash


def _bash(all_commands: tuple[Command, ...]) -> Iterator[str]:
    valued = {word.names: word for word in chain(*(each.options for each in all_commands)) if word.takes}
    yield '# bash completion of homeconsole: source it, or eval "$(homeconsole completion bash)"'
    yield "_homeconsole_updates() {"
    yield "  local clone"
    yield f"  for clone in {_CLONES}; do {_BRANCHES}; done"
    yield "}"
    yield "_homeconsole() {"
    yield "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= i"
    yield "  for ((i = 1; i < COMP_CWORD; i++)); do"
    yield "    case ${COMP_WORDS[i]} in"
    yield f"      {'|'.join(chain(*valued))}) ((i++)) ;;"
    yield "      -*) ;;"
    yield "      *) command=${COMP_WORDS[i]}; break ;;"
    yield "    esac"
    yield "  done"
    yield "  case $prev in"
    for names, word in valued.items():
        if word.takes == "file":
            answer = 'mapfile -t COMPREPLY < <(compgen -f -- "$cur")'
        else:
            answer = f'mapfile -t COMPREPLY < <(compgen -W "{" ".join(word.choices)}" -- "$cur")'
        yield f"    {'|'.join(names)}) {answer}; return ;;"
    yield "  esac"
    yield "  case $command in"
    for each in all_commands:
        words = [*chain(*(word.names for word in each.options)), *chain(*(place.choices for place in each.places))]
        words += [] if each.name else [other.name for other in all_commands[1:]]
        dynamic = " $(_homeconsole_updates)" if any(place.takes == "update" for place in each.places) else ""
        yield f'    {each.name or chr(34) * 2}) words="{" ".join(words)}{dynamic}" ;;'
    yield "  esac"
    yield '  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")'
    yield "}"
    yield "complete -F _homeconsole homeconsole"


# zsh


def _zsh(all_commands: tuple[Command, ...]) -> Iterator[str]:
    yield "#compdef homeconsole"
    yield "# zsh completion of homeconsole: as _homeconsole in a folder of fpath, or"
    yield '#   eval "$(homeconsole completion zsh)" after compinit'
    yield "_homeconsole_updates() {"
    yield "  local clone; local -a found"
    yield f'  for clone in {_CLONES}(N); do found+=(${{(f)"$({_BRANCHES})"}}); done'
    yield "  compadd -a found"
    yield "}"
    yield "_homeconsole() {"
    yield "  local curcontext=$curcontext state line; local -a commands"
    whole, *others = all_commands
    yield "  commands=("
    yield from (f"    {_quoted(f'{each.name}:{each.says}')}" for each in others)
    yield "  )"
    yield f"  _arguments -C {' '.join(_zsh_words(whole))} '1: :->command' '*:: :->rest'"
    yield "  case $state in"
    yield "    command) _describe -t commands command commands ;;"
    yield "    rest) case $words[1] in"
    for each in others:
        yield f"      {each.name}) _arguments {' '.join(_zsh_words(each))} ;;"
    yield "    esac ;;"
    yield "  esac"
    yield "}"
    yield 'if [[ $funcstack[1] == _homeconsole ]]; then _homeconsole "$@"; else compdef _homeconsole homeconsole; fi'


def _zsh_words(each: Command) -> Iterator[str]:
    for option in each.options:
        says = option.says.replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]").replace(":", r"\:")
        value = f":value:{_zsh_value(option)}" if option.takes else ""
        star = "*" if option.again else "" if len(option.names) == 1 else f"({' '.join(option.names)})"
        for name in option.names:
            yield _quoted(f"{star}{name}[{says}]{value}")
    for place in each.places:
        yield _quoted(f"{'*' if place.again else ''}: :{_zsh_value(place)}")


def _zsh_value(word: Word) -> str:
    return {"file": "_files", "update": "_homeconsole_updates", "choice": f"({' '.join(word.choices)})"}.get(
        word.takes, " "
    )


# fish


def _fish(all_commands: tuple[Command, ...]) -> Iterator[str]:
    yield "# fish completion of homeconsole: homeconsole completion fish | source"
    yield "function __homeconsole_updates"
    yield '    set -l state $XDG_STATE_HOME; test -n "$state"; or set state $HOME/.local/state'
    yield f"    for clone in $state/homeconsole/repos/*.git; {_BRANCHES}; end"
    yield "end"
    whole, *others = all_commands
    yield "complete -c homeconsole -f"
    names = " ".join(each.name for each in others)
    yield f"set -l __homeconsole_commands {names}"
    shared = {option.names for option in whole.options}
    for option in whole.options:
        yield f"complete -c homeconsole {_fish_option(option)}"
    for each in others:
        first = '-n "not __fish_seen_subcommand_from $__homeconsole_commands"'
        yield f"complete -c homeconsole {first} -a {each.name} -d {_quoted(each.says)}"
        here = f'complete -c homeconsole -n "__fish_seen_subcommand_from {each.name}"'
        yield from (f"{here} {_fish_option(option)}" for option in each.options if option.names not in shared)
        for place in each.places:
            if place.takes == "update":
                yield f"{here} -a '(__homeconsole_updates)'"
            elif place.choices:
                yield f"{here} -a {_quoted(' '.join(place.choices))}"


def _fish_option(option: Word) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    value = {"": "", "file": " -r -F", "choice": f" -x -a {_quoted(' '.join(option.choices))}"}.get(option.takes, " -x")
    return f"{names}{value} -d {_quoted(option.says)}"


def _quoted(text: str) -> str:
    """In single quotes, for all three shells: none of our words has a quote that fish and sh take differently."""
    return "'" + text.replace("'", "’") + "'"


_SHELLS: dict[str, Callable[[tuple[Command, ...]], Iterator[str]]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
