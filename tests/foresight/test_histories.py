"""What real operators did by hand around upgrades is named beforehand; patches that went in quietly are let through.

Shown on the made-up lines that stand for their repositories (fixtures.yaml), not on the repositories themselves: for
those see tests.foresight.histories.
"""

from collections import defaultdict

import pytest

from console.foresight.knowledge import knowledge
from console.model.version import Version
from tests.foresight.histories import Step, Upgrade, examine, fixture, quiet, steps

NAMED = [step for section in ("steps", "taken_back") for step in steps(section) if step.rules]


@pytest.mark.parametrize("step", NAMED, ids=lambda step: f"{step.upgrade.repository}-{step.rules[0]}")
def test_a_step_by_hand_is_named_beforehand_on_the_lines_that_stand_for_its_repository(step: Step) -> None:
    assert _is_named(step)


def test_a_rule_finds_the_lines_of_nine_in_ten_steps_around_minors() -> None:
    listed = steps()
    assert sum(_is_named(step) for step in listed) >= 0.9 * len(listed)


def _is_named(step: Step) -> bool:
    return bool(step.rules) and bool({f.rule for f in examine(step.upgrade, fixture(step))} & set(step.rules))


def test_every_step_says_where_it_is_and_why() -> None:
    assert all(step.seen and step.why for step in (*steps(), *steps("taken_back")))


SETTLED = [
    "containerd",
    "discovery",
    "drivers",
    "kernel-args",
    "policies-beta",
    "network",
    "bond",
    "json-patch",
    "cdi",
    "spegel",
]


@pytest.mark.parametrize("like", SETTLED)
@pytest.mark.parametrize(
    ("system", "old", "new", "beside"),
    [
        ("talos", "v1.10.7", "v1.10.8", "v1.33.4"),
        ("talos", "v1.12.6", "v1.12.7", "v1.35.4"),
        ("talos", "v1.13.5", "v1.13.6", "v1.36.2"),
        ("kubernetes", "v1.34.2", "v1.34.3", "v1.11.6"),
        ("kubernetes", "v1.36.1", "v1.36.2", "v1.13.5"),
    ],
)
def test_a_quiet_patch_is_not_blocked_and_raises_a_handful_at_most(
    like: str, system: str, old: str, new: str, beside: str
) -> None:
    upgrade = next(u for u in quiet() if u.system == system)
    patch = type(upgrade)(upgrade.repository, upgrade.at, upgrade.system, old, new)
    found = examine(patch, fixture(Step(patch, "", "", "", (), like, beside)))
    assert not [f for f in found if f.severity == "block"]
    assert len(found) <= 5


# Lines that their repository did not have yet when its quiet patches went in.
LATER = frozenset({"annotation"})


def _lines_of_repositories() -> dict[str, list[str]]:
    """The fixtures that stand for each repository: its operator's steps name them."""
    found: dict[str, set[str]] = defaultdict(set)
    for step in (*steps(), *steps("taken_back")):
        found[step.upgrade.repository] |= {step.like} - LATER - {""}
    return {repository: sorted(likes) for repository, likes in found.items()}


LINES = _lines_of_repositories()
STANDING = [patch for patch in quiet() if LINES.get(patch.repository)]


def _beside(patch: Upgrade) -> str:
    """A version of the other system that goes with what ran."""
    old = Version.parse(patch.old)
    assert old
    spans = {minor: entry.code for minor, entry in knowledge().talos.items()}
    if patch.system == "talos":
        minor = spans[old.major, old.minor][1]
    else:
        minor = min(talos for talos, (first, last) in spans.items() if first <= (old.major, old.minor) <= last)
    return f"v{minor[0]}.{minor[1]}.0"


@pytest.mark.parametrize("patch", STANDING, ids=lambda patch: patch.title.replace(" ", "-"))
def test_a_patch_that_went_in_quietly_is_let_through_on_the_lines_of_its_repository(patch: Upgrade) -> None:
    for like in LINES[patch.repository]:
        found = examine(patch, fixture(Step(patch, "", "", "", (), like, _beside(patch))))
        assert not [f for f in found if f.severity == "block"], like
        assert len(found) <= 5, like


def test_more_quiet_patches_have_lines_than_there_are_steps() -> None:
    assert len(STANDING) >= len(steps())


@pytest.mark.parametrize("tag", ["{{ ENV.KUBERNETES_VERSION }}", "${kubernetesVersion}", "v1.36.2"])
@pytest.mark.parametrize("name", ["machineconfig.yaml", "machineconfig.yaml.j2"])
def test_a_tag_that_a_template_puts_in_blocks_nothing(name: str, tag: str) -> None:
    upgrade = next(u for u in quiet() if u.system == "talos")
    minor = type(upgrade)(upgrade.repository, upgrade.at, "talos", "v1.13.10", "v1.14.1")
    text = f"version: v1alpha1\nmachine:\n  kubelet:\n    image: ghcr.io/siderolabs/kubelet:{tag}\ncluster: {{}}\n"
    found = examine(minor, {f"talos/{name}": text.encode(), "talos/talenv.yaml": b"talosVersion: v1.13.10\n"})
    assert not [f for f in found if f.severity == "block"]
