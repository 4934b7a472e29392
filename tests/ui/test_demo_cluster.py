"""The console on the embedded cluster: real sources, real git, a real child process."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.settings import load
from console.wiring import Console
from console.wiring.embedded import Embedded
from tests.ui.user import LARGE, SMALL, User, using

pytestmark = pytest.mark.timeout(180)


# Whatever of it is run leaves a file.
OUTSIDE = """\
approval: {{approvers: 2, checks: [touch {file}], before: [touch {file}], after: [touch {file}]}}
notify: {{command: touch {file}}}
"""


@contextlib.asynccontextmanager
async def console(*words: str, size: tuple[int, int] = LARGE) -> AsyncIterator[User]:
    """The console on a cluster of its own, in write mode, once all panes have something to show."""
    (Path.home() / ".gitconfig").write_text("[user]\n\tname = Home Operator\n\temail = home@example.org\n")
    config = Path(os.environ["XDG_CONFIG_HOME"]) / "homeconsole" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(OUTSIDE.format(file=Path.home() / "outside"))
    settings = load({"write": True}, os.environ)
    desk = Console(settings, embedded=lambda: Embedded(["--speed", "100", *words]), folder=Path.home())
    try:
        async with using(desk, size) as user:
            await user.sees("Talos v1.13.7", "Flux v2.9.3", "live", "git", seconds=60)
            yield user
    finally:
        desk.stop()


async def test_an_upgrade_is_approved_and_followed_to_the_last_node_and_nothing_outside_is_run() -> None:
    async with console() as user:
        await user.presses("4")
        await user.sees("▌▲ Talos", "0 blockers", seconds=30)
        await user.presses("a")
        await user.sees("Approve  Talos v1.13.7 → v1.13.8", "Approved-by: Home Operator", seconds=30)
        await user.presses("a")
        await user.types("v1.13.8")
        await user.presses("enter")
        await user.sees("Rollout  Talos v1.13.8", "commit", seconds=30)
        await user.sees("The Kubernetes API has been away for", seconds=60)
        await user.sees("Rollout  Talos v1.13.8   done", "✔ verified", seconds=60)
        await user.presses("q")
        await user.sees("Talos v1.13.8", "✔ Talos")
        assert not (Path.home() / "outside").exists()


async def test_reconcile_shows_the_real_outcome_of_a_release_that_fails() -> None:
    async with console(size=SMALL) as user:
        await user.presses("2")
        await user.sees("observability/grafana", seconds=30)
        await user.presses("R")
        await user.sees("✖ reconcile hr/observability/grafana: ", seconds=60)


async def test_yaml_events_and_the_diff_come_from_the_real_thing() -> None:
    async with console() as user:
        await user.presses("2", "y")
        await user.sees("apiVersion: helm.toolkit.fluxcd.io/v2", seconds=30)
        await user.presses("q", "3")
        await user.sees("v1.13.7 → v1.13.8", "v1.36.2 → v1.36.3", seconds=60)
        await user.presses("g", "D")  # what is read first has the cursor
        await user.sees("+    version: v1.13.8", seconds=60)


async def test_a_finding_offers_a_fix_which_is_taken_and_reviewed_again() -> None:
    async with console() as user:
        await user.sees("31 ready", seconds=60)
        await user.presses("3", ":")
        await user.types("approve renovate/quay.io-cilium-charts-cilium-1.x")
        await user.presses("enter")
        await user.sees("jumbo is v2alpha1", "F take fix", seconds=60)
        await user.presses("F")
        await user.sees("Take the fix", "+apiVersion: cilium.io/v2", "Go on? y/N")
        await user.presses("y")
        await user.sees("edited: kubernetes/apps/kube-system/cilium/app/nodeconfig.yaml", seconds=60)
        await user.does_not_see("is v2alpha1")


async def test_an_open_object_shows_its_tree_its_commit_and_its_controllers_lines() -> None:
    async with console() as user:
        await user.presses("2", "enter")
        await user.sees("Why   ", "Conditions", "History", seconds=30)
        await user.presses("t")
        await user.sees("Comes from", "OCIRepository/flux-system/flux-system", "brought by", "└─ ", seconds=30)
        await user.presses("l")
        await user.sees("helm-controller", "error=", seconds=30)


async def test_everything_that_fails_is_reconciled_with_its_real_outcomes_and_a_release_is_forced() -> None:
    async with console() as user:
        await user.presses("2", ":")
        await user.types("reconcile-failing")
        await user.presses("enter")
        await user.sees("get a pass each", "Go on? y/N")
        await user.presses("y")
        await user.sees("✖ HelmRelease/observability/grafana", "failed", "left out", "esc back", seconds=90)
        await user.presses("escape", ":")
        await user.types("force")
        await user.presses("enter")
        await user.sees("helm-controller installs or upgrades the release once", "Go on? y/N")
        await user.presses("y")
        await user.sees("✖ force ", "/observability/grafana: ", seconds=90)
