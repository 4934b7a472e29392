"""The lock of the private clone."""

from pathlib import Path

import pytest

from console.sources.errors import SourceError
from console.sources.git.lock import locked


def test_a_lock_that_can_not_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "lock"
    with pytest.raises(SourceError) as caught, locked(path, 1):
        pass
    assert str(path) in caught.value.message
    assert "No such file" in caught.value.message


def test_what_is_raised_while_it_is_held_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), locked(tmp_path / "lock", 1):
        raise FileNotFoundError
