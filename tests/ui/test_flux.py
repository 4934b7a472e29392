"""Flux objects: details, reconcile with its real outcome, suspend with a reason."""

import queue
from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest

from console.model.flux import FluxKey, Status
from console.model.flux_detail import Condition, Detail
from console.model.flux_tree import Trace
from console.model.snapshot import Problem, Topic
from console.model.step import Step, StepState
from console.sources.errors import CLOSED
from console.sources.stop import Stop
from console.ui.availability import READ_ONLY
from console.ui.panes.flux import Viewing
from console.ui.widgets.arrangement import arranged
from tests.ui.desk import GRAFANA, NOON, Desk, flux_objects, refused
from tests.ui.user import LARGE, User, using


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
        await user.sees("Values from", "Secret/observability/grafana-login")


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


async def test_what_is_open_goes_on_by_another_way_to_the_cluster() -> None:
    desk = Desk()
    ways: list[Stop] = []

    def watch(key: FluxKey, stop: Stop) -> Iterator[Detail]:
        ways.append(stop)
        if len(ways) == 1:
            yield replace(desk.inspect(key), problem=Problem(CLOSED, "the way is closed"))
            return
        yield desk.inspect(key)
        stop.wait(60)

    desk.watch = watch  # type: ignore[method-assign]
    async with using(desk, LARGE) as user:
        await user.presses("2", "enter")
        await user.sees("✖ Ready False   UpgradeFailed")
        await user.does_not_see("not live")
        assert len(ways) == 2


async def test_the_tree_goes_down_to_pods_and_the_trace_up_to_the_commit() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "t")
        await user.sees("applied by", "Kustomization/observability/grafana", "OCIRepository/flux-system/flux-system")
        await user.sees("7d20c4e   #2299   home-bot[bot], 14m ago", "feat(helm): update grafana ( 9.4.4 → 9.4.5 )")
        await user.sees("└─ Deployment observability/grafana  ▶ InProgress", "└─ Pod observability/grafana-6c9d8")


async def test_from_a_pod_of_the_tree_it_is_one_key_to_its_commit_and_on_to_what_applied_it() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "t")
        await user.sees("└─ Pod observability/grafana-6c9d8")
        await user.presses("j", "j", "j", "enter")
        await user.sees("Pod/observability/grafana-6c9d8", "applied by", "7d20c4e   #2299   home-bot[bot]")
        await user.presses("enter")
        await user.sees("Kustomization/observability/grafana", "details  tree and trace")
        await user.presses("escape", "escape")
        await user.sees("└─ Pod observability/grafana-6c9d8")


async def test_where_nothing_can_be_chosen_enter_says_so() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2", "enter", "enter")
        await user.sees("nothing is chosen; t shows the tree")


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
        await user.sees("observability/grafana: UpgradeFailed: timed out")
        await user.presses("W")
        await user.sees("/observability/grafana")
    assert [done for done in desk.done if done[0] == "reconcile"] == [
        ("reconcile", GRAFANA.ref, ""),
        ("reconcile", GRAFANA.ref, "with source"),
    ]


async def test_a_refused_reconcile_says_why() -> None:
    desk = Desk()
    desk.fails = refused("suspended: resume it first")
    async with using(desk) as user:
        await user.presses("2", "R")
        await user.sees("/observability/grafana: suspended: resume it first")


async def test_marked_objects_are_reconciled_together_with_a_line_of_outcome_each() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "space", "space", "W")
        await user.sees("reconcile 2 objects   ✔ 2 done", f"✔ {GRAFANA.ref}  ReconciliationSucceeded", "esc back")
        await user.presses("escape")
        await user.sees("● 2 marked")
    assert desk.done[-1] == ("reconcile", GRAFANA.ref, "Kustomization/observability/grafana", "with source", "")


async def test_many_are_stopped_by_esc_and_left_running_by_q() -> None:
    desk = Desk()
    stops = _hanging(desk)
    async with using(desk) as user:
        await user.presses("2", "space", "space", "R")
        await user.sees("reconcile 2 objects   ▶ 0 of 2", "esc stops it   q leaves it running", "asking for a pass")
        await user.presses("escape")
        await user.sees("✖ 2 left out; stopped", f"– {GRAFANA.ref}  stopped before it began")
        await user.presses("escape", "R", "q")
        await user.sees("● 2 marked")
        assert [stop.is_set() for stop in stops] == [True, False]
        stops[1].set()
        await user.sees("✖ reconcile 2 objects: 2 left out; stopped")


async def test_outcomes_left_with_q_are_there_to_return_to_under_way_and_at_their_end() -> None:
    desk = Desk()
    stops = _hanging(desk)
    async with using(desk) as user:
        await user.presses("O")
        await user.sees("outcomes: nothing was done to many objects in this run")
        await user.presses("2", "space", "space", "R")
        await user.sees("▶ 0 of 2")
        await user.presses("q")
        await user.sees("● 2 marked")
        await user.presses("O")
        await user.sees("reconcile 2 objects   ▶ 0 of 2", "esc stops it", "asking for a pass")
        await user.presses("q")
        stops[0].set()
        await user.sees("2 left out; stopped   O shows each")
        await user.presses("O")
        await user.sees("✖ 2 left out; stopped", f"– {GRAFANA.ref}  stopped before it began", "esc back")
        await user.presses("escape")
        await user.sees("● 2 marked")
        assert len(stops) == 1


