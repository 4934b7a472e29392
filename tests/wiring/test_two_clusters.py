"""Two embedded clusters at once, gone to and fro: real sources, real child processes, and nothing left of the first."""

import contextlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.model.snapshot import Topic
from console.settings import load
from console.sources.errors import Refused
from console.wiring import Console
from console.wiring.desk import ALL
from console.wiring.embedded import Embedded

pytestmark = pytest.mark.timeout(600)
READ = (Topic.FLUX, Topic.KUBERNETES, Topic.TALOS, Topic.UPDATES)


@contextlib.contextmanager
def two() -> Iterator[list[dict[str, str]]]:
    """What both print."""
    with contextlib.ExitStack() as stack:
        children = [Embedded([]), Embedded(["--nodes", "3", "--scenario", "healthy"])]
        for child in children:
            stack.callback(child.stop)
        yield [child.addresses(120) for child in children]


def merged(folder: Path, found: list[dict[str, str]]) -> dict[str, str]:
    """One kubeconfig and one talosconfig of both, as an operator keeps them, and a configuration that names both."""
    kube: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": "admin@home"}
    kube |= {"clusters": [], "users": [], "contexts": []}
    talos: dict[str, Any] = {"context": "home", "contexts": {}}
    listed = []
    for name, each in zip(("home", "lab"), found, strict=True):
        own = yaml.safe_load(Path(each["KUBECONFIG"]).read_text())
        kube["clusters"].append({"name": name, "cluster": own["clusters"][0]["cluster"]})
        kube["users"].append({"name": name, "user": own["users"][0]["user"]})
        kube["contexts"].append({"name": f"admin@{name}", "context": {"cluster": name, "user": name}})
        talos["contexts"][name] = next(iter(yaml.safe_load(Path(each["TALOSCONFIG"]).read_text())["contexts"].values()))
        talosctl = f"{each['PATH'].partition(':')[0]}/talosctl"
        listed.append({"name": name, "repository": each["HOMECONSOLE_REPOSITORY"], "talosctl": talosctl})
    (folder / "homeconsole").mkdir()
    for path, document in (("kube", kube), ("talos", talos), ("homeconsole/config.yaml", {"clusters": listed})):
        (folder / path).write_text(yaml.safe_dump(document))
    places = {"HOME": folder, "XDG_CONFIG_HOME": folder, "XDG_STATE_HOME": folder / "state"}
    places |= {"KUBECONFIG": folder / "kube", "TALOSCONFIG": folder / "talos"}
    return {name: str(path) for name, path in places.items()}


def threads() -> list[str]:
    """Those of the console that run now."""
    return [
        each.name for each in threading.enumerate() if not re.match(r"MainThread|Thread-|pytest|asyncio", each.name)
    ]


def test_one_is_left_whole_before_the_other_and_nothing_comes_along(tmp_path: Path) -> None:
    with two() as found:
        home = Console(load({"write": True}, merged(tmp_path, found)))
        before = threads()
        home.start(ALL)
        try:
            assert home.read(READ, 120)
            assert (home.cluster, home.writable) == ("home", True)
            assert [(place.name, place.talos, place.here) for place in home.places()] == [
                ("home", "home", True),
                ("lab", "lab", False),
            ]
            nodes = {node.name for node in home.snapshot()[Topic.TALOS].items.values()}
            lab = home.elsewhere("lab")
        finally:
            home.stop()
        assert threads() == before
        lab.start(ALL)
        try:
            assert lab.read(READ, 120)
            assert (lab.cluster, lab.writable) == ("lab", False)
            there = {node.name for node in lab.snapshot()[Topic.TALOS].items.values()}
            assert (len(nodes), len(there)) == (1, 3)
            assert len(lab.snapshot()[Topic.KUBERNETES].items) == 3
            assert lab.settings.repository == found[1]["HOMECONSOLE_REPOSITORY"]
            with pytest.raises(Refused, match="read-only"):
                lab._must_write()
            back = lab.elsewhere("home")
        finally:
            lab.stop()
        assert threads() == before
        assert back.writable  # where it was given
        back.stop()
