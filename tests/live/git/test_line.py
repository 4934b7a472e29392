"""A line that dies while the server still looks at a push: it may land when nobody waits for it any more."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from console.operations.journal import Journal
from console.operations.settle import settle, unfinished
from console.sources.errors import Refused, SourceError
from console.sources.stop import Stop
from tests.live.sshd import Sshd
from tests.operations.machine import NOW, Machine, clone
from tests.operations.remote import Remote
from tests.operations.wire import DIES, over_ssh


@pytest.mark.parametrize("looked", [False, True])
def test_a_push_that_lands_after_its_line_died_is_there_once(
    remote: Remote, sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, looked: bool
) -> None:
    """``looked``: what became of it was looked up in between, and it was not there."""
    wire = over_ssh(remote, sshd, monkeypatch)
    machine = Machine(clone(remote, tmp_path / "here", wire.url), Journal(tmp_path / "here" / "state", lambda: NOW))
    made, go, landed = machine.review(), tmp_path / "go", tmp_path / "landed"
    os.mkfifo(go)
    os.mkfifo(landed)
    remote.hook("pre-receive", f"{DIES}\nread -r _ < {go}")
    remote.hook("reference-transaction", f'[ "$1" = committed ] && grep -q refs/heads/main && echo > {landed}; true')
    with pytest.raises(SourceError) as lost:
        machine.approve(made)
    assert lost.value.kind == "unknown"
    (order,) = unfinished(machine.journal)
    if looked:
        with pytest.raises(Refused, match="never got to main"):
            settle(order, machine.clone, machine.journal, Stop(), record=True)
    go.write_text("go\n")
    assert landed.read_text() == "\n"
    machine.now += timedelta(minutes=1)
    if not looked:
        done = settle(order, machine.clone, machine.journal, Stop(), record=True)
        assert (done.outcome, done.commit) == ("pushed", remote.tip())
    again = machine.approve(made)[1]
    assert (again.outcome, again.commit) == ("noop", remote.tip())
    assert [subject for subject in remote.commits() if subject.startswith("Merge")] == remote.commits()[:1]
    assert unfinished(machine.journal) == []
