"""The API goes, the console is killed, again and again: it comes to the same end, and nothing is done twice."""

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from console.demo.controllers.objects import Key
from console.model.snapshot import Topic
from tests.demo.controllers.home import KUBERNETES, KUBERNETES_FILE, TALOS, Obj, phase
from tests.rollout.journey import KUBELET, SOON, TALOS_FILE, Journey, journey
from tests.ui.user import User

pytestmark = pytest.mark.timeout(900)
# Of every kind, the CRDs twice; of the rollout its events, tuppr's pods, those of the node, and the budgets.
WATCHES = 29
# Where an upgrade rests, and what a console that begins there tells of it.
RESTS: tuple[tuple[Callable[[Obj], bool], dict[str, str]], ...] = (
    (lambda obj: "v1.13.8" in str(obj["spec"]), {"step": "applied", "state": "done"}),
    (lambda obj: "Pre-pulling" in obj["status"]["message"], {"step": "pull", "state": "running"}),
    (lambda obj: phase(obj) == "Draining", {"step": "drain", "state": "running"}),
    (lambda obj: phase(obj) == "Upgrading", {"step": "install", "state": "running"}),
)
Rest = tuple[Key, Callable[[Obj], bool], dict[str, str]]
RELEASE = Key("HelmRelease", "cert-manager", "cert-manager")
CERT_MANAGER = "renovate/quay.io-jetstack-charts-cert-manager-1.x"
CERT_MANAGER_FILE = "kubernetes/apps/cert-manager/cert-manager/app/ocirepository.yaml"
ASKED = "asks its health checks: Node: every node is ready"


def done(obj: Obj) -> list[str]:
    """The nodes that have the new version."""
    return list(obj["status"].get("completedNodes") or ())


# Where that of Talos rests before and between its nodes, that of Kubernetes, and that of a chart.
BETWEEN: tuple[Rest, ...] = (
    (TALOS, lambda obj: "Pre-pulled" in obj["status"]["message"], {"step": "tuppr", "detail": ASKED}),
    (TALOS, lambda obj: len(done(obj)) == 1, {"step": "tuppr", "text": "1 total completed"}),
    (TALOS, lambda obj: len(done(obj)) == 2, {"step": "tuppr", "text": "2 total completed"}),
)
COMPONENTS: tuple[Rest, ...] = (
    (KUBERNETES, lambda obj: phase(obj) == "HealthChecking", {"step": "tuppr", "detail": ASKED}),
    (KUBERNETES, lambda obj: phase(obj) == "Upgrading", {"step": "tuppr", "text": "Upgrading Kubernetes to v1.36.3"}),
)
CHART: tuple[Rest, ...] = (
    (
        RELEASE,
        lambda obj: "Running 'upgrade'" in str(obj["status"]),
        {"step": "applied", "text": "Running health checks"},
    ),
)


async def test_in_every_phase_and_taken_up_again(tmp_path: Path) -> None:
    with journey(tmp_path) as house:
        clock, api = house.demo.world.clock, house.demo.api
        clock.hold()
        commit = await house.approve(TALOS_FILE, "v1.13.7", "v1.13.8")
        async with house.at_the_screen() as user:
            await user.sees("Talos v1.13.8   running", seconds=SOON)
            with house.watching("talos@v1.13.8") as watching:
                await watching.tells(step="artifact", state="running")
                await house.does(api.stop)
                await watching.tells(step="outcome", text="The API server ")
            await house.does(api.start)
            for rests, told in RESTS:
                await house.stops_at(rests)
                with house.watching("talos@v1.13.8") as watching:
                    await watching.tells(**told)
                    await house.does(api.stop)
                    await watching.tells(step="outcome", text="The API server ")
                    await user.sees("The Kubernetes API has been away", seconds=SOON)
                await house.does(api.start)
                await user.does_not_see("The Kubernetes API has been away")
            await reboots(house)
            with house.watching("talos@v1.13.8") as watching:
                told_last = await watching.tells(step="outcome")
                assert "Normal while a control plane reboots; worry after 10 min." in told_last["text"]
                await user.sees("The Kubernetes API has been away", seconds=SOON)
                await house.goes_on()
                code, told_last = await watching.ends()
            assert (code, told_last["outcome"]) == (0, "done")
            await user.sees("Talos v1.13.8   done", "✔ verified", seconds=SOON)
            await user._until(lambda: told_of_its_end(house), "its end in the journal", SOON)
        assert await house.does(house.demo.site.repository.head) == commit
        nothing_twice(house)


