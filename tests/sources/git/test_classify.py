"""The class of a step between two versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.updates import UpdateType
from console.sources.git.classify import at_least, is_breaking, is_downgrade, is_version, update_type, weightiest

A, B = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("1.2.3", "1.2.4", "patch"),
        ("v1.2.3", "v1.3.0", "minor"),
        ("1.2.3", "v2.0.0", "major"),
        ("0.15.2", "0.16.0", "minor"),
        ("v4", "v7", "major"),
        ("v4", "v4.1", "minor"),
        ("18", "19", "major"),
        ("3.13-alpine", "3.14-alpine", "minor"),
        ("24.18.1-alpine3.20", "24.18.1-alpine3.21", "patch"),
        ("2026.8.2", "2026.11.1", "minor"),
        ("2025.12.5", "2026.1.0", "major"),
        ("6.3.7.0", "6.3.7.1", "patch"),
        ("1.42.2.10156", "1.42.3.10310", "patch"),
        ("4.0.16.2944-ls45", "4.0.16.2944-ls46", "patch"),
        ("v1.36.3+k3s1", "v1.36.4+k3s1", "patch"),
        ("v1.14.0-beta.1", "v1.14.0-rc.1", "patch"),
        ("1.36.0-rc.1", "1.36.0", "patch"),
        ("2026.8.20-8d3dd0cd4", "2026.8.20-487d7a96e", "patch"),
        ("release-1.2.3", "release-1.3.0", "minor"),
        ("app-template-3.1.0", "app-template-4.0.0", "major"),
        (f"1.2.3@sha256:{A}", f"1.3.0@sha256:{B}", "minor"),
        (f"rolling@sha256:{A}", f"rolling@sha256:{B}", "digest"),
        (f"sha256:{A}", f"sha256:{B}", "digest"),
        ("d7da3da", "731a1a0", "digest"),
        ("1.2.3", f"1.2.3@sha256:{A}", "pin"),
        ("v4", "1" * 39 + "a", "pin"),
        ("^1.2.0", "1.2.4", "pin"),
        ("^1.2.0", "^2.0.0", "major"),
        ("~> 1.2.0", "~> 1.3.0", "minor"),
        ("1.2.3", "1.2.2", "unknown"),
        ("2.0.0", "1.9.9", "unknown"),
        ("latest", "stable", "unknown"),
        ("RELEASE.2024-03-21T00-00-00Z", "RELEASE.2024-04-21T00-00-00Z", "unknown"),
        ("20240321", "20240421", "unknown"),
        ("1.2.3-alpine", "1.2.3-debian", "unknown"),
        ("kubernetes-1.2.0", "talos-1.3.0", "unknown"),
        (f"1.2.3@sha256:{A}", "1.2.3", "unknown"),
        ("", "1.0.0", "unknown"),
    ],
)
def test_class(old: str, new: str, kind: UpdateType) -> None:
    assert update_type(old, new) == kind


@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [("1.9.0", "2.0.0", True), ("0.15.0", "0.16.0", True), ("0.15.0", "0.15.1", False), ("1.1.0", "1.2.0", False)],
)
def test_what_semver_lets_break(old: str, new: str, breaks: bool) -> None:
    assert is_breaking(old, new, update_type(old, new)) is breaks


@pytest.mark.parametrize("text", ["15m", "512Mi", "1.5Gi", "2h", "latest", "true", "20240321", "", "-1"])
def test_quantities_and_words_are_no_versions(text: str) -> None:
    assert not is_version(text)


def test_going_back_is_told_apart() -> None:
    assert is_downgrade("v1.3.0", "v1.2.9")
    assert not is_downgrade("v1.2.9", "v1.3.0")
    assert not is_downgrade("a", "b")


def test_what_main_has_is_compared_by_number() -> None:
    assert at_least("1.10.0", "1.9.0")
    assert at_least("v1.9.0", "1.9.0") is False  # the same, written otherwise: not newer
    assert not at_least("1.9.0", "1.10.0")
    assert not at_least("latest", "1.0.0")


def test_a_group_is_as_grave_as_its_gravest_member() -> None:
    assert weightiest(["patch", "major", "digest"]) == "major"
    assert weightiest(["patch", "unknown"]) == "unknown"
    assert weightiest([]) == "unknown"


numbers = st.tuples(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999))


@given(numbers, numbers, st.sampled_from(["", "v"]))
def test_any_two_semantic_versions(a: tuple[int, int, int], b: tuple[int, int, int], prefix: str) -> None:
    old, new = (prefix + ".".join(map(str, v)) for v in (a, b))
    if a >= b:
        assert update_type(old, new) == "unknown"
    elif a[0] != b[0]:
        assert update_type(old, new) == "major"
    else:
        assert update_type(old, new) == ("minor" if a[1] != b[1] else "patch")


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_it(old: str, new: str) -> None:
    assert update_type(old, new)
    is_breaking(old, new, update_type(old, new))
    is_downgrade(old, new)
