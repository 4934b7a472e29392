"""The settings that there are: where each stands in the configuration file, and what it may hold."""

import os
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: where it stands in the file, its field, what is expected in words, and how a value is read.

    ``parse`` takes what YAML, the environment or a flag gave, and raises ValueError.
    """

    path: str
    field: str
    expected: str
    parse: Callable[[Any], Any]
    variable: str = ""
    flag: str = ""


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


_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in _SWITCHES:
        raise ValueError
    return _SWITCHES[value.lower()]


_TEXT, _SECONDS, _SWITCH = "a text", "seconds between 1 and 86400", "true or false"

KEYS = (
    Key("kubernetes.kubeconfig", "kubeconfig", "a path", _path, "KUBECONFIG", "--kubeconfig"),
    Key("kubernetes.context", "context", _TEXT, _text, "HOMECONSOLE_CONTEXT", "--context"),
    Key("talos.talosconfig", "talosconfig", "a path", _path, "TALOSCONFIG", "--talosconfig"),
    Key("talos.context", "talos_context", _TEXT, _text, "HOMECONSOLE_TALOS_CONTEXT", "--talos-context"),
    Key("talos.talosctl", "talosctl", "a name or a path", _text, "HOMECONSOLE_TALOSCTL"),
    Key("talos.interval", "talos_interval", _SECONDS, _seconds),
    Key("talos.concurrency", "talos_concurrency", "a number between 1 and 256", _count),
    Key("repository.url", "repository", "a URL or a path", _text, "HOMECONSOLE_REPOSITORY", "--repo"),
    Key("repository.branch", "branch", _TEXT, _text, "HOMECONSOLE_BRANCH", "--branch"),
    Key("repository.prefixes", "prefixes", "a list of texts", _texts, "HOMECONSOLE_PREFIX", "--prefix"),
    Key("repository.bots", "bots", "a list of mail addresses", _texts),
    Key("repository.interval", "repository_interval", _SECONDS, _seconds),
    Key("write", "write", _SWITCH, _switch, "HOMECONSOLE_WRITE", "--write"),
    Key("approval.squash", "squash", _SWITCH, _switch),
    Key("approval.edits", "edits", "one or separate", _style),
    Key("approval.approvers", "approvers", "1 or 2", _approvers),
    Key("approval.checks", "checks", "a list of commands", _commands),
    Key("approval.reconcile", "hasten", _SWITCH, _switch),
    Key("notify.terminal", "bell", _SWITCH, _switch),
    Key("notify.command", "notify_command", "a command", _command),
    Key("notify.webhook", "notify_webhook", "an http or https URL", _address),
    Key("screen.mouse", "mouse", _SWITCH, _switch, "HOMECONSOLE_MOUSE", "--mouse"),
    Key("screen.ascii", "ascii", _SWITCH, _switch, "HOMECONSOLE_ASCII", "--ascii"),
)
