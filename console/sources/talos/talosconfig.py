"""talosctl's configuration, found and read before talosctl is started: it would create an empty one where none is."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from console.sources.errors import Malformed, NotConfigured, Unauthorized

_IN_CLUSTER = Path("/var/run/secrets/talos.dev/config")
NEW_CERTIFICATE = (
    "New one, on a machine with admin rights:\n"
    "  talosctl config new --roles os:reader --crt-ttl 8760h reader.yaml\n"
    "Then point TALOSCONFIG at it; this pane recovers by itself."
)


@dataclass(frozen=True, slots=True)
class Talosconfig:
    """One context of a talosconfig. ``expires`` is until when our certificate is valid, ``roles`` what it may."""

    path: Path
    context: str
    endpoints: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    expires: datetime | None = None


def find(given: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """The file that talosctl would use. Raises NotConfigured.

    A file that is named and does not exist is an error; talosctl would fall back to another one, or make one.
    """
    named = given or (Path(environment["TALOSCONFIG"]) if environment.get("TALOSCONFIG") else None)
    if named is not None:
        if not named.is_file():
            told = "" if given else " (from TALOSCONFIG)"
            raise NotConfigured(f"There is no talosconfig at {named}{told}.", _hint("Correct the path"))
        return named.absolute()
    home = environment.get("TALOS_HOME")
    usual = Path(home) if home else Path(environment.get("HOME", "/")) / ".talos"
    for path in (usual / "config", _IN_CLUSTER):
        if path.is_file():
            return path
    raise NotConfigured(f"No talosconfig: TALOSCONFIG is not set, and {usual / 'config'} does not exist.", _hint())


def _hint(first: str = "Set TALOSCONFIG") -> str:
    return f"{first}, or make one: talosctl config new --roles os:reader --crt-ttl 8760h reader.yaml"


def read(path: Path, context: str | None = None) -> Talosconfig:
    """One context: ``context``, else the current one. Raises NotConfigured or Malformed."""
    import yaml  # noqa: PLC0415 - late: only once something is asked

    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise NotConfigured(f"{path} can't be read: {error.strerror}.", "Make it readable for you.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise Malformed(f"{path} is not valid YAML: {reason}", "Restore it, or make a new one.") from error
    contexts = document.get("contexts") if isinstance(document, dict) else None
    if not isinstance(contexts, dict) or not contexts:
        raise NotConfigured(f"{path} has no contexts.", _hint("Point TALOSCONFIG at another file"))
    name = context or str(document.get("context") or "")
    entry = contexts.get(name)
    if not isinstance(entry, dict):
        known = ", ".join(sorted(map(str, contexts)))
        lost = f"has no context {name!r}" if name else "names no current context"
        raise NotConfigured(f"{path} {lost}.", f"It has: {known}.", kind="unknown-context")
    return _context(path, name, entry)


def _context(path: Path, name: str, entry: Mapping[str, Any]) -> Talosconfig:
    endpoints, nodes = (_texts(entry.get(name)) for name in ("endpoints", "nodes"))
    if not endpoints:
        raise NotConfigured(
            f"Context {name!r} in {path} has no endpoints.",
            f"Add one, a control plane's address: talosctl --context={name} config endpoint 10.0.0.11",
        )
    roles, expires = certificate(str(entry.get("crt") or ""), path)
    return Talosconfig(path, name, endpoints, nodes, roles, expires)


def _texts(value: object) -> tuple[str, ...]:
    """What stands in a list; nothing of what is none."""
    return tuple(map(str, value)) if isinstance(value, list) else ()


def certificate(encoded: str, path: Path) -> tuple[tuple[str, ...], datetime | None]:
    """(roles, valid until) of a client certificate, base64 of PEM; an empty one has neither. Raises Malformed."""
    if not encoded:
        return (), None
    from cryptography import x509  # noqa: PLC0415 - late: only once something is asked
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    try:
        found = x509.load_pem_x509_certificate(base64.b64decode(encoded))
    except ValueError as error:
        raise Malformed(f"The certificate in {path} can't be read.", NEW_CERTIFICATE) from error
    names = found.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return tuple(str(name.value) for name in names), found.not_valid_after_utc


def check_certificate(config: Talosconfig, now: datetime) -> None:
    """Raises Unauthorized when our certificate is no longer valid."""
    if config.expires is None or config.expires > now:
        return
    days = (now - config.expires).days
    ago = {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
    message = f"Talos refuses our certificate: it expired {ago} ({config.expires:%Y-%m-%d})."
    raise Unauthorized(message, NEW_CERTIFICATE, kind="certificate-expired")
