"""Writing to the remote: one atomic, leased push, and what came of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from console.model.redaction import redacted
from console.sources.git.failures import failure, last_words
from console.sources.process import Done

_FATAL = 128  # git's exit code when it gives up by itself
Outcome = Literal[
    "pushed", "up-to-date", "stale", "protected", "declined", "unsigned", "forbidden", "unknown", "failed"
]


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One ref to move: from ``old`` (what it must be now; empty: it must not exist) to ``new`` (empty: remove it)."""

    ref: str
    old: str
    new: str

    @property
    def lease(self) -> str:
        return f"--force-with-lease={self.ref}:{self.old}"

    @property
    def refspec(self) -> str:
        return f"{self.new}:{self.ref}"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of a push.

    ``pushed``; ``up-to-date`` (it was there already); ``stale`` (a ref is not what it was: nothing was changed);
    ``protected``, ``declined`` (a hook), ``unsigned`` (signatures are asked for), ``forbidden``: the server refused;
    ``unknown``: the connection ended before the answer, so the remote must be looked at; ``failed``: nothing was sent.
    """

    outcome: Outcome
    message: str = ""
    hint: str = ""
    refs: tuple[tuple[str, str], ...] = ()  # ref, what the server said of it

    @property
    def ok(self) -> bool:
        return self.outcome in ("pushed", "up-to-date")


_REFUSALS: tuple[tuple[str, Outcome, str], ...] = (
    (
        r"stale info|fetch first|non-fast-forward|cannot lock ref|incorrect old value|failed to update ref"
        r"|reference already exists",
        "stale",
        "It is looked at again, and must be reviewed again.",
    ),
    (
        r"verified signatures|must be signed|unsigned commits",
        "unsigned",
        "Set up commit signing: git config --global commit.gpgsign true, and user.signingkey.",
    ),
    (
        r"GH006|GH013|[Pp]rotected branch|protected branch hook declined|not allowed to push code to protected"
        r"|Changes must be made through a pull request|branch (?:\S+ )?is protected|Cannot push to this branch"
        r"|TF402455|linear history|only be updated by merging|[Pp]ush directly to (?:this|the) branch",
        "protected",
        "The branch takes changes by pull request only. --pull-request pushes the commit to a branch of its own.",
    ),
    (
        r"hook declined|pre-receive|post-receive|update hook",
        "declined",
        "The server's own check refused it; see its message.",
    ),
    (
        r"Permission denied|not allowed to push|Write access|403|denied to|[Rr]ead[- ]only|deploy key",
        "forbidden",
        "This key or token may only read. Use one that may write.",
    ),
)
# What git, ssh and forges say when nothing was sent: no connection, no login, no such repository. For a push over HTTP
# git is "unable to access" only while it asks which refs there are; later it tells of a failed RPC.
_UNSENT = re.compile(
    r"^fatal: unable to access '|^fatal: unable to connect to|^ssh: (?:connect to host|Could not resolve)"
    r"|^ssh: .*(?:Connection refused|No route to host|Network is unreachable)"
    r"|^stdio forwarding failed|^kex_exchange_identification: "
    r"|^Host key verification failed|IDENTIFICATION HAS CHANGED|no matching host key|^\S+: Permission denied \("
    r"|^(?:Received disconnect .*)?Too many authentication failures|^fatal: could not read (?:Username|Password)"
    r"|terminal prompts disabled|^fatal: Authentication failed|^(?:remote: )?ERROR: "
    r"|^fatal: .* does not appear to be a git repository|^fatal: not a git repository|^fatal: repository '.*' not found"
    r"|^fatal: transport '.*' not allowed|unable to find remote helper|^fatal: detected dubious ownership",
    re.MULTILINE,
)
_SENDING = re.compile(r"RPC failed|hung up|unexpected disconnect|send disconnect|early EOF")
_LINE = re.compile(r"^(?P<flag>[ +\-*!=])\t(?P<from>[^:\t]*):(?P<ref>[^\t]+)\t(?P<said>.*)$")


def outcome(done: Done, updates: Sequence[RefUpdate], url: str, host: str) -> Pushed:
    """What a ``git push --porcelain`` that ended so has done."""
    lines = [found for found in map(_LINE.match, done.out.decode(errors="replace").splitlines()) if found]
    refs = tuple((found["ref"], redacted(found["said"])) for found in lines)
    flags = {found["ref"]: found["flag"] for found in lines}
    if done.end == "exited" and done.code == 0 and all(flags.get(u.ref) not in (None, "!") for u in updates):
        same = all(flags[u.ref] == "=" for u in updates)
        return Pushed("up-to-date" if same else "pushed", refs=refs)
    said = " ".join((*(text for _, text in refs), done.err))
    if done.end == "exited" and "!" in flags.values():
        for pattern, kind, advice in _REFUSALS:
            if re.search(pattern, said):
                return Pushed(kind, _reason(done, refs), advice, refs)
        return Pushed("declined", _reason(done, refs), "See the server's message.", refs)
    problem = failure(done, url, host)
    if _unsent(done):
        for pattern, kind, advice in _REFUSALS:
            if re.search(pattern, said):
                return Pushed(kind, problem.message, advice, refs)
        return Pushed("failed", problem.message, problem.hint, refs)
    return Pushed("unknown", problem.message, problem.hint, refs)


def _unsent(done: Done) -> bool:
    """Whether it is certain that nothing was sent. git tells of each ref only when the server has answered: without
    that, and without a known cause, the server may have taken all or nothing. A signal is no cause (also 128 + it)."""
    if done.end != "exited" or not 0 < done.code <= _FATAL:
        return False
    return bool(_UNSENT.search(done.err)) and not _SENDING.search(done.err)


def _reason(done: Done, refs: Sequence[tuple[str, str]]) -> str:
    """The server's own words first; ``atomic push failed`` is only the echo of another ref's refusal."""
    remote = [
        line.removeprefix("remote:").strip() for line in redacted(done.err).splitlines() if line.startswith("remote:")
    ]
    remote = [line for line in remote if line]
    told = [text for _, text in refs if "atomic push failed" not in text and text.startswith("[")]
    return "; ".join(dict.fromkeys([*told[:2], *remote[:3]])) or last_words(done.err)
