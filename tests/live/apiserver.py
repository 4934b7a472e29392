"""A real API server and its etcd on loopback, with nothing else: no controller, no scheduler, no kubelet.

What those would write (a node's status, a pod's phase, a budget's counts) the tests write themselves.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import urllib3

from console.demo.api.certificates import Authority, write
from console.demo.api.definitions import definitions
from console.demo.api.kubeconfig import document
from tests.demo.api.target import Api, Target
from tests.live.parts import part

PATIENCE = 100  # seconds until it answers, on a machine that is slow and busy
# Who is not known may ask for its health and version, and is told 401 for all else.
_AUTHENTICATION = {
    "apiVersion": "apiserver.config.k8s.io/v1",
    "kind": "AuthenticationConfiguration",
    "anonymous": {
        "enabled": True,
        "conditions": [{"path": path} for path in ("/livez", "/readyz", "/healthz", "/version")],
    },
}
# Notes what the console's own account asks, and how it was answered.
_AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "userGroups": ["system:serviceaccounts"]}, {"level": "None"}],
}
_VIEWER = [
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "tests-viewer"},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "tests-viewer"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "tests-viewer"},
        "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "viewer"}],
    },
]
_RBAC = {"ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings"}
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class RealServer:
    """kube-apiserver and etcd, as :class:`tests.demo.api.target.Embedded` is the embedded server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = {name: part(name) for name in ("etcd", "kube-apiserver")}
        authority = Authority("real")
        (folder / "ca.crt").write_bytes(authority.certificate)
        write(authority.server(), folder, "server")
        write(authority.server(), folder, "accounts")
        (folder / "authentication.json").write_text(json.dumps(_AUTHENTICATION))
        (folder / "audit.json").write_text(json.dumps(_AUDIT))
        admin, viewer = secrets.token_hex(16), secrets.token_hex(16)
        tokens = folder / "tokens.csv"
        tokens.touch(mode=0o600)
        tokens.write_text(f'{admin},admin,1,"system:masters"\n{viewer},viewer,2\n')
        self._ports = dict(zip(("client", "peer", "api"), _free_ports(3), strict=True))
        self.target = Target(f"https://127.0.0.1:{self._ports['api']}", folder / "ca.crt", admin, viewer)
        self._etcd = self._run("etcd", self._etcd_options())
        self._forget_the_first()
        self._api = self._run("kube-apiserver", self._api_options())

    def _forget_the_first(self) -> None:
        """Revision 1 is forgotten before the API server begins: it is what tests ask for that is too old."""
        pool = urllib3.PoolManager(retries=False, timeout=10)
        store = f"http://127.0.0.1:{self._ports['client']}/v3/kv"

        def answered(path: str, **body: str) -> bool:
            assert self._etcd.poll() is None, self.told("etcd")
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                return pool.request("POST", f"{store}/{path}", body=json.dumps(body).encode()).status == 200
            return False

        for number in range(3):
            _until(lambda number=number: answered("put", key="dGVzdHM=", value=f"MD{number}="))  # type: ignore[misc]
        assert answered("compaction", revision="3")
        pool.clear()

    def prepare(self) -> None:
        """Waits until it answers, then makes what every contract test expects to find."""
        self.await_ready()
        api = Api(self.target)
        for given in _VIEWER:
            api.made(f"/apis/rbac.authorization.k8s.io/v1/{_RBAC[str(given['kind'])]}", given)
        api.made("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}})
        for definition in definitions():
            api.made(DEFINITIONS, definition)
        _until(lambda: all(_served(api, definition) for definition in definitions()))
        api.close()

    def await_ready(self) -> None:
        """Until it answers."""
        pool = urllib3.PoolManager(ca_certs=str(self.target.authority), retries=False, timeout=10)

        def ready() -> bool:
            assert self._etcd.poll() is None, self.told("etcd")
            assert self._api.poll() is None, self.told("kube-apiserver")
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                return pool.request("GET", f"{self.target.url}/readyz").status == 200
            return False

        _until(ready)
        pool.clear()

    def audited(self) -> list[dict[str, Any]]:
        """What service accounts asked so far (events of ``audit.k8s.io``), oldest first."""
        log = self._folder / "audit.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def kubeconfig(self, user: str, credentials: dict[str, str]) -> str:
        """A kubeconfig with such credentials: ``token``, ``tokenFile``."""
        return document("home", self.target.url, self.target.authority.read_bytes(), user, credentials)

    def stop(self) -> None:
        """The API server ends as it does when its node shuts down; etcd keeps what was written."""
        _end(self._api)

    def start(self) -> None:
        """Again, at the same address, from what etcd kept."""
        self._api = self._run("kube-apiserver", self._api_options())
        self.await_ready()

    def told(self, name: str) -> str:
        """The last that a process wrote."""
        return (self._folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def close(self) -> None:
        """Nothing is left running."""
        for process in (self._api, self._etcd):
            _end(process)

    def _run(self, name: str, options: dict[str, Any]) -> subprocess.Popen[bytes]:
        command = [str(self._programs[name]), *(f"--{key}={value}" for key, value in options.items())]
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder, start_new_session=True
            )

    def _etcd_options(self) -> dict[str, Any]:
        client, peer = (f"http://127.0.0.1:{self._ports[name]}" for name in ("client", "peer"))
        return {
            "data-dir": self._folder / "etcd",
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
            "unsafe-no-fsync": "true",
        }

    def _api_options(self) -> dict[str, Any]:
        return {
            "etcd-servers": f"http://127.0.0.1:{self._ports['client']}",
            "bind-address": "127.0.0.1",
            "advertise-address": "127.0.0.1",
            "secure-port": self._ports["api"],
            "endpoint-reconciler-type": "none",
            "tls-cert-file": self._folder / "server.crt",
            "tls-private-key-file": self._folder / "server.key",
            "client-ca-file": self._folder / "ca.crt",
            "token-auth-file": self._folder / "tokens.csv",
            "authentication-config": self._folder / "authentication.json",
            "authorization-mode": "RBAC",
            "audit-policy-file": self._folder / "audit.json",
            "audit-log-path": self._folder / "audit.log",
            "service-cluster-ip-range": "10.96.0.0/24",
            "service-account-issuer": "https://kubernetes.default.svc",
            "service-account-key-file": self._folder / "accounts.crt",
            "service-account-signing-key-file": self._folder / "accounts.key",
            # It wants a token's secret and an account in every namespace, which a controller makes.
            "disable-admission-plugins": "ServiceAccount",
            "enable-priority-and-fairness": "false",
        }


def _served(api: Api, definition: dict[str, Any]) -> bool:
    """Whether a definition's resources can be listed; just after it was made they can't."""
    spec = definition["spec"]
    return api.get(f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}").status == 200


def _until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < give_up, "the API server did not get ready"
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
