"""The one way in which git is started: nothing can prompt, nothing can hang, no foreign configuration is obeyed.

``operator=True`` (for the network, and to read the identity) leaves the operator's own git configuration in force:
proxies, credential helpers, ``insteadOf``, ``core.sshCommand``. All else runs without it, so that merges give the same
tree on every machine. Environment and options as in the survey of hangs (git 2.38–2.52, OpenSSH 9).
"""

import os
import re
import shlex
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.sources import process
from console.sources.errors import Malformed, MissingTool
from console.sources.git.failures import failure, missing
from console.sources.process import Done
from console.sources.stop import Stop

Version = tuple[int, int, int]

LOCAL_TIMEOUT = 15.0  # seconds: plumbing in our own clone
NETWORK_TIMEOUT = 60.0  # seconds: fetch and push
OUTPUT_LIMIT = 64 * 1024 * 1024  # bytes
MERGE_TREE: Version = (2, 38, 0)  # merge-tree --write-tree

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.alternateRefsCommand=",
    "core.quotePath=false",
    "core.askPass=",
    "credential.interactive=false",
    "protocol.version=2",
    "protocol.ext.allow=never",
    "protocol.fd.allow=never",
    "http.lowSpeedLimit=1024",
    "http.lowSpeedTime=30",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "push.gpgSign=false",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
)
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "GIT_ALLOW_PROTOCOL": "file:http:https:ssh",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": ":",
    # gpg's agent is not our child, and would else ask on the terminal it was started on. One that is not there fails
    # at once; pinentry waits for ever on /dev/null (GnuPG 2.2, pinentry-curses 1.2).
    "GPG_TTY": "/dev/none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "",
}
_OPERATORS = re.compile(r"GIT_(?:CONFIG_(?!PARAMETERS)\w+|SSH|SSH_VARIANT|SSL_\w+|PROXY_\w+|HTTP_\w+)$")
_NOT_OPENSSH = ("plink", "putty", "tortoiseplink")
_SSH_OPTIONS = "-o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=2"


def revision(name: str) -> str:
    """``name`` as a word that git takes for an object: ids come from trailers, journals and people, too. Malformed."""
    if not name or name.startswith("-"):
        raise Malformed(f"{name[:40]!r} is no object name")
    return name


class Git:
    """Starts git. Thread-safe. ``environ`` is the operator's environment."""

    def __init__(self, executable: str = "git", environ: Mapping[str, str] | None = None) -> None:
        self.executable = executable
        self._environ = dict(os.environ if environ is None else environ)
        self._lock = threading.Lock()
        self._version: Version | None = None
        self._ssh: str | None = None

    def version(self) -> Version:
        """git's version. MissingTool when there is no git."""
        if self._version is None:
            found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", self.run("version").out.decode(errors="replace"))
            self._version = (int(found.group(1)), int(found.group(2)), int(found.group(3) or 0)) if found else (0, 0, 0)
        return self._version

    def require(self, wanted: Version = MERGE_TREE) -> None:
        """MissingTool when git is older than ``wanted``."""
        version = self.version()
        if version < wanted:
            have, need = (".".join(map(str, v)) for v in (version, wanted[:2]))
            raise MissingTool(f"git {have} is too old: merging needs {need}", "Install a newer git.", kind="old-tool")

    def run(
        self,
        *args: str,
        repository: Path | None = None,
        stdin: bytes = b"",
        timeout: float = LOCAL_TIMEOUT,
        limit: int = OUTPUT_LIMIT,
        stop: Stop | None = None,
        operator: bool = False,
        watched: bool = False,
        settings: Sequence[str] = (),
        private: Sequence[tuple[str, str]] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Done:
        """Run ``git args`` to its end, however it ends. Raises MissingTool when there is no git.

        ``settings`` are ``name=value``; ``private`` ones other users of the machine can't see.
        """
        if any("\0" in word for word in (*args, *(environment or {}).values())):
            raise Malformed("There is a NUL in a name that git is to be given")
        argv = [self.executable]
        for setting in (*_SETTINGS, *settings):
            argv += ("-c", setting)
        if repository is not None:
            argv.append(f"--git-dir={repository}")
        env = _with_private(self.environment(operator=operator), private) | dict(environment or {})
        # Never where the operator stands: that may be a repository, with a configuration of its own.
        cwd = repository if repository is not None and repository.is_dir() else Path("/")
        try:
            return process.run(
                [*argv, *args],
                env=env,
                cwd=cwd,
                stdin=stdin,
                timeout=timeout,
                limit=limit,
                stop=stop,
                watched=watched,
            )
        except FileNotFoundError as error:
            raise missing(self.executable) from error

    def environment(self, *, operator: bool) -> dict[str, str]:
        """The environment of a git: the operator's without what would steer it, and ours."""
        env = {k: v for k, v in self._environ.items() if not k.startswith("GIT_")}
        env |= _ENVIRONMENT
        if operator:
            env |= {k: v for k, v in self._environ.items() if _OPERATORS.match(k)}
            env["GIT_SSH_COMMAND"] = self._ssh_command()
        else:
            env |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        return env

    def _ssh_command(self) -> str:
        """The operator's ssh with our options. GIT_SSH_COMMAND overrides core.sshCommand, so it has to hold both."""
        with self._lock:
            if self._ssh is None:
                command = self._environ.get("GIT_SSH_COMMAND") or self._configured_ssh()
                if not command and self._environ.get("GIT_SSH"):
                    command = shlex.quote(self._environ["GIT_SSH"])
                self._ssh = _batch(command or "ssh")
            return self._ssh

    def _configured_ssh(self) -> str:
        env = self.environment(operator=False)
        for name in ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
            del env[name]
        env |= {k: v for k, v in self._environ.items() if _OPERATORS.match(k)}
        argv = [self.executable, "config", "--get", "core.sshCommand"]
        try:
            done = process.run(argv, env=env, cwd=Path("/"), timeout=LOCAL_TIMEOUT, limit=OUTPUT_LIMIT)
        except FileNotFoundError as error:
            raise missing(self.executable) from error
        return done.out.decode(errors="replace").strip() if done.code == 0 else ""


@dataclass(frozen=True, slots=True)
class Repository:
    """A bare repository of our own, and the git that works on it."""

    git: Git
    path: Path

    def run(self, *args: str, stdin: bytes = b"", stop: Stop | None = None, **how: Any) -> Done:
        """See ``Git.run``."""
        return self.git.run(*args, repository=self.path, stdin=stdin, stop=stop, **how)

    def out(self, *args: str, stdin: bytes = b"", stop: Stop | None = None) -> bytes:
        """What a local command prints. Raises SourceError when it fails."""
        done = self.run(*args, stdin=stdin, stop=stop)
        if done.end != "exited" or done.code:
            raise failure(done)
        return done.out


def _with_private(env: dict[str, str], settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    """git-config(1), GIT_CONFIG_COUNT: behind those that the operator's environment may have."""
    if not settings:
        return env
    start = int(env.get("GIT_CONFIG_COUNT") or 0)
    for number, (name, value) in enumerate(settings, start):
        env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return env | {"GIT_CONFIG_COUNT": str(start + len(settings))}


def _batch(command: str) -> str:
    words = command.split()
    if any(name in Path(words[0]).name.lower() for name in _NOT_OPENSSH):
        return command
    return f"{command} {_SSH_OPTIONS}"
