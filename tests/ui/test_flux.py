"""Flux objects: details, reconcile with its real outcome, suspend with a reason."""

from tests.ui.desk import GRAFANA, Desk, refused
from tests.ui.user import LARGE, using


async def test_details_say_why_and_what_is_blocked() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "enter")
        await user.sees("Why   UpgradeFailed", "timed out waiting for Deployment grafana", "Blocks 3")


async def test_what_waits_shows_the_chain_to_the_root_cause() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "j", "j", "enter")
        await user.sees("Waits for", "HelmRelease/observability/grafana   root cause")


async def test_yaml_and_events_are_asked_and_tab_walks_them() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "y")
        await user.sees("apiVersion: helm.toolkit.fluxcd.io/v2")
        await user.presses("e")
        await user.sees("Warning  UpgradeFailed  grafana: timed out")
        await user.presses("tab")
        await user.sees("Why   UpgradeFailed")


async def test_an_answer_that_fails_says_why() -> None:
    desk = Desk()
    desk.fails = refused("forbidden: events is not allowed")
    async with using(desk) as user:
        await user.presses("2", "e")
        await user.sees("✖ forbidden: events is not allowed", "read it again")


async def test_a_text_is_searched() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "y", "/")
        await user.types("name")
        await user.presses("enter")
        await user.sees("▌  name: grafana")
        await user.presses("n", "n", "escape", "escape")
        await user.sees("observability/loki")


async def test_reconcile_ends_with_the_real_outcome() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "R")
        await user.sees("✖ reconcile grafana: UpgradeFailed: timed out waiting for Deployment grafana")
        await user.presses("W")
        await user.sees("✖ reconcile grafana")
    assert [done for done in desk.done if done[0] == "reconcile"] == [
        ("reconcile", GRAFANA.ref, ""),
        ("reconcile", GRAFANA.ref, "with source"),
    ]


async def test_a_refused_reconcile_says_why() -> None:
    desk = Desk()
    desk.fails = refused("suspended: resume it first")
    async with using(desk) as user:
        await user.presses("2", "R")
        await user.sees("✖ reconcile grafana: suspended: resume it first")


async def test_marked_objects_are_reconciled_together() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "space", "space", "R")
        await user.sees("✖ reconcile grafana")
    assert len([done for done in desk.done if done[0] == "reconcile"]) == 2


async def test_suspend_asks_why() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "s")
        await user.sees("Suspend", "HelmRelease/observability/grafana", "Why:")
        await user.types("waiting for a fix")
        await user.presses("enter")
        await user.sees("✔ suspend grafana: suspended")
    assert ("suspend", GRAFANA.ref, "waiting for a fix") in desk.done


async def test_resume_asks_whether() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "/")
        await user.types("plex")
        await user.presses("enter", "s")
        await user.sees("Resume", "Go on? y/N")
        await user.presses("y")
        await user.sees("✔ resume plex: resumed")
    assert ("resume", "HelmRelease/media/plex", "") in desk.done


async def test_details_of_a_node_an_update_and_an_upgrade() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("1", "enter")
        await user.sees("siderolabs/i915", "Services", "kubelet")
        await user.presses("escape", "3", "D")
        await user.sees("+    version: v1.13.8")
        await user.presses("escape", "4", "enter")
        await user.sees("Renovate does not automerge", "TalosUpgrade/talos", "only control plane")


async def test_the_link_of_an_update_is_printed_over_ssh() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("3", "o")
        await user.sees("https://github.com/example/home-ops/pull/2307  (copied)")
