"""Several clusters: the contexts of two files matched up, and what of a run holds for another cluster. Files only."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.model.own import Command
from console.settings import Settings, load
from console.sources.errors import Refused, UsageError
from console.sources.stop import Stop
from console.wiring import Console
from console.wiring.clusters import CONFIGURED, Clusters

HOME, LAB = "10.0.0.10", "10.0.1.10"


def kubeconfig(path: Path, *contexts: tuple[str, str, str], current: str = "", authority: str = "") -> Path:
    """Contexts as (name, cluster, host)."""
    document: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "current-context": current or contexts[0][0]}
    document["contexts"] = [{"name": n, "context": {"cluster": c, "user": "me"}} for n, c, _ in contexts]
    kind = "certificate-authority" + ("" if authority.endswith(".crt") else "-data")
    document["clusters"] = [
        {"name": c, "cluster": {"server": f"https://{h}:6443", kind: authority}} for _, c, h in contexts
    ]
    path.write_text(yaml.safe_dump(document))
    return path


def talosconfig(path: Path, contexts: Mapping[str, list[str]], current: str = "") -> Path:
    entries = {name: {"endpoints": endpoints} for name, endpoints in contexts.items()}
    path.write_text(yaml.safe_dump({"context": current or next(iter(contexts)), "contexts": entries}))
    return path


def settings(folder: Path, config: str = "", **flags: Any) -> Settings:
    (folder / "homeconsole").mkdir(exist_ok=True)
    (folder / "homeconsole" / "config.yaml").write_text(config)
    environment = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    given = {"kubeconfig": str(folder / "kube"), "talosconfig": str(folder / "talos"), **flags}
    return load(given, environment)


def two(folder: Path, talos: Mapping[str, list[str]] | None = None) -> None:
    kubeconfig(folder / "kube", ("admin@home", "home", HOME), ("admin@lab", "lab", LAB))
    talosconfig(folder / "talos", talos or {"home": [HOME], "lab": [LAB]})


@pytest.mark.parametrize(
    ("context", "talos", "matched", "why"),
    [
        (("home", "home", HOME), {"home": ["1.1.1.1"]}, "home", "its name"),
        (("admin@home", "x", HOME), {"home": ["1.1.1.1"]}, "home", "its name"),
        (("me@k", "home", HOME), {"home": ["1.1.1.1"]}, "home", "its name"),
        (("k", "k", HOME), {"t": [HOME], "u": ["1.1.1.1"]}, "t", "its address"),
        (("k", "k", HOME), {"t": [f"{HOME}:50000"], "u": ["1.1.1.1"]}, "t", "its address"),
        (("k", "k", HOME), {"u": ["1.1.1.1"], "v": ["1.1.1.2"]}, "u", "both are current"),
        (("u", "k", HOME), {"t": [HOME], "u": ["1.1.1.1"]}, "", "its name says u, its address t: name it"),
    ],
)
def test_contexts_are_matched_by_name_then_by_address(
    context: tuple[str, str, str], talos: dict[str, list[str]], matched: str, why: str, tmp_path: Path
) -> None:
    kubeconfig(tmp_path / "kube", context)
    talosconfig(tmp_path / "talos", talos)
    place = Clusters(settings(tmp_path)).places("")[0]
    assert place.talos == matched
    assert place.why.startswith(why)


@pytest.mark.parametrize("authority", ["c2FtZQ==", "ca.crt"], ids=["data", "file"])
def test_two_clusters_of_one_authority_stay_two(authority: str, tmp_path: Path) -> None:
    kubeconfig(tmp_path / "kube", ("admin@home", "home", HOME), ("lab", "lab", LAB), authority=authority)
    talosconfig(tmp_path / "talos", {"home": [HOME], "other": ["1.1.1.1"]})
    lab = Clusters(settings(tmp_path)).places("")[1]
    assert lab.talos == ""
    assert "under clusters" in lab.why


@pytest.mark.parametrize(
    ("kube", "talos"),
    [
        ("contexts: 5\nclusters: x", "contexts: {home: {endpoints: 5, nodes: x}, lab: 7}"),
        ("contexts: [5, {name: [a]}]\nclusters: {a: b}\ncurrent-context: 7", "contexts: [home]\ncontext: 5"),
        ("5", "- 5"),
    ],
)
def test_files_of_another_shape_keep_nothing_from_beginning(kube: str, talos: str, tmp_path: Path) -> None:
    (tmp_path / "kube").write_text(kube)
    (tmp_path / "talos").write_text(talos)
    assert Clusters(settings(tmp_path)).begun(settings(tmp_path)) == settings(tmp_path)
    kubeconfig(tmp_path / "kube", ("admin@home", "home", "[no-address"))
    assert Clusters(settings(tmp_path)).begun(settings(tmp_path)).cluster == "home"


def test_the_nodes_of_another_cluster_are_not_shown_beside_the_chosen_one(tmp_path: Path) -> None:
    two(tmp_path, {"home": [HOME]})
    begun = Clusters(settings(tmp_path, context="admin@lab")).begun(settings(tmp_path, context="admin@lab"))
    assert (begun.cluster, begun.talos_context) == ("lab", "lab")  # which the talosconfig does not have: it is told


def test_the_first_cluster_gets_the_talos_context_that_belongs_to_it(tmp_path: Path) -> None:
    two(tmp_path)
    begun = Clusters(settings(tmp_path, context="admin@lab")).begun(settings(tmp_path, context="admin@lab"))
    assert (begun.cluster, begun.talos_context) == ("lab", "lab")
    named = settings(tmp_path, context="admin@lab", talos_context="home")
    assert Clusters(named).begun(named).talos_context == "home"


def test_nothing_that_was_said_of_the_first_cluster_holds_for_another(tmp_path: Path) -> None:
    two(tmp_path)
    given = settings(tmp_path, write=True, repository="https://git.example.org/home.git")
    clusters = Clusters(given, tmp_path)
    first = clusters.begun(given)
    other = clusters.settings("lab")
    assert (first.write, first.repository, clusters.folder("home")) == (True, given.repository, tmp_path)
    assert (other.write, other.repository, clusters.folder("lab")) == (False, None, None)
    assert (other.cluster, other.context, other.talos_context) == ("lab", "admin@lab", "lab")
    assert clusters.settings("admin@home") == first


LISTED = """
clusters:
  - {name: home, context: admin@home, repository: /repos/home}
  - {name: lab, context: admin@lab, talos_context: test, repository: /repos/lab, branch: trunk, write: true}
