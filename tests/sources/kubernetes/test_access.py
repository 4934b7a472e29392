"""Who we are and where the cluster is; and what is said when that is wrong."""

import json
import os
import stat
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from console.demo.api.certificates import Authority
from console.sources.errors import (
    Forbidden,
    Malformed,
    MissingTool,
    NotConfigured,
    SourceError,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from console.sources.kubernetes import connect, plugin
from console.sources.stop import Stop
from tests.ending import watched
from tests.sources.kubernetes.home import Home

NODES = ("v1", "Node")


def config(server: Home, **changes: Any) -> Any:
    """The kubeconfig as a value; ``user`` and ``cluster`` replace what stands there."""
    value = yaml.safe_load(server.kubeconfig.read_text())
    if "user" in changes:
        value["users"][0]["user"] = changes["user"]
    value["clusters"][0]["cluster"] |= changes.get("cluster", {})
    return value


def written(server: Home, value: object, name: str = "other") -> Path:
    path = server.folder / name
    path.write_text(yaml.safe_dump(value))
    return path


def token_of(server: Home) -> str:
    return str(config(server)["users"][0]["user"]["token"])


def problem(path: Path | None, context: str | None = None) -> SourceError:
    """What is said when the cluster is asked for its nodes."""
    with pytest.raises(SourceError) as caught:
        asked(path, context)
    return caught.value


def asked(path: Path | None, context: str | None = None) -> int:
    cluster = connect(path, context)
    try:
        return len(cluster.objects(*NODES))
    finally:
        cluster.close()


class TestFinding:
    def test_the_file_that_is_named(self, server: Home) -> None:
        assert asked(server.kubeconfig) == 0

    def test_the_environment(self, server: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig))
        assert asked(None) == 0

    def test_several_files_in_the_environment(self, server: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        value = config(server)
        users = written(server, {"users": value.pop("users")}, "users")
        rest = written(server, value, "rest")
        monkeypatch.setenv("KUBECONFIG", f"/does/not/exist:{users}:{rest}")
        assert asked(None) == 0

    def test_the_usual_place(self, server: Home) -> None:
        folder = Path.home() / ".kube"
        folder.mkdir()
        (folder / "config").write_text(server.kubeconfig.read_text())
        assert asked(None) == 0

    def test_the_context_that_is_asked_for(self, server: Home) -> None:
        value = config(server)
        value["contexts"].append({"name": "second", "context": {"cluster": "nowhere", "user": "nobody"}})
        value["clusters"].append({"name": "nowhere", "cluster": {"server": "https://127.0.0.1:9"}})
        path = written(server, value)
        assert asked(path) == 0
        assert problem(path, "second").kind == "unreachable"

    def test_the_clusters_name_is_the_contexts(self, server: Home) -> None:
        assert connect(server.kubeconfig, None).name == "home"

    def test_nothing_is_written(self, server: Home) -> None:
        before = server.kubeconfig.read_bytes(), server.kubeconfig.stat().st_mtime_ns
        asked(server.kubeconfig)
        assert (server.kubeconfig.read_bytes(), server.kubeconfig.stat().st_mtime_ns) == before

    def test_no_key_stays_in_a_temporary_file(self, server: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = server.folder / "tmp"
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        asked(server.kubeconfig)
        assert list(folder.iterdir()) == []


class TestNotFound:
    def test_no_file(self) -> None:
        found = problem(None)
        assert isinstance(found, NotConfigured)
        assert "No kubeconfig was found" in found.message
        assert "~/.kube/config" in found.hint

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        found = problem(tmp_path / "nothing")
        assert isinstance(found, NotConfigured)
        assert str(tmp_path / "nothing") in found.message

    def test_a_context_that_is_not_there(self, server: Home) -> None:
        found = problem(server.kubeconfig, "work")
        assert isinstance(found, NotConfigured)
        assert "no context work" in found.message
        assert "admin@home" in found.hint or "home" in found.hint

    @pytest.mark.parametrize("text", ["", "just: text", "[]", "{", "contexts: 5\nusers: []", "current-context: a\n"])
    def test_a_file_that_makes_no_sense(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "kubeconfig"
        path.write_text(text)
        assert isinstance(problem(path), NotConfigured)

    def test_a_certificate_that_is_not_there(self, server: Home) -> None:
        value = config(server, user={"client-certificate": "gone.crt", "client-key": "gone.key"})
        found = problem(written(server, value))
        assert isinstance(found, NotConfigured)
        assert "gone.crt" in found.message


class TestTokens:
    def test_in_a_file_with_a_newline(self, server: Home) -> None:
        (server.folder / "token").write_text(token_of(server) + "\n")
        assert asked(written(server, config(server, user={"tokenFile": "token"}))) == 0

    def test_in_a_file_that_was_renewed(self, server: Home) -> None:
        """401 while the console runs: the file is read again."""
        file = server.folder / "token"
        file.write_text(server.does(server.server.access.token, "admin"))
        cluster = connect(written(server, config(server, user={"tokenFile": "token"})), None)
        assert cluster.objects(*NODES) == []
        server.does(server.server.access.revoke, file.read_text())
        file.write_text(server.does(server.server.access.token, "admin"))
        assert cluster.objects(*NODES) == []
        cluster.close()

    def test_that_are_refused(self, server: Home) -> None:
        found = problem(written(server, config(server, user={"token": "wrong"})))
        assert isinstance(found, Unauthorized)
        assert "does not know the user of context" in found.message

    def test_as_somebody_else(self, server: Home) -> None:
        seen: list[Any] = []
        due = server.faults.due

        def noted(request: Any) -> Any:
            seen.append(request.headers)
            return due(request)

        server.server.faults.due = noted  # type: ignore[method-assign]
        user = {"token": token_of(server), "as": "reader", "as-groups": ["readers"]}
        asked(written(server, config(server, user=user)))
        assert (seen[0].get("Impersonate-User"), seen[0].get("Impersonate-Group")) == ("reader", "readers")


class TestPlugins:
    def credential(self, server: Home, script: str, **more: Any) -> Path:
        """A kubeconfig whose user comes from a shell script."""
        file = server.folder / "plugin"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o700)
        user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin"} | more}
        return written(server, config(server, user=user))

    def test_give_a_token(self, server: Home) -> None:
        answer = json.dumps({"kind": "ExecCredential", "status": {"token": token_of(server)}})
        assert asked(self.credential(server, f"echo '{answer}'")) == 0

    def test_see_their_environment_and_no_terminal(self, server: Home) -> None:
        script = (
            'test "$WHO" = me || exit 1\ntest -t 0 && exit 2\n'
            f'echo "{{\\"status\\": {{\\"token\\": \\"{token_of(server)}\\"}}}}"\n'
        )
        assert asked(self.credential(server, script, env=[{"name": "WHO", "value": "me"}])) == 0

    def test_are_asked_again_when_the_server_refuses(self, server: Home) -> None:
        (server.folder / "token").write_text("stale")
        path = self.credential(server, f'echo "{{\\"status\\": {{\\"token\\": \\"$(cat {server.folder}/token)\\"}}}}"')
        cluster = connect(path, None)
        (server.folder / "token").write_text(token_of(server))
        assert cluster.objects(*NODES) == []
        cluster.close()

    def test_that_are_not_installed(self, server: Home) -> None:
        user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin"}}
        found = problem(written(server, config(server, user=user)))
        assert isinstance(found, MissingTool)
        assert "no-such-plugin" in found.message

    def test_that_fail(self, server: Home, capfd: pytest.CaptureFixture[str]) -> None:
        found = problem(self.credential(server, "echo 'session expired' >&2; exit 1"))
        assert isinstance(found, Unauthorized)
        assert "session expired" in found.message
        assert capfd.readouterr().err == ""  # the terminal is the console's

    def test_that_say_nonsense(self, server: Home) -> None:
        assert isinstance(problem(self.credential(server, "echo hello")), Unauthorized)

    def test_that_never_end(self, server: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(plugin, "DEADLINE", 0.2)
        found = problem(self.credential(server, f"echo $$ > {server.folder}/pid; sleep 1000"))
        assert isinstance(found, TimedOut)
        pid = int((server.folder / "pid").read_text())
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    @pytest.mark.parametrize("script", ["echo $$ > started; exec sleep 1000", "sleep 1000 & echo $! > started"])
    def test_that_hang_are_killed_with_their_children_when_they_are_stopped(self, server: Home, script: str) -> None:
        """The second one's own process has ended, and its child keeps the pipe."""
        started, stop = server.folder / "started", Stop()
        os.mkfifo(started)
        path = self.credential(server, script.replace("started", str(started)))
        found: list[SourceError] = []

        def ask() -> None:
            with pytest.raises(SourceError) as error:
                connect(path, None, stop)
            found.append(error.value)

        thread = Thread(target=ask)
        thread.start()
        with watched(int(started.read_text())) as ended:
            stop.set()
            assert ended()
        thread.join(10)
        assert [error.kind for error in found] == ["stopped"]


class TestTheWay:
    def test_refused(self, server: Home) -> None:
        server.down()
        found = problem(server.kubeconfig)
        assert isinstance(found, Unreachable)
        assert "refuses connections" in found.message

    def test_no_such_name(self, server: Home) -> None:
        found = problem(written(server, config(server, cluster={"server": "https://no-such-host.invalid:6443"})))
        assert isinstance(found, Unreachable)
        assert "name" in found.message
        assert "is not known" in found.message

    def test_the_wrong_authority(self, server: Home) -> None:
        (server.folder / "other-ca").write_bytes(Authority("other").certificate)
        value = config(server)
        value["clusters"][0]["cluster"].pop("certificate-authority-data", None)
        value["clusters"][0]["cluster"]["certificate-authority"] = "other-ca"
        found = problem(written(server, value))
        assert (found.kind, type(found)) == ("wrong-ca", Unauthorized)
        assert "talosctl kubeconfig" in found.hint

    def test_a_port_that_does_not_speak_tls(self, server: Home) -> None:
        value = config(server)
        url = value["clusters"][0]["cluster"]["server"]
        value["clusters"][0]["cluster"]["server"] = url.replace("https", "http")
        assert isinstance(problem(written(server, value)), SourceError)

    def test_a_proxy_in_the_environment_is_not_for_the_loopback(
        self, server: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
        assert asked(server.kubeconfig) == 0

    def test_an_answer_that_is_no_json(self, server: Home) -> None:
        server.does(server.faults.garble, "<html>", 1, path="/nodes")
        assert isinstance(problem(server.kubeconfig), Malformed)

    def test_no_right(self, server: Home) -> None:
        server.server.access.authorize = lambda *asked: asked[3] != "nodes"
        found = problem(server.kubeconfig)
        assert isinstance(found, Forbidden)
        assert "list nodes" in found.hint

    def test_busy_but_soon_ready(self, server: Home) -> None:
        server.does(server.faults.answer, 429, 2, retry_after=0, path="/nodes")
        assert asked(server.kubeconfig) == 0

    def test_busy_for_long(self, server: Home) -> None:
        server.does(server.faults.answer, 429, 1, retry_after=3600, path="/nodes")
        assert problem(server.kubeconfig).kind == "busy"


def _certificate(server: Home, until: datetime) -> Path:
    """A kubeconfig with a client certificate of the server's own authority."""
    pair = server.server.authority.client("admin", ("system:masters",), until)
    (server.folder / "client.crt").write_bytes(pair.certificate)
    (server.folder / "client.key").write_bytes(pair.key)
    (server.folder / "client.key").chmod(stat.S_IRUSR)
    return written(server, config(server, user={"client-certificate": "client.crt", "client-key": "client.key"}))


class TestClientCertificates:
    def test_are_shown(self, server: Home) -> None:
        assert asked(_certificate(server, datetime.now(UTC) + timedelta(days=1))) == 0

    def test_that_expired_are_named_with_their_date(self, server: Home) -> None:
        until = datetime.now(UTC) - timedelta(days=2)
        found = problem(_certificate(server, until))
        assert found.kind == "certificate-expired"
        assert f"{until:%Y-%m-%d}" in found.message
        assert "talosctl kubeconfig" in found.hint
