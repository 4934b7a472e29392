"""Digests, commit ids and ciphertexts that look real, are the same each time, and hide nothing."""

import base64
import hashlib


def digest(repository: str, tag: str, build: int = 1) -> str:
    """The digest of an image: ``sha256:`` and 64 hex digits. Another ``build`` of the same tag has another one."""
    return "sha256:" + hashlib.sha256(f"{repository}:{tag}#{build}".encode()).hexdigest()


def pinned(repository: str, tag: str, build: int = 1) -> str:
    """A tag with its digest: ``v1.2.3@sha256:…``."""
    return f"{tag}@{digest(repository, tag, build)}"


def short(repository: str, tag: str, build: int = 1) -> str:
    """The seven digits that Renovate puts into a subject."""
    return digest(repository, tag, build).removeprefix("sha256:")[:7]


def commit_id(repository: str, tag: str) -> str:
    """The commit that a tag of a GitHub action names: 40 hex digits."""
    return hashlib.sha1(f"{repository}@{tag}".encode(), usedforsecurity=False).hexdigest()


def action(repository: str, tag: str) -> str:
    """What follows ``uses: owner/name@``: the commit, and the tag as a comment."""
    return f"{commit_id(repository, tag)} # {tag}"


def encrypted(name: str, size: int = 32) -> str:
    """A value as SOPS leaves it. There is no plain text behind it."""

    def noise(part: str, length: int) -> str:
        material = hashlib.shake_256(f"{name}/{part}".encode()).digest(length)
        return base64.b64encode(material).decode()

    return f"ENC[AES256_GCM,data:{noise('data', size)},iv:{noise('iv', 32)},tag:{noise('tag', 16)},type:str]"


def sops(name: str, moment: str, rule: str) -> str:
    """The ``sops:`` block under an encrypted document. ``rule`` is ``encrypted_regex: …``, say."""
    armour = base64.b64encode(hashlib.shake_256(f"{name}/age".encode()).digest(150)).decode()
    lines = "\n".join(f"        {armour[i : i + 64]}" for i in range(0, len(armour), 64))
    return f"""sops:
  age:
    - enc: |
        -----BEGIN AGE ENCRYPTED FILE-----
{lines}
        -----END AGE ENCRYPTED FILE-----
      recipient: {RECIPIENT}
  {rule}
  lastmodified: "{moment}"
  mac: {encrypted(name + "/mac", 64)}
  version: 3.12.1
"""


# Shaped like an age recipient (bech32 after ``age1``); nobody has a key for it.
RECIPIENT = "age1q0h0mec0ns0led3m0d3m0d3m0d3m0d3m0d3m0d3m0d3m0d3m0d3mqqqqqq"
