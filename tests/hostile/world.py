"""The embedded cluster with poison in every field that an outsider could fill, and in what its programs say."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from console.demo.api.errors import ApiError
from console.demo.api.pods import Logs
from console.demo.talosctl import server
from console.demo.talosctl.answer import answer
from console.demo.thread import DemoThread
from console.demo.world import Topology
from tests.hostile.corpus import EVERYTHING, IN_UTF8, NO_CONTROLS

BRANCH = "renovate/evil\u202egnp\u200b-1.x"
# What the API server, and so the stand-in, would refuse to hold otherwise than as it is: names, references, enums.
_STRUCTURE = frozenset(
    ("kind", "apiVersion", "name", "namespace", "uid", "resourceVersion", "type", "status", "creationTimestamp",
     "lastTransitionTime", "lastTimestamp", "firstTimestamp", "eventTime", "interval", "timeout", "id", "v",
     "lastHandledReconcileAt", "version", "startedAt", "completedAt", "phase", "fieldPath", "prune", "time")
)  # fmt: skip
# What talosctl prints of where a node is: without it nothing is asked.
_WHERE = frozenset(("addresses", "nodename", "hostname", "machineType", "node"))
_LINE = " ".join(IN_UTF8.replace("\x00", "").split("\n"))  # as a program prints it
_KINDS = ("Kustomization", "HelmRelease", "OCIRepository", "GitRepository", "HelmRepository", "FluxInstance",
          "TalosUpgrade", "KubernetesUpgrade", "Node", "DaemonSet", "Deployment", "Pod", "Event")  # fmt: skip


def poison(value: Any) -> Any:
    """Every free text in an object, hostile."""
    if isinstance(value, dict):
        return {
            key: each if key in _WHERE or (key in _STRUCTURE and isinstance(each, str)) else poison(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [poison(each) for each in value]
    return f"{value} {IN_UTF8}" if isinstance(value, str) else value


def _poison_cluster(demo: DemoThread) -> None:
    for kind in _KINDS:
        for stored in demo.store.list(kind):
            meta = stored["metadata"]
            patch: dict[str, Any] = {
                "metadata": {
                    "annotations": {"homeconsole/suspended-reason": IN_UTF8, "homeconsole/suspended-by": IN_UTF8}
                }
            }
            patch |= {part: poison(stored[part]) for part in ("message", "reason", "note") if part in stored}
            demo.store.patch(kind, meta["name"], meta.get("namespace", ""), patch)
            if "status" in stored:
                demo.store.set_status(kind, meta["name"], meta.get("namespace", ""), poison(stored["status"]))

    for machine in demo.world.machines.values():
        machine.unmet = [("nodeReady", EVERYTHING)]
    before: Logs = demo.api.logs
    said = {"level": "error", "ts": "2026-11-22T12:00:00Z", "msg": EVERYTHING, "controllerKind": "HelmRelease"}
    said |= {"namespace": "media", "name": "plex", f"evil{NO_CONTROLS}": EVERYTHING}
    demo.api.logs = lambda *words: [*before(*words), json.dumps(said), *IN_UTF8.split("\n")]
    demo.store.admission.append(_refused)


def _refused(operation: str, _old: object, _new: object) -> None:
    """As tuppr's webhook, or any other."""
    if operation == "UPDATE":
        raise ApiError(403, "Forbidden", f'admission webhook "evil" denied the request: {IN_UTF8}')


