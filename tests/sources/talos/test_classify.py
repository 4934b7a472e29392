"""talosctl's error texts, as measured with the libraries that it is made of."""

import pytest

from console.sources.errors import Forbidden, NotConfigured, SourceError, TimedOut, Unauthorized, Unreachable
from console.sources.talos.classify import classify

_UNAVAILABLE = "rpc error: code = Unavailable desc = connection error: desc = "
_DIAL = _UNAVAILABLE + '"transport: Error while dialing: dial tcp {}"'
_TLS = _UNAVAILABLE + '"transport: authentication handshake failed: tls: {}"'
_PREFACE = _UNAVAILABLE + '"error reading server preface: remote error: {}"'


@pytest.mark.parametrize(
    ("text", "error", "kind"),
    [
        (_DIAL.format("10.0.0.11:50000: connect: connection refused"), Unreachable, "unreachable"),
        (_DIAL.format("10.0.0.11:50000: connect: no route to host"), Unreachable, "unreachable"),
        (_DIAL.format("10.0.0.11:50000: i/o timeout"), TimedOut, "timeout"),
        ("rpc error: code = DeadlineExceeded desc = context deadline exceeded", TimedOut, "timeout"),
        (_TLS.replace("tls: {}", "context deadline exceeded"), TimedOut, "timeout"),
        (_TLS.format("first record does not look like a TLS handshake"), Unreachable, "not-talos"),
        ("rpc error: code = Unavailable desc = name resolver error: produced zero addresses", Unreachable, "dns"),
        (
            _TLS.format("failed to verify certificate: x509: certificate signed by unknown authority (possibly …)"),
            Unauthorized,
            "wrong-ca",
        ),
        (
            _TLS.format("x509: certificate has expired or is not yet valid: current time … is after …"),
            Unauthorized,
            "server-certificate-expired",
        ),
        (_TLS.format("x509: certificate is valid for 10.0.0.11, not 10.0.0.99"), Unauthorized, "wrong-address"),
        (_PREFACE.format("tls: expired certificate"), Unauthorized, "certificate-expired"),
        (_PREFACE.format("tls: unknown certificate authority"), Unauthorized, "unauthorized"),
        (_PREFACE.format("tls: certificate required"), Unauthorized, "unauthorized"),
        (_PREFACE.format("tls: bad certificate"), Unauthorized, "unauthorized"),
        ("rpc error: code = PermissionDenied desc = not authorized", Forbidden, "forbidden"),
        ("error constructing client: failed to determine endpoints", NotConfigured, "not-configured"),
        (
            '… failed to resolve configuration context: context "x" not found in config',
            NotConfigured,
            "unknown-context",
        ),
        ('rpc error: code = NotFound desc = resource "x" is not registered', SourceError, "not-registered"),
        (
            "rpc error: code = Unimplemented desc = member list is only available on control plane nodes",
            SourceError,
            "not-here",
        ),
        (
            'rpc error: code = Unavailable desc = last connection error: connection error: desc = "…"',
            Unreachable,
            "unreachable",
        ),
    ],
)
@pytest.mark.parametrize(
    "shape",
    ["{}\n", "error listing services: 1 error occurred:\n\t* 10.0.0.11: {}\n\n", "error from node 10.0.0.11: {}"],
)
def test_each_text_has_its_kind_in_both_editions(text: str, error: type[SourceError], kind: str, shape: str) -> None:
    found = classify(shape.format(text), "10.0.0.11")
    assert (type(found), found.kind) == (error, kind)
    assert found.message


def test_a_warning_of_an_older_server_is_no_error() -> None:
    warning = "WARNING: 10.0.0.11: server version 1.12.4 is older than client version 1.13.9\n"
    found = classify(warning + _DIAL.format("10.0.0.12:50000: connect: connection refused"), "10.0.0.11")
    assert found.message == "10.0.0.12 refuses the connection."


def test_an_unknown_text_is_told_as_it_is() -> None:
    assert classify("\nsomething new\nmore", "10.0.0.11").message == "something new"
    assert classify("", "10.0.0.11").message == "talosctl failed without a word."


@pytest.mark.parametrize(
    "text", ["tls: expired certificate", "certificate signed by unknown authority", "connect: connection refused"]
)
def test_what_can_be_done_is_said(text: str) -> None:
    assert classify(text, "10.0.0.11").hint
