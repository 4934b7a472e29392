"""A real sshd on loopback with another one before it, and an ssh that knows both: nothing of this machine's own ssh."""

import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from tests.live.parts import part

# Who may log in, each by a key of that name.
_KEYS = ("operator", "locked", "reader", "stranger")
PASSPHRASE = "correct horse"

# What forges do for a deploy key that may only read.
_READER = """\
#!/bin/sh
case $SSH_ORIGINAL_COMMAND in
git-upload-pack*) eval "exec $SSH_ORIGINAL_COMMAND" ;;
esac
echo 'ERROR: The key you are authenticating with has been marked as read only.' >&2
exit 1
"""

# As the console's operator has it in ~/.ssh/config. The names are also those of the hosts' keys.
_CONFIG = """\
Host gate dark
  Port {gate}
  HostKeyAlias gate
Host box jumped lost changed unknown locked reader stranger
  Port {box}
  HostKeyAlias box
Host jumped
  ProxyJump gate
Host lost
  ProxyJump dark
Host changed
  UserKnownHostsFile {folder}/known-before
Host unknown dark
  UserKnownHostsFile {folder}/known-nobody
Host locked reader stranger
  IdentityFile {folder}/%n
Host !locked !reader !stranger *
  IdentityFile {folder}/operator
Host *
  HostName 127.0.0.1
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile {folder}/known
  GlobalKnownHostsFile /dev/null
  UpdateHostKeys no
"""
_SERVER = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/{name}
AuthorizedKeysFile {folder}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PermitUserRC no
PrintMotd no
PrintLastLog no
AcceptEnv *
SetEnv HOME={folder}/home GIT_CONFIG_NOSYSTEM=1
"""


@dataclass
class Daemon:
    """One sshd. ``port`` is another one each time it starts."""

    folder: Path
    name: str
    port: int = 0
    said: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    listener: threading.Thread | None = None

    def start(self) -> None:
        for _ in range(5):  # somebody may take the free port first
            self.port = _free_port()
            config = self.folder / f"{self.name}.conf"
            config.write_text(_SERVER.format(port=self.port, folder=self.folder, name=self.name))
            self.process = subprocess.Popen(
                [part("sshd").resolve(), "-D", "-e", "-f", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            assert self.process.stderr is not None
            listens = threading.Event()
            self.listener = threading.Thread(target=self._listen, args=(self.process.stderr, listens))
            self.listener.start()
            assert listens.wait(60), "sshd neither listens nor ends"
            if self.listener.is_alive():
                return
            self.process.wait()
        raise AssertionError(f"sshd does not start: {self.said}")

    def _listen(self, stream: IO[str], listens: threading.Event) -> None:
        with stream:
            for line in stream:
                self.said.append(line.rstrip())
                if "Server listening" in line:
                    listens.set()
        listens.set()

    def stop(self) -> None:
        """No new connections; those that are there go on."""
        if self.process and self.listener:
            self.process.terminate()
            self.process.wait()
            self.listener.join(60)  # connections that are left write to it too


@dataclass
class Sshd:
    """The host ``box``, the host ``gate`` before it, and who reaches them how.

    Names for ssh: ``box``; ``jumped``: through ``gate``; ``lost``: the same, but ``gate`` is not known; ``changed``: it
    had another key before; ``unknown``: never seen; ``locked``: our key has a passphrase; ``reader``: our key may only
    read; ``stranger``: our key is not accepted.
    """

    folder: Path
    box: Daemon
    gate: Daemon

    def start(self) -> None:
        for daemon in (self.gate, self.box):
            if daemon.process is None or daemon.process.poll() is not None:
                daemon.start()
        config = _CONFIG.format(folder=self.folder, box=self.box.port, gate=self.gate.port)
        (self.folder / "config").write_text(config)

    @property
    def command(self) -> list[str]:
        """ssh as the operator has set it up."""
        return ["ssh", "-F", str(self.folder / "config")]


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Sshd]:
    """Both, with fresh keys."""
    keys = (*_KEYS, "box", "gate", "before")
    for name in keys:
        phrase = PASSPHRASE if name == "locked" else ""
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", phrase, "-C", name, "-f", str(folder / name)]
        subprocess.run(command, check=True, timeout=60)
    public = {name: (folder / f"{name}.pub").read_text() for name in keys}
    (folder / "reader.sh").write_text(_READER)
    (folder / "reader.sh").chmod(0o700)
    reader = f'command="{folder}/reader.sh" {public["reader"]}'
    (folder / "authorized").write_text(public["operator"] + public["locked"] + reader)
    (folder / "known").write_text(f"box {public['box']}gate {public['gate']}")
    (folder / "known-before").write_text(f"box {public['before']}")
    (folder / "home").mkdir()
    made = Sshd(folder, Daemon(folder, "box"), Daemon(folder, "gate"))
    try:
        made.start()
        yield made
    finally:
        made.box.stop()
        made.gate.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """For all tests of this process: to start it takes longer than most of them."""
    for name in ("sshd", "ssh", "ssh-keygen"):
        part(name)
    if os.geteuid() == 0:  # what the system's service does before it starts one
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with serving(tmp_path_factory.mktemp("sshd")) as running:
        yield running
