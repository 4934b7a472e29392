"""Streams on which nothing comes: the server is asked once whether it is there, and not at all before."""

from collections.abc import Iterator

import pytest

from console.sources.errors import SourceError
from console.sources.kubernetes import transport
from console.sources.kubernetes.transport import Call, Stream, Transport
from console.sources.stop import Stop
from tests.model.flux_objects import made
from tests.sources.kubernetes.home import Home

WATCH = Call("/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations", {"watch": "1"})


@pytest.fixture
def short(server: Home) -> Iterator[Transport]:
    """One that loses its patience soon."""
    made = Transport(server.kubeconfig, None, quiet=0.2)
    yield made
    made.close()


def asked(server: Home) -> int:
    return server.requests.count("GET /version")


def first(stream: Stream) -> bytes:
    return next(stream.chunks)


def test_a_server_that_says_nothing_and_answers_nothing_is_not_there(
    server: Home, short: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PROBE", 0.3)
    server.faults.hang(path="/version")
    with pytest.raises(SourceError, match="does not answer in time"), short.stream(WATCH, Stop()) as stream:
        for _ in stream.chunks:
            pass
    assert asked(server) == 1
    server.faults.release()


@pytest.mark.parametrize("status", [200, 403, 500])
def test_a_server_that_answers_at_all_is_there(server: Home, short: Transport, status: int) -> None:
    if status != 200:
        server.faults.answer(status, 99, path="/version")
    server.create(made("Kustomization", "old"))
    with short.stream(WATCH, Stop()) as stream:
        first(stream)
        stop = Stop()
        while asked(server) < 2:
            assert not stop.wait(0.02)
        server.create(made("Kustomization", "new"))
        assert b'"new"' in first(stream)


def test_nothing_is_asked_before(server: Home) -> None:
    server.create(made("Kustomization", "old"))
    patient = Transport(server.kubeconfig, None)
    with patient.stream(WATCH, Stop()) as stream:
        first(stream)
        server.create(made("Kustomization", "new"))
        assert b'"new"' in first(stream)
    patient.close()
    assert asked(server) == 0
