"""The client's configuration as the real client finds, creates and reads it (pkg/machinery/client/config)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


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
    """The configuration that would be used. Raises ValueError with the reason why it can't be.

    The real client makes one without contexts where there is none; so does this.
    """
    path = _path(flag, environment, folder)
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text('context: ""\ncontexts: {}\n')
        return _read(path.read_text())
    except OSError as error:
        raise ValueError(f"open {path}: {(error.strerror or '').lower()}") from None


def _path(flag: str, environment: dict[str, str], folder: Path) -> Path:
    if flag:
        return folder / flag
    home = Path(environment["TALOS_HOME"]) if environment.get("TALOS_HOME") else None
    usual = home or Path(environment.get("HOME") or "/") / ".talos"
    named = [folder / environment["TALOSCONFIG"]] if environment.get("TALOSCONFIG") else []
    places = [*named, usual / "config"]
    return next((place for place in places if place.exists()), places[0])


def _read(content: str) -> Talosconfig:
    """Raises ValueError in the words of Go's YAML library."""
    try:
        document = yaml.safe_load(content)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        node = "node " if "expected the node content" in str(error) else ""
        raise ValueError(f"yaml: line {mark.line if mark else 1}: did not find expected {node}content") from None
    if document is None:
        raise ValueError("EOF")
    if not isinstance(document, dict):
        kind = "!!seq" if isinstance(document, list) else "!!str"
        raise ValueError(f"yaml: unmarshal errors:\n  line 1: cannot unmarshal {kind} into config.Config")  # noqa: TRY004
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