def _hanging(desk: Desk) -> list[Stop]:
    """Operations on many of this desk go on until they are stopped; the stops of those that began."""
    stops: list[Stop] = []

    def bulk(verb: str, keys: Collection[FluxKey], *, stop: Stop, **how: object) -> Iterator[Step]:
        assert (verb, how["force"]) == ("reconcile", False)
        stops.append(stop)
        yield from (Step(key.ref, StepState.RUNNING, "asking for a pass") for key in keys)
        stop.wait(60)
        yield from (Step(key.ref, StepState.SKIPPED, "stopped before it began") for key in keys)
        yield Step("all", StepState.FAILED, f"{len(keys)} left out; stopped")

    desk.bulk = bulk  # type: ignore[method-assign]
    return stops


async def test_everything_that_fails_is_reconciled_after_a_question() -> None:
    desk = Desk()
    async with using(desk) as user:
        await _commands(user, "reconcile-failing")
        await user.sees("4 objects that fail or wait", GRAFANA.ref, "Go on? y/N")
        await user.presses("enter", "n")
        await user.does_not_see("Go on?")
        assert not [done for done in desk.done if done[0] == "reconcile"]
        await _commands(user, "reconcile-failing")
        await user.sees("Go on? y/N")
        await user.presses("y")
        await user.sees("reconcile 4 objects   ✔ 4 done")
    assert len([word for word in desk.done[-1] if "/" in word]) == 4


async def test_where_nothing_fails_there_is_nothing_to_reconcile() -> None:
    desk = Desk()
    desk.store.replace(Topic.FLUX, [this for this in flux_objects() if this.status is Status.READY])
    async with using(desk) as user:
        await _commands(user, "reconcile-failing")
        await user.sees("reconcile failing: nothing fails")


@pytest.mark.parametrize(("word", "says"), [("force", "also when nothing changed"), ("reset", "forgets how often")])
async def test_force_and_reset_say_what_they_do_and_do_nothing_by_default(word: str, says: str) -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses("2")
        await _commands(user, word)
        await user.sees(GRAFANA.ref, says, f"requestedAt and {word}At", "Go on? y/N")
        await user.presses("enter", "escape")
        await user.does_not_see("Go on?")
        assert not [done for done in desk.done if done[0] == "reconcile"]
        await _commands(user, word)
        await user.sees("Go on? y/N")
        await user.presses("y")
        await user.sees(f"✖ {word} HelmRelease/observability/grafana: UpgradeFailed")
    assert desk.done[-1] == ("reconcile", GRAFANA.ref, "", word)


async def test_of_what_is_marked_only_releases_are_forced_and_reset() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await user.presses("2", "space", "space")
        await _commands(user, "reset")
        await user.sees(GRAFANA.ref, "Go on? y/N")
        await user.presses("y")
        await user.sees("✖ reset HelmRelease/observability/grafana: UpgradeFailed")
        await user.presses("escape", "j")
        for word, why in (("force", "can be forced"), ("reset", "only a HelmRelease counts its failures")):
            await _commands(user, word)
            await user.sees(why)


@pytest.mark.parametrize("word", ["force", "reset", "reconcile-failing", "suspend"])
async def test_read_only_refuses_with_a_reason(word: str) -> None:
    desk = Desk(writable=False)
    async with using(desk) as user:
        await user.presses("2")
        await _commands(user, word)
        await user.sees(READ_ONLY)


async def _commands(user: User, word: str) -> None:
    await user.presses(":")
    await user.types(word)
    await user.presses("enter")


@pytest.mark.parametrize(
    ("typed", "count"),
    [
        ("kind:helmrelease status:failed", 1),
        ("ns:observability !kind:ks", 1),
        ("source:flux-system", 3),
        ("status:ready !kind:helmrelease !kind:ks", 2),
        ("graf obs fail", 2),
        ("grfn", 2),
        ("grfn status:ready", 0),
    ],
)
async def test_the_filter_knows_kind_namespace_status_and_source(typed: str, count: int) -> None:
    async with using(Desk()) as user:
        await user.presses("2", "/")
        await user.sees("kind: ns: status: source:")
        await user.types(typed)
        await user.sees(f"{count} of 39")


async def test_sorted_by_blocks_what_blocks_most_comes_first_and_turned_last() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "N", "g")
        assert "blocks 3" not in user.line("▌")
        await user.presses("B", "g")
        assert "blocks 3" in user.line("▌")
        await user.presses("B", "G")
        assert "blocks 3" in user.line("▌")
        await user.presses("g")
        assert "blocks 3" not in user.line("▌")


async def test_suspend_asks_why() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "s")
        await user.sees("Suspend", "HelmRelease/observability/grafana", "Why:")
        await user.types("waiting for a fix")
        await user.presses("enter")
        await user.sees("✔ suspend hr/observability/grafana: suspended")
    assert ("suspend", GRAFANA.ref, "waiting for a fix") in desk.done


async def test_resume_asks_whether() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "/")
        await user.types("plex")
        await user.presses("enter", "s")
        await user.sees("Resume", "Go on? y/N")
        await user.presses("y")
        await user.sees("✔ resume hr/media/plex: resumed")
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
        await user.sees("https://github.com/siderolabs/talos/releases/tag/v1.13.8  (copied)")


def test_what_is_kept_of_rows_that_are_made_when_they_are_drawn_is_what_they_are() -> None:
    viewing, store, objects = Viewing(), Desk().store, flux_objects()
    longer = objects[1]._replace(key=FluxKey("HelmRelease", "media", "x" * 40), status=Status.FAILED, message="said")
    for those in (objects, [longer, *objects], objects[:2], [], objects):
        store.replace(Topic.FLUX, those)
        kept = viewing(store.snapshot()).arranged
        whole = arranged(list(kept.rows))
        assert (kept.keys, list(kept.first), kept.widths) == (whole.keys, whole.first, whole.widths)
        assert len(kept.rows) == len(those)
