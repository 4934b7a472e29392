"""From what to what: short, and never the same twice where something moves."""

import pytest

from console.model.moves import from_to
from console.model.updates import Change

OLD, NEW = f"sha256:557a2ac{'0' * 57}", f"sha256:930af59{'1' * 57}"


@pytest.mark.parametrize(
    ("old", "new", "pair"),
    [
        ("1.19.2", "1.19.3", ("1.19.2", "1.19.3")),
        ("ghcr.io/app/one:1.0", "ghcr.io/app/one:1.1", ("1.0", "1.1")),
        (f"1.0@{OLD}", f"1.1@{NEW}", ("1.0", "1.1")),
        (OLD, NEW, ("557a2ac", "930af59")),
        ("a" * 40, "b" * 40, ("aaaaaaa", "bbbbbbb")),
        (f"17.6@{OLD}", f"17.6@{NEW}", ("17.6@557a2ac", "930af59")),
        (f"ghcr.io/app/one@{OLD}", f"ghcr.io/app/one@{NEW}", ("557a2ac", "930af59")),
        ("12.3.0", f"12.3.0@{NEW}", ("12.3.0", "12.3.0@930af59")),
        (f"12.3.0@{OLD}", "12.3.0", ("12.3.0@557a2ac", "12.3.0")),
        ("v6", "c" * 40, ("v6", "ccccccc")),
        (f"ghcr.io/one/app:4.0@{OLD}", f"ghcr.io/two/app:4.0@{NEW}", ("one", "two")),
        ("ghcr.io/one/app:4.0", "ghcr.io/two/app:4.1", ("one:4.0", "two:4.1")),
        ("docker.io/one/app:4.0", "ghcr.io/one/app:4.0", ("docker.io", "ghcr.io")),
        ("ghcr.io/one/app:4.0", "ghcr.io/one/other:4.0", ("app", "other")),
        ("registry:5000/one/app", "registry:5000/one/other", ("app", "other")),
        ("", "1.0", ("", "1.0")),
    ],
)
def test_what_moves_is_told_apart_in_short(old: str, new: str, pair: tuple[str, str]) -> None:
    assert from_to(Change("app", old, new, "patch")) == pair
