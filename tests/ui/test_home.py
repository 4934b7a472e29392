"""The first screen: what one sees at once, and how one moves about."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from console.model.flux import FluxKey, FluxObject, Status
from console.model.snapshot import Topic
from console.model.step import Step
from console.model.updates import RepositoryState
from console.sources.errors import Forbidden, Unauthorized, Unreachable
from console.sources.stop import Stop
from tests.ui.desk import NOON, Desk, ago, talos_node
from tests.ui.user import LARGE, SMALL, using


async def test_a_wide_screen_shows_four_panes_and_a_small_one_their_counts() -> None:
    async with using(Desk(), LARGE) as user:
        await user.sees("1 Nodes", "2 Flux", "3 Updates", "4 Upgrades", "k8s-control-1", "immich-server", "held")
    async with using(Desk(), SMALL) as user:
        await user.sees("1 Nodes", "4 Upgrades ▲2", "k8s-control-1")
        await user.does_not_see("immich-server")
        await user.presses("3")
        await user.sees("immich-server")
        await user.does_not_see("k8s-control-1  control plane")


async def test_the_header_says_cluster_versions_mode_and_freshness() -> None:
    async with using(Desk(writable=False), SMALL) as user:
        await user.sees("home", "Talos v1.13.7", "K8s v1.36.2", "Flux v2.9.3", "read-only", "live", "git 40s")


async def test_what_needs_the_operator_stands_above_worst_first() -> None:
    async with using(Desk(), LARGE) as user:
        line = user.screen.split("\n")[1]
        assert line.index("observability/grafana failing 14m, blocks 3") < line.index(
            "Talos v1.13.8 waits for approval"
        )
        assert "1 of 4" in line


async def test_one_key_jumps_to_what_needs_the_operator_and_on_to_the_next() -> None:
    async with using(Desk(), SMALL) as user:
        await user.presses("!")
        await user.sees("▌✖ Failed      observability/grafana")
        await user.presses("!")
        await user.sees("▌▲ Talos       v1.13.7", "2 of 4")


async def test_a_jump_finds_its_row_behind_a_filter() -> None:
    async with using(Desk(), SMALL) as user:
        await user.presses("2", "/")
        await user.types("plex")
        await user.presses("enter", "!")
        await user.sees("▌✖ Failed      observability/grafana")


async def test_nothing_to_do_is_said_once_all_was_read() -> None:
    desk = Desk(held=False)
    desk.store.replace(Topic.TALOS, [talos_node()])
    async with using(desk) as user:
        await user.sees("k8s-control-1")
        await user.presses("!")
        await user.sees("not everything has been read yet")
        await user.does_not_see("nothing needs you")
        for topic in (Topic.KUBERNETES, Topic.FLUX, Topic.UPDATES):
            desk.store.replace(topic, [])
        await user.sees("nothing needs you")


async def test_a_change_in_the_store_shows_by_itself_and_the_cursor_stays_on_its_row() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("2", "j", "j", "j")
        await user.sees("▌◌ Blocked     observability/tempo")
        fixed = FluxObject(FluxKey("HelmRelease", "media", "plex"), "v2", Status.READY, since=NOON)
        desk.store.put(Topic.FLUX, [fixed])
        await user.does_not_see("Suspended")
        await user.sees("▌◌ Blocked     observability/tempo")


async def test_a_row_that_vanishes_leaves_the_cursor_near_its_place() -> None:
    desk = Desk()
    async with using(desk) as user:
        await user.presses("3", "j", "j", "j")
        await user.sees("▌· immich-server")
        desk.store.remove(Topic.UPDATES, [("renovate/immich-server",)])
        await user.sees("▌✖ mise-tools")


async def test_a_row_that_goes_to_another_group_leaves_the_cursor_where_it_was() -> None:
    desk = Desk()
    state: RepositoryState = desk.snapshot()[Topic.REPOSITORY].items[("repository",)]
    gone = replace(state, withdrawn=(("renovate/immich-server", desk.now()),))
    async with using(desk) as user:
        await user.presses("3", "j", "j", "j")
        await user.sees("▌· immich-server")
        desk.store.put(Topic.REPOSITORY, [gone])
        desk.store.remove(Topic.UPDATES, [("renovate/immich-server",)])
        await user.sees("▌✖ mise-tools")


async def test_the_filter_narrows_as_one_types_and_escape_takes_it_back() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "/")
        await user.types("graf")
        await user.sees("/graf 4 of 39")
        await user.does_not_see("plex")
        await user.presses("enter")
        await user.sees("/graf 4 of 39")
        await user.presses("escape")
        await user.sees("plex")


async def test_a_filter_takes_the_cursor_to_the_first_match() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "G", "/")
        await user.types("observ")
        await user.sees("▌✖ Failed       observability/grafana")


async def test_escape_ends_the_filter_and_only_the_next_one_the_marks() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "/")
        await user.types("observ")
        await user.presses("enter", "space", "escape")
        await user.sees("● 1 marked", "plex")
        await user.presses("escape")
        await user.does_not_see("marked")


async def test_an_exclamation_mark_turns_the_filter_round() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "/")
        await user.types("!ready")
        await user.sees("5 of 39")


async def test_only_problems() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "f")
        await user.sees("problems 4 of 39", "observability/tempo")
        await user.does_not_see("plex")
        await user.presses("f")
        await user.sees("plex")


async def test_sorting_by_name_turns_and_ends() -> None:
    async with using(Desk()) as user:
        await user.presses("3", "N")
        await user.sees("▌▲ Talos")
        assert user.screen.index("cert-manager") < user.screen.index("immich-server")
        await user.presses("N")
        assert user.screen.index("cert-manager") > user.screen.index("immich-server")
        await user.presses("N")
        assert user.screen.index("Talos  ") < user.screen.index("cert-manager")


async def test_marks_and_a_range() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "space", "j", "v")
        await user.sees("● 3 marked")
        await user.presses("escape")
        await user.does_not_see("marked")


async def test_zoom_and_back() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("3", "z")
        await user.does_not_see("observability/loki")
        await user.sees("immich-server", "2 Flux")
        await user.presses("z")
        await user.sees("observability/loki")


async def test_a_small_window_made_large_shows_all_four() -> None:
    async with using(Desk(), SMALL) as user:
        await user.pilot.resize_terminal(140, 45)
        await user.sees("╭─ 2 Flux", "╭─ 4 Upgrades")
        await user.pilot.resize_terminal(80, 24)
        await user.does_not_see("╭─ 2 Flux")


async def test_tab_goes_round() -> None:
    async with using(Desk()) as user:
        await user.presses("tab")
        await user.sees("observability/grafana  ")
        await user.presses("shift+tab", "shift+tab")
        await user.sees("Renovate does not automerge")


async def test_a_failed_source_says_what_is_wrong_and_what_to_do() -> None:
    desk = Desk(held=False)
    desk.store.failed(
        Topic.TALOS,
        Unauthorized(
            "Talos refuses our certificate: it expired 2 days ago (2026-11-20).",
            "New one, on a machine with admin rights:\n  talosctl config new --roles os:reader reader.yaml",
        ),
    )
    async with using(desk) as user:
        await user.sees("✖ Talos refuses our certificate", "talosctl config new --roles os:reader")


async def test_old_data_stays_with_its_age_and_recovers_by_itself() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        desk.clock.pass_by(minutes=6)
        desk.store.failed(Topic.TALOS, Unreachable("connection refused: 10.0.0.11:50000"))
        await user.sees("data 6m old", "connection refused", "k8s-control-1")
        desk.store.fresh(Topic.TALOS)
        await user.does_not_see("old", "connection refused")


async def test_a_source_that_was_not_asked_yet_says_whom_it_asks() -> None:
    async with using(Desk(held=False), LARGE) as user:
        await user.sees("asking Talos and Kubernetes", "asking the Kubernetes API for Flux", "fetching the repository")


async def test_a_kind_that_may_not_be_read_is_told_in_its_pane() -> None:
    desk = Desk()
    desk.store.limited(Topic.FLUX, (Forbidden("Not allowed to watch helmreleases").problem,))
    async with using(desk, SMALL) as user:
        await user.presses("2")
        await user.sees("▲ Not allowed to watch helmreleases", "observability/grafana")


async def test_an_empty_pane_says_why() -> None:
    desk = Desk(held=False)
    desk.store.replace(Topic.UPDATES, [])
    desk.store.replace(Topic.FLUX, [])
    async with using(desk, LARGE) as user:
        await user.sees("No Renovate branches", "No Flux objects in this cluster")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_ages_go_on_in_steps(size: tuple[int, int]) -> None:
    desk = Desk()
    async with using(desk, size) as user:
        desk.clock.pass_by(seconds=7)
        user.app.look()
        await user.sees("git 45s")
        desk.clock.pass_by(minutes=2)
        user.app.look()
        await user.sees("git 2m30s")


async def test_many_nodes_take_a_line_each_the_bad_ones_first() -> None:
    desk = Desk()
    nodes = [replace(talos_node(), name=f"node-{i}", address=f"10.0.1.{i}") for i in range(8)]
    nodes[6] = replace(nodes[6], ready=False, unmet=("staticPods: not ready",), since=ago(minutes=3))
    desk.store.replace(Topic.TALOS, nodes)
    async with using(desk) as user:
        await user.sees("staticPods: not ready", "node-5")
        assert user.screen.index("node-6") < user.screen.index("node-0")


async def test_the_command_line_completes_and_narrows() -> None:
    async with using(Desk()) as user:
        await user.presses(":")
        await user.types("fl")
        await user.sees("flux")
        await user.presses("tab")
        await user.types("plex")
        await user.presses("enter")
        await user.sees("/plex 1 of 39", "media/plex")


async def test_an_unknown_command_is_named() -> None:
    async with using(Desk()) as user:
        await user.presses(":")
        await user.types("nonsense")
        await user.presses("enter")
        await user.sees("no command 'nonsense'")


async def test_keys_move_behind_the_filter_while_one_types() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "/")
        await user.types("ready")
        await user.presses("down", "down")
        await user.sees("/ready▏", "▌✔ Ready        home/cloudnative-pg")


async def test_copy_says_what_it_copied() -> None:
    async with using(Desk()) as user:
        await user.presses("2", "c")
        await user.sees("copied HelmRelease/observability/grafana")
        assert user.app.clipboard == "HelmRelease/observability/grafana"


async def test_a_defect_in_a_job_costs_a_line_and_the_console_goes_on() -> None:
    class Broken(Desk):
        def reconcile(
            self, key: FluxKey, *, with_source: bool, stop: Stop, force: bool = False, reset: bool = False
        ) -> Iterator[Step]:
            del force, reset
            raise ZeroDivisionError(f"{key.name} {with_source} {stop.is_set()}")

    async with using(Broken()) as user:
        await user.presses("2", "R")
        await user.sees("✖ reconcile hr/observability/grafana: ZeroDivisionError: grafana")
        await user.presses("j")
        await user.sees("▌✖ Failed")


async def test_in_few_columns_the_header_says_first_whether_one_may_write_and_what_is_heard() -> None:
    async with using(Desk(writable=True), (40, 10)) as user:
        await user.sees("home", "write", "live", "git ")
        await user.does_not_see("Flux v2.9.3")


async def test_a_start_that_fails_says_why() -> None:
    class Unstartable(Desk):
        def start(self) -> None:
            raise Unreachable("The embedded cluster did not start", "port in use")

    async with using(Unstartable()) as user:
        await user.sees("The embedded cluster did not start  port in use")


async def test_a_value_that_no_pane_can_show_costs_a_line_and_what_was_seen_stays() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        broken = replace(talos_node(), cpu=("not a number",))  # type: ignore[arg-type]
        desk.store.put(Topic.TALOS, [broken])
        await user.sees("a defect, please report it", "observability/grafana")


def test_the_first_frame_imports_nothing_that_it_does_not_show() -> None:
    code = "import sys, console.ui.app; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    )
    late = {"kubernetes", "git", "sh", "yaml", "cryptography", "aiohttp", "markdown_it", "console.model.updates"}
    assert loaded & (late | {"console.ui.scenery", "console.ui.verbs", "console.ui.screens.review"}) == set()


async def test_a_failed_source_without_data_is_told_to_its_last_line() -> None:
    desk = Desk(held=False)
    desk.store.failed(
        Topic.TUPPR, Unreachable("No kubeconfig was found", "Put one at ~/.kube/config\nor set KUBECONFIG.")
    )
    async with using(desk, LARGE) as user:
        await user.sees("✖ No kubeconfig was found", "Put one at ~/.kube/config", "or set KUBECONFIG.")
