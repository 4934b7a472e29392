"""Gates, flags, plugins, API versions and documents: what stops the target, and what does not."""

from dataclasses import replace

import pytest

from console.foresight.evidence import Evidence
from console.foresight.knowledge.components import tables
from console.foresight.tabled import check
from console.foresight.tree import Tree
from console.model.finding import Finding
from tests.foresight.test_examples import evidence

TALOS = "talos/machineconfig.yaml.j2"


def api_server(**arguments: str) -> dict[str, str]:
    lines = "".join(f"      {name.replace('_', '-')}: {value}\n" for name, value in arguments.items())
    return {TALOS: f"machine:\n  type: controlplane\ncluster:\n  apiServer:\n    extraArgs:\n{lines}"}


def kubernetes(old: str, new: str, files: dict[str, str]) -> Evidence:
    return evidence({"kubernetes": [old, new]}, files)


def of(rule: str, found: Evidence) -> list[Finding]:
    return [f for f in check(found) if f.rule == rule]


def failing(rule: str, found: Evidence) -> list[tuple[str, str]]:
    return [(f.severity, f.title) for f in of(rule, found) if f.status == "fail"]


SIDECAR = api_server(feature_gates="SidecarContainers=true")
VOLUME = api_server(feature_gates="ImageVolume=false")


@pytest.mark.parametrize(
    ("old", "new", "files", "rule", "severity", "words"),
    [
        ("v1.36.2", "v1.37.1", SIDECAR, "gate-unknown", "block", "SidecarContainers is gone in Kubernetes 1.37"),
        ("v1.36.2", "v1.36.3", api_server(feature_gates="MemoryManager=true"), "gate-unknown", "warn", "is gone in"),
        ("v1.35.1", "v1.36.2", api_server(feature_gates="Misspelled=true"), "gate-unknown", "warn", "in no list"),
        ("v1.35.1", "v1.36.2", VOLUME, "gate-locked", "block", "ImageVolume is locked to true in Kubernetes 1.36"),
        ("v1.36.1", "v1.36.2", VOLUME, "gate-locked", "warn", "ImageVolume is locked"),
        ("v1.36.1", "v1.37.0", api_server(feature_gates="HPAScaleToZero=true"), "gate-needless", "info", "the default"),
        (
            "v1.34.1",
            "v1.35.1",
            api_server(feature_gates="GracefulNodeShutdown=false"),
            "gate-needs",
            "block",
            "GracefulNodeShutdown is off, and GracefulNodeShutdownBasedOnPodPriority",
        ),
        ("v1.32.1", "v1.33.1", api_server(cloud_provider="external"), "flag-unknown", "block", "no --cloud-provider"),
        ("v1.33.1", "v1.34.1", api_server(cloud_provider="external"), "flag-unknown", "warn", "no --cloud-provider"),
        (
            "v1.30.1",
            "v1.31.1",
            api_server(enable_admission_plugins="NodeRestriction,PersistentVolumeLabel"),
            "plugin-unknown",
            "block",
            "PersistentVolumeLabel is gone",
        ),
        (
            "v1.35.1",
            "v1.36.1",
            api_server(runtime_config="scheduling.k8s.io/v1alpha1=true"),
            "runtime-config",
            "block",
            "gone from Kubernetes 1.36",
        ),
        (
            "v1.31.1",
            "v1.31.2",
            api_server(runtime_config="resource.k8s.io/v1beta1=true"),
            "runtime-config",
            "warn",
            "comes with Kubernetes 1.32",
        ),
        (
            "v1.36.1",
            "v1.37.1",
            {"a/ip.yaml": "apiVersion: networking.k8s.io/v1beta1\nkind: ServiceCIDR\nmetadata:\n  name: more\n"},
            "api-gone",
            "warn",
            "ServiceCIDR of networking.k8s.io/v1beta1",
        ),
        (
            "v1.34.1",
            "v1.35.1",
            {"t/k.yaml": "machine:\n  kubelet:\n    extraArgs:\n      pod-infra-container-image: x\n"},
            "flag-unknown",
            "block",
            "kubelet has no --pod-infra-container-image",
        ),
        (
            "v1.34.1",
            "v1.35.1",
            {"t/k.yaml": "machine:\n  kubelet:\n    extraConfig:\n      featureGates:\n        ComponentSLIs: true\n"},
            "gate-unknown",
            "block",
            "ComponentSLIs",
        ),
    ],
)
def test_what_the_target_refuses_is_told(
    old: str, new: str, files: dict[str, str], rule: str, *, severity: str, words: str
) -> None:
    ((found, title),) = failing(rule, kubernetes(old, new, files))
    assert found == severity
    assert words in title


