"""The stand-in beside a real talosctl, byte by byte, for all that needs no cluster.

What may differ: which build it is, and the usage behind an error, which the stand-in keeps short.
"""

import base64
import os
import re
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.demo.talosctl import identity
from console.sources.talos.client import client_version
from tests.demo.talosctl.cluster import FROZEN, serving, world
from tests.live.parts import part

pytestmark = pytest.mark.needs("talosctl")

_BUILD = re.compile(r"(Tag|SHA|Built|Go version|OS/Arch):( *).*|^Talos v\S+", re.MULTILINE)
_USAGE = re.compile(r"\nUsage:\n.*", re.DOTALL)
_BY_IP = "127.0.0.1"


@pytest.fixture(scope="module")
def talosctl() -> str:
    return str(part("talosctl"))


@pytest.fixture(scope="module")
def stand_in(talosctl: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the same edition; its demo is gone, so that every port is closed to it."""
    edition = re.search(r"v(\d+\.\d+)", client_version(talosctl))
    assert edition
    folder = tmp_path_factory.mktemp("stand-in")
    with serving(folder, world(1, talosctl=edition[1])) as gone:
        return gone.executable


def run(executable: str, folder: Path, words: list[str], variables: Mapping[str, str]) -> tuple[int, str, str]:
    done = subprocess.run(
        [executable, *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, _BUILD.sub("", done.stdout), _USAGE.sub("", done.stderr)


def context(**changed: Any) -> dict[str, Any]:
    """A context whose endpoint is a port where nobody listens."""
    with socket.socket() as free:
        free.bind((_BY_IP, 0))
        port = free.getsockname()[1]
    signer = identity.authority(FROZEN)
    certificate, key = identity.client(signer, FROZEN, roles=("os:reader",))
    pems = {"ca": signer.certificate, "crt": certificate, "key": key}
    encoded = {name: base64.b64encode(pem).decode() for name, pem in pems.items()}
    return {"endpoints": [f"{_BY_IP}:{port}"], "nodes": [_BY_IP], **encoded, **changed}


CONFIGS: dict[str, Callable[[], str | None]] = {
    "none": lambda: None,
    "empty": lambda: "",
    "closed": lambda: yaml.safe_dump({"context": "home", "contexts": {"home": context()}}),
    "no nodes": lambda: yaml.safe_dump({"context": "home", "contexts": {"home": context(nodes=[])}}),
    "no endpoints": lambda: yaml.safe_dump({"context": "home", "contexts": {"home": context(endpoints=[])}}),
    "another context": lambda: yaml.safe_dump({"context": "gone", "contexts": {"home": context()}}),
    "two": lambda: yaml.safe_dump(
        {"context": "home", "contexts": {"home": context(), "lab": context(nodes=["n1", "n2"])}}
    ),
    "broken": lambda: "context: [\n",
    "no mapping": lambda: "- a\n",
}
CASES = [
    *[("none", words) for words in (
        "version --client", "version --client --short", "nonsense", "get", "get version", "get version --nope",
        "version -n", "version --nodes", "-z", "config info", "config info -o json", "config contexts",
        "version -n 10.0.0.1", "get version -n 10.0.0.1", "etcd status", "services", "services -n 10.0.0.1",
        "--talosconfig other config contexts",
    )],
    *[(config, words) for config in (
          "empty", "no nodes", "no endpoints", "another context", "two", "broken", "no mapping",
      )
      for words in (
          "config contexts", "config info", "config info -o yaml", "get version",
          "get version -n 10.0.0.1 --context=lost",
      )],
    *[("closed", words) for words in (
        "config info", "config info -o json", "config info -o yaml", "config contexts", "get version", "version",
        "version --short", "services", "etcd members", "etcd status", "dmesg", "events --tail=1",
        "get version --context=lost", "memory", "time", "mounts", "stats", "logs apid", "get nope", "logs",
        "config info -o nope", "etcd alarm list", "version -n 10.0.0.1,10.0.0.2", "get version -n 10.0.0.1,10.0.0.2",
        "service kubelet", "get version --output", "get version -o nope",
    )],
]  # fmt: skip


@pytest.mark.parametrize(("config", "words"), CASES, ids=[f"{config}: {words}" for config, words in CASES])
def test_it_says_the_same(talosctl: str, stand_in: str, tmp_path: Path, config: str, words: str) -> None:
    content, told = CONFIGS[config](), []
    for name, executable in (("real", talosctl), ("stand-in", stand_in)):
        folder = tmp_path / name / "home"  # of one length: paths stand in the answers
        folder.mkdir(parents=True)
        if content is not None:
            (folder / "talosconfig").write_text(content)
        variables = {} if content is None else {"TALOSCONFIG": "talosconfig"}
        code, out, err = run(executable, folder, words.split(), variables)
        told.append((code, out.replace(str(folder), "~"), err.replace(str(folder), "~"), made(folder)))
    assert told[1] == told[0]


def made(folder: Path) -> dict[str, str]:
    """The files that are there afterwards, and their modes."""
    return {str(p.relative_to(folder)): oct(p.stat().st_mode) for p in folder.rglob("*")}
