"""The command line as talosctl's flag parser (cobra, pflag) takes it."""

from dataclasses import dataclass, field

from console.demo.talosctl.failure import Failure

_GLOBAL = {"talosconfig": "", "nodes": "n", "endpoints": "e", "cluster": "c", "context": "", "siderov1-keys-dir": ""}
# Flags of the commands, long name to short one: those that take a value, and switches.
_VALUES: dict[str, dict[str, str]] = {
    "get": {"output": "o", "namespace": ""},
    "config": {"output": "o"},
    "events": {"tail": "", "duration": "", "since": "", "actor-id": ""},
    "logs": {"tail": ""},
    "time": {"check": ""},
    "health": {"wait-timeout": "", "control-plane-nodes": "", "worker-nodes": "", "init-node": "", "k8s-endpoint": ""},
}
_SWITCHES: dict[str, dict[str, str]] = {
    "get": {"watch": "w", "insecure": "i"},
    "version": {"short": "", "client": "", "insecure": "i", "json": ""},
    "dmesg": {"follow": "f", "tail": ""},
    "logs": {"follow": "f", "kubernetes": "k"},
    "stats": {"kubernetes": "k"},
    "memory": {"verbose": "v"},
    "health": {"server": "", "run-e2e": ""},
}
COMMANDS = (
    *("config", "dmesg", "etcd", "events", "get", "health", "logs"),
    *("memory", "mounts", "service", "services", "stats", "time", "version"),
)


@dataclass(slots=True)
class Invocation:
    """``words`` are the command and its arguments; ``flags`` what was given, by long name, in order."""

    words: list[str] = field(default_factory=list)
    flags: dict[str, list[str]] = field(default_factory=dict)

    def value(self, name: str, default: str = "") -> str:
        """The last value of a flag."""
        return self.flags.get(name, [default])[-1]

    def values(self, name: str) -> list[str]:
        """All values of a flag that takes a list: repeated, or joined by commas."""
        return [part for value in self.flags.get(name, []) for part in value.split(",") if part]

    def on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.value(name) in {"true", "1", "t"}


def parse(arguments: list[str]) -> Invocation:
    """Read ``arguments``. Raises Failure as the real one words it."""
    found = Invocation()
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word == "--":
            found.words += left
            break
        if word.startswith("--"):
            _long(word[2:], left, found)
        elif word.startswith("-") and word != "-":
            _short(word[1:], left, found)
        else:
            found.words.append(word)
            if len(found.words) == 1 and word not in COMMANDS:
                raise Failure(f'unknown command "{word}" for "talosctl"')
    return found


def _flags(found: Invocation) -> tuple[dict[str, str], dict[str, str]]:
    command = found.words[0] if found.words else ""
    return _GLOBAL | _VALUES.get(command, {}), {"help": "h"} | _SWITCHES.get(command, {})


def _long(text: str, left: list[str], found: Invocation) -> None:
    name, joined, value = text.partition("=")
    values, switches = _flags(found)
    if name in switches:
        found.flags.setdefault(name, []).append(value if joined else "true")
    elif name not in values:
        raise Failure(f"unknown flag: --{name}")
    elif joined:
        found.flags.setdefault(name, []).append(value)
    elif left:
        found.flags.setdefault(name, []).append(left.pop(0))
    else:
        raise Failure(f"flag needs an argument: --{name}")


def _short(text: str, left: list[str], found: Invocation) -> None:
    values, switches = _flags(found)
    by_letter = {short: name for name, short in switches.items() if short}
    while text and text[0] in by_letter:
        found.flags.setdefault(by_letter[text[0]], []).append("true")
        text = text[1:]
    if not text:
        return
    names = [name for name, short in values.items() if short == text[0]]
    if not names:
        raise Failure(f"unknown shorthand flag: {text[0]!r} in -{text}")
    if not text[1:] and not left:
        raise Failure(f"flag needs an argument: {text[0]!r} in -{text}")
    _long(names[0] + ("=" + text[1:].removeprefix("=") if text[1:] else ""), left, found)
