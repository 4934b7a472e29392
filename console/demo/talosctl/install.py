"""Puts the stand-in and its talosconfig where the console will find them."""

import base64
import os
import shlex
import sys
from datetime import timedelta
from pathlib import Path

import yaml

import console
from console.demo.talosctl import client, identity
from console.demo.world import World

AUTHORITY = "talos-ca.pem"


def install(
    folder: Path, world: World, *, roles: tuple[str, ...] = ("os:reader",), valid: timedelta = identity.LIFETIME
) -> None:
    """Write ``bin/talosctl``, ``talosconfig`` and the Talos API's CA certificate into ``folder``.

    ``valid`` is how long the talosconfig's certificate is valid from now; a negative one has expired.
    """
    signer = identity.authority(world.clock.now())
    (folder / AUTHORITY).write_bytes(signer.certificate)
    pair = identity.client(signer, world.clock.now(), roles=roles, valid=valid)
    _write_talosconfig(folder / "talosconfig", world, signer.certificate, pair)
    binary = folder / "bin" / "talosctl"
    binary.parent.mkdir(exist_ok=True)
    binary.write_text(_executable(world.talosctl))
    binary.chmod(0o755)


def _write_talosconfig(path: Path, world: World, ca: bytes, pair: tuple[bytes, bytes]) -> None:
    encoded = {"ca": ca, "crt": pair[0], "key": pair[1]}
    context: dict[str, object] = {
        "endpoints": [machine.address for machine in world.control_planes],
        "nodes": [machine.address for _, machine in sorted(world.machines.items())],
    }
    context |= {name: base64.b64encode(pem).decode() for name, pem in encoded.items()}
    path.touch(mode=0o600)
    written = yaml.safe_dump({"context": world.cluster, "contexts": {world.cluster: context}}, sort_keys=False)
    path.write_text(f"{client.MARK.decode()}{path.parent}/{client.SOCKET}\n{written}")


def _executable(edition: str) -> str:
    """A shell starts our interpreter on the rest of the file: a first line can't name a path with a blank in it."""
    source = Path(client.__file__).read_text()
    interpreter = os.path.realpath(sys.executable)  # not the venv's: without packages it starts in a third of the time
    constants = {
        'PYTHON = ""': f"PYTHON = {sys.executable!r}",
        'PACKAGES = ""': f"PACKAGES = {str(Path(console.__file__).parent.parent)!r}",
        'EDITION = "1.13"': f"EDITION = {edition!r}",
    }
    for before, after in constants.items():
        source = source.replace(before, after, 1)
    return f"#!/bin/sh\n'''exec' {shlex.quote(interpreter)} -IS \"$0\" \"$@\"\n' '''\n{source}"
