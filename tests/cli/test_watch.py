"""``homeconsole watch``: a line for each step, once; the exit code says how it ended."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.cli.watching import wait_until
from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.model.rollout import Choice, Rollout
from console.model.snapshot import Problem, Snapshot, Topic
from console.model.step import Step, StepState
from console.plain.watch import Told, document, line, news
from console.store import Store
from tests.cli.conftest import Shell, environment
from tests.operations.facts import NOW

DONE, RUNNING, WAITING, FAILED = StepState.DONE, StepState.RUNNING, StepState.WAITING, StepState.FAILED
WAY = Rollout("c" * 40, "renovate/talos", "Talos v1.13.8", "running", (Step("commit", DONE), Step("tuppr", WAITING)))


def told(rollout: Rollout, known: Told) -> list[tuple[str, str, str]]:
    return [(node, step.name, step.state.value) for node, step in news(rollout, known)]


class TestNews:
    def test_is_each_step_once_and_not_what_waits(self) -> None:
        known: Told = {}
        assert told(WAY, known) == [("", "commit", "done")]
        assert told(WAY, known) == []

    def test_is_another_text_of_what_runs_and_the_same_of_a_node(self) -> None:
        known: Told = {}
        drains = (("k8s-1", (Step("drain", RUNNING, "1 pod"),)),)
        told(replace(WAY, nodes=drains), known)
        assert told(replace(WAY, nodes=drains), known) == []
        other = (("k8s-1", (Step("drain", RUNNING, "no pod"),)),)
        assert told(replace(WAY, nodes=other), known) == [("k8s-1", "drain", "running")]

    def test_is_the_outcome_with_its_reason_but_not_each_minute_of_it(self) -> None:
        known: Told = {}
        told(WAY, known)
        stuck = replace(WAY, outcome="stuck", note="The drain does not get on. No news for 11m.")
        assert told(stuck, known) == [("", "outcome", "running")]
        assert told(replace(stuck, note="The drain does not get on. No news for 12m."), known) == []
        assert told(WAY, known) == [("", "outcome", "running")], "it gets on"
        assert told(stuck, known) == [("", "outcome", "running")], "and hangs anew, in the same words"
        assert told(replace(WAY, outcome="done"), known) == [("", "outcome", "done")]


def test_a_line_holds_when_what_where_and_the_rest_and_nothing_that_moves_a_terminal() -> None:
    step = Step("drain", FAILED, "no\x1b[2J")
    assert line(WAY, "k8s-1", step, NOW).split() == ["12:00:00", "failed", "k8s-1", "drain", "no␛[2J"]


def test_json_has_the_choices_in_it() -> None:
    way = replace(WAY, outcome="failed", choices=(Choice("reset", "let it start over"),))
    found = document(way, "", Step("outcome", FAILED, "tuppr gave up"), NOW)
    assert found["schema"] == "homeconsole/watch/v1"
    assert (found["outcome"], found["choices"]) == ("failed", [{"verb": "reset", "text": "let it start over"}])


def test_what_is_waited_for_is_found_however_often_something_else_changes() -> None:
    store, looks = Store(lambda: NOW), list[Snapshot]()

    def told(snapshot: Snapshot) -> bool:
        looks.append(snapshot)
        store.limited(Topic.FLUX, (Problem("busy", str(len(looks))),))
        return len(looks) > 30

    wait_until(store, told, 60)
    assert len(looks) == 31
    wait_until(store, lambda _: False, 0)


@pytest.fixture(scope="module")
def failed() -> Iterator[DemoThread]:
    with DemoThread(Topology(scenario="upgrade-failed")) as demo:
        yield demo


def shell_on(demo: DemoThread, tmp_path: Path) -> Shell:
    return Shell(tmp_path, environment(tmp_path, demo))


class TestTheExitCode:
    def test_of_one_that_failed_is_one_and_its_words_are_told(self, failed: DemoThread, tmp_path: Path) -> None:
        ran = shell_on(failed, tmp_path).run("watch")
        assert ran.code == 1, ran.err
        assert "tuppr gave up: k8s-control-1" in ran.out.splitlines()[-1]
        ran = shell_on(failed, tmp_path).run("watch", "talos@v1.13.8", "-o", "json")
        lines = [json.loads(each) for each in ran.out.splitlines()]
        assert (ran.code, lines[-1]["step"], lines[-1]["outcome"]) == (1, "outcome", "failed")
        assert {each["title"] for each in lines} == {"Talos v1.13.8"}

    def test_of_a_name_that_means_nothing_is_two(self, failed: DemoThread, tmp_path: Path) -> None:
        ran = shell_on(failed, tmp_path).run("watch", "v9.9.9")
        assert ran.code == 2
        assert "was approved lately" in ran.err

    def test_of_one_that_is_watched_to_its_end_is_zero_and_the_journal_holds_it(self, tmp_path: Path) -> None:
        with DemoThread(Topology(scenario="upgrade-running", nodes=3, speed=60)) as demo:
            ran = shell_on(demo, tmp_path).run("watch", "siderolabs-talos-1.x")
        assert ran.code == 0, ran.out + ran.err
        assert ran.out.splitlines()[-1].split()[1:] == ["done", "outcome", "Talos", "v1.13.8"]
        journal = (tmp_path / ".local" / "state" / "homeconsole" / "journal.jsonl").read_text()
        assert json.loads(journal.splitlines()[-1])["outcome"] == "done"

    def test_of_one_that_takes_too_long_is_one(self, tmp_path: Path) -> None:
        with DemoThread(Topology(scenario="drain-stuck")) as demo:
            ran = shell_on(demo, tmp_path).run("watch", "--timeout", "15")
        assert ran.code == 1
        assert "PodDisruptionBudget database/postgres keeps postgres-0" in ran.out
        assert "Talos v1.13.8 is still stuck after 15 s" in ran.err

    def test_what_was_approved_a_moment_ago_is_meant_by_no_name_and_by_what_it_moved(self, tmp_path: Path) -> None:
        with DemoThread(Topology()) as demo:
            shell = shell_on(demo, tmp_path)
            pull = shell.run("updates", "paperless-ngx", "-o", "json").json["updates"][0]["pull"]
            ran = shell.run("approve", "paperless-ngx", "--write", "--yes", "-o", "json")
            assert ran.code == 0, ran.out + ran.err
            for name in ((), ("paperless-ngx",), (f"#{pull}",), (str(pull),)):
                lines = shell.run("watch", *name, "--timeout", "1", "-o", "json").out.splitlines()
                assert json.loads(lines[0])["commit"] == ran.json["commit"], name
            assert "was approved lately" in shell.run("watch", "#1").err

    def test_of_nothing_is_zero(self, shell: Shell) -> None:
        ran = shell.run("watch")
        assert (ran.code, ran.err) == (0, "homeconsole: nothing is under way\n")
