"""What only the embedded server does: it stops and starts, forgets, and has bad days on request."""

import asyncio
import base64
import contextlib
import gc
import json
import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3

from console.demo.api.kubeconfig import document
from tests.demo.api.target import TALOS, Api, Embedded, Target, config, upgrade

CONFIGS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def target(embedded: Embedded) -> Target:
    """No other one."""
    return embedded.target


def test_while_it_is_stopped_connections_are_refused_and_afterwards_it_is_back(embedded: Embedded, api: Api) -> None:
    api.made(CONFIGS, config("one"))
    url = embedded.server.url
    embedded.run(embedded.server.stop)
    assert not embedded.server.running
    with pytest.raises(urllib3.exceptions.NewConnectionError, match="refused"):
        api.get(CONFIGS)
    embedded.run(embedded.server.start)
    assert embedded.server.url == url
    assert [item["metadata"]["name"] for item in api.get(CONFIGS).json["items"]] == ["one"]


@pytest.mark.parametrize("rounds", range(6))
def test_a_stop_breaks_connections_that_are_being_made(embedded: Embedded, rounds: int) -> None:
    """They wait to be accepted, were accepted in the same round of the loop, or are in their handshake."""
    port = int(embedded.server.url.rpartition(":")[2])
    clients: list[socket.socket] = []

    async def stop_meanwhile() -> None:
        clients.extend(socket.create_connection(("127.0.0.1", port), 10) for _ in range(8))
        for client in clients[4:]:
            client.sendall(b"\x16\x03\x01")  # a handshake begins so
        for _ in range(rounds):
            await asyncio.sleep(0)
        await embedded.server.stop()

    embedded.run(stop_meanwhile)
    for client in clients:
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
        client.close()
    gc.collect()  # a socket that was lost on the server's side warns now
    embedded.run(embedded.server.start)


def test_a_stop_breaks_open_watches(embedded: Embedded, api: Api) -> None:
    api.made(CONFIGS, config("one"))
    with api.watching(CONFIGS) as events:
        assert next(events)["type"] == "ADDED"
        embedded.run(embedded.server.stop)
        with pytest.raises(urllib3.exceptions.ProtocolError):
            next(events)
    embedded.run(embedded.server.start)


def test_after_a_restart_with_compaction_no_old_revision_can_be_resumed(embedded: Embedded, api: Api) -> None:
    last = api.get(CONFIGS).json["metadata"]["resourceVersion"]
    embedded.run(embedded.server.stop)
    embedded.do(embedded.store.compact)
    embedded.run(embedded.server.start)
    with api.watching(CONFIGS, resourceVersion=last) as events:
        assert next(events)["object"]["code"] == 410


def test_a_page_of_a_forgotten_list_is_gone(embedded: Embedded, api: Api) -> None:
    for name in "abc":
        api.made(CONFIGS, config(name))
    token = api.get(CONFIGS, limit="1").json["metadata"]["continue"]
    embedded.do(embedded.store.compact)
    answer = api.get(CONFIGS, limit="1", **{"continue": token})
    assert (answer.status, answer.json["reason"]) == (410, "Expired")


class TestFaults:
    def test_an_answer_in_place_of_the_real_one(self, embedded: Embedded, api: Api) -> None:
        embedded.do(embedded.server.faults.answer, 429, 1, retry_after=3, path="nodes")
        assert api.get("/api/v1/pods").status == 200
        refused = api.get("/api/v1/nodes")
        assert (refused.status, refused.headers["Retry-After"], refused.json["reason"]) == (429, "3", "TooManyRequests")
        assert api.get("/api/v1/nodes").status == 200

    def test_a_watch_that_is_gone_at_once(self, embedded: Embedded, api: Api) -> None:
        embedded.do(embedded.server.faults.answer, 410, path="watch=")
        refused = api.get("/api/v1/nodes", watch="true", resourceVersion="5")
        assert (refused.status, refused.json["reason"]) == (410, "Expired")

    def test_text_that_is_no_json(self, embedded: Embedded, api: Api) -> None:
        embedded.do(embedded.server.faults.garble, "<html>")
        assert api.get("/api/v1/nodes").body == b"<html>"

    def test_watches_cut_and_watches_ended(self, embedded: Embedded, api: Api) -> None:
        faults = embedded.server.faults
        with api.watching(CONFIGS) as events:
            embedded.until(lambda: faults.watches == 1)
            embedded.do(faults.cut_watches)
            with pytest.raises(urllib3.exceptions.ProtocolError):
                next(events)
        embedded.until(lambda: faults.watches == 0)
        with api.watching(CONFIGS) as events:
            embedded.until(lambda: faults.watches == 1)
            embedded.do(faults.end_watches)
            assert next(events, None) is None
        embedded.until(lambda: faults.watches == 0)

    def test_a_body_that_breaks_off(self, embedded: Embedded, api: Api) -> None:
        api.made(CONFIGS, config("one"))
        embedded.do(embedded.server.faults.drop, 20)
        with pytest.raises(urllib3.exceptions.ProtocolError):
            api.get(CONFIGS)
        embedded.do(embedded.server.faults.drop, 20, path="watch=")
        with api.watching(CONFIGS) as events:
            with pytest.raises(urllib3.exceptions.ProtocolError):
                next(events)
            assert len(events.bytes) == 20

    def test_an_answer_that_never_comes(self, embedded: Embedded, api: Api) -> None:
        embedded.do(embedded.server.faults.hang, path="nodes")
        pool = urllib3.PoolManager(ca_certs=str(api.target.authority), retries=False, timeout=0.3)
        with pytest.raises(urllib3.exceptions.ReadTimeoutError):
            pool.request("GET", f"{api.target.url}/api/v1/nodes")
        pool.clear()
        embedded.do(embedded.server.faults.release)
        assert api.get("/api/v1/nodes").status == 200