async def test_between_the_nodes_while_health_checks_run_for_kubernetes_and_for_a_chart(tmp_path: Path) -> None:
    with journey(tmp_path, nodes=3) as house:
        await house.does(house.demo.world.clock.hold)
        await house.approve(TALOS_FILE, "v1.13.7", "v1.13.8")
        await comes_through(house, "talos@v1.13.8", BETWEEN)
        await house.does(house.demo.world.clock.hold)
        await house.approve(KUBERNETES_FILE, "v1.36.2", "v1.36.3", branch=KUBELET)
        await comes_through(house, "kubernetes@v1.36.3", COMPONENTS)
        await house.does(house.demo.world.clock.hold)
        await house.approve(CERT_MANAGER_FILE, "v1.19.2", "v1.19.3", branch=CERT_MANAGER)
        await comes_through(house, CERT_MANAGER, CHART)
        nothing_twice(house, ("script",), rollouts=3)


async def comes_through(house: Journey, what: str, rests: tuple[Rest, ...]) -> None:
    """The console is killed at each rest, and the API goes there; begun anew it tells the same, to the same end."""
    for key, rests_there, told in rests:
        await house.stops_at(rests_there, key)
        with house.watching(what) as watching:
            await watching.tells(**told)
        with house.watching(what) as watching:
            await watching.tells(**told)
            await house.does(house.demo.api.stop)
            await watching.tells(step="outcome", text="The API server ")
        await house.does(house.demo.api.start)
    with house.watching(what) as watching:
        await house.goes_on()
        code, told_last = await watching.ends()
    assert (code, told_last["outcome"]) == (0, "done")


async def reboots(house: Journey) -> None:
    """Until the only node is away, and the API with it; nothing goes on then."""

    async def run() -> None:
        clock, nodes, gone = house.demo.world.clock, house.demo.crew.nodes, asyncio.Event()
        before = nodes.on_api

        async def on_api(up: bool) -> None:
            await before(up)
            if not up:
                clock.hold()
                gone.set()

        nodes.on_api = on_api
        clock.go_on()
        await gone.wait()

    await house.does(run)


def told_of_its_end(house: Journey) -> bool:
    """By the console with the screen."""
    return any(each["event"] == "rollout" for each in house.journal("operator"))


def nothing_twice(house: Journey, names: tuple[str, ...] = ("script", "operator"), rollouts: int = 1) -> None:
    """In the journals, and of what was asked of the cluster."""
    for name in names:
        records = [tuple(map(each.get, ("event", "commit", "node", "step"))) for each in house.journal(name)]
        assert [each for each, count in Counter(records).items() if count > 1 and each[3] != "unseen"] == []
        assert [event for event, *_ in records].count("rollout") == rollouts
    writing = [line for line in house.requests if not line.startswith("GET ") and "subjectaccessreviews" not in line]
    assert writing == []


async def test_while_nothing_happens_nothing_is_asked(tmp_path: Path) -> None:
    with journey(tmp_path, nodes=3) as house:
        await house.approve(TALOS_FILE, "v1.13.7", "v1.13.8")
        await house.stops_at(lambda obj: phase(obj) == "Upgrading")
        async with house.at_the_screen() as user:
            await user.sees("Talos v1.13.8   running", "install ▶", seconds=SOON)
            await user._until(lambda: all_is_open(house), f"{WATCHES} watches and a log, for", SOON)
            before = asked(house)
            await looks_at_git(user, times=3)
            assert asked(house) == before


def all_is_open(house: Journey) -> bool:
    """Whatever has a watch was listed before it."""
    return house.demo.api.faults.watches == WATCHES and any("follow=true" in line for line in house.requests)


def asked(house: Journey) -> list[str]:
    """But for the watches, which may be opened again at any time."""
    return [line for line in house.requests if "watch=" not in line]


async def looks_at_git(user: User, times: int) -> None:
    """Until the repository was fetched so often, which is done every few seconds here."""
    seen = set()

    def holds() -> bool:
        seen.add(user.app.desk.snapshot()[Topic.REPOSITORY].freshness.at)
        return len(seen) > times

    await user._until(holds, "looks at git on", SOON)
