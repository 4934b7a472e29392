"""A real talosctl against servers that are no Talos: are its errors those that are told here?"""

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from console.demo.talosctl import identity
from console.sources.errors import SourceError
from console.sources.talos import talosconfig
from console.sources.talos.client import TalosClient
from console.sources.talos.process import Processes
from tests.live.parts import part

pytestmark = pytest.mark.needs("talosctl")
_HOST = "127.0.0.1"
_NOW = datetime.now(UTC)
Handle = Callable[[socket.socket], None]


@contextlib.contextmanager
def listening(handle: Handle) -> Iterator[int]:
    """A port; who connects is given to ``handle``, one after the other."""
    with socket.create_server((_HOST, 0)) as server:
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(60)
                        handle(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture
def server(tmp_path: Path) -> tuple[ssl.SSLContext, bytes]:
    """A TLS server's side, which wants a client certificate of an authority of its own, and its CA."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "talos")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - timedelta(days=1))
        .not_valid_after(_NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(_HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(pem + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    context.set_alpn_protocols(["h2"])
    return context, pem


def void(_: object) -> None:
    """Nothing to give."""


def _config(folder: Path, port: int, *, ca: bytes, crt: bytes, key: bytes) -> talosconfig.Talosconfig:
    pems = {"ca": ca, "crt": crt, "key": key}
    context: dict[str, object] = {"endpoints": [f"{_HOST}:{port}"], "nodes": [_HOST]}
    context |= {name: base64.b64encode(pem).decode() for name, pem in pems.items()}
    path = folder / "talosconfig"
    path.write_text(yaml.safe_dump({"context": "home", "contexts": {"home": context}}))
    return talosconfig.read(path)


def _asked(config: talosconfig.Talosconfig, deadline: float = 60) -> SourceError:
    with pytest.raises(SourceError) as caught:
        TalosClient(str(part("talosctl")), config).ask(_HOST, ("get", "version", "--output=json"), deadline)
    return caught.value


def _shakes(context: ssl.SSLContext) -> Handle:
    def handle(connection: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(4096)

    return handle


def _client(valid: timedelta = timedelta(days=300)) -> tuple[identity.Authority, bytes, bytes]:
    signer = identity.authority(_NOW)
    return (signer, *identity.client(signer, _NOW, roles=("os:reader",), valid=valid))


def test_a_server_that_our_ca_did_not_sign(tmp_path: Path, server: tuple[ssl.SSLContext, bytes]) -> None:
    signer, crt, key = _client()
    with listening(_shakes(server[0])) as port:
        error = _asked(_config(tmp_path, port, ca=signer.certificate, crt=crt, key=key))
    assert error.kind == "wrong-ca"
    assert "did not sign" in error.message


@pytest.mark.parametrize(
    ("valid", "kind"), [(timedelta(days=-2), "certificate-expired"), (timedelta(days=300), "unauthorized")]
)
def test_a_server_that_refuses_our_certificate(
    tmp_path: Path, server: tuple[ssl.SSLContext, bytes], valid: timedelta, kind: str
) -> None:
    signer, crt, key = _client(valid)
    context, ca = server
    (tmp_path / "clients.pem").write_bytes(signer.certificate if kind == "certificate-expired" else ca)
    context.load_verify_locations(tmp_path / "clients.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with listening(_shakes(context)) as port:
        error = _asked(_config(tmp_path, port, ca=ca, crt=crt, key=key))
    assert error.kind == kind
    assert "refuses our certificate" in error.message


def test_a_server_that_speaks_something_else(tmp_path: Path) -> None:
    signer, crt, key = _client()
    with listening(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:
        error = _asked(_config(tmp_path, port, ca=signer.certificate, crt=crt, key=key))
    assert error.kind == "not-talos"


def test_a_server_that_says_nothing_ends_with_our_deadline(tmp_path: Path) -> None:
    signer, crt, key = _client()
    held = threading.Event()
    with listening(lambda _: void(held.wait(60))) as port:
        config = _config(tmp_path, port, ca=signer.certificate, crt=crt, key=key)
        try:
            error = _asked(config, deadline=2)
        finally:
            held.set()
    assert error.kind == "timeout"


def test_an_unknown_context(tmp_path: Path) -> None:
    signer, crt, key = _client()
    config = _config(tmp_path, 1, ca=signer.certificate, crt=crt, key=key)
    error = _asked(talosconfig.Talosconfig(config.path, "lab", config.endpoints))
    assert error.kind in {"unknown-context", "not-configured"}  # with no endpoint given it can't tell them apart


def test_validate_answers_as_documented(tmp_path: Path) -> None:
    talosctl = Processes(str(part("talosctl")))
    made = ("gen", "config", "home", "https://10.0.0.11:6443", f"--output={tmp_path}/made")
    assert talosctl.run(made, 60).code == 0
    good = tmp_path / "made" / "controlplane.yaml"
    outcome = talosctl.run(("validate", f"--config={good}", "--mode=metal"), 60)
    assert (outcome.code, outcome.out.strip()) == (0, f"{good} is valid for metal mode")
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: v1alpha1\nmachine: {type: controlplane}\ncluster: {}\n")
    outcome = talosctl.run(("validate", f"--config={bad}", "--mode=metal"), 60)
    assert (outcome.code, outcome.out) == (1, "")
    assert "error" in outcome.err
