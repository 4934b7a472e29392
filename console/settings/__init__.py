"""Where everything is found: flag, then environment, then the configuration file, then the usual places.

The file is ``homeconsole/config.yaml`` under the XDG config folder (XDG Base Directory Specification 0.8). It is read
strictly: an unknown key or a wrong value is an error that names file, line, what was expected, and the nearest key.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.model.own import Command, Own, View
from console.settings.entries import Cluster
from console.settings.keys import KEYS, Key
from console.sources.errors import UsageError

_USUAL = "usual place"
_FORBIDDING = "--read-only"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. ``origins`` says for each field where its value came from: a flag, a variable, a file and line.

    ``git_config`` is read in place of the operator's own git configuration; only the embedded cluster sets it.
    Paths may name files that are not there (yet); ``kubeconfig`` may be several, joined as ``KUBECONFIG`` joins them.
    """

    kubeconfig: Path
    talosconfig: Path
    state: Path
    config_file: Path
    context: str | None = None
    talos_context: str | None = None
    talosctl: str = "talosctl"
    talos_interval: float = 15
    talos_concurrency: int = 8
    repository: str | None = None
    branch: str = "main"
    prefixes: tuple[str, ...] = ("renovate/",)
    bots: tuple[str, ...] = ()
    repository_interval: float = 60
    write: bool = False
    squash: bool = False
    edits: str = "one"
    checks: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    approvers: int = 1
    hasten: bool = False
    bell: bool = True
    notify_command: str = ""
    notify_webhook: str = ""
    mouse: bool = False
    theme: str = "dark"
    ascii: bool | None = None  # as the terminal has it
    clusters: tuple[Cluster, ...] = ()
    cluster: str = ""  # the name of the one that is meant, where there are several
    views: tuple[View, ...] = ()
    commands: tuple[Command, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    git_config: Path | None = None
    origins: Mapping[str, str] = field(default_factory=dict)

    def origin(self, name: str) -> str:
        """Where the field ``name`` came from, in words."""
        return self.origins.get(name, "default")

    @property
    def named_kubeconfig(self) -> Path | None:
        """None when nothing was named: then the client's own rules hold (several files, a pod's account)."""
        return None if self.origin("kubeconfig") == _USUAL else self.kubeconfig

    @property
    def named_talosconfig(self) -> Path | None:
        """None when nothing was named: then the client's own rules hold."""
        return None if self.origin("talosconfig") == _USUAL else self.talosconfig

    @property
    def write_forbidden(self) -> bool:
        """Whether ``--read-only`` was given: then writing can't be switched on in this run either."""
        return not self.write and self.origin("write") == _FORBIDDING

    @property
    def own(self) -> Own:
        """What the operator made their own."""
        return Own(self.keys, self.commands, self.views, str(self.config_file))

    @property
    def executable(self) -> str:
        """``talosctl`` as it is started: a path's ``~`` is the home folder, a bare name is looked up on PATH."""
        return os.path.expanduser(self.talosctl) if os.sep in self.talosctl else self.talosctl  # noqa: PTH111 - a name


def load(flags: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """The settings for this run. ``flags`` are values by field name; None is "not given". Raises UsageError."""
    home = Path(environment.get("HOME") or Path.home())
    config_file = _base(environment, "XDG_CONFIG_HOME", home / ".config") / "homeconsole" / "config.yaml"
    values: dict[str, Any] = {
        "kubeconfig": home / ".kube" / "config",
        "talosconfig": _usual_talosconfig(environment, home),
        "state": _base(environment, "XDG_STATE_HOME", home / ".local" / "state") / "homeconsole",
        "config_file": config_file,
    }
    origins = {"kubeconfig": _USUAL, "talosconfig": _USUAL}
    for key, value, line in _file(config_file):
        values[key.field] = value
        origins[key.field] = f"{config_file}, line {line}"
    for key in KEYS:
        _from_environment(key, environment, values, origins)
        if flags.get(key.field) is not None:
            values[key.field] = _from_flag(key, flags[key.field])
            origins[key.field] = _FORBIDDING if flags.get("write") is False and key.field == "write" else key.flag
    return Settings(**values, origins=origins)


def _file(path: Path) -> list[tuple[Key, Any, int]]:
    """What the file says, if there is one: most operators have none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can't be read: {error}", "Configuration is a YAML file in UTF-8.") from None
    from console.settings.file import read  # noqa: PLC0415 - brings PyYAML

    return read(path, text)


def _base(environment: Mapping[str, str], name: str, default: Path) -> Path:
    """A base folder; a relative one is ignored, as the XDG specification asks for."""
    given = environment.get(name, "")
    return Path(given) if given and Path(given).is_absolute() else default


def _usual_talosconfig(environment: Mapping[str, str], home: Path) -> Path:
    """Where ``talosctl`` looks (Talos 1.13): ``$TALOS_HOME/config``, else ``~/.talos/config``."""
    given = environment.get("TALOS_HOME")
    return (Path(given) if given else home / ".talos") / "config"


def _from_environment(
    key: Key, environment: Mapping[str, str], values: dict[str, Any], origins: dict[str, str]
) -> None:
    text = environment.get(key.variable) if key.variable else None
    if not text:
        return
    try:
        values[key.field] = key.parse(text)
    except ValueError:
        raise UsageError(f"{key.variable}: expected {key.expected}, found {text!r}") from None
    origins[key.field] = key.variable


def _from_flag(key: Key, value: Any) -> Any:
    try:
        return key.parse(value)
    except ValueError:
        raise UsageError(f"{key.flag}: expected {key.expected}, found {value!r}") from None
