"""Canaries at every place where a secret can stand: none is found in what was written, shown, or handed to a child."""

import base64
import os
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlparse

import pytest
import yaml

from console.demo.thread import DemoThread
from console.demo.world import Topology
from console.foresight.knowledge import knowledge
from console.model.crash import report
from console.model.own import View
from console.operations.acknowledge import Acknowledgements
from console.operations.journal import Journal
from console.operations.keeping import Keeping
from console.sources.git.memory import State
from console.sources.git.visits import Visits
from console.sources.kept import Kept
from console.sources.stop import Stop
from tests.cli.conftest import Shell, environment
from tests.terminal import terminal

pytestmark = pytest.mark.timeout(900)

CANARY = "canary7Qx"
PASSWORD, SOPS, DATA, WEBHOOK, SURROUNDING = (f"{CANARY}{n}" for n in ("pw", "sops", "data", "hook", "env"))

# Stands in front of git and talosctl, and keeps the arguments that each was given.
_SPY = '#!/bin/sh\nprintf "%s\\n" "$0 $*" >> {log}\nexec {real} "$@"\n'


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoThread]:
    with DemoThread(Topology()) as running:
        running.call(lambda: _plant(running))
        _plant_sops(running.repository)
        yield running


def _plant(demo: DemoThread) -> None:
    encoded = base64.b64encode(DATA.encode()).decode()
    secret = {"kind": "Secret", "metadata": {"name": "login", "namespace": "media"}, "data": {"password": encoded}}
    demo.store.create({"apiVersion": "v1", **secret})
    url = f"https://robot:{PASSWORD}@forge.example/home-ops.git"
    for found in demo.store.list("OCIRepository")[:3]:
        meta = found["metadata"]
        status = dict(found.get("status") or {})
        for condition in status.get("conditions") or ():
            condition["message"] = f"failed to fetch {url}: authentication required"
        demo.store.set_status("OCIRepository", meta["name"], meta["namespace"], status)