class _Alertmanager(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        labels = {"alertname": f"evil{EVERYTHING}", "severity": "critical", "node": EVERYTHING}
        alert = {"labels": labels, "annotations": {"summary": EVERYTHING}, "status": {"state": "active"}}
        body = json.dumps([alert]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def _alerting(demo: DemoThread) -> Iterator[None]:
    """An Alertmanager behind the API server, as prometheus-operator names it."""
    alertmanager = ThreadingHTTPServer(("127.0.0.1", 0), _Alertmanager)
    thread = threading.Thread(target=alertmanager.serve_forever)
    thread.start()
    name, where = "alertmanager-operated", {"namespace": "observability"}
    metadata = {"name": name, **where}
    pod = {"kind": "Pod", "name": "alertmanager-0", **where}
    subset = {
        "addresses": [{"ip": "127.0.0.1", "targetRef": pod}],
        "ports": [{"name": "web", "port": alertmanager.server_port}],
    }
    objects: list[dict[str, Any]] = [
        {
            "kind": "Service",
            "metadata": metadata | {"labels": {"operated-alertmanager": "true"}},
            "spec": {"ports": [{"name": "web", "port": 9093}]},
        },
        {"kind": "Endpoints", "metadata": metadata, "subsets": [subset]},
        {
            "kind": "Pod",
            "metadata": {"name": "alertmanager-0", **where},
            "spec": {"containers": [{"name": "main"}]},
            "status": {"phase": "Running", "podIPs": [{"ip": "127.0.0.1"}]},
        },
    ]
    demo.call(lambda: [demo.store.create(each) for each in objects])
    try:
        yield
    finally:
        alertmanager.shutdown()
        thread.join()
        alertmanager.server_close()


def _talosctl(real: Callable[..., Awaitable[int]]) -> Callable[..., Awaitable[int]]:
    """The stand-in, on both of whose streams everything is hostile."""

    async def answering(*words: Any) -> int:
        *given, write = words

        async def hostile(channel: int, text: str) -> None:
            await write(channel, _said(text))

        return await real(*given, hostile)

    return answering


def _said(text: str) -> str:
    """JSON's texts, the gaps between a table's cells (columns stay where they are), and the end of every line."""
    if text.lstrip().startswith("{"):
        decoder, at, found = json.JSONDecoder(), 0, []
        while at < len(text.rstrip()):
            document, at = decoder.raw_decode(text, at)
            at += len(text[at:]) - len(text[at:].lstrip())
            found.append(json.dumps(poison(document), indent=4) + "\n")
        return "".join(found)
    head, *lines = text.split("\n")
    told = [re.sub(r" {8,}", lambda gap: f"  {_LINE[: len(gap.group()) - 4]}  ", line) for line in lines]
    return "\n".join(
        [f"{head} {_LINE}" if head and not head.isupper() else head, *(f"{t} {_LINE}" if t else t for t in told)]
    )


def _poison_repository(repository: Path) -> None:
    """A branch of a bot with hostile names, texts, files and trailers."""

    index = str(repository / "evil-index")
    who = {"GIT_INDEX_FILE": index} | {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", NO_CONTROLS), ("EMAIL", "29139614+renovate[bot]@users.noreply.github.com"))
    }

    def git(*words: str, data: bytes = b"") -> str:
        command = ["git", f"--git-dir={repository}", *words]
        done = subprocess.run(
            command, input=data, capture_output=True, check=True, timeout=60, env={**os.environ, **who}
        )
        return done.stdout.decode().strip()

    bad = EVERYTHING.replace("\x00", "").encode("utf-8", "replace")
    git("read-tree", "main")
    blob = git("hash-object", "-w", "--stdin", data=b"# renovate: x\nversion: " + bad + b"\n")
    path = f"kubernetes/evil\u202e{chr(0x9B)}\x1b[66m.yaml"
    git("update-index", "-z", "--index-info", data=f"100644 {blob}\t{path}\0".encode())
    tree = git("write-tree")
    message = (
        b"fix(deps): update evil ( 1.0.0 \xe2\x86\x92 1.0.1 ) " + bad + b"\n\n" + bad + b"\n\nUpdate: " + bad + b"\n"
    )
    commit = git("commit-tree", tree, "-p", "main", data=message)
    git("update-ref", f"refs/heads/{BRANCH}", commit)


def _own(home: Path, demo: DemoThread) -> None:
    """What the operator's own files say."""
    config = home / ".config" / "homeconsole" / "config.yaml"
    config.parent.mkdir(parents=True)
    says = home / "says"
    says.write_bytes(IN_UTF8.encode())
    prints = {
        "name": "prints",
        "run": ["cat", str(says)],
        "scopes": ["nodes", "flux"],
        "key": "ctrl+t",
        "says": IN_UTF8,
    }
    fails = {"name": "fails", "run": ["sh", "-c", f"cat {says} >&2; exit 3"], "scopes": ["nodes"], "key": "ctrl+o"}
    view = {"name": "evil\x1b]0;x\x07\u202e[bold]", "pane": "flux", "filter": IN_UTF8}
    document = {"commands": [prints, fails], "views": [view], "approval": {"checks": [f"cat {says}; cat {says} >&2"]}}
    config.write_text(yaml.safe_dump(document))
    kubeconfig = yaml.safe_load(demo.kubeconfig.read_text())
    named = "evil " + _LINE
    for part in ("contexts", "clusters", "users"):
        kubeconfig[part][0]["name"] = named
    kubeconfig["contexts"][0]["context"] |= {"cluster": named, "user": named}
    kubeconfig["current-context"] = named
    (home / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))


def _hook(repository: Path) -> None:
    """The server's own check, which refuses with many words."""
    hook = repository / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    words = repository / "evil-words"
    words.write_bytes(IN_UTF8.encode())
    hook.write_text(f"#!/bin/sh\ncat {words}\ncat {words} >&2\nexit 1\n")
    hook.chmod(0o755)


@contextmanager
def hostile(home: Path) -> Iterator[tuple[DemoThread, dict[str, str]]]:
    """Frozen, so that no controller writes over the poison; and the variables that differ for who looks at it."""
    topology = Topology(scenario="upgrade-failed", frozen=datetime.now(UTC).replace(microsecond=0))
    with pytest.MonkeyPatch.context() as patch, DemoThread(topology) as demo:
        demo.call(lambda: _poison_cluster(demo))
        _poison_repository(demo.repository)
        _hook(demo.repository)
        _own(home, demo)
        patch.setattr(server, "answer", _talosctl(answer))
        with _alerting(demo):
            yield demo, {"KUBECONFIG": str(home / "kubeconfig")}
