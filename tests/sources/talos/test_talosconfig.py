"""The talosconfig is found and read before talosctl is started."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from console.demo.talosctl import identity
from console.sources.errors import Malformed, NotConfigured, Unauthorized
from console.sources.talos import talosconfig
from tests.demo.talosctl.cluster import FROZEN


def written(path: Path, valid: timedelta = timedelta(days=100), **fields: object) -> Path:
    signer = identity.authority(FROZEN)
    certificate, key = identity.client(signer, FROZEN, roles=("os:reader", "os:etcd:backup"), valid=valid)
    context: dict[str, object] = {"endpoints": ["10.0.0.11"], "nodes": ["10.0.0.11", "10.0.0.12"]}
    context |= {"crt": base64.b64encode(certificate).decode(), "key": base64.b64encode(key).decode()}
    path.write_text(yaml.safe_dump({"context": "home", "contexts": {"home": context | fields, "other": {}}}))
    return path


class TestFinding:
    def test_the_flag_goes_before_the_environment_and_that_before_the_usual_places(self, tmp_path: Path) -> None:
        usual = tmp_path / ".talos" / "config"
        usual.parent.mkdir()
        for path in (tmp_path / "flag", tmp_path / "variable", usual):
            path.write_text("x")
        environment = {"TALOSCONFIG": str(tmp_path / "variable"), "HOME": str(tmp_path)}
        assert talosconfig.find(tmp_path / "flag", environment) == tmp_path / "flag"
        assert talosconfig.find(None, environment) == tmp_path / "variable"
        assert talosconfig.find(None, {"HOME": str(tmp_path)}) == usual
        assert talosconfig.find(None, {"HOME": "/", "TALOS_HOME": str(usual.parent)}) == usual

    def test_a_named_one_that_is_missing_is_an_error_and_nothing_is_created(self, tmp_path: Path) -> None:
        with pytest.raises(NotConfigured, match="from TALOSCONFIG"):
            talosconfig.find(None, {"TALOSCONFIG": str(tmp_path / "none"), "HOME": str(tmp_path)})
        with pytest.raises(NotConfigured):
            talosconfig.find(tmp_path / "none", {})
        with pytest.raises(NotConfigured, match="TALOSCONFIG is not set"):
            talosconfig.find(None, {"HOME": str(tmp_path)})
        assert list(tmp_path.iterdir()) == []


class TestReading:
    def test_the_current_context_with_roles_and_expiry(self, tmp_path: Path) -> None:
        found = talosconfig.read(written(tmp_path / "config"))
        assert (found.context, found.endpoints, found.nodes) == ("home", ("10.0.0.11",), ("10.0.0.11", "10.0.0.12"))
        assert found.roles == ("os:reader", "os:etcd:backup")
        assert found.expires == FROZEN + timedelta(days=100)

    def test_an_unknown_context_names_those_that_are_there(self, tmp_path: Path) -> None:
        with pytest.raises(NotConfigured, match="no context 'nope'") as caught:
            talosconfig.read(written(tmp_path / "config"), "nope")
        assert (caught.value.kind, caught.value.hint) == ("unknown-context", "It has: home, other.")

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            ("", NotConfigured),
            ("contexts: {}", NotConfigured),
            ("- a", NotConfigured),
            ("a: [", Malformed),
            ("contexts: {home: {endpoints: [a]}}", NotConfigured),
            ("{context: home, contexts: {home: {nodes: [a]}}}", NotConfigured),
            ("{context: home, contexts: {home: {endpoints: [a], crt: bm9uZQ==}}}", Malformed),
        ],
    )
    def test_what_is_wrong_is_told_with_a_remedy(self, tmp_path: Path, content: str, error: type[Exception]) -> None:
        path = tmp_path / "config"
        path.write_text(content)
        with pytest.raises(error) as caught:
            talosconfig.read(path)
        assert getattr(caught.value, "hint", "")

    def test_an_expired_certificate_says_since_when_and_how_to_get_another(self, tmp_path: Path) -> None:
        found = talosconfig.read(written(tmp_path / "config", valid=timedelta(days=-2)))
        with pytest.raises(Unauthorized) as caught:
            talosconfig.check_certificate(found, FROZEN)
        assert caught.value.message == "Talos refuses our certificate: it expired 2 days ago (2026-08-18)."
        assert "talosctl config new --roles os:reader" in caught.value.hint
        assert caught.value.kind == "certificate-expired"

    def test_one_that_is_valid_passes(self, tmp_path: Path) -> None:
        talosconfig.check_certificate(talosconfig.read(written(tmp_path / "config")), FROZEN)
