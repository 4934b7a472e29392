"""Commands around an approval, as the configuration names them: before it begins, and once it is pushed."""

import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from console.model.redaction import redacted
from console.model.review import Approval, Review
from console.model.step import Step, StepState
from console.model.text import safe
from console.operations.checks import said, shell, why
from console.operations.journal import Journal
from console.sources.errors import Refused
from console.sources.stop import Stop

TIMEOUT = 60.0  # seconds for each command


@dataclass(frozen=True, slots=True)
class Hooks:
    """``before`` may refuse an approval, by ending with anything but 0; ``after`` changes nothing about it, and is run
    only when its commit is on the branch that the cluster follows: a first approver's record is none yet.

    They are run with ``/bin/sh`` in ``folder``, where the configuration is. What they are told stands in their
    environment alone (``HOMECONSOLE_BRANCH``, ``_HEAD``, ``_TITLE``, ``_CLUSTER``; after it ``_COMMIT`` and
    ``_OUTCOME``), so that nothing a branch is called becomes a part of a command.
    """

    before: Sequence[str] = ()
    after: Sequence[str] = ()
    folder: Path = Path("/")
    cluster: str = ""

    def around(
        self,
        approving: Generator[Step, None, Approval],
        review: Review,
        journal: Journal,
        now: Callable[[], datetime],
        stop: Stop,
    ) -> Generator[Step, None, Approval]:
        """``approving`` with the commands around it. Where there is nothing to write none is run."""
        if not review.noop:
            yield from self._begin(review, journal, now, stop)
        done = yield from approving
        if done.outcome != "noop" and not done.branch:
            yield from self._end(review, done, now, stop)
        return done

    def _begin(
        self, review: Review, journal: Journal, now: Callable[[], datetime], stop: Stop
    ) -> Generator[Step, None, None]:
        """Raises Refused with kind ``hook``, which the journal has."""
        update = review.update
        for command in self.before:
            name = redacted(command)
            yield Step("before", StepState.RUNNING, name, now())
            done = shell(command, self.folder, stop, told=self._told(review), seconds=TIMEOUT)
            wrong, words = why(done, TIMEOUT), said(done)
            if wrong:
                reason = f"{name!r}, which approval.before names, {wrong}; nothing was written."
                data = {"branch": update.branch, "head": update.head, "own": update.own}
                journal.append("refused", update.head[:12], **data, reason=reason, kind="hook")
                yield Step("before", StepState.FAILED, f"{name} {wrong}", now(), words)
                raise Refused(reason, "\n".join(words), kind="hook")
        if self.before:
            yield Step("before", StepState.DONE, redacted("; ".join(self.before)), now())

    def _end(
        self, review: Review, done: Approval, now: Callable[[], datetime], stop: Stop
    ) -> Generator[Step, None, None]:
        told = {**self._told(review), "HOMECONSOLE_COMMIT": done.commit, "HOMECONSOLE_OUTCOME": done.outcome}
        failed = []
        for command in self.after:
            yield Step("after", StepState.RUNNING, redacted(command), now())
            wrong = why(ended := shell(command, self.folder, stop, told=told, seconds=TIMEOUT), TIMEOUT)
            if wrong:
                failed.append((f"{redacted(command)} {wrong}; the approval stands", said(ended)))
        for text, words in failed:
            yield Step("after", StepState.FAILED, text, now(), words)
        if self.after and not failed:
            yield Step("after", StepState.DONE, redacted("; ".join(self.after)), now())

    def _told(self, review: Review) -> dict[str, str]:
        update = review.update
        told = {"branch": update.branch, "head": update.head, "title": safe(update.title), "cluster": self.cluster}
        return {**os.environ, **{f"HOMECONSOLE_{name.upper()}": value for name, value in told.items()}}


NONE = Hooks()
