"""What of an address must not be shown: who asks, and their password."""

import re

# Up to the last @ before the path: a password may hold one too (RFC 3986 §3.2; git and curl take the last).
_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")


def redacted(text: str) -> str:
    """``text`` with ``user:password@`` taken out of every URL in it. A lone ``git@`` is no secret and stays."""
    return _CREDENTIALS.sub(lambda m: m.group() if m.group() == "git@" else "", text)
