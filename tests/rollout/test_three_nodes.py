"""Talos upgrades of three nodes: what Flux and tuppr can't do, what is told of it, and how it goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.demo.controllers.objects import Key
from console.demo.seed import platform
from tests.demo.controllers.home import KUBERNETES_FILE, TALOS, phase
from tests.rollout.journey import KUBELET, SOON, TALOS_FILE, journey, verbs

pytestmark = pytest.mark.timeout(900)
SOURCE = Key("OCIRepository", "flux-system", "flux-system")
LISTED = TALOS_FILE.replace("talosupgrade", "kustomization")


async def test_from_a_source_that_fails_to_a_later_change_that_takes_its_place(tmp_path: Path) -> None:
    with journey(tmp_path, nodes=3) as house:
        faults = house.demo.faults
        faults.sources[SOURCE] = "GET https://registry.test/home-ops: UNAUTHORIZED"
        await house.approve(TALOS_FILE, "v1.13.7", "v1.13.8")
        await house.until(SOURCE, lambda obj: "UNAUTHORIZED" in str(obj["status"]["conditions"]))
        async with house.at_the_screen() as user:
            with house.watching("talos@v1.13.8") as watching:
                code, told = await watching.ends()
            assert (code, told["outcome"], verbs(told)) == (1, "failed", ["mend", "reconcile"])
            assert "flux-system/flux-system can't fetch" in told["text"]
            await user.sees("Talos v1.13.8   failed", "✖ artifact", "UNAUTHORIZED", seconds=SOON)

            await house.published(await house.push({LISTED: ("./talosupgrade.yaml", "./missing.yaml")}))
            faults.sources.clear()
            await user.sees("✖ applied", "missing.yaml", "in a later artifact", seconds=SOON)
            await user.sees("Kustomization system/tuppr-upgrades can't apply", "R reconcile", seconds=SOON)

            faults.never_back |= set(house.demo.world.machines)
            await house.push({LISTED: ("./missing.yaml", "./talosupgrade.yaml")})
            await house.stops_at(lambda obj: phase(obj) == "Upgrading")
            with house.watching("talos@v1.13.8") as watching:
                await watching.tells(node="k8s-control", step="install", state="running")
                await house.goes_on()
                code, told = await watching.ends()
            assert (code, told["outcome"]) == (1, "failed")
            assert "did not become ready within 30m0s" in told["text"]
            assert verbs(told)[-3:] == ["reset", "suspend", "mend"]
            await user.sees("Talos v1.13.8   failed", "did not become ready", "X reset", seconds=SOON)

            faults.never_back.clear()
            await house.approve(TALOS_FILE, "v1.13.8", "v1.13.9")
            await house.until(TALOS, lambda obj: "v1.13.9" in str(obj["spec"]))
            with house.watching("talos@v1.13.8") as watching:
                code, told = await watching.ends()
            assert (code, told["outcome"]) == (1, "superseded")
            assert "A later approval took its place." in told["text"] or "asks for v1.13.9" in told["text"]
            with house.watching("talos@v1.13.9") as watching:
                code, told = await watching.ends()
            assert (code, told["outcome"]) == (0, "done")
            await user.sees("Talos v1.13.8   superseded", "Talos v1.13.9", seconds=SOON)
            await user.presses("tab")
            await user.sees("Rollout  Talos v1.13.9   done", seconds=SOON)
        assert {machine.talos for machine in house.demo.world.machines.values()} == {"v1.13.9"}


async def test_a_drain_that_is_stuck_and_a_version_that_tuppr_refuses_meanwhile(tmp_path: Path) -> None:
    with journey(tmp_path, nodes=3) as house:
        clock, site, crew = house.demo.world.clock, house.demo.site, house.demo.crew
        clock.behind = timedelta(minutes=45)
        await house.does(lambda: platform.budget("postgres", "database", site, crew, maximum=0))
        await house.approve(TALOS_FILE, "v1.13.7", "v1.13.8", ago=timedelta(minutes=48))
        (pod,) = house.demo.store.list("Pod", "database", {"app.kubernetes.io/name": "postgres"})
        await house.until(TALOS, lambda obj: obj["status"]["currentNode"] == pod["spec"]["nodeName"])
        await house.until(TALOS, lambda obj: phase(obj) == "Draining")
        clock.behind = timedelta()
        async with house.at_the_screen() as user:
            with house.watching("talos@v1.13.8") as watching:
                told = await watching.tells(step="outcome", outcome="stuck", text="PodDisruptionBudget")
                assert "PodDisruptionBudget database/postgres keeps postgres-0" in told["text"]
                assert {"wait", "mend", "suspend"} <= set(verbs(told))
            await user.sees("Talos v1.13.8   stuck", "PodDisruptionBudget database/postgres keeps", seconds=SOON)
            (way,) = (await house.asks("upgrades"))["rollouts"]
            assert (way["title"], way["outcome"], way["usualSeconds"]) == ("Talos v1.13.8", "stuck", None)
            drains = {each["name"]: step["state"] for each in way["nodes"] for step in each["steps"][1:2]}
            assert drains[pod["spec"]["nodeName"]] == "running"

            await house.approve(TALOS_FILE, "v1.13.8", "v1.13.9")
            with house.watching("talos@v1.13.9") as watching:
                told = await watching.tells(text="tuppr refuses a new version while it upgrades")
                assert told["outcome"] == "running"
                await user.sees("Talos v1.13.9", seconds=SOON)
                await user.presses("shift+tab")
                await user.sees("Rollout  Talos v1.13.9", "tuppr refuses a new version while it upgrades", seconds=SOON)
                await house.does(lambda: house.demo.store.delete("PodDisruptionBudget", "postgres", "database"))
                code, told = await watching.ends()
                assert (code, told["outcome"]) == (0, "done")
            await user.sees("Talos v1.13.9   done", seconds=SOON)


async def test_kubernetes_behind_a_held_talos_and_a_window_that_closes_between_two_nodes(tmp_path: Path) -> None:
    before = timedelta(hours=2)
    opened = datetime.now(UTC) - before - timedelta(minutes=30)
    window = f"""  maintenance:
    windows:
      - start: "{opened.minute} {opened.hour} * * *"
        duration: 2h
  policy:"""
    with journey(tmp_path, nodes=3) as house:
        clock = house.demo.world.clock
        clock.behind = before
        note = {"metadata": {"annotations": {"tuppr.home-operations.com/suspend": "review"}}}
        await house.does(lambda: house.demo.store.patch("TalosUpgrade", "talos", "", note))
        await house.push({TALOS_FILE: ("  policy:", window)})
        await house.approve(KUBERNETES_FILE, "v1.36.2", "v1.36.3", branch=KUBELET, ago=before)
        async with house.at_the_screen() as user:
            with house.watching("kubernetes@v1.36.3") as watching:
                told = await watching.tells(step="outcome", outcome="stuck")
                assert "tuppr waits for TalosUpgrade talos, which is suspended" in told["text"]
                assert verbs(told) == ["release"]
                await user.sees("Kubernetes v1.36.3   stuck", "TalosUpgrade talos, which is suspended", seconds=SOON)
                await user.presses("s")
                await user.sees("Release", "Go on? y/N")
                await user.presses("y")
                code, told = await watching.ends()
                assert (code, told["outcome"]) == (0, "done")
            await user.sees("Kubernetes v1.36.3   done", "✔ verified", seconds=SOON)

            await house.approve(TALOS_FILE, "v1.13.7", "v1.13.8", ago=before)

            await house.stops_at(lambda obj: phase(obj) == "Upgrading")
            clock.behind = timedelta()
            await house.goes_on()
            with house.watching("talos@v1.13.8") as watching:
                told = await watching.tells(step="outcome", text="tuppr starts in its maintenance window, next ")
                assert told["outcome"] == "running"
            await user.sees("Talos v1.13.8", seconds=SOON)
            await user.presses("shift+tab")
            await user.sees("tuppr starts in its maintenance window, next ", "back ✔", seconds=SOON)
        done = [machine for machine in house.demo.world.machines.values() if machine.talos == "v1.13.8"]
        assert 0 < len(done) < 3