def _plant_sops(repository: Path) -> None:
    """A branch that brings an encrypted file whose values must not be shown."""
    text = f"password: ENC[AES256_GCM,data:{SOPS},iv:a=,tag:b=,type:str]\nsops:\n  mac: ENC[AES256_GCM,data:{SOPS}]\n"
    who = {f"GIT_{role}_{part}": "renovate[bot]" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    surroundings = {**os.environ, **who, "GIT_INDEX_FILE": str(repository / "secret-index")}

    def git(*words: str, data: str = "") -> str:
        command = ["git", f"--git-dir={repository}", *words]
        done = subprocess.run(
            command, input=data, env=surroundings, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()

    git("read-tree", "main")
    blob = git("hash-object", "-w", "--stdin", data=text)
    git("update-index", "--add", "--cacheinfo", f"100644,{blob},kubernetes/apps/media/login.sops.yaml")
    commit = git("commit-tree", git("write-tree"), "-p", "main", "-m", "fix(deps): login")
    git("update-ref", "refs/heads/renovate/login", commit)


@pytest.fixture
def shell(demo: DemoThread, tmp_path: Path) -> Shell:
    """With spies in front of the children, and canaries in what surrounds it."""
    home = tmp_path / "home"
    home.mkdir()
    variables = environment(home, demo)
    log, spies = tmp_path / "argv", tmp_path / "spies"
    spies.mkdir()
    for name in ("git", "talosctl"):
        found = subprocess.run(
            ["/bin/sh", "-c", f"command -v {name}"], env=variables, capture_output=True, text=True, check=True
        )
        (spies / name).write_text(_SPY.format(log=log, real=found.stdout.strip()))
        (spies / name).chmod(0o755)
    variables |= {"PATH": f"{spies}:{variables['PATH']}", "UNRELATED_TOKEN": SURROUNDING}
    config = home / ".config" / "homeconsole" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(f"notify: {{webhook: 'https://hooks.example/{WEBHOOK}'}}\n")
    return Shell(home, variables)


def _told_by(shell: Shell, canaries: list[str]) -> list[str]:
    """Where a canary stands: in a file that was written, or in the arguments of a child."""
    argv = shell.folder.parent / "argv"
    kept = [path for path in (shell.folder / ".local").rglob("*") if path.is_file() and ".git/" not in str(path)]
    kept = [path for path in kept if "/objects/" not in str(path)]  # git's own copy of the repository
    found = [str(path) for path in (*kept, argv) if path.exists()]
    return [path for path in found if any(canary.encode() in Path(path).read_bytes() for canary in canaries)]


def _canaries(demo: DemoThread) -> list[str]:
    kube = yaml.safe_load(demo.kubeconfig.read_text())
    talos = yaml.safe_load(demo.talosconfig.read_text())
    token = kube["users"][0]["user"]["token"]
    keys = [context["key"] for context in talos["contexts"].values()]
    return [CANARY, base64.b64encode(DATA.encode()).decode(), token, *keys]


def test_no_command_and_no_failure_tells_one(shell: Shell, demo: DemoThread) -> None:
    canaries = _canaries(demo)
    url = f"https://robot:{PASSWORD}@127.0.0.1:9/home-ops.git"
    for words in (
        ("status",),
        ("doctor",),
        ("flux",),
        ("updates",),
        ("nodes",),
        ("preflight", "renovate/login"),
        ("approve", "renovate/login", "--dry-run"),
        ("history",),
        (f"--repo={url}", "updates"),
        (f"--repo={url}", "doctor"),
        ("--kubeconfig=/dev/null", "flux"),
    ):
        for form in ((), ("-o", "json")) if words in {("flux",), ("doctor",)} else ((),):
            done = shell.run(*words, *form)
            assert [each for each in canaries if each in done.out + done.err] == [], (words, done)
    assert _told_by(shell, canaries) == []


def test_no_screen_tells_one(shell: Shell, demo: DemoThread) -> None:
    with terminal([sys.executable, "-P", "-m", "console"], columns=200, rows=60, env=shell.environment) as screen:
        screen.sees("Talos v1.13", 120)
        screen.presses("3/login\r")
        screen.sees("login", 60)
        for keys in ("D", "\x1b", "\x1b", "2/source:\r", "\r", "y", "\x1b", "\x1b"):
            screen.presses(keys)
        screen.presses("\x03")
        screen.ends(60)
        written = bytes(screen.raw).decode(errors="replace")
    assert [each for each in _canaries(demo) if each in written] == []
    assert _told_by(shell, _canaries(demo)) == []


def test_what_is_kept_is_for_its_owner_alone_whatever_the_mask(shell: Shell) -> None:
    command = f"umask 000; exec {sys.executable} -m console updates"
    subprocess.run(
        ["/bin/sh", "-c", command],
        env=shell.environment,
        cwd=shell.folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    state = shell.folder / ".local" / "state" / "homeconsole"
    loose = [path for path in (state, *state.rglob("*")) if path.lstat().st_mode & 0o077 and not path.is_symlink()]
    assert state.exists()
    assert [path for path in loose if not _within_private(path, state)] == []


def _within_private(path: Path, state: Path) -> bool:
    """Whether nobody else comes to it: a folder above it is closed."""
    above = [parent for parent in path.parents if parent == state or state in parent.parents]
    return any(not stat.S_IMODE(parent.stat().st_mode) & 0o077 for parent in above)


def test_a_report_of_a_defect_has_no_values_in_it() -> None:
    def fails(token: str) -> None:
        raise ValueError(f"https://robot:{PASSWORD}@forge.example failed, and {len(token)}")

    with pytest.raises(ValueError, match="failed") as caught:
        fails(f"{CANARY}local")
    told = report(caught.value)
    assert CANARY not in told
    assert "test_secrets.py" in told


@pytest.mark.parametrize(
    "headers",
    [
        "",
        "Authorization: Bearer wrong\r\n",
        "Origin: http://evil.example\r\n",
        "Host: evil.example\r\n",
        # Somebody has the token: a page in a browser, also one whose name was made to mean the loopback.
        "Origin: http://127.0.0.1\r\nAuthorization: Bearer TOKEN\r\n",
        "Host: evil.example\r\nAuthorization: Bearer TOKEN\r\n",
        "Host: evil.example:6443@127.0.0.1\r\nOrigin: null\r\nAuthorization: Bearer TOKEN\r\n",
    ],
)
def test_the_demo_s_server_answers_nobody_without_its_token(demo: DemoThread, headers: str) -> None:
    url = urlparse(demo.api.url)
    context = ssl.create_default_context(cadata=demo.api.certificate_authority.decode())
    host = "" if headers.startswith("Host") else f"Host: {url.netloc}\r\n"
    token = yaml.safe_load(demo.kubeconfig.read_text())["users"][0]["user"]["token"]
    shown = headers.replace("TOKEN", token)
    request = f"GET /api/v1/namespaces/media/secrets HTTP/1.1\r\n{host}{shown}Connection: close\r\n\r\n"
    with (
        socket.create_connection((url.hostname, url.port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=url.hostname) as secured,
    ):
        secured.sendall(request.encode())
        answer = b"".join(iter(lambda: secured.recv(65536), b""))
    assert answer.split(b" ")[1] in {b"401", b"403"}
    assert base64.b64encode(DATA.encode()) not in answer


def test_what_is_written_later_is_for_its_owner_alone_whatever_the_mask(tmp_path: Path) -> None:
    """Each file that a run adds to, begun in a folder that nobody made yet."""
    folder = tmp_path / "state" / "homeconsole"
    before = os.umask(0)
    try:
        Journal(folder).append("approved", "1", repository="o")
        Journal(folder).append("pushed", "1")
        with Journal(folder).exclusive(Stop()):
            pass
        Acknowledgements(folder).add("o", "u", "h", {next(iter(knowledge().rules)): "so be it"})
        for _ in range(2):
            Keeping(folder, "home").change(lambda kept: kept._replace(views=(View("one", "flux"),)))
        State().save(folder, "https://forge.example/x.git")
        Kept(folder / "scan.json").write("key", ["value"])
        Visits(folder / "visits").end(datetime.now(UTC))
    finally:
        os.umask(before)
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert len(written) >= 7
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []
    assert [path for path in (folder, folder.parent) if path.stat().st_mode & 0o077] == []
