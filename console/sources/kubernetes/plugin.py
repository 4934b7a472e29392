"""Credential plugins (client.authentication.k8s.io/v1): a program that the kubeconfig names gives a token.

The official client would let it write on the terminal and read from it, and waits for it without end; so it is run
here: without a terminal, with a deadline, in a process group of its own.
"""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from console.model.unstructured import Raw, decoded, mapping, moment, rows, text, texts
from console.sources.errors import MissingTool, SourceError, TimedOut, Unauthorized
from console.sources.stop import Stop

DEADLINE = 30.0


def run(plugin: Raw, base: Path, stop: Stop) -> tuple[dict[str, str], datetime | None]:
    """What a user has instead of ``exec``: ``token``, or ``certificate`` and ``key``; and until when it is valid.

    ``stop`` kills it, and whatever it started. Raises SourceError.
    """
    command = text(plugin, "command")
    if os.sep in command and not Path(command).is_absolute():
        command = str(base / command)
    credential = _asked([command, *texts(plugin, "args")], _environment(plugin), _info(plugin), stop)
    status = mapping(credential, "status")
    user = {}
    if text(status, "token"):
        user["token"] = text(status, "token")
    if text(status, "clientCertificateData") and text(status, "clientKeyData"):
        user["certificate"] = text(status, "clientCertificateData")
        user["key"] = text(status, "clientKeyData")
    if not user:
        raise Unauthorized(f"The credential plugin {command} gave neither a token nor a certificate")
    return user, moment(status, "expirationTimestamp")


def _asked(arguments: list[str], environment: Mapping[str, str], info: Mapping[str, Any], stop: Stop) -> object:
    try:
        child = subprocess.Popen(
            arguments,
            env={**environment, "KUBERNETES_EXEC_INFO": json.dumps(info)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise MissingTool(
            f"The credential plugin {arguments[0]} can't be run: {error.strerror}",
            "Install it, or take another user in the kubeconfig.",
        ) from error
    try:
        with stop.closing(lambda: _kill(child)):
            output, complaint = child.communicate(timeout=DEADLINE)
    except subprocess.TimeoutExpired as error:
        raise TimedOut(
            f"The credential plugin {arguments[0]} gave nothing within {DEADLINE:.0f} s",
            "It may want to ask something: run a kubectl command once.",
        ) from error
    finally:
        _end(child)
    if stop.is_set():
        raise SourceError(f"The credential plugin {arguments[0]} was stopped", kind="stopped")
    try:
        answer = decoded(output) if child.returncode == 0 else None
    except ValueError:
        answer = None
    if answer is None:
        said = complaint.decode("utf-8", "replace").strip()[-300:]
        raise Unauthorized(f"The credential plugin {arguments[0]} failed: {said or child.returncode}")
    return answer


def _end(child: "subprocess.Popen[bytes]") -> None:
    _kill(child)
    with child:
        pass


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """Its whole group, unless it has ended: a wrapper's child keeps the pipes open when the wrapper is gone.

    Not waited for, it keeps its number, so that no stranger is killed.
    """
    if child.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _environment(plugin: Raw) -> dict[str, str]:
    added = {text(row, "name"): text(row, "value") for row in rows(plugin, "env")}
    return {**os.environ, **{name: value for name, value in added.items() if name}}


def _info(plugin: Raw) -> dict[str, Any]:
    version = text(plugin, "apiVersion") or "client.authentication.k8s.io/v1"
    return {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