"""


def test_what_is_configured_for_a_cluster_holds_for_it(tmp_path: Path) -> None:
    two(tmp_path, {"home": [HOME], "test": ["1.1.1.1"]})
    given = settings(tmp_path, LISTED)
    clusters = Clusters(given)
    first, lab = clusters.begun(given), clusters.settings("lab")
    assert (first.repository, first.origin("repository"), first.write) == ("/repos/home", CONFIGURED, False)
    assert (lab.repository, lab.branch, lab.talos_context, lab.write) == ("/repos/lab", "trunk", "test", True)
    assert [(place.name, place.here) for place in clusters.places("lab")] == [("home", False), ("lab", True)]


APART = """
repository: {branch: stable}
kubernetes: {kubeconfig: FOLDER/kube}
talos: {talosconfig: FOLDER/talos}
clusters:
  - {name: a, kubeconfig: FOLDER/kube-a, talosconfig: FOLDER/talos-a, branch: prod, talosctl: /opt/a/talosctl}
  - {name: b, context: b}
  - {name: c, context: c, branch: trunk, talosctl: /opt/c/talosctl}
"""


@pytest.mark.parametrize("flags", [{}, {"branch": "mine"}], ids=["configured", "given"])
def test_what_was_set_for_the_first_cluster_is_not_found_again_in_another(
    flags: dict[str, str], tmp_path: Path
) -> None:
    kubeconfig(tmp_path / "kube", ("b", "b", LAB), ("c", "c", "10.0.2.10"))
    talosconfig(tmp_path / "talos", {"b": [LAB]})
    kubeconfig(tmp_path / "kube-a", ("a", "a", HOME))
    talosconfig(tmp_path / "talos-a", {"a": [HOME]})
    config = APART.replace("FOLDER", str(tmp_path))
    given = settings(tmp_path, config, context="a", **flags, kubeconfig=None, talosconfig=None)
    clusters = Clusters(given)
    a = clusters.begun(given)
    assert (a.cluster, a.kubeconfig, a.branch) == ("a", tmp_path / "kube-a", flags.get("branch", "prod"))
    b, c = clusters.settings("b"), clusters.settings("c")
    assert (b.kubeconfig, b.talosconfig, b.context, b.talos_context) == (given.kubeconfig, given.talosconfig, "b", "b")
    assert (b.branch, b.talosctl, b.repository) == ("main" if flags else "stable", "talosctl", None)
    assert (c.branch, c.talosctl, c.origin("branch")) == ("trunk", "/opt/c/talosctl", CONFIGURED)
    assert clusters.settings("a") == a


def test_a_flag_goes_before_what_is_configured_for_the_first_cluster(tmp_path: Path) -> None:
    two(tmp_path)
    given = settings(tmp_path, LISTED, repository="/mine", context="admin@lab")
    begun = Clusters(given).begun(given)
    assert (begun.cluster, begun.repository, begun.write) == ("lab", "/mine", True)


def test_a_clusters_own_name_will_do_as_the_context(tmp_path: Path) -> None:
    two(tmp_path)
    given = settings(tmp_path, LISTED, context="lab")
    begun = Clusters(given).begun(given)
    assert (begun.cluster, begun.context, begun.repository) == ("lab", "admin@lab", "/repos/lab")


def test_read_only_holds_in_every_cluster(tmp_path: Path) -> None:
    two(tmp_path)
    given = settings(tmp_path, LISTED, write=False)
    clusters = Clusters(given)
    clusters.begun(given)
    lab = clusters.settings("lab")
    assert (lab.write, lab.write_forbidden) == (False, True)


def test_write_mode_is_each_clusters_own_and_kept_for_the_run(tmp_path: Path) -> None:
    two(tmp_path)
    home = Console(settings(tmp_path))
    home.settings = home._clusters.begun(home.settings)
    home.set_writable(True)
    lab = home.elsewhere("lab")
    assert not lab.writable
    back = lab.elsewhere("home")
    assert back.writable
    back.set_writable(False)
    assert not back.elsewhere("lab").elsewhere("home").writable


def test_a_command_of_ones_own_acts_on_the_cluster_that_is_shown(tmp_path: Path) -> None:
    two(tmp_path)
    home = Console(settings(tmp_path))
    home.settings = home._clusters.begun(home.settings)
    lab = home.elsewhere("lab")
    tells = ("sh", "-c", 'cat "${KUBECONFIG%%:*}" "$TALOSCONFIG"', "sh", "{context}")
    argv, env = lab.words(Command("tells", tells, ("upgrades",)), "upgrades", ("talos",))
    assert argv[-1] == "admin@lab"
    lines, wrong = lab.run_own(Command("tells", tells, ("upgrades",)), argv, env, Stop())
    assert wrong == ""
    assert "current-context: admin@lab" in lines
    assert "context: lab" in lines
    assert HOME not in "".join(lines)


def test_one_that_writes_is_refused_wherever_it_is_run_from(tmp_path: Path) -> None:
    two(tmp_path)
    console = Console(settings(tmp_path, context="admin@home"))
    writes = Command("writes", ("touch", str(tmp_path / "written")), ("flux",), writes=True)
    with pytest.raises(Refused, match="read-only"):
        console.run_own(writes, writes.run, os.environ, Stop())
    with pytest.raises(Refused, match="read-only"), console.standing(writes):
        pass
    assert not (tmp_path / "written").exists()


def test_a_cluster_that_there_is_not_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    two(tmp_path)
    with pytest.raises(UsageError) as caught:
        Clusters(settings(tmp_path)).settings("prod")
    assert (caught.value.message, caught.value.hint) == ("There is no cluster prod", "There are: home, lab.")


def test_two_files_with_a_context_each_are_two_clusters(tmp_path: Path) -> None:
    kubeconfig(tmp_path / "a", ("home", "home", HOME))
    kubeconfig(tmp_path / "b", ("home", "x", LAB), ("lab", "lab", LAB))
    talosconfig(tmp_path / "talos", {"home": [HOME]})
    both = f"{tmp_path / 'a'}{os.pathsep}{tmp_path / 'b'}"
    places = Clusters(settings(tmp_path, kubeconfig=both)).places("home")
    assert [(place.name, place.context) for place in places] == [("home", "home"), ("lab", "lab")]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("clusters: [{context: a}]", "line 1: clusters: entry 1: name is missing, a text"),
        ("\nclusters: [{name: a}, {name: a}]", "line 2: clusters: the name a is there twice"),
        ("clusters: [{name: a, contxt: b}]", "entry 1 (a): there is no key contxt; did you mean context?"),
        ("views: [{name: a, pane: pods}]", "entry 1 (a): pane: expected nodes or flux or updates or upgrades, found"),
        ("commands: [{name: a, scopes: [flux], run: kubectl}]", "entry 1 (a): run: expected a list of texts, found"),
        ("commands: [{name: a, scopes: [nodes], run: [x, '{kind}']}]", "run: there is no {kind} in nodes, only "),
        ("commands: [{name: a, scopes: [nodes], run: ['{name}']}]", "its first word is the program"),
        (
            "commands: [{name: a, scopes: [pods], run: [x]}]",
            "scopes: expected a list of nodes, flux, updates,",
        ),
        ("commands: [{name: a b, scopes: [flux], run: [x]}]", "name: expected one word"),
        ("keys: [a]", "keys: expected the names of actions"),
        ("keys: {approve: {}}", "keys: approve: expected a key or a list of keys"),
    ],
)
def test_what_is_wrong_in_a_list_is_told_with_its_entry(config: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        settings(tmp_path, config)
    assert told in caught.value.message
    assert "config.yaml" in caught.value.message
