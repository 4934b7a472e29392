"""Settings as they may be shown: what may be secret in them is masked."""

import shlex
from typing import Any
from urllib.parse import urlsplit

from console.model.redaction import MASK, redacted
from console.settings import Settings
from console.settings.keys import COMMAND, WEB, Key
from console.settings.schema import plain


def shown(settings: Settings, key: Key) -> Any:
    """The value as JSON has it. Of an address that is secret its host is left, of a command its name."""
    value = plain(getattr(settings, key.field))
    if isinstance(value, str) and value and key.form is WEB:
        parts = urlsplit(redacted(value))
        return f"{parts.scheme}://{parts.netloc}" + (f"/{MASK}" if parts.path.strip("/") or parts.query else "")
    if isinstance(value, str) and value and key.form is COMMAND:
        name, *more = shlex.split(value)
        return " ".join([redacted(name), *([MASK] if more else [])])
    return _masked(value)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    return redacted(value) if isinstance(value, str) else value
