"""``homeconsole logs``: one line of a log."""

from console.model.flux_detail import LogLine
from console.model.text import safe
from console.plain.document import Document, moment, schema


def document(of: LogLine) -> Document:
    """As one line of JSON. What a node writes has only its text and who wrote it."""
    return schema("logs") | {
        "at": moment(of.at),
        "level": of.level,
        "message": of.message,
        "by": of.by,
        "fields": dict(of.fields),
    }


def line(of: LogLine) -> str:
    """The same to be read."""
    parts = (of.level, of.message, *(f"{name}={value}" for name, value in of.fields))
    told = f"{of.at:%Y-%m-%dT%H:%M:%SZ}  " if of.at else ""
    return told + "  ".join(safe(part) for part in parts if part)
