"""A file's bytes as text and back, and the error for what can't be edited with certainty."""

from console.sources.errors import Refused

BOM = "\ufeff"


def uncertain(why: str) -> Refused:
    """The refusal of an edit that can't be guaranteed to change only what it should."""
    return Refused(f"This edit can't be made safely: {why}.", "Edit the file by hand, then approve.", kind="edit")


def opened(data: bytes) -> tuple[str, str]:
    """(byte order mark or nothing, text). Refused for what is not UTF-8 text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise uncertain("the file is not UTF-8") from None
    if "\0" in text:
        raise uncertain("the file is binary")
    mark = BOM if text.startswith(BOM) else ""
    return mark, text[len(mark) :]


def closed(mark: str, text: str) -> bytes:
    """The bytes again."""
    return (mark + text).encode("utf-8")


def line_start(text: str, index: int) -> int:
    """Where the line of ``index`` begins."""
    return text.rfind("\n", 0, index) + 1


def line_end(text: str, index: int) -> int:
    """Where the line of ``index`` ends, behind its line end."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def ending(text: str) -> str:
    """How the text ends its lines."""
    return "\r\n" if "\r\n" in text else "\n"
