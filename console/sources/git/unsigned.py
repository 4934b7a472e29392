"""Why a commit could not be signed, and what to do.

The texts are those of GnuPG 2.2 to 2.4 (gpg and gpgsm), OpenSSH 8.2 to 9.9, and git 2.38 to 2.52.
"""

import re
from pathlib import Path

from console.model.redaction import redacted
from console.sources import process
from console.sources.errors import Refused
from console.sources.git.identity import Identity
from console.sources.git.runner import Git

_TIMEOUT = 5.0  # seconds: it has just failed

# The first that is found in what git and the signing program said: pattern, in words, what to do.
_REASONS = (
    (
        r"cannot run",
        "the signing program can't be started",
        "See gpg.program, gpg.ssh.program and gpg.x509.program in git config --list.",
    ),
    (
        r"PINENTRY_LAUNCHED|Inappropriate ioctl|pinentry|passphrase|Operation cancelled|not a tty|Timeout",
        "the key wants its passphrase, and nobody is asked for it here",
        "Unlock it in another terminal, then approve again: echo | gpg --clearsign, or ssh-add for an SSH key.",
    ),
    (
        r"agent refused|[Cc]ouldn't find key in agent|[Nn]o running gpg-agent|can't connect to the (?:gpg-)?agent|"
        r"Connection to agent failed|get_agent|SSH_AUTH_SOCK|error fetching identities|communication with agent",
        "the agent is gone, or does not hold the key",
        "ssh-add -l, or gpg-connect-agent /bye, tells; inside tmux SSH_AUTH_SOCK may be stale.",
    ),
    (
        r"No secret key|[Nn]o private key|no default secret key|Couldn't load|Couldn't read|No such file|cannot find|"
        r"invalid (?:key|format)|[Uu]nusable (?:secret|public) key|expired|revoked|user\.signing[Kk]ey needs",
        "the key is not here, or can't be used",
        "user.signingkey names it; gpg --list-secret-keys, or ssh-add -L, lists what is here.",
    ),
)
_GITS_OWN = re.compile(
    r"^(?:fatal|error): (?:gpg failed to sign|failed to write commit|failed to sign)|^\s*$|^\[GNUPG:\]"
)


def told(err: str) -> list[str]:
    """The lines that are not git's own, which only say that it failed."""
    return [line.strip() for line in redacted(err).splitlines() if not _GITS_OWN.search(line)]


def program_says(git: Git, who: Identity) -> str:
    """What gpg or gpgsm itself says when it is asked to sign: before 2.41 git keeps that for itself."""
    if who.format == "ssh":
        return ""
    settings = dict(setting.split("=", 1) for setting in who.settings)
    usual = "gpgsm" if who.format == "x509" else settings.get("gpg.program", "gpg")
    program = settings.get(f"gpg.{who.format}.program", usual)
    argv = [program, "--status-fd=2", "-bsau", who.key or who.person]
    try:
        return process.run(
            argv,
            env=git.environment(operator=False),
            cwd=Path("/"),
            stdin=b"x",
            timeout=_TIMEOUT,
            limit=65536,
            watched=True,
        ).err
    except OSError as error:
        return f"cannot run {program}: {error.strerror}"


def unsigned(err: str, signature: str) -> Refused:
    """The refusal, for what was said on standard error; nothing was said when the program did not answer in time."""
    lines = told(err)
    said = next((line for line in lines if re.search(r"fail|[Cc]ouldn't|cannot|No |error", line)), "")
    said = (said or (lines or [""])[-1])[:300]
    for pattern, words, advice in _REASONS:
        if re.search(pattern, redacted(err)):
            return Refused(f"The commit can't be signed ({signature}): {words} ({said})", advice, kind="signing")
    if said:
        why, advice = said, "Try by hand: git commit-tree -S HEAD^{tree} -m test"
    else:
        why = "the signing program did not answer"
        advice = "It may wait for a passphrase or a touch: unlock the key in another terminal, then approve again."
    return Refused(f"The commit can't be signed ({signature}): {why}", advice, kind="signing")
