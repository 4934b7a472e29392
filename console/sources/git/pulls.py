"""Which pull or merge request a branch belongs to: its tip is compared with the heads that the forge advertises.

``refs/pull/N/head`` (GitHub, Gitea, Forgejo), ``refs/merge-requests/N/head`` (GitLab), ``refs/pull-requests/N/from``
(Bitbucket Server). They are listed, never fetched, and only while a tip is not known yet.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_REF = re.compile(r"^refs/(?:pull/(\d{1,9})/head|merge-requests/(\d{1,9})/head|pull-requests/(\d{1,9})/from)$")
_FORMS = ("refs/pull/{}/head", "refs/merge-requests/{}/head", "refs/pull-requests/{}/from")
PATTERNS = tuple(form.format("*") for form in _FORMS)

_AGAIN = timedelta(minutes=15)
_TRIES = 4


@dataclass(slots=True)
class Pulls:
    """What is known: numbers by tip, and how often a tip without one was looked for."""

    numbers: dict[str, int] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    asked_at: datetime | None = None

    def wanted(self, tips: Collection[str], now: datetime) -> bool:
        """Whether it is time to ask: a tip is new, or one without a number may have got it (Renovate pushes first)."""
        if any(tip not in self.numbers and tip not in self.tries for tip in tips):
            return True
        waiting = any(self.tries.get(tip, 0) < _TRIES for tip in tips if tip not in self.numbers)
        return waiting and (self.asked_at is None or now - self.asked_at >= _AGAIN)

    def learn(self, listing: str, tips: Collection[str], now: datetime) -> None:
        """Take in what ``ls-remote`` printed; of several numbers for one tip the highest. Forget tips that are gone."""
        found = numbers(listing, tips)
        self.numbers = {tip: found.get(tip) or self.numbers[tip] for tip in tips if tip in found or tip in self.numbers}
        self.tries = {tip: self.tries.get(tip, 0) + 1 for tip in tips if tip not in self.numbers}
        self.asked_at = now


def refs(number: int) -> tuple[str, ...]:
    """What forges call the head of the pull request ``number``."""
    return tuple(form.format(number) for form in _FORMS)


def numbers(listing: str, tips: Collection[str]) -> Mapping[str, int]:
    """The numbers that a listing (``oid TAB ref`` lines) gives for ``tips``."""
    wanted = frozenset(tips)
    found: dict[str, int] = {}
    for line in listing.splitlines():
        oid, _, ref = line.partition("\t")
        if oid in wanted and (match := _REF.match(ref)):
            number = int(match[1] or match[2] or match[3])
            found[oid] = max(number, found.get(oid, 0))
    return found
