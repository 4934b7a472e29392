import pytest

from console.model.version import Version, normal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("v1.13.8", "v1.13.8"),
        ("1.36.2", "v1.36.2"),
        ("v1.14.0-rc.1", "v1.14.0-rc.1"),
        ("1.2", "v1.2.0"),
        ("v1.2.3+k3s1", "v1.2.3"),
    ],
)
def test_versions_are_written_one_way(text: str, shown: str) -> None:
    assert normal(text) == shown


@pytest.mark.parametrize("text", ["latest", "1", "v1.2.3.4", "", "sha256:abc"])
def test_what_is_no_version_stays_as_it_is(text: str) -> None:
    assert Version.parse(text) is None
    assert normal(text) == text


def test_order_is_semver_order() -> None:
    # The example of semver.org 2.0.0, §11.
    texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"]
    texts += ["1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0"]
    versions = [version for text in texts if (version := Version.parse(text))]
    assert versions == sorted(versions, key=lambda v: v)
    assert versions[::-1] == sorted(versions, reverse=True)
    assert len(set(versions)) == len(texts)
