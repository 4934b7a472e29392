"""Flux objects: details, reconcile with its real outcome, suspend with a reason."""

import queue
from collections.abc import Iterator
from dataclasses import replace

from console.model.flux import FluxKey
from console.model.flux_detail import Condition, Detail
from console.model.flux_tree import Trace
from console.model.snapshot import Problem
from console.sources.stop import Stop
from tests.ui.desk import GRAFANA, NOON, Desk, refused
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
        await user.presses("shift+tab", "shift+tab")
        await user.sees("Why   UpgradeFailed")


async def test_details_show_conditions_history_inventory_and_events() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "enter")
        await user.sees(
            "✖ Ready False   UpgradeFailed  14m", "failed", "grafana@9.4.5  14m  took 5m  upgrade app 12.2.0"
        )
        await user.sees("Warning  UpgradeFailed  grafana: timed out  2 times  helm-controller")
        await user.sees("Inventory 1", "Deployment", "observability/grafana")


async def test_what_is_open_is_live_until_it_is_gone() -> None:
    desk = Desk()
    seen: queue.SimpleQueue[Detail | None] = queue.SimpleQueue()
    stopped: list[Stop] = []

    def watch(key: FluxKey, stop: Stop) -> Iterator[Detail]:
        assert key == GRAFANA
        stopped.append(stop)
        with stop.closing(lambda: seen.put(None)):
            while detail := seen.get():
                yield detail

    desk.watch = watch  # type: ignore[method-assign]
    now = desk.inspect(GRAFANA)
    async with using(desk, LARGE) as user:
        await user.presses("2", "enter")
        await user.sees("asking for its conditions, history and inventory")
        seen.put(now)
        await user.sees("✖ Ready False   UpgradeFailed")
        seen.put(replace(now, conditions=(Condition("Ready", "True", "UpgradeSucceeded", "", NOON),)))
        await user.sees("✔ Ready True   UpgradeSucceeded")
        seen.put(replace(now, problem=Problem("unreachable", "the API refuses connections")))
        await user.sees("▲ not live: the API refuses connections", "UpgradeFailed")
        seen.put(replace(now, gone=True))
        await user.sees("It was deleted while you looked")
        await user.presses("escape")
        await user.sees("2 Flux")
        assert stopped[0].is_set()


async def test_the_tree_goes_down_to_pods_and_the_trace_up_to_the_commit() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "t")
        await user.sees("applied by", "Kustomization/observability/grafana", "OCIRepository/flux-system/flux-system")
        await user.sees("7d20c4e   #2299   home-bot[bot], 14m ago", "feat(helm): update grafana ( 9.4.4 → 9.4.5 )")
        await user.sees("└─ Deployment observability/grafana  ▶ InProgress", "└─ Pod observability/grafana-6c9d8")


async def test_a_trace_that_fails_leaves_the_tree() -> None:
    desk = Desk()

    def trace(key: FluxKey) -> Trace:
        raise refused(f"the repository does not know {key.name}")

    desk.trace = trace  # type: ignore[method-assign]
    async with using(desk, LARGE) as user:
        await user.presses("2", "t")
        await user.sees("✖ the repository does not know grafana", "└─ Deployment observability/grafana")


async def test_the_controllers_lines_about_it() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "l")
        await user.sees("11-22 11:46:00  error  Reconciler error", "error=grafana: timed out  helm-controller")


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
