"""Who is the bot: learned from the branches, because there are as many identities as repositories.

Follows Renovate's own rule for a modified branch (updates/branch: every author and committer address counts), but the
addresses are learned instead of configured.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from console.sources.git.objects import Commit

_BOTLIKE = re.compile(r"\[bot\]|renovate|(?:^|[-_.\s])bot(?:$|[-_.\s@\[])|mend-|dependabot", re.IGNORECASE)
# Forges that commit in the bot's name: their address stands as committer.
_FORGES = re.compile(r"^noreply@(?:github\.com|gitlab\.com|codeberg\.org|gitea\.\S+|forgejo\.\S+)$", re.IGNORECASE)
_SHARE = 0.5


def learned(branches: Iterable[Sequence[Commit]], configured: Iterable[str] = ()) -> frozenset[str]:
    """The addresses of bots. ``branches`` are the commits of each branch, newest first.

    Configured ones and those that look like one; where nobody does (a bot under a person's name), who made the tip of
    at least two branches and of half of all of them.
    """
    bots = {address.lower() for address in configured}
    tips: Counter[str] = Counter()
    for commits in branches:
        for commit in commits:
            if _BOTLIKE.search(commit.author) or _BOTLIKE.search(commit.author_email):
                bots.add(commit.author_email.lower())
        tips.update(commit.author_email.lower() for commit in commits[:1])
    if not bots:
        bots |= {address for address, count in tips.items() if count >= max(2, tips.total() * _SHARE)}
    return frozenset(bots)


def is_bots(commit: Commit, bots: frozenset[str]) -> bool:
    """Whether a commit is the bot's own: its author is one, and its committer one or the forge."""
    committer = commit.committer_email.lower()
    return commit.author_email.lower() in bots and (committer in bots or bool(_FORGES.match(committer)))
