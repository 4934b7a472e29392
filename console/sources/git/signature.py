"""What the signatures of commits are worth here, by the operator's own keys.

Without the key a signature can't be checked: that is ``unverified``, not bad (GitHub signs with a key that few have).
SSH signatures need ``gpg.ssh.allowedSignersFile``; without it git calls them missing, so they are not asked for.
"""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

from console.sources.errors import SourceError
from console.sources.git.objects import Commit
from console.sources.git.runner import Repository, revision

Worth = Literal["good", "bad", "revoked", "unverified", "none"]

_WORTH: dict[str, Worth] = {"G": "good", "U": "good", "B": "bad", "R": "revoked"}
_UNKNOWN_SIGNER: dict[str, Worth] = {"B": "bad", "R": "revoked"}
_EMPTY = 32  # bytes: the header of a keybox without keys


def _keyrings(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files in which GnuPG keeps public keys (gpg 2.4: pubring.kbx, older: pubring.gpg, keyboxd: pubring.db)."""
    home = Path(environ.get("GNUPGHOME") or Path(environ.get("HOME", "/")) / ".gnupg")
    return home / "pubring.kbx", home / "pubring.gpg", home / "public-keys.d" / "pubring.db"


def _stamps(environ: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    """Size and time of each keyring that can be looked at."""
    found = []
    for ring in _keyrings(environ):
        with contextlib.suppress(OSError):
            seen = ring.stat()
            found.append((seen.st_size, seen.st_mtime_ns))
    return tuple(found)


class Signatures:
    """Verifies commits, each once. Settings are read from the operator's configuration at the first use."""

    def __init__(self, repository: Repository, checkout: Path | None = None) -> None:
        self._repository = repository
        self._checkout = checkout
        self._known: dict[str, Worth] = {}
        self._settings: tuple[str, ...] | None = None
        self._rings: tuple[tuple[int, int], ...] | None = None

    @property
    def asked(self) -> bool:
        """Whether gpg or ssh was asked about any commit: what they say hangs on more than git knows of."""
        return bool(self._known)

    def of(self, commits: Collection[Commit]) -> dict[str, Worth]:
        """The worth of each commit's signature, by commit. With other keys than before each is asked for again."""
        rings = self.keyrings() if self._known else None
        if rings != self._rings:
            self._known.clear()
        signed = [c.oid for c in commits if c.oid not in self._known and self._may_be_known(c.signature)]
        if signed:
            self._rings = self.keyrings()
            self._verify(signed)
        return {c.oid: self._known.get(c.oid, "unverified") if c.signed else "none" for c in commits}

    def signer(self, oid: str) -> str:
        """Who signed a commit; empty when nobody did, or the signature does not hold here."""
        done = self._repository.run(
            "log", "--no-walk", "--format=%G? %GS", revision(oid), settings=self._operators(), timeout=30, watched=True
        )
        letter, _, name = done.out.decode(errors="replace").strip().partition(" ")
        return name if done.end == "exited" and letter in {"G", "U"} else ""

    def keyrings(self) -> tuple[tuple[int, int], ...]:
        """What tells whether keys came or went: size and time of each file that holds some."""
        return _stamps(self._repository.git.environment(operator=False))

    def _may_be_known(self, kind: str) -> bool:
        """Whether there is any key to verify with: asking gpg for each commit in vain takes longer than all else."""
        settings = dict(setting.split("=", 1) for setting in self._operators()) if kind else {}
        if kind == "ssh":
            return "gpg.ssh.allowedsignersfile" in settings
        if kind == "openpgp" and not {"gpg.program", "gpg.openpgp.program"} & settings.keys():
            environ = self._repository.git.environment(operator=True)
            return any(size > _EMPTY for size, _ in _stamps(environ))
        return bool(kind)

    def _verify(self, oids: Sequence[str]) -> None:
        args = ["log", "--no-walk=unsorted", "--format=%H %G? %GS", "--stdin"]
        done = self._repository.run(
            *args,
            stdin="".join(f"{oid}\n" for oid in oids).encode(),
            settings=self._operators(),
            timeout=30,
            watched=True,
        )
        for line in done.out.decode(errors="replace").splitlines():
            oid, letter, signer = (*line.split(" ", 2), "", "")[:3]
            # U without a signer: the signature fits some key, but nobody says whose that is (SSH).
            self._known[oid] = _WORTH.get(letter, "unverified") if signer else _UNKNOWN_SIGNER.get(letter, "unverified")
        for oid in oids:  # what could not be verified now is not tried again and again
            self._known.setdefault(oid, "unverified")

    def _operators(self) -> tuple[str, ...]:
        from console.sources.git.identity import configuration  # noqa: PLC0415 - few commits need it

        if self._settings is None:
            try:
                found = configuration(self._repository.git, self._checkout)
            except SourceError:
                found = {}
            self._settings = tuple(f"{key}={value}" for key, value in found.items() if key.startswith("gpg."))
        return self._settings
