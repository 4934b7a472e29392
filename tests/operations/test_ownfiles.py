"""The cluster that a command of one's own acts on: real files, as the clients read them, and what is left of them."""

import os
import stat
from pathlib import Path

import pytest
import yaml
from kubernetes.config.kube_config import KubeConfigMerger

from console.model.own import Command
from console.operations.owncommand import bound, run, words
from console.sources.errors import Refused
from console.sources.kubernetes.contexts import contexts
from console.sources.stop import Stop

CONTEXTS = [{"name": name, "context": {"cluster": name, "user": "me"}} for name in ("home", "lab")]
CLUSTERS = [{"name": "lab", "cluster": {"server": "https://10.0.1.10:6443", "certificate-authority": "ca.crt"}}]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, Path]:
    """Both have home as the current one."""
    kube, talos = tmp_path / "kube", tmp_path / "talos"
    kube.write_text(yaml.safe_dump({"current-context": "home", "contexts": CONTEXTS, "clusters": CLUSTERS}))
    entries = {"home": {"endpoints": ["10.0.0.10"], "key": "HOMES"}, "lab": {"endpoints": ["10.0.1.10"], "key": "LABS"}}
    talos.write_text(yaml.safe_dump({"context": "home", "contexts": entries}))
    return str(kube), talos


def test_the_cluster_that_is_shown_is_the_current_one_for_the_run_alone(files: tuple[str, Path]) -> None:
    kube, talos = files
    before = Path(kube).read_bytes(), talos.read_bytes()
    with bound(kube, "lab", talos, "lab") as ways:
        assert contexts(ways["KUBECONFIG"])[1] == "lab"  # the first that says so, as kubectl reads it
        merged = KubeConfigMerger(ways["KUBECONFIG"]).config  # type: ignore[no-untyped-call] # the last
        assert merged["current-context"] == "lab"
        told = yaml.safe_load(Path(ways["TALOSCONFIG"]).read_text())
        assert (told["context"], list(told["contexts"]), told["contexts"]["lab"]["key"]) == ("lab", ["lab"], "LABS")
        made = [Path(ways["TALOSCONFIG"]), Path(ways["KUBECONFIG"].split(os.pathsep)[0])]
        assert kube in ways["KUBECONFIG"].split(os.pathsep)  # itself: what it names beside it is found
        assert [stat.S_IMODE(each.stat().st_mode) for each in made] == [0o600, 0o600]
        assert stat.S_IMODE(made[0].parent.stat().st_mode) == 0o700
    assert not made[0].parent.exists()
    assert (Path(kube).read_bytes(), talos.read_bytes()) == before


def test_without_a_context_of_its_own_it_reaches_no_other_clusters_nodes(files: tuple[str, Path]) -> None:
    with bound("", "", files[1], "prod") as ways:
        assert yaml.safe_load(Path(ways["TALOSCONFIG"]).read_text()) == {"context": "", "contexts": {}}
        assert "KUBECONFIG" not in ways  # in a pod
    with bound(files[0], "", files[1].with_name("none"), None) as ways:
        assert yaml.safe_load(Path(ways["TALOSCONFIG"]).read_text())["contexts"] == {}
        assert ways["KUBECONFIG"] == files[0]  # nothing was named: what is current is what is shown


def test_a_variable_without_a_value_is_refused_with_its_name() -> None:
    command = Command("ping", ("ping", "--node={address}"), ("nodes",))
    with pytest.raises(Refused, match=r"ping: there is nothing to put in place of \{address\}"):
        words(command, {"address": ""})


def test_a_value_that_no_program_can_be_handed_is_refused() -> None:
    with pytest.raises(Refused, match="echo can't be started: embedded null byte"):
        run(["echo", "a\0b"], {"PATH": "/bin:/usr/bin"}, 60, Stop())
