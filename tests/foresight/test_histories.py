"""What real operators did by hand around upgrades is named beforehand; patches that went in quietly are let through."""

import pytest

from tests.foresight.histories import Step, examine, fixture, quiet, steps

NAMED = [step for section in ("steps", "taken_back") for step in steps(section) if step.rules]


@pytest.mark.parametrize("step", NAMED, ids=lambda step: f"{step.upgrade.repository}-{step.rules[0]}")
def test_a_step_by_hand_is_named_beforehand(step: Step) -> None:
    found = examine(step.upgrade, fixture(step))
    assert {f.rule for f in found} & set(step.rules)


def test_nine_in_ten_steps_around_minors_are_named() -> None:
    listed = steps()
    assert sum(bool(step.rules) for step in listed) >= 0.9 * len(listed)


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


def test_there_are_as_many_quiet_patches_as_steps() -> None:
    assert len(quiet()) >= len(steps())


@pytest.mark.parametrize("tag", ["{{ ENV.KUBERNETES_VERSION }}", "${kubernetesVersion}", "v1.36.2"])
@pytest.mark.parametrize("name", ["machineconfig.yaml", "machineconfig.yaml.j2"])
def test_a_tag_that_a_template_puts_in_blocks_nothing(name: str, tag: str) -> None:
    upgrade = next(u for u in quiet() if u.system == "talos")
    minor = type(upgrade)(upgrade.repository, upgrade.at, "talos", "v1.13.10", "v1.14.1")
    text = f"version: v1alpha1\nmachine:\n  kubelet:\n    image: ghcr.io/siderolabs/kubelet:{tag}\ncluster: {{}}\n"
    found = examine(minor, {f"talos/{name}": text.encode(), "talos/talenv.yaml": b"talosVersion: v1.13.10\n"})
    assert not [f for f in found if f.severity == "block"]
