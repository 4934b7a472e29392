"""The manifest that runs ``homeconsole status`` inside the cluster: applied to a real API server as it stands, and the
container's command run with all that a pod has: environment, mounts, a root that can't be written.

The mounts stand in a namespace of their own (``unshare``), as there is no kubelet. What is of the operator, the image
and the repository's address, is this machine, and the embedded cluster's repository.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console.demo.thread import DemoThread
from tests.demo.api.target import Api
from tests.live.apiserver import DEFINITIONS, RealServer
from tests.live.kubernetes.conftest import apply_the_readme
from tests.live.parts import part

pytestmark = pytest.mark.xdist_group("twin")

BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
ACCOUNT = "system:serviceaccount:flux-system:homeconsole"
# What Talos makes where kubernetesTalosAPIAccess is on (siderolabs/talos v1.13, serviceaccounts.talos.dev).
TALOS_ACCOUNTS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "serviceaccounts.talos.dev"},
    "spec": {
        "group": "talos.dev",
        "scope": "Namespaced",
        "names": {"kind": "ServiceAccount", "plural": "serviceaccounts", "singular": "serviceaccount"},
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {"roles": {"type": "array", "items": {"type": "string"}}},
                            }
                        },
                    }
                },
            }
        ],
    },
}
# Each mount as the kubelet makes it; then the root is read-only, and what follows runs.
POD = """\
set -eu
mount --make-rprivate /
mount --bind /tmp /tmp
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /home
mkdir -p /run/secrets/kubernetes.io /home/homeconsole
cp -R "$ACCOUNT" /run/secrets/kubernetes.io/serviceaccount
cp -R "$TALOS" /run/secrets/talos.dev
mount -o remount,bind,ro /
unset ACCOUNT TALOS
cd /
exec "$@"
"""


@pytest.fixture
def unshare() -> list[str]:
    """A program with a mount namespace of its own; who is not root needs a user namespace for it."""
    words = [str(part("unshare")), "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    done = subprocess.run([*words, "sh", "-c", "mount --make-rprivate / && mount -t tmpfs tmpfs /run"], check=False)
    if done.returncode:
        pytest.skip(f"no mount namespace can be made here: {shlex.join(words)} ended with {done.returncode}")
    return words


def applied(twin: RealServer, admin: Api, folder: Path) -> dict[str, Any]:
    """The manifest, server-side, as it stands; the pod's template as the API server has it."""
    assert admin.post(DEFINITIONS, TALOS_ACCOUNTS).status in {201, 409}
    kubectl = [str(part("kubectl")), "--kubeconfig", str(folder / "administrator")]
    (folder / "administrator").write_text(twin.kubeconfig("admin", {"token": twin.target.admin}))
    command = [sys.executable, "-m", "console", "manifests", "job"]
    manifest = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    for words in (
        ["wait", "--for=condition=Established", "--timeout=60s", "crd/serviceaccounts.talos.dev"],
        ["apply", "--server-side", "-f", "-"],
    ):
        done = subprocess.run(
            [*kubectl, *words], input=manifest, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stderr
    job = admin.get("/apis/batch/v1/namespaces/flux-system/cronjobs/homeconsole-status").json
    template: dict[str, Any] = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    return template


def mounted(twin: RealServer, admin: Api, pod: dict[str, Any], folder: Path) -> Path:
    """What the kubelet mounts for the pod's account: its token, who signed the API server, the namespace."""
    path = f"/api/v1/namespaces/flux-system/serviceaccounts/{pod['serviceAccountName']}/token"
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3607}}
    folder.mkdir()
    (folder / "token").write_text(admin.made(path, request)["status"]["token"])
    (folder / "ca.crt").write_bytes(twin.target.authority.read_bytes())
    (folder / "namespace").write_text("flux-system")
    return folder


def test_the_job_of_the_manifest_tells_how_the_cluster_is_with_the_rights_to_read_alone(
    twin: RealServer, admin: Api, demo: DemoThread, unshare: list[str], tmp_path: Path
) -> None:
    pod = applied(twin, admin, tmp_path)
    (container,) = pod["containers"]
    talos = tmp_path / "talos"  # the Secret that Talos makes
    talos.mkdir()
    (talos / "config").write_bytes(demo.cluster.talosconfig.read_bytes())
    host, _, port = twin.target.url.removeprefix("https://").partition(":")
    given = {each["name"]: each["value"] for each in container["env"]}
    assert given["HOMECONSOLE_REPOSITORY"].startswith("https://git.example.org/")
    environment = given | {
        "HOMECONSOLE_REPOSITORY": str(demo.cluster.repository),
        "KUBERNETES_SERVICE_HOST": host,
        "KUBERNETES_SERVICE_PORT": port,
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), demo.cluster.environment()["PATH"])),
        "ACCOUNT": str(mounted(twin, admin, pod, tmp_path / "account")),
        "TALOS": str(talos),
    }
    command = [*unshare, "sh", "-c", POD, "pod", *container["command"], *container["args"]]

    def run() -> list[dict[str, Any]]:
        """What it asked."""
        before = len(twin.audited())
        ran = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=pod_seconds(admin), check=False
        )
        assert (ran.returncode, ran.stderr) == (1, ""), "it was said that something is broken"
        assert "observability/grafana" in ran.stdout
        assert "Talos v1.13.7" in ran.stdout
        asked = [event for event in twin.audited()[before:] if event["user"]["username"] == ACCOUNT]
        assert asked, "by the mounted token"
        return asked

    assert [event["requestURI"] for event in run() if event["responseStatus"]["code"] == 403] == []
    try:
        for name in ("write", "health"):
            assert admin("DELETE", f"{BINDINGS}/homeconsole-{name}").status == 200
        allowed = [event for event in run() if event["responseStatus"]["code"] != 403]
    finally:
        apply_the_readme(twin, tmp_path)
    by = {event["annotations"]["authorization.k8s.io/reason"] for event in allowed}
    assert {re.sub(r".* of ClusterRole \"([^\"]+)\".*", r"\1", reason) for reason in by} <= {
        "homeconsole-read",
        "system:discovery",
        "system:basic-user",
    }


def pod_seconds(admin: Api) -> int:
    """``activeDeadlineSeconds``: then the job fails."""
    job = admin.get("/apis/batch/v1/namespaces/flux-system/cronjobs/homeconsole-status").json
    return int(job["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"])
