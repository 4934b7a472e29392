"""No address is shown with what it takes to use it."""

import pytest

from console.model.redaction import MASK, redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:secret@host/o/r", "https://host/o/r"),
        ("https://ghp_abcdef@github.com/a/b", "https://github.com/a/b"),
        ("https://me:pa@ss@host/a@b", "https://host/a@b"),
        ("https://me:pa#s?s@host/a", "https://host/a"),
        ("ssh://git@host/r", "ssh://git@host/r"),
        ("https://host/@scope/x", "https://host/@scope/x"),
        ("fatal: 'https://x:y@h/' and http://t@i/: no", "fatal: 'https://h/' and http://i/: no"),
        ("mail me@example.org", "mail me@example.org"),
        ("https://[bad@", "https://"),
    ],
)
def test_credentials_are_cut_out_of_every_url(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "token",
    [
        "ghp_abcdefghijklmnopqrst",
        "github_pat_abcdefghijklmnopqrst",
        "glpat-0123456789abcdef",
        "AGE-SECRET-KEY-1QQQQ",
        "AKIA0123456789ABCDEF",
    ],
)
def test_a_token_is_told_by_how_it_looks(token: str) -> None:
    assert redacted(f"denied: {token}, sorry") == f"denied: {MASK}, sorry"
