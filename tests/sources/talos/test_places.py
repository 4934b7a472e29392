"""One limit for polls, streams and what the operator asks."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.sources.errors import TimedOut
from console.sources.stop import Stop
from console.sources.talos.places import Places


def filled(places: Places, *, may_hang: bool) -> int:
    count = 0
    while places.begin(may_hang=may_hang):
        count += 1
    return count


class TestPolls:
    def test_those_that_may_hang_get_half_and_the_others_the_rest(self) -> None:
        places = Places(8)
        assert filled(places, may_hang=True) == 4
        assert filled(places, may_hang=False) == 4

    def test_those_that_answer_may_have_all(self) -> None:
        assert filled(Places(8), may_hang=False) == 8

    def test_a_place_given_back_can_be_taken_again(self) -> None:
        places = Places(2)
        assert places.begin(may_hang=True)
        assert not places.begin(may_hang=True)
        places.end(may_hang=True)
        assert places.begin(may_hang=True)


class TestStreams:
    def test_a_stream_counts_as_hanging_until_the_node_has_answered(self) -> None:
        places = Places(4)
        with places.stream(Stop()) as answered:
            assert filled(places, may_hang=True) == 1
            answered()
            assert filled(places, may_hang=True) == 1
            assert places.taken == 3
        assert places.taken == 2

    def test_streams_that_answer_leave_half_to_the_polls(self) -> None:
        places = Places(4)
        first, second = places.stream_if_free(), places.stream_if_free()
        assert first
        assert second
        with first as one, second as two:
            one()
            two()
            assert places.stream_if_free() is None
            assert filled(places, may_hang=False) == 2

    def test_what_the_operator_opens_gets_the_next_place_before_any_poll(self) -> None:
        places, stop = Places(2), Stop()
        assert places.begin(may_hang=True)
        asked, looked = threading.Event(), threading.Event()

        def look() -> None:
            asked.set()
            with places.look(stop):
                looked.set()

        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(look)
            assert asked.wait(60)
            while places.begin(may_hang=False):  # until it is known that somebody waits
                places.end(may_hang=False)
            places.end(may_hang=True)
            done.result(10)
        assert looked.is_set()
        assert places.taken == 0

    def test_a_wait_ends_with_its_stop(self) -> None:
        places, stop = Places(2), Stop()
        assert places.begin(may_hang=True)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(lambda: places.look(stop).__enter__())
            stop.set()
            with pytest.raises(TimedOut):
                waiting.result(10)

    def test_whoever_waits_for_places_is_told(self) -> None:
        places, told = Places(2), []
        places.freed = lambda: told.append(1)
        with places.look(Stop()):
            pass
        with places.stream(Stop()):
            pass
        assert len(told) == 2
