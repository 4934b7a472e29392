"""What of a text must not be shown: in an address who asks, and their password; tokens and keys by how they look."""

import re

MASK = "••••••"

# Up to the last @ before the path: a password may hold one too (RFC 3986 §3.2; git and curl take the last).
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")
_TOKEN = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|AGE-SECRET-KEY-1\w+|AKIA[0-9A-Z]{16})"
)


def redacted(text: str) -> str:
    """``text`` with ``user:password@`` taken out of every URL in it, and without tokens."""
    return masked_tokens(anonymous(text))


def anonymous(text: str) -> str:
    """``text`` with ``user:password@`` taken out of every URL in it. A lone ``git@`` is no secret and stays."""
    return _CREDENTIALS.sub(lambda m: m.group() if m.group() == "git@" else "", text)


def masked_tokens(text: str) -> str:
    """``text`` without what looks like a forge's token, a cloud's access key or an age key."""
    return _TOKEN.sub(MASK, text)