@pytest.mark.parametrize(
    ("old", "new", "files", "rule"),
    [
        ("v1.35.1", "v1.36.2", SIDECAR, "gate-unknown"),
        ("v1.35.1", "v1.36.2", api_server(feature_gates="AllAlpha=true"), "gate-unknown"),
        ("v1.35.1", "v1.36.2", api_server(feature_gates="ImageVolume=true"), "gate-locked"),
        ("v1.32.1", "v1.33.1", api_server(profiling="false"), "flag-unknown"),
        ("v1.35.1", "v1.36.1", api_server(feature_gates="GracefulNodeShutdown=true"), "gate-needs"),
        ("v1.30.1", "v1.31.1", api_server(enable_admission_plugins="NodeRestriction"), "plugin-unknown"),
        (
            "v1.36.1",
            "v1.37.1",
            api_server(runtime_config="admissionregistration.k8s.io/v1beta1=true"),
            "runtime-config",
        ),
        (
            "v1.36.1",
            "v1.37.1",
            {"a/ip.yaml": "apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata:\n  name: more\n"},
            "api-gone",
        ),
        (
            "v1.36.1",
            "v1.37.1",
            {"a/ip.yaml": "apiVersion: networking.k8s.io/v1beta1\nkind: Other\nmetadata:\n  name: more\n"},
            "api-gone",
        ),
    ],
)
def test_what_the_target_takes_passes(old: str, new: str, files: dict[str, str], rule: str) -> None:
    assert [f.status for f in of(rule, kubernetes(old, new, files))] == ["pass"]


def test_a_gate_among_several_is_taken_out_alone() -> None:
    files = api_server(feature_gates="SidecarContainers=true,HPAScaleToZero=true")
    (found,) = [f for f in of("gate-unknown", kubernetes("v1.36.2", "v1.37.1", files)) if f.status == "fail"]
    assert found.fix
    assert found.fix.diff.splitlines()[-1] == "+      feature-gates: HPAScaleToZero=true"
    assert (found.file, found.line) == (TALOS, 6)


def test_a_key_that_would_be_left_with_nothing_is_not_emptied() -> None:
    (found,) = [f for f in of("gate-unknown", kubernetes("v1.36.2", "v1.37.1", SIDECAR)) if f.status == "fail"]
    assert found.fix is None


def test_a_target_beyond_the_tables_passes_nothing() -> None:
    found = list(check(kubernetes("v1.37.1", "v1.38.0", SIDECAR)))
    assert {f.status for f in found} == {"skipped"}


KUBELET = {"talos/a.yaml": "apiVersion: v1alpha1\nkind: KubeletConfig\nimage: x\n"}


class TestDocuments:
    def test_one_that_runs_and_that_the_target_does_not_know_blocks(self) -> None:
        found = evidence({"talos": ["v1.14.0", "v1.13.9"]}, KUBELET)
        ((severity, title),) = failing("document-unknown", found)
        assert (severity, "KubeletConfig comes with Talos 1.14" in title) == ("block", True)

    def test_one_that_runs_is_told_before_one_that_never_did(self) -> None:
        both = KUBELET | {"talos/b.yaml": "apiVersion: v1alpha1\nkind: BlackholeRouteConfig\nname: x\n"}
        ((severity, title),) = failing("document-unknown", evidence({"talos": ["v1.13.1", "v1.12.9"]}, both))
        assert (severity, "BlackholeRouteConfig comes with Talos 1.13" in title) == ("block", True)

    @pytest.mark.parametrize("new", ["v1.12.2", "v1.13.0"])
    def test_one_that_what_runs_does_not_know_either_is_a_warning(self, new: str) -> None:
        ((severity, title),) = failing("document-unknown", evidence({"talos": ["v1.12.1", new]}, KUBELET))
        assert (severity, "KubeletConfig comes with Talos 1.14" in title) == ("warn", True)

    def test_one_that_is_new_in_the_target_is_applied_afterwards(self) -> None:
        found = evidence({"talos": ["v1.13.1", "v1.14.0"]}, KUBELET)
        assert not failing("document-unknown", found)
        assert [severity for severity, _ in failing("document-later", found)] == ["info"]

    def test_a_known_one_is_nothing_to_tell(self) -> None:
        found = evidence({"talos": ["v1.14.0", "v1.14.1"]}, KUBELET)
        assert [f.status for f in check(found)] == ["pass"]


def test_every_entry_says_where_it_was_read() -> None:
    known = tables()
    assert len(known.gates) > 350
    assert all(gate.source for gate in known.gates.values())
    for table in (known.flags, known.plugins, known.runtime, known.introduced, known.documents):
        assert all(entry.source for entry in table.values())
    assert all(entry.source for several in known.apis.values() for entry in several)


def test_nothing_is_said_where_no_node_moves() -> None:
    none = replace(evidence({"package": ["x", "v1.0.0", "v2.0.0"]}, SIDECAR), tree=Tree())
    assert list(check(none)) == []
