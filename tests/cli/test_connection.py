"""One connection for all feeds: made once, ended at once, made anew when the kubeconfig has changed."""

import os
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
import yaml

from console.demo.api.certificates import Authority
from console.demo.thread import DemoThread
from console.model.snapshot import Life, Snapshot, Topic
from console.settings import load
from console.sources.errors import SourceError
from console.store import Store
from console.wiring import Console
from console.wiring.connection import TOPICS, Connection
from tests.ending import watched


class Plugin:
    """A kubeconfig whose user comes from a script that says ``asked`` and waits for ``answer``, both fifos."""

    def __init__(self, folder: Path, kubeconfig: Path) -> None:
        self.asked, self.answer, self.count = folder / "asked", folder / "answer", folder / "count"
        os.mkfifo(self.asked)
        os.mkfifo(self.answer)
        script = folder / "plugin"
        script.write_text(f"#!/bin/sh\necho >> {self.count}\necho $$ > {self.asked}\ncat {self.answer}\n")
        script.chmod(0o700)
        value = yaml.safe_load(kubeconfig.read_text())
        command = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(script)}
        value["users"][0]["user"] = {"exec": command}
        self.kubeconfig = folder / "config"
        self.kubeconfig.write_text(yaml.safe_dump(value))

    @property
    def runs(self) -> int:
        return len(self.count.read_text().splitlines())


@pytest.fixture
def plugin(demo: DemoThread, tmp_path: Path) -> Plugin:
    return Plugin(tmp_path, demo.cluster.kubeconfig)


def at_once(ask: Callable[[], object], number: int = 4) -> tuple[list[Thread], list[object]]:
    """Threads that ask, and what each was told."""
    told: list[object] = []

    def body() -> None:
        try:
            told.append(ask())
        except SourceError as error:
            told.append(error.kind)

    threads = [Thread(target=body) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads, told


def test_one_connects_and_the_others_wait_for_what_comes_of_it(plugin: Plugin) -> None:
    connection = Connection(plugin.kubeconfig, None)
    threads, told = at_once(connection.cluster)
    plugin.asked.read_text()
    plugin.answer.write_text('{"status": {"token": "x"}}')
    for thread in threads:
        thread.join(20)
    assert len(told) == 4
    assert set(map(id, told)) == {id(connection.cluster())}
    assert plugin.runs == 1
    connection.close()


def test_closing_ends_a_hanging_plugin_and_whoever_waits(plugin: Plugin) -> None:
    connection = Connection(plugin.kubeconfig, None)
    threads, told = at_once(connection.cluster)
    with watched(int(plugin.asked.read_text())) as ended:
        connection.close()
        assert ended()
    for thread in threads:
        thread.join(10)
    assert told == ["stopped"] * 4
    assert plugin.runs == 1
    with pytest.raises(SourceError, match="closed"):
        connection.cluster()


def test_a_console_ends_at_once_while_a_plugin_hangs(plugin: Plugin, tmp_path: Path) -> None:
    desk = Console(load({"kubeconfig": plugin.kubeconfig}, {"HOME": str(tmp_path)}))
    desk.start(TOPICS)
    with watched(int(plugin.asked.read_text())) as ended:
        stopping = Thread(target=desk.stop)
        stopping.start()
        assert ended()
        stopping.join(10)
        assert not stopping.is_alive()


def test_an_authority_corrected_in_place_brings_every_topic_back(demo: DemoThread, tmp_path: Path) -> None:
    right = demo.cluster.kubeconfig.read_text()
    wrong = yaml.safe_load(right)
    authority = b64encode(Authority().certificate).decode()
    wrong["clusters"][0]["cluster"]["certificate-authority-data"] = authority
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(yaml.safe_dump(wrong))
    desk = Console(load({"kubeconfig": kubeconfig}, {"HOME": str(tmp_path)}))
    try:
        desk.start(TOPICS)
        assert reached(desk.store, lambda now: all(now[topic].freshness.problem for topic in TOPICS))
        kubeconfig.write_text(right)
        assert reached(desk.store, lambda now: all(now[topic].freshness.life is Life.LIVE for topic in TOPICS))
    finally:
        desk.stop()


def test_what_is_live_goes_over_to_another_way_as_soon_as_the_file_has_changed(
    demo: DemoThread, tmp_path: Path
) -> None:
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text(demo.cluster.kubeconfig.read_text())
    desk = Console(load({"kubeconfig": kubeconfig}, {"HOME": str(tmp_path)}))
    try:
        desk.start([Topic.KUBERNETES])
        assert reached(desk.store, lambda now: now[Topic.KUBERNETES].freshness.life is Life.LIVE)
        wrong = yaml.safe_load(kubeconfig.read_text())
        authority = b64encode(Authority().certificate).decode()
        wrong["clusters"][0]["cluster"]["certificate-authority-data"] = authority
        kubeconfig.write_text(yaml.safe_dump(wrong))
        assert reached(desk.store, lambda now: bool(now[Topic.KUBERNETES].freshness.problem))
        kubeconfig.write_text(demo.cluster.kubeconfig.read_text())
        assert reached(desk.store, lambda now: now[Topic.KUBERNETES].freshness.life is Life.LIVE)
    finally:
        desk.stop()


def reached(store: Store, wanted: Callable[[Snapshot], bool], seconds: float = 40) -> bool:
    """Whether it comes to that in time."""
    changed = Event()
    end = time.monotonic() + seconds
    with store.listening(lambda _: changed.set()):
        while not wanted(store.snapshot()):
            if not changed.wait(max(0.0, end - time.monotonic())):
                return False
            changed.clear()
    return True


class TestTheUsualPlace:
    @pytest.fixture
    def usual(self, demo: DemoThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("HOME", str(tmp_path))
        path = tmp_path / ".kube" / "config"
        path.parent.mkdir()
        path.write_text(demo.cluster.kubeconfig.read_text())
        return path

    def test_is_watched(self, usual: Path) -> None:
        connection = Connection(None, None)
        first = connection.cluster()
        assert connection.cluster() is first
        usual.write_text(usual.read_text() + "# renewed\n")
        assert connection.cluster() is not first
        connection.close()

    def test_and_not_where_the_operator_stands(
        self, usual: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert usual.exists()
        monkeypatch.chdir(tmp_path)
        connection = Connection(None, None)
        first = connection.cluster()
        (tmp_path / "new").touch()
        assert connection.cluster() is first
        connection.close()
