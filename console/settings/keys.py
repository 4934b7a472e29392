"""The settings that there are: where each stands in the configuration file, and what it may hold."""

import os
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from console.settings import entries


class Form(NamedTuple):
    """What a setting may hold: in words, how a value is read, and the same as JSON Schema for editors.

    ``parse`` takes what YAML, the environment or a flag gave, and raises ValueError.
    """

    expected: str
    parse: Callable[[Any], Any]
    schema: Mapping[str, Any]


class Key(NamedTuple):
    """One setting: where it stands in the file, its field, its form, and what it is for.

    ``example`` is how it may stand in the file, as YAML, where its default says too little.
    """

    path: str
    field: str
    form: Form
    says: str
    variable: str = ""
    flag: str = ""
    example: str = ""

    @property
    def expected(self) -> str:
        """What it may hold, in words."""
        return self.form.expected

    def parse(self, value: Any) -> Any:
        """The value as the field has it. Raises ValueError."""
        return self.form.parse(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _path(value: Any) -> Path:
    text = str(value) if isinstance(value, Path) else _text(value)
    return Path(os.pathsep.join(os.path.expanduser(part) for part in text.split(os.pathsep)))  # noqa: PTH111 - a list


def _texts(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, Sequence) or not parts:
        raise ValueError
    return tuple(_text(part) for part in parts)


def _commands(value: Any) -> tuple[str, ...]:
    """A text is one command, commas and all."""
    return (_text(value),) if isinstance(value, str) else _texts(value)


def _seconds(value: Any) -> float:
    if not isinstance(value, bool) and isinstance(value, (str, int, float)) and 1 <= float(value) <= 86400:
        return float(value)
    raise ValueError


def _count(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal() or not 1 <= int(value) <= 256:
        raise ValueError
    return int(value)


def _style(value: Any) -> str:
    if value not in {"one", "separate"}:
        raise ValueError
    return str(value)


def _theme(value: Any) -> str:
    if value not in THEMES:
        raise ValueError
    return str(value)


def _command(value: Any) -> str:
    text = _text(value)
    if not shlex.split(text):
        raise ValueError
    return text


def _address(value: Any) -> str:
    text = _text(value)
    if not re.match(r"https?://[^/\s]+", text):
        raise ValueError
    return text


def _approvers(value: Any) -> int:
    if isinstance(value, bool) or str(value) not in {"1", "2"}:
        raise ValueError
    return int(value)


THEMES = ("dark", "light", "contrast", "terminal")  # the last: the terminal's own sixteen colours
_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in _SWITCHES:
        raise ValueError
    return _SWITCHES[value.lower()]


_STRING: Mapping[str, Any] = {"type": "string", "pattern": r"\S"}
_LIST: Mapping[str, Any] = {"type": "array", "items": _STRING, "minItems": 1}
_EITHER: Mapping[str, Any] = {"oneOf": [_STRING, _LIST]}

TEXT = Form("a text", _text, _STRING)
PATH = Form("a path", _path, _STRING)
TOOL = Form("a name or a path", _text, _STRING)
PLACE = Form("a URL or a path", _text, _STRING)
TEXTS = Form("a list of texts", _texts, _EITHER)
MAILS = Form("a list of mail addresses", _texts, _EITHER)
COMMANDS = Form("a list of commands", _commands, _EITHER)
COMMAND = Form("a command", _command, _STRING)
SECONDS = Form("seconds between 1 and 86400", _seconds, {"type": "number", "minimum": 1, "maximum": 86400})
COUNT = Form("a number between 1 and 256", _count, {"type": "integer", "minimum": 1, "maximum": 256})
SWITCH = Form("true or false", _switch, {"type": "boolean"})
STYLE = Form("one or separate", _style, {"enum": ["one", "separate"]})
THEME = Form("dark, light, contrast or terminal", _theme, {"enum": list(THEMES)})
APPROVERS = Form("1 or 2", _approvers, {"enum": [1, 2]})
CLUSTERS = Form("a list of clusters, each with a name", entries.clusters, entries.CLUSTERS)
VIEWS = Form("a list of views, each with a name and a pane", entries.views, entries.VIEWS)
OWN_COMMANDS = Form("a list of commands, each with a name, run and scopes", entries.commands, entries.COMMANDS)
OWN_KEYS = Form("names of actions, each with a key or a list of them", entries.keys, entries.KEYS)
OWN = (CLUSTERS, VIEWS, OWN_COMMANDS, OWN_KEYS)  # these have parts, and stand in the file alone
WEB = Form("an http or https URL", _address, {"type": "string", "pattern": r"^\s*https?://[^/\s]+"})

KEYS = (
    Key("kubernetes.kubeconfig", "kubeconfig", PATH, "how to reach the cluster", "KUBECONFIG", "--kubeconfig",
        "~/.kube/config"),
    Key("kubernetes.context", "context", TEXT, "of the kubeconfig; else its current one", "HOMECONSOLE_CONTEXT",
        "--context", "home"),
    Key("talos.talosconfig", "talosconfig", PATH, "how to reach the nodes", "TALOSCONFIG", "--talosconfig",
        "~/.talos/config"),
    Key("talos.context", "talos_context", TEXT, "of the talosconfig; else its current one",
        "HOMECONSOLE_TALOS_CONTEXT", "--talos-context", "home"),
    Key("talos.talosctl", "talosctl", TOOL, "the client, if it is not on PATH", "HOMECONSOLE_TALOSCTL"),
    Key("talos.interval", "talos_interval", SECONDS, "seconds between two looks at the nodes"),
    Key("talos.concurrency", "talos_concurrency", COUNT, "how many nodes are asked at the same time"),
    Key("repository.url", "repository", PLACE, "the cluster's repository; else the checkout you stand in, else what "
        "Flux follows", "HOMECONSOLE_REPOSITORY", "--repo", "https://git.example.org/me/home-ops.git"),
    Key("repository.branch", "branch", TEXT, "the branch that the cluster follows", "HOMECONSOLE_BRANCH", "--branch"),
    Key("repository.prefixes", "prefixes", TEXTS, "what the branches that are proposals begin with",
        "HOMECONSOLE_PREFIX", "--prefix"),
    Key("repository.bots", "bots", MAILS, "who proposes, beside those that are learned from the history",
        example="[bot@example.org]"),
    Key("repository.interval", "repository_interval", SECONDS, "seconds between two fetches"),
    Key("write", "write", SWITCH, "whether writing is on from the start", "HOMECONSOLE_WRITE", "--write"),
    Key("approval.squash", "squash", SWITCH, "one commit by the bot, in place of a merge"),
    Key("approval.edits", "edits", STYLE, "whether your edits go into the approval's commit, or into one behind it"),
    Key("approval.approvers", "approvers", APPROVERS, "how many operators an approval takes"),
    Key("approval.checks", "checks", COMMANDS, "what must end well on the resulting tree before the push",
        example='["make lint"]'),
    Key("approval.before", "before", COMMANDS, "what is run first of all; one that fails refuses the approval",
        example='["./silence-alerts 15m"]'),
    Key("approval.after", "after", COMMANDS,
        "what is run once an approval is on its branch; it changes nothing about it", example='["./tell-the-family"]'),
    Key("approval.reconcile", "hasten", SWITCH, "ask Flux for a pass once an approval is on its branch"),
    Key("notify.terminal", "bell", SWITCH, "bell, title and notification when a rollout ends or hangs"),
    Key("notify.command", "notify_command", COMMAND, "what is run then", example="notify-send homeconsole"),
    Key("notify.webhook", "notify_webhook", WEB, "what gets the same as JSON", example="https://example.org/hook"),
    Key("screen.mouse", "mouse", SWITCH, "take the mouse; the terminal lets go of it", "HOMECONSOLE_MOUSE", "--mouse"),
    Key("screen.theme", "theme", THEME, "the colours; terminal follows what yours has", "HOMECONSOLE_THEME", "--theme"),
    Key("screen.ascii", "ascii", SWITCH, "draw with plain ASCII alone; else as the terminal has it",
        "HOMECONSOLE_ASCII", "--ascii", "true"),
    Key("clusters", "clusters", CLUSTERS, "several clusters by name, for :ctx; else the contexts of kubeconfig",
        example="[{name: home, context: admin@home, talos_context: home}]"),
    Key("views", "views", VIEWS, "panes as you like to see them, for :view",
        example="[{name: media, pane: flux, filter: 'ns:media', sort: age}]"),
    Key("commands", "commands", OWN_COMMANDS, "commands of your own on what is chosen",
        example="[{name: pods, scopes: [flux], run: [kubectl, get, pods, -n, '{namespace}']}]"),
    Key("keys", "keys", OWN_KEYS, "other keys for what there is", example="{approve: ctrl+a}"),
)  # fmt: skip
