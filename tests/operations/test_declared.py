"""The versions that main asks for, as main moves; on a repository made by real git."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from console.model.updates import DeclaredVersion, RepositoryState
from console.operations.declared import Declared
from console.sources.git.mirror import Mirror
from tests.sources.git.workshop import OPERATOR, Workshop

TALENV = (
    "# renovate: datasource=docker depName=ghcr.io/siderolabs/installer\ntalosVersion: {}\nkubernetesVersion: v1.36.2\n"
)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop(tmp_path)
    files = {"talos/talenv.yaml": TALENV.format("v1.13.7"), ".mise.toml": '"aqua:siderolabs/talos" = "1.13.7"\n'}
    made.commit("main", {**files, "apps/grafana.yaml": "tag: v1.13.7\n"}, by=OPERATOR)
    return made


class Reader:
    """A mirror that notes which files are read."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self.read: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._mirror, name)

    def contents(self, tree: str, paths: Sequence[str]) -> dict[str, bytes]:
        self.read += paths
        return self._mirror.contents(tree, paths)


def state(mirror: Mirror) -> RepositoryState:
    mirror.fetch()
    return mirror.scan()[0]


def told(found: RepositoryState) -> list[tuple[str, str, str, str]]:
    return [(each.system, each.kind, each.version, each.where) for each in found.versions]


def test_configurations_and_clients_are_found_wherever_they_are(workshop: Workshop) -> None:
    mirror = workshop.mirror()
    assert told(Declared(lambda: mirror)(state(mirror))) == [
        ("talos", "client", "v1.13.7", ".mise.toml:1"),
        ("talos", "config", "v1.13.7", "talos/talenv.yaml:2"),
        ("kubernetes", "config", "v1.36.2", "talos/talenv.yaml:3"),
    ]


def test_when_main_moves_only_what_moved_is_read(workshop: Workshop) -> None:
    mirror = Reader(workshop.mirror())
    declared = Declared(lambda: mirror)  # type: ignore[arg-type, return-value]
    declared(state(mirror))  # type: ignore[arg-type]
    mirror.read.clear()
    workshop.commit("main", {"talos/talconfig.yaml": TALENV.format("v1.13.6")}, by=OPERATOR)
    declared(state(mirror))  # type: ignore[arg-type]
    mirror.read.clear()
    workshop.commit("main", {"talos/talenv.yaml": TALENV.format("v1.13.8"), ".mise.toml": None}, by=OPERATOR)
    found = declared(state(mirror))  # type: ignore[arg-type]
    assert sorted(mirror.read) == [".mise.toml", "talos/talenv.yaml"]
    assert found.versions[0] == DeclaredVersion("talos", "config", "v1.13.6", "talos/talconfig.yaml:2")
    assert found.versions[2] == DeclaredVersion("talos", "config", "v1.13.8", "talos/talenv.yaml:2")
    assert len(found.versions) == 4
    declared(found)
    assert len(mirror.read) == 2
