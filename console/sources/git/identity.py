"""Who writes the commits, and how they are signed: from the operator's own git configuration, never the clone's."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from console.sources.errors import NotConfigured
from console.sources.git.failures import failure
from console.sources.git.runner import Git

Format = Literal["openpgp", "ssh", "x509"]

_SIGNERS: dict[Format, str] = {"openpgp": "gpg", "ssh": "ssh-keygen", "x509": "gpgsm"}  # git-config(1), gpg.program


@dataclass(frozen=True, slots=True)
class Identity:
    """The operator as git knows them. ``key`` may be empty: gpg then chooses by the address.

    ``settings`` are the signing settings (``gpg.program=…``) to hand to git, which does not read the operator's
    configuration otherwise.
    """

    name: str
    email: str
    sign: bool = False
    format: Format = "openpgp"
    key: str = ""
    settings: tuple[str, ...] = ()

    @property
    def person(self) -> str:
        """``Name <address>``."""
        return f"{self.name} <{self.email}>"

    @property
    def signature(self) -> str:
        """How commits are signed, in words; empty when they are not."""
        return f"{self.format} {self.key}".strip() if self.sign else ""

    @property
    def unsignable(self) -> str:
        """Why git could not sign, as far as that is seen without signing: its program, and a key that is a file."""
        if not self.sign:
            return ""
        said = dict(each.partition("=")[::2] for each in self.settings)
        own = said.get("gpg.program", "") if self.format == "openpgp" else ""
        program = said.get(f"gpg.{self.format}.program") or own or _SIGNERS[self.format]
        if not shutil.which(Path(program).expanduser()):
            return f"its program {program} is not there"
        key = Path(self.key).expanduser()
        is_file = self.format == "ssh" and not self.key.startswith(("key::", "ssh-")) and key.is_absolute()
        # With an agent the public key alone is enough (ssh-keygen(1), -Y sign).
        there = not is_file or key.exists() or key.with_name(f"{key.name}.pub").exists()
        return "" if there else f"the key {self.key} is not there"


def configuration(git: Git, checkout: Path | None = None) -> dict[str, str]:
    """The operator's git configuration (system, user, their checkout's when there is one). The last value wins."""
    done = git.run(*_at(checkout), "config", "--list", "-z", "--includes", operator=True)
    if done.end != "exited" or (done.code and not done.out):
        raise failure(done)
    ours = {}
    for entry in done.out.decode(errors="replace").split("\0"):
        name, _, value = entry.partition("\n")
        ours[name] = value
    return ours


def _at(checkout: Path | None) -> tuple[str, ...]:
    return ("-C", str(checkout)) if checkout else ()


def _signs(git: Git, checkout: Path | None) -> bool:
    """Whether commits are to be signed, as git itself reads it: a name without a value is true, as is any number."""
    done = git.run(*_at(checkout), "config", "--includes", "--type=bool", "--get", "commit.gpgSign", operator=True)
    if done.end != "exited" or done.code not in {0, 1}:  # 1: it is not set
        raise failure(done)
    return done.out.strip() == b"true"


def identity(git: Git, checkout: Path | None = None) -> Identity:
    """Who the operator is. NotConfigured without a name or an address: a commit must say who approved."""
    found = configuration(git, checkout)
    name = found.get("committer.name") or found.get("user.name", "")
    email = found.get("committer.email") or found.get("user.email", "")
    if not name or not email:
        raise NotConfigured(
            "git does not know who you are",
            "git config --global user.name NAME, and user.email likewise.",
            kind="identity",
        )
    kind: Format = "openpgp"
    if found.get("gpg.format") == "ssh":
        kind = "ssh"
    elif found.get("gpg.format") == "x509":
        kind = "x509"
    settings = tuple(
        f"{key}={value}" for key, value in found.items() if key.startswith("gpg.") or key == "user.signingkey"
    )
    sign = _signs(git, checkout)
    return Identity(name, email, sign, kind, found.get("user.signingkey", ""), settings)
