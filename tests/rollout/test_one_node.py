"""A Talos upgrade of the only node: all that tuppr gives up on, each told and mended, then the way to its end."""

from pathlib import Path

import pytest

from tests.demo.controllers.home import TALOS, phase
from tests.rollout.journey import SOON, TALOS_FILE, Journey, journey, verbs
from tests.ui.user import User

pytestmark = pytest.mark.timeout(900)
NODE = "k8s-control-1"


async def starts_over(house: Journey, user: User) -> None:
    """By key and answer; the cluster stands still when tuppr has taken it in."""
    await house.does(house.demo.world.clock.hold)
    await user.presses("X")
    await user.sees("Reset", "Go on? y/N")
    await user.presses("y")
    await user.sees("Talos v1.13.8   running", seconds=SOON)


async def test_each_failure_has_its_word_and_its_advice_until_it_is_done(tmp_path: Path) -> None:
    with journey(tmp_path) as house:
        faults = house.demo.faults
        faults.pulls[NODE] = "manifest unknown"
        await house.approve(TALOS_FILE, "v1.13.7", "v1.13.8")
        await house.until(TALOS, lambda obj: phase(obj) == "Pending/PrePullFailed")
        async with house.at_the_screen() as user:
            with house.watching("talos@v1.13.8") as watching:
                told = await watching.tells(step="outcome", outcome="stuck")
                assert "A node can't pull the installer image; tuppr tries again every few minutes." in told["text"]
                assert "It says: manifest unknown." in told["text"]
                assert verbs(told) == ["wait", "suspend"]
                await user.sees("Talos v1.13.8   stuck", "manifest unknown", "s suspend", seconds=SOON)

                faults.jobs[NODE] = "no space left on device"
                faults.pulls.clear()
                code, told = await watching.ends()
                assert (code, told["outcome"]) == (1, "failed")
                assert "tuppr gave up: k8s-control-1: " in told["text"]
                assert {"logs", "reset", "suspend"} <= set(verbs(told))
                await user.sees("Talos v1.13.8   failed", "The last job wrote", "no space left on device", seconds=SOON)

            faults.jobs.clear()
            faults.boots_old.add(NODE)
            await starts_over(house, user)
            with house.watching("talos@v1.13.8") as watching:
                await watching.tells(outcome="running")
                await house.goes_on()
                code, told = await watching.ends()
                assert (code, told["outcome"]) == (1, "failed")
                assert "remained at v1.13.7; expected v1.13.8" in told["text"]
                assert "started its old version again" in told["text"]
                await user.sees("failed", "The node started its old version", seconds=SOON)

            faults.boots_old.clear()
            await starts_over(house, user)
            with house.watching("talos@v1.13.8") as watching:
                await watching.tells(outcome="running")
                await house.goes_on()
                code, told = await watching.ends()
                assert (code, told["outcome"], told["state"]) == (0, "done", "done")
                steps = [each["step"] for each in watching.told if each["node"]]
                assert [step for step in ("drain", "install", "reboot", "back") if step in steps][-1] == "back"
            await user.sees("Talos v1.13.8   done", "✔ verified", "etcd healthy", seconds=SOON)
            await user.does_not_see("s suspend", "X reset")
        answer = await house.asks("upgrades")
        assert (answer["schema"], answer["running"], answer["rollouts"]) == ("homeconsole/upgrades/v1", [], [])
        assert [(each["title"], each["outcome"]) for each in answer["last"]] == [("Talos v1.13.8", "done")]
        summary = (await house.asks("history"))["entries"][0]["rollout"]
        assert (summary["outcome"], summary["before"], summary["target"]) == ("done", "v1.13.7", "v1.13.8")
        assert [node["name"] for node in summary["nodes"]] == [NODE]
        ends = [each["outcome"] for each in house.journal() if each["event"] == "rollout"]
        assert ends == ["failed", "failed", "done"]
