"""The client's configuration as the real client finds, creates and reads it (pkg/machinery/client/config)."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from console.demo.talosctl.failure import Failure


@dataclass(frozen=True, slots=True)
class Context:
    """One cluster as the talosconfig names it; the certificates are base64 of PEM."""

    endpoints: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    ca: str = ""
    crt: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Talosconfig:
    """``current`` is the name of the context in use."""

    current: str = ""
    contexts: dict[str, Context] = field(default_factory=dict)


def opened(flag: str, environment: dict[str, str], folder: Path) -> Talosconfig:
    """The configuration that would be used. The real client creates an empty file where there is none; so does this."""
    path = _path(flag, environment, folder)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    try:
        content = path.read_text()
    except OSError as error:
        reason = (error.strerror or "").lower()
        raise Failure(f'failed to open config file "{flag}": open {path}: {reason}') from None
    return _read(content, flag)


def _path(flag: str, environment: dict[str, str], folder: Path) -> Path:
    if flag:
        return folder / flag
    home = Path(environment["TALOS_HOME"]) if environment.get("TALOS_HOME") else None
    usual = home or Path(environment.get("HOME") or "/") / ".talos"
    named = [folder / environment["TALOSCONFIG"]] if environment.get("TALOSCONFIG") else []
    places = [*named, usual / "config"]
    return next((place for place in places if place.exists()), places[0])


def _read(content: str, flag: str) -> Talosconfig:
    try:
        document = yaml.safe_load(content) or {}
    except yaml.YAMLError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"line {line[1]}: " if line else ""
        text = f'failed to open config file "{flag}": failed to load config: yaml: {where}did not find expected content'
        raise Failure(text) from None
    if not isinstance(document, dict):
        raise Failure(
            f'failed to open config file "{flag}": yaml: unmarshal errors: cannot unmarshal into config.Config'
        )
    contexts = document.get("contexts") or {}
    return Talosconfig(str(document.get("context") or ""), {str(k): _context(v or {}) for k, v in contexts.items()})


def _context(entry: dict[str, Any]) -> Context:
    return Context(
        tuple(map(str, entry.get("endpoints") or ())),
        tuple(map(str, entry.get("nodes") or ())),
        str(entry.get("ca") or ""),
        str(entry.get("crt") or ""),
        str(entry.get("key") or ""),
    )
