"""Logs as they come: a node's, and what controllers write about a Flux object."""

import queue
import threading
from collections.abc import Iterator

from console.model.flux import FluxKey
from console.model.flux_detail import LogLine
from console.model.snapshot import Problem
from console.sources.errors import CLOSED, SourceError, Unauthorized
from console.sources.stop import Stop
from tests.ui.desk import Desk, ago
from tests.ui.user import SMALL, using


class Live(Desk):
    """Its logs go on: what a test says is written by the node, until nobody reads any more."""

    def __init__(self) -> None:
        super().__init__()
        self.written: queue.Queue[str] = queue.Queue()
        self.reading: list[str] = []
        self.left = threading.Event()

    def says(self, *lines: str) -> None:
        for line in lines:
            self.written.put(line)

    def dmesg(self, name: str, stop: Stop) -> Iterator[str]:
        return self._lines(f"dmesg of {name}", stop)

    def service_log(self, name: str, service: str, stop: Stop) -> Iterator[str]:
        return self._lines(f"{service} of {name}", stop)

    def _lines(self, what: str, stop: Stop) -> Iterator[str]:
        self.reading.append(what)
        yield f"first line of {what}"
        while not stop.is_set():
            try:
                yield self.written.get(timeout=0.01)
            except queue.Empty:
                continue
        self.reading.remove(what)
        self.left.set()


async def test_a_log_follows_what_is_written() -> None:
    desk = Live()
    async with using(desk, SMALL) as user:
        await user.presses("1", "l")
        await user.sees("Log  k8s-control-1  dmesg  ‹1 of 4›", "▶ live", "first line of dmesg")
        desk.says(*(f"line {number}" for number in range(100)))
        await user.sees("line 99")
        await user.does_not_see("line 50")


async def test_one_of_its_services_is_chosen_from_a_list() -> None:
    desk = Live()
    async with using(desk, SMALL) as user:
        await user.presses("1", "l")
        await user.sees("▶ live", "‹1 of 4›  l lists them")
        await user.presses("l")
        await user.sees("Logs  k8s-control-1", "dmesg", "etcd", "kubelet", "healthy")
        await user.types("kube")
        await user.does_not_see("etcd")
        await user.presses("enter")
        await user.sees("Log  k8s-control-1  kubelet", "first line of kubelet")
        await user.presses("l", "escape")
        await user.sees("first line of kubelet")


async def test_it_stands_still_and_goes_on_without_losing_a_line() -> None:
    desk = Live()
    async with using(desk, SMALL) as user:
        await user.presses("1", "l", "space")
        desk.says("one", "two")
        await user.sees("‖ stands still, 2 new")
        await user.does_not_see("one")
        await user.presses("space")
        await user.sees("▶ live", "one", "two")


async def test_who_reads_further_up_is_not_pulled_to_the_end() -> None:
    desk = Live()
    async with using(desk, SMALL) as user:
        await user.presses("1", "l")
        desk.says(*(f"line {number}" for number in range(100)))
        await user.sees("line 99")
        await user.presses("g")
        desk.says("the last")
        await user.sees("first line")
        await user.does_not_see("the last")
        await user.presses("G")
        await user.sees("the last")


async def test_each_service_has_its_log_and_only_one_is_read() -> None:
    desk = Live()
    async with using(desk, SMALL) as user:
        await user.presses("1", "enter", "l", "tab")
        await user.sees("apid  ‹2 of 4›", "first line of apid")
        await user.presses("shift+tab", "shift+tab")
        await user.sees("kubelet  ‹4 of 4›", "first line of kubelet")
        await user._until(lambda: desk.reading == ["kubelet of k8s-control-1"], "one reader on")


async def test_leaving_ends_what_reads() -> None:
    desk = Live()
    async with using(desk, SMALL) as user:
        await user.presses("1", "l")
        await user.sees("first line")
        await user.presses("escape")
        await user.sees("1 Nodes")
        assert desk.left.wait(60)
        assert desk.reading == []


async def test_a_search_finds_and_goes_on() -> None:
    desk = Live()
    async with using(desk, SMALL) as user:
        await user.presses("1", "l")
        desk.says(*(f"line {number}" for number in range(100)))
        await user.sees("line 99")
        await user.presses("g", "/")
        await user.types("line 4")
        await user.presses("enter", "n")
        await user.sees("▌line 40")
        await user.does_not_see("line 99")


async def test_a_log_that_may_not_be_read_says_why() -> None:
    class Refusing(Desk):
        def dmesg(self, name: str, stop: Stop) -> Iterator[str]:
            raise Unauthorized(f"The role may not read the log of {name} {stop.is_set()}", "It needs os:reader.")

    async with using(Refusing(), SMALL) as user:
        await user.presses("1", "l")
        await user.sees("✖ The role may not read the log of k8s-control-1", "It needs os:reader.", "has ended")


class Controllers(Desk):
    """Its controllers write what a test says."""

    def __init__(self) -> None:
        super().__init__()
        self.written: queue.Queue[LogLine | Problem | None] = queue.Queue()

    def says(self, *messages: str) -> None:
        for message in messages:
            self.written.put(LogLine(ago(minutes=1), "info", message, "helm-controller"))

    def logs(self, key: FluxKey, stop: Stop) -> Iterator[LogLine | Problem | None]:
        yield LogLine(ago(hours=1), "error", f"about {key.ref}", "helm-controller")
        while not stop.is_set():
            try:
                yield self.written.get(timeout=0.01)
            except queue.Empty:
                continue


async def test_what_controllers_write_about_an_object_is_followed_stands_still_and_is_searched() -> None:
    desk = Controllers()
    async with using(desk, SMALL) as user:
        await user.presses("2", "l")
        await user.sees("Log  HelmRelease/observability/grafana", "▶ live", "about HelmRelease/observability/grafana")
        desk.says(*(f"line {number}" for number in range(100)))
        await user.sees("line 99")
        await user.presses("space")
        desk.says("meanwhile")
        await user.sees("‖ stands still, 1 new")
        await user.does_not_see("meanwhile")
        await user.presses("space")
        await user.sees("meanwhile")
        await user.presses("g", "/")
        await user.types("line 4")
        await user.presses("enter", "n")
        await user.sees("info   line 40")
        await user.does_not_see("line 99")


async def test_controllers_lines_that_can_not_be_read_are_not_called_live() -> None:
    desk = Controllers()
    async with using(desk, SMALL) as user:
        await user.presses("2", "enter", "l")
        await user.sees("▶ live")
        desk.written.put(Problem("unreachable", "the API is away"))
        await user.sees("▲ not live: the API is away", "about HelmRelease/observability/grafana")
        desk.written.put(None)
        await user.sees("▶ live")


async def test_lines_go_on_by_another_way_to_the_cluster() -> None:
    class Moving(Controllers):
        ways = 0

        def logs(self, key: FluxKey, stop: Stop) -> Iterator[LogLine | Problem | None]:
            self.ways += 1
            if self.ways == 1:
                raise SourceError("The way to the cluster is closed", kind=CLOSED)
            return super().logs(key, stop)

    async with using(Moving(), SMALL) as user:
        await user.presses("2", "l")
        await user.sees("▶ live", "about HelmRelease/observability/grafana")
        await user.does_not_see("closed")


async def test_what_a_node_writes_cannot_change_the_terminal() -> None:
    desk = Live()
    async with using(desk, SMALL) as user:
        await user.presses("1", "l")
        desk.says("\x1b]0;owned\x07 and \u202egnp")
        await user.sees("␛]0;owned␇ and")
