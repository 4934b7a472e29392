"""A workshop for each test."""

from pathlib import Path

import pytest

from tests.sources.git.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty remote and an operator."""
    return Workshop(tmp_path)