def test_streams_of_clients_that_went_are_forgotten(embedded: Embedded, api: Api) -> None:
    with api.watching(CONFIGS):
        embedded.until(lambda: embedded.server.faults.watches == 1)
    embedded.until(lambda: embedded.server.faults.watches == 0)


def test_a_revoked_token_is_unknown(embedded: Embedded, viewer: Api) -> None:
    assert viewer.get("/api/v1/pods").status == 200
    embedded.do(embedded.server.access.revoke, viewer.target.viewer)
    assert viewer.get("/api/v1/pods").status == 401


def test_a_client_certificate_names_its_user(embedded: Embedded, tmp_path: Path) -> None:
    pair = embedded.server.authority.client("viewer", ["home"])
    (tmp_path / "pair.pem").write_bytes(pair.certificate + pair.key)
    certificates = {"cert_file": str(tmp_path / "pair.pem"), "ca_certs": str(embedded.target.authority)}
    pool = urllib3.PoolManager(**certificates, timeout=5, retries=False)  # type: ignore[arg-type]
    assert pool.request("GET", f"{embedded.target.url}/api/v1/pods").status == 200
    assert b'User \\"viewer\\"' in pool.request("GET", f"{embedded.target.url}/api/v1/nodes").data
    pool.clear()


def test_an_expired_client_certificate_opens_nothing(embedded: Embedded, tmp_path: Path) -> None:
    pair = embedded.server.authority.client("admin", until=datetime.now(UTC) - timedelta(hours=1))
    (tmp_path / "pair.pem").write_bytes(pair.certificate + pair.key)
    certificates = {"cert_file": str(tmp_path / "pair.pem"), "ca_certs": str(embedded.target.authority)}
    pool = urllib3.PoolManager(**certificates, timeout=5, retries=False)  # type: ignore[arg-type]
    with pytest.raises(urllib3.exceptions.HTTPError):
        pool.request("GET", f"{embedded.target.url}/api/v1/pods")
    pool.clear()


def test_a_stranger_to_the_authority_trusts_nothing(embedded: Embedded) -> None:
    pool = urllib3.PoolManager(retries=False, timeout=5)
    with pytest.raises(urllib3.exceptions.SSLError) as refused:
        pool.request("GET", f"{embedded.target.url}/version")
    assert isinstance(refused.value.args[0], ssl.SSLCertVerificationError)
    pool.clear()


def test_keys_are_for_their_owner_only(embedded: Embedded) -> None:
    key = embedded.target.authority.with_name("server.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_kubeconfig_names_cluster_and_user(embedded: Embedded) -> None:
    content = json.loads(embedded.server.kubeconfig())
    assert content["current-context"] == "admin@home"
    assert content["clusters"][0]["cluster"]["server"] == embedded.server.url
    other = json.loads(document("home", "https://x", b"ca", "me", {"client-key-data": "k"}))
    assert base64.b64decode(other["clusters"][0]["cluster"]["certificate-authority-data"]) == b"ca"


def test_logs_and_version_are_what_the_cluster_gives(embedded: Embedded, api: Api) -> None:
    embedded.server.logs = lambda pod, container, previous: [
        f"2026-01-01T00:00:0{n}Z {pod['metadata']['name']} {container} {previous} {n}" for n in range(3)
    ]
    pod = {"kind": "Pod", "metadata": {"name": "p", "namespace": "default"}, "spec": {"containers": [{"name": "c"}]}}
    embedded.do(embedded.store.create, pod)
    log = "/api/v1/namespaces/default/pods/p/log"
    assert api.get(log, tailLines="2").body == b"p c False 1\np c False 2\n"
    assert api.get(log, tailLines="1", timestamps="true").body == b"2026-01-01T00:00:02Z p c False 2\n"
    embedded.server.version = "v1.36.3"
    assert api.get("/version").json["gitVersion"] == "v1.36.3"


def test_writes_of_controllers_reach_watchers(embedded: Embedded, api: Api) -> None:
    api.made(TALOS, upgrade("talos"))
    with api.watching(TALOS) as events:
        next(events)
        embedded.do(embedded.store.set_status, "TalosUpgrade", "talos", "", {"phase": "Draining"})
        assert next(events)["object"]["status"] == {"phase": "Draining"}
