"""Which question goes where next: rules without processes."""

import json
from dataclasses import replace

import pytest

from console.model.nodes import TalosNode
from console.model.snapshot import Problem
from console.sources.errors import TimedOut, Unreachable
from console.sources.talos.places import Places
from console.sources.talos.questions import CPU, ETCD, MEMBERS, QUESTIONS, STATUS
from console.sources.talos.schedule import Job, Schedule
from console.sources.talos.watched import Trust, Watched
from tests.demo.talosctl.cluster import FROZEN


def nodes(count: int, trust: Trust = Trust.NEW) -> list[Watched]:
    made = [Watched(TalosNode(f"n{i}", f"10.0.0.{i}"), f"10.0.0.{i}", trust) for i in range(count)]
    if trust is Trust.PROVEN:
        for watched in made:
            watched.unanswered.discard(STATUS.name)
    return made


def taken(schedule: Schedule, watched: list[Watched], now: float = 0) -> list[Job]:
    return schedule.take(watched, now)


class TestPlaces:
    def test_nodes_that_never_answered_get_half_of_the_places(self) -> None:
        assert len(taken(Schedule(Places(8), 15), nodes(20))) == 4

    def test_those_that_need_a_long_wait_get_a_quarter(self) -> None:
        jobs = taken(Schedule(Places(8), 15), nodes(20, Trust.SUSPECT))
        assert len(jobs) == 2
        assert all(job.patient for job in jobs)

    def test_those_that_answer_may_have_all(self) -> None:
        assert len(taken(Schedule(Places(8), 15), nodes(20, Trust.PROVEN))) == 8

    def test_hanging_nodes_leave_the_rest_to_the_others(self) -> None:
        hanging, well = nodes(20, Trust.SUSPECT), nodes(20, Trust.PROVEN)
        for watched in well:
            watched.due = {question.name: 1.0 for question in QUESTIONS}
        jobs = taken(Schedule(Places(8), 15), [*hanging, *well], 2.0)
        assert sum(job.watched in hanging for job in jobs) == 2
        assert len(jobs) == 8

    def test_one_node_is_asked_one_thing_at_first_and_a_few_at_once_later(self) -> None:
        assert [job.question for job in taken(Schedule(Places(8), 15), nodes(1))] == [STATUS]
        assert len(taken(Schedule(Places(8), 15), nodes(1, Trust.PROVEN))) == 3

    def test_even_one_place_lets_something_through(self) -> None:
        assert len(taken(Schedule(Places(1), 15), nodes(3))) == 1


class TestOrder:
    def test_all_nodes_are_asked_the_first_question_before_one_is_asked_the_second(self) -> None:
        schedule, watched = Schedule(Places(4), 15), nodes(6, Trust.PROVEN)
        schedule.members_due = 99
        first = taken(schedule, watched)
        for job in first:
            schedule.done(job, 0.0, quick=False)
        assert [job.question for job in [*first, *taken(schedule, watched)][:6]] == [STATUS] * 6

    def test_a_node_that_was_never_asked_goes_before_one_that_did_not_answer(self) -> None:
        jobs = taken(Schedule(Places(4), 15), [*nodes(3, Trust.SUSPECT), *nodes(3)])
        assert [job.watched.trust for job in jobs] == [Trust.NEW, Trust.NEW]

    def test_members_are_asked_of_one_node_for_all(self) -> None:
        jobs = taken(Schedule(Places(8), 15), nodes(4, Trust.PROVEN))
        assert sum(job.question is MEMBERS for job in jobs) == 1

    def test_etcd_is_asked_of_control_planes_only(self) -> None:
        watched = nodes(2, Trust.PROVEN)
        watched[0].node = replace(watched[0].node, role="control plane")
        schedule = Schedule(Places(80), 15)
        asked = set()
        for _ in range(20):
            for job in taken(schedule, watched):
                asked.add((job.watched.node.name, job.question.name))
                schedule.done(job, 0.0, quick=False)
        assert ("n0", ETCD.name) in asked
        assert ("n1", ETCD.name) not in asked

    def test_who_does_not_answer_is_asked_for_its_status_only(self) -> None:
        watched = nodes(1, Trust.PROVEN)
        watched[0].node = replace(watched[0].node, problem=Problem("unreachable", "gone"))
        assert [job.question for job in taken(Schedule(Places(8), 15), watched)] == [STATUS]


