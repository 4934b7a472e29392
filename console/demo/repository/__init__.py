"""The repository of the embedded cluster: bare, made at start, laid out as such operators lay theirs out.

``layout`` says which files there are, ``pins`` what they hold, ``history`` and ``proposals`` which commits moved what.
"""

import subprocess
from bisect import bisect_left
from datetime import datetime, timedelta
from pathlib import Path

from console.demo.repository.approved import APPROVED, approve
from console.demo.repository.files import Pins, Tree
from console.demo.repository.history import FIRST, FIRST_HOURS, LANDED
from console.demo.repository.layout import layout
from console.demo.repository.people import BOT, FORGE, OPERATOR
from console.demo.repository.pins import current
from console.demo.repository.proposals import Proposal, proposals
from console.demo.repository.stream import ENVIRONMENT, Commit, Stream
from console.demo.world import Topology

MAIN = "refs/heads/main"


def build(path: Path, topology: Topology, now: datetime) -> None:
    """Make the bare repository ``path``. The same ``topology`` and ``now`` give the same commit ids.

    Raises CalledProcessError when git fails.
    """
    init = ["git", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(path)]
    subprocess.run(init, env=ENVIRONMENT, check=True, timeout=30)
    _Writer(topology, now).write().load(path)
    if topology.scenario in APPROVED:
        approve(path, topology, now)


class _Writer:
    """Writes main, then every branch on the main of its hour."""

    def __init__(self, topology: Topology, now: datetime) -> None:
        self._topology = topology
        self._now = now
        self._tree = Tree(layout(topology))
        self._stream = Stream()
        self._hours: list[float] = []  # how old each commit of main is, negated: ascending
        self._main: list[tuple[str, Pins]] = []  # its mark, and the pins there

    def write(self) -> Stream:
        """Everything as a stream."""
        self._write_main()
        for proposal in proposals(self._topology):
            self._write_proposal(proposal)
        self._stream.ref(MAIN, self._main[-1][0])
        return self._stream

    def _write_main(self) -> None:
        pins = dict(current(self._topology))
        for landed in reversed(LANDED):
            pins |= {name: before for name, (before, _) in landed.moves.items()}
        first = Commit(OPERATOR, OPERATOR, self._ago(FIRST_HOURS), FIRST + "\n", self._tree.whole(pins))
        self._landed(FIRST_HOURS, self._stream.commit(first, MAIN), pins)
        for landed in LANDED:
            after = pins | {name: value for name, (_, value) in landed.moves.items()}
            files = self._tree.changed(pins, after)
            committer = FORGE if landed.pull else landed.author
            when, parent = self._ago(landed.hours), self._main[-1][0]
            if landed.pull:
                self._write_merged(Commit(BOT, BOT, when, landed.subject + "\n", files, (parent,)), landed.pull)
            commit = Commit(landed.author, committer, when, landed.message, files, (parent,))
            self._landed(landed.hours, self._stream.commit(commit, MAIN), after)
            pins = after

    def _write_merged(self, commit: Commit, pull: int) -> None:
        """What the branch of a squashed pull request held: only its ref is left."""
        if pull not in {proposal.pull for proposal in proposals(self._topology)}:
            self._stream.commit(commit, _pull_ref(pull))

    def _landed(self, hours: float, mark: str, pins: Pins) -> None:
        self._hours.append(-hours)
        self._main.append((mark, pins))

    def _write_proposal(self, proposal: Proposal) -> None:
        parent, before = self._main[bisect_left(self._hours, -proposal.hours) - 1]
        ref = f"refs/heads/{proposal.name}" if proposal.name else _pull_ref(proposal.pull)
        after = {**before, **proposal.pins}
        files = self._tree.changed(before, after)
        message = f"{proposal.subject}\n\n{proposal.body}".rstrip() + "\n"
        mark = self._stream.commit(Commit(BOT, FORGE, self._ago(proposal.hours), message, files, (parent,)), ref)
        if proposal.then:
            files = self._tree.changed(after, {**after, **proposal.then})
            when, subject = self._ago(proposal.then_hours), proposal.then_subject + "\n"
            mark = self._stream.commit(Commit(OPERATOR, OPERATOR, when, subject, files, (mark,)), ref)
        self._stream.ref(_pull_ref(proposal.pull), mark)

    def _ago(self, hours: float) -> datetime:
        return self._now - timedelta(hours=hours)


def _pull_ref(number: int) -> str:
    return f"refs/pull/{number}/head"
