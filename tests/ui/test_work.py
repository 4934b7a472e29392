"""Jobs in threads of their own: all of them together are waited for only so long."""

from threading import Event, Thread

from console.ui.app import ConsoleApp
from console.ui.work import Work
from tests.ui.desk import Desk


def test_many_jobs_that_hang_are_waited_for_once() -> None:
    work, end = Work(ConsoleApp(Desk())), Event()
    for number in range(200):
        work.ask(f"hanging {number}", end.wait, lambda _: None)
    gone: list[bool] = []
    waiting = Thread(target=lambda: gone.append(work.join(0.2)))
    waiting.start()
    waiting.join(20)  # one after the other they would take 40 s
    assert gone == [False]
    end.set()
    assert work.join(20)
