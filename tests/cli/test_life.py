"""How it begins and ends: the embedded cluster's child, signals, sources that appear later."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.model.snapshot import Life, Topic
from console.model.updates import RepositoryState
from console.settings import load
from console.settings.keys import CLUSTERS, COMMAND, COMMANDS, KEYS, OWN_COMMANDS, WEB
from console.sources.errors import SourceError
from console.wiring import Console, embedded
from console.wiring.embedded import Embedded, secluded
from tests.cli.conftest import Shell, environment
from tests.threads import ended


def waited(console: Console, wanted: Callable[[], bool], seconds: float = 60) -> bool:
    """Until ``wanted``, looking whenever something changed."""
    changed = threading.Event()
    with console.listening(lambda _: changed.set()):
        while not wanted():
            if not changed.wait(seconds):
                return False
            changed.clear()
    return True


class TestTheChild:
    def test_its_addresses_work_and_it_leaves_nothing(self, tmp_path: Path) -> None:
        child = Embedded(["--nodes", "3"])
        try:
            settings = child.settings(load({}, {"HOME": str(tmp_path)}))
            folder = settings.kubeconfig.parent
            assert settings.talosconfig.exists()
            assert os.access(settings.talosctl, os.X_OK)
            assert settings.state.parent == folder
        finally:
            child.stop()
        assert not folder.exists()
        child.stop()

    def test_it_has_nothing_of_the_operators_that_is_run_or_told_outside(self) -> None:
        reaching = [key for key in KEYS if key.form in (CLUSTERS, COMMAND, COMMANDS, OWN_COMMANDS, WEB)]
        set_: dict[str, Any] = {key.field: ("x",) for key in reaching}
        mine = replace(load({}, {"HOME": "/"}), approvers=2, **set_)
        left = secluded(mine)
        assert len(reaching) == 7
        assert [key.path for key in reaching if getattr(left, key.field)] == []
        assert left.approvers == 1
        assert Console(mine, embedded=lambda: Embedded([])).own.commands == ()

    def test_it_ends_when_its_console_is_gone(self, tmp_path: Path) -> None:
        child = Embedded([])
        folder = child.settings(load({}, {"HOME": str(tmp_path)})).kubeconfig.parent
        leash = child._child.stdin
        assert leash is not None
        leash.close()
        assert child._child.wait(20) == 0
        assert not folder.exists()
        child.stop()

    def test_one_that_does_not_start_says_why(self) -> None:
        child = Embedded(["--scenario", "nonesuch"])
        try:
            with pytest.raises(SourceError) as caught:
                child.addresses()
        finally:
            child.stop()
        assert "did not start" in caught.value.message
        assert caught.value.hint

    def test_one_that_hangs_is_ended_while_somebody_still_reads_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(embedded, "_END", 0.2)
        child = Embedded([])
        os.kill(child._child.pid, signal.SIGSTOP)
        told: list[SourceError] = []

        def read() -> None:
            with pytest.raises(SourceError) as caught:
                child.addresses()
            told.append(caught.value)

        reader, stopping = threading.Thread(target=read), threading.Thread(target=child.stop)
        reader.start()
        stopping.start()
        try:
            stopping.join(20)
            assert not stopping.is_alive()
            reader.join(20)
            assert len(told) == 1
        finally:
            child._kill()

    def test_it_can_be_stopped_before_it_was_read(self) -> None:
        child = Embedded([])
        child.stop()
        assert child._child.returncode is not None


class TestTheDesk:
    def test_everything_becomes_live_and_nothing_is_left(self, demo: DemoThread, shell: Shell) -> None:
        before = set(threading.enumerate())
        talosctl = {"HOMECONSOLE_TALOSCTL": str(demo.cluster.bin / "talosctl")}
        console = Console(load({}, {**shell.environment, **talosctl}), folder=shell.folder)
        try:
            console.start()
            for topic in Topic:
                assert waited(console, lambda topic=topic: console.snapshot()[topic].freshness.life is Life.LIVE), topic  # type: ignore[misc]
            assert console.cluster == "home"
        finally:
            console.stop()
        assert ended(before)

    def test_a_missing_kubeconfig_costs_its_topics_and_comes_back_when_it_is_there(
        self, demo: DemoThread, shell: Shell, tmp_path: Path
    ) -> None:
        late = tmp_path / "late"
        console = Console(load({}, {**shell.environment, "KUBECONFIG": str(late)}), folder=shell.folder)
        try:
            console.start()
            assert waited(console, lambda: console.snapshot()[Topic.UPDATES].freshness.life is Life.LIVE)
            assert waited(console, lambda: console.snapshot()[Topic.FLUX].freshness.life is Life.FAILED)
            problem = console.snapshot()[Topic.FLUX].freshness.problem
            assert problem is not None
            assert str(late) in problem.message
            late.write_text(demo.cluster.kubeconfig.read_text())
            assert waited(console, lambda: console.snapshot()[Topic.FLUX].freshness.life is Life.LIVE)
        finally:
            console.stop()

    def test_updates_count_as_read_only_when_they_are_those_of_this_runs_fetch(self, tmp_path: Path) -> None:
        start = datetime(2026, 11, 22, 12, tzinfo=UTC)
        moments = (start + timedelta(seconds=n) for n in range(100))
        console = Console(load({}, {"HOME": str(tmp_path)}), now=lambda: next(moments))
        topics, store = (Topic.REPOSITORY, Topic.UPDATES), console.store

        def fetched(at: datetime) -> RepositoryState:
            return RepositoryState("file:///home.git", "main", "f" * 40, at)

        store.replace(Topic.REPOSITORY, [fetched(start - timedelta(hours=1))])
        store.replace(Topic.UPDATES, [])
        assert not console.read(topics, 0), "an earlier run's"
        store.replace(Topic.REPOSITORY, [fetched(console.now())])
        assert not console.read(topics, 0), "the repository is this run's, its updates are not yet"
        store.replace(Topic.UPDATES, [])
        assert console.read(topics, 0)

    def test_it_can_be_stopped_before_it_was_started(self, tmp_path: Path) -> None:
        Console(load({}, {"HOME": str(tmp_path)})).stop()

    def test_the_repository_behind_the_artifact_that_flux_follows_is_found(
        self, demo: DemoThread, shell: Shell
    ) -> None:
        ran = shell.run("updates", "-o", "json", extra={"HOMECONSOLE_REPOSITORY": ""})
        assert ran.code == 0, ran.err
        assert ran.json["repository"]["url"] == f"file://{demo.cluster.repository}"
        assert len(ran.json["updates"]) >= 25

    def test_the_git_repository_that_flux_follows_is_found(self, tmp_path: Path) -> None:
        with DemoThread(Topology(source="git")) as other:
            shell = Shell(tmp_path, environment(tmp_path, other))
            ran = shell.run("updates", "-o", "json", extra={"HOMECONSOLE_REPOSITORY": ""})
            assert ran.code == 0, ran.err
            assert ran.json["repository"]["url"] == f"file://{other.cluster.repository}"

    def test_the_checkout_one_stands_in_comes_before_it(self, shell: Shell) -> None:
        origin = shell.environment["HOMECONSOLE_REPOSITORY"]
        checkout = shell.folder / "clone"
        subprocess.run(["git", "clone", "-q", origin, str(checkout)], check=True, timeout=30)
        ran = shell.run("updates", "-o", "json", folder=checkout, extra={"HOMECONSOLE_REPOSITORY": ""})
        assert ran.json["repository"]["url"] == origin


class TestSignals:
    @pytest.fixture
    def silent(self) -> Iterator[socket.socket]:
        """A server that never says anything."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(60)
            yield server

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
    def test_a_plain_command_that_waits_ends_at_once_and_leaves_no_process(
        self, silent: socket.socket, nowhere: Shell, number: signal.Signals
    ) -> None:
        waiting = subprocess.Popen(
            nowhere.command("updates", "--repo", f"http://127.0.0.1:{silent.getsockname()[1]}/home.git"),
            env=nowhere.environment,
            cwd=nowhere.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        connection, _ = silent.accept()
        with connection:  # git has asked, and waits for an answer that never comes
            waiting.send_signal(number)
            _, err = waiting.communicate(timeout=20)
        assert waiting.returncode == 128 + number
        assert b"Traceback" not in err
        assert not _in_session(waiting.pid)


def _in_session(session: int) -> list[int]:
    """The processes of a session, from /proc."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(folder.name))
    return found
