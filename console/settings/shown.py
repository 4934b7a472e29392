"""Settings as they may be shown: what may be secret in them is masked."""

from typing import Any
from urllib.parse import urlsplit

from console.model.redaction import MASK, redacted
from console.settings import Settings
from console.settings.keys import COMMAND, COMMANDS, OWN_COMMANDS, WEB, Key
from console.settings.schema import plain


def shown(settings: Settings, key: Key) -> Any:
    """The value as JSON has it. Of an address that is secret its host is left, of a command its first word."""
    value = plain(getattr(settings, key.field))
    if isinstance(value, str) and value and key.form is WEB:
        parts = urlsplit(redacted(value))
        return f"{parts.scheme}://{parts.netloc}" + (f"/{MASK}" if parts.path.strip("/") or parts.query else "")
    if key.form is COMMAND:
        return " ".join(_first(value.split()))
    if key.form is COMMANDS:
        return [" ".join(_first(each.split())) for each in value]
    if key.form is OWN_COMMANDS:
        value = [{**each, "run": _first(each["run"])} for each in value]
    return _masked(value)


def _first(words: list[str]) -> list[str]:
    """The program alone: what it is given may be secret, and so may a variable before it."""
    if not words or "=" in words[0]:
        return [MASK] if words else []
    return [redacted(words[0]), *([MASK] if len(words) > 1 else [])]


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    return redacted(value) if isinstance(value, str) else value