class TestPauses:
    def due_after(self, *, quick: bool) -> float:
        schedule, watched = Schedule(Places(8), 15), nodes(1)
        (job,) = taken(schedule, watched)
        schedule.done(job, 100.0, quick=quick)
        return schedule.seconds(watched, 100.0)

    def test_the_status_is_asked_each_poll_and_more_often_while_a_node_restarts(self) -> None:
        assert self.due_after(quick=False) == 15
        assert self.due_after(quick=True) == 5

    def test_a_refresh_makes_everything_due(self) -> None:
        schedule, watched = Schedule(Places(8), 15), nodes(1)
        (job,) = taken(schedule, watched)
        schedule.done(job, 100.0, quick=False)
        assert taken(schedule, watched, 101.0) == []
        schedule.refresh(watched)
        assert [job.question for job in taken(schedule, watched, 101.0)] == [STATUS]

    def test_nothing_is_asked_twice_at_once(self) -> None:
        schedule, watched = Schedule(Places(80), 15), nodes(1, Trust.PROVEN)
        taken(schedule, watched)
        schedule.refresh(watched)
        under_way = [job.question.name for job in taken(schedule, watched)]
        assert under_way == []


class TestKnowing:
    def test_a_node_that_is_lost_keeps_what_was_known_and_says_since_when(self) -> None:
        watched = nodes(1)[0]
        watched.node = replace(watched.node, talos="v1.13.7", stage="running", ready=True, asked=FROZEN)
        watched.failed(STATUS, Unreachable("10.0.0.0 refuses the connection.", "Is it on?"), FROZEN)
        assert watched.node.problem == Problem("unreachable", "10.0.0.0 refuses the connection.", "Is it on?")
        assert (watched.node.talos, watched.node.since) == ("v1.13.7", FROZEN)

    def test_a_node_that_restarts_is_said_to(self) -> None:
        watched = nodes(1)[0]
        watched.node = replace(watched.node, stage="rebooting", asked=FROZEN)
        watched.failed(STATUS, Unreachable("gone", "Is it on?"), FROZEN)
        assert watched.node.problem
        assert watched.node.problem.hint.startswith("Normal while it restarts")

    def test_an_etcd_that_does_not_answer_is_the_members_trouble_not_the_nodes(self) -> None:
        watched = nodes(1)[0]
        watched.failed(ETCD, TimedOut("No answer within 10 s."), FROZEN)
        assert watched.node.problem is None
        assert watched.node.etcd
        assert watched.node.etcd.errors == ("No answer within 10 s.",)
        assert ETCD.name in watched.patient

    def test_a_row_is_complete_when_all_that_concerns_it_was_asked(self) -> None:
        watched = nodes(1)[0]
        for question in QUESTIONS:
            assert not watched.complete or not question.asks(watched.node)
            watched.unanswered.discard(question.name)
        assert watched.complete

    def test_a_history_keeps_the_newest_twenty_readings_and_no_reading_twice(self) -> None:
        watched = nodes(1)[0]
        for count in range(1, 31):
            for _ in range(2):
                watched.answered(CPU, cpu_stat(f"t{count}", busy=count * count, total=count * 100), FROZEN)
        assert len(watched.node.cpu) == 20
        assert watched.node.cpu[-1] == pytest.approx((30 * 30 - 29 * 29) / 100)

    def test_the_first_reading_is_the_share_since_boot_and_a_boot_begins_anew(self) -> None:
        watched = nodes(1)[0]
        watched.answered(CPU, cpu_stat("a", busy=30, total=100), FROZEN)
        watched.answered(CPU, cpu_stat("b", busy=1, total=10), FROZEN)
        assert watched.node.cpu == (0.3, 0.1)


def cpu_stat(updated: str, *, busy: float, total: float) -> str:
    """A cpustat as ``get -o json`` prints it."""
    counters = {"user": busy, "idle": total - busy}
    return json.dumps({"metadata": {"id": "latest", "updated": updated}, "spec": {"cpuTotal": counters}})
