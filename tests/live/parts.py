"""Where the real parts are, and what happens where one is missing.

A part is looked for in ``HOMECONSOLE_<NAME>`` (a file), in ``KUBEBUILDER_ASSETS`` (a folder, as envtest has it), on
``PATH``, and in the cache folder that ``python -m tests.live.tools`` fills.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.live.apiserver import RealServer

TOOLS = Path(__file__).parent / "tools"
# With CI=true these must have run.
MUST = frozenset({"kube-apiserver", "etcd", "git", "ssh", "sshd"})
_ADVICE = {
    "kube-apiserver": "run: python -m tests.live.tools, or set KUBEBUILDER_ASSETS",
    "etcd": "run: python -m tests.live.tools, or set KUBEBUILDER_ASSETS",
    "kubectl": "run: python -m tests.live.tools",
    "talosctl": "put it on PATH, or set HOMECONSOLE_TALOSCTL",
    "sshd": "install openssh-server",
}
_SYSTEM = ("/usr/sbin", "/usr/local/sbin")  # sshd's place, which is not on everybody's PATH


# As it was when tests began: each has an environment of its own.
_ENVIRONMENT = dict(os.environ)


def cache(environment: Mapping[str, str] = _ENVIRONMENT) -> Path:
    """The folder outside the repository that keeps what was built; it need not exist."""
    given = environment.get("XDG_CACHE_HOME") or (environment.get("HOME") and f"{environment['HOME']}/.cache")
    return Path(given or tempfile.gettempdir()) / "homeconsole-tests"


def built(environment: Mapping[str, str] = _ENVIRONMENT) -> Path:
    """The folder of the tools that were built from this ``go.mod``: another one has another folder."""
    pinned = hashlib.sha256((TOOLS / "go.mod").read_bytes() + (TOOLS / "go.sum").read_bytes()).hexdigest()
    return cache(environment) / f"tools-{pinned[:12]}"


def find(name: str, environment: Mapping[str, str] = _ENVIRONMENT) -> Path | None:
    """The executable called ``name``; None when it is nowhere."""
    named = environment.get(f"HOMECONSOLE_{name.replace('-', '_').upper()}")
    if named:
        return Path(named) if os.access(named, os.X_OK) else None
    assets = environment.get("KUBEBUILDER_ASSETS", "")
    places = [assets, environment.get("PATH", os.defpath), str(built(environment)), *_SYSTEM]
    found = shutil.which(name, path=os.pathsep.join(place for place in places if place))
    return Path(found) if found else None


def part(name: str) -> Path:
    """The real ``name``. Where there is none the test is skipped, or, with ``CI=true`` and where it must run, fails."""
    found = find(name, _ENVIRONMENT)
    if found:
        return found
    why = f"no {name} here ({_ADVICE.get(name, f'install {name}')})"
    if name in MUST and _ENVIRONMENT.get("CI") == "true":
        pytest.fail(f"{why}: with CI=true it must be there")
    pytest.skip(why)


@pytest.fixture(autouse=True)
def _needed(request: pytest.FixtureRequest) -> None:
    """What ``@pytest.mark.needs("sshd", "ssh")`` says."""
    for mark in request.node.iter_markers("needs"):
        for name in mark.args:
            part(name)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[RealServer]":
    """A real API server, one for all tests of a worker: they use namespaces and names of their own."""
    from tests.live.apiserver import RealServer  # noqa: PLC0415  (most runs need none of it)

    server = RealServer(tmp_path_factory.mktemp("kubernetes"))
    try:
        server.prepare()
        yield server
    finally:
        server.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is in this folder is of the second tier."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.live)
