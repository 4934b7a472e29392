"""Nothing of the developer's machine leaks into a test."""

import gc
import os
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ("tests.live.parts", "tests.live.sshd")

_FOREIGN = (
    "KUBECONFIG",
    "TALOSCONFIG",
    "TALOS_HOME",
    "NO_COLOR",
    "COLORTERM",
    "SSH_CONNECTION",
    "SSH_AUTH_SOCK",
    "EDITOR",
    "PYTHONDONTWRITEBYTECODE",  # every process of a test would compile what another has compiled before it
)


sys.dont_write_bytecode = False  # nor is a test module to be compiled anew in every run

# Under nohup, or in the background of a script, these are ignored, and every child would inherit that.
for _number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number is signal.SIGINT else signal.SIG_DFL)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What was collected stays until the end: the garbage collector does not look for it there."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """For fixtures that live longer than one test."""
    with pytest.MonkeyPatch.context() as patch:
        _isolate(patch, tmp_path_factory.mktemp("home"))
        yield


@pytest.fixture(autouse=True)
def _own_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    _isolate(monkeypatch, tmp_path_factory.mktemp("home"))


def _isolate(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in list(os.environ):
        ours = name.startswith("TEXTUAL_SNAPSHOT_")  # the snapshot plugin's own
        if name in _FOREIGN or (name.startswith(("HOMECONSOLE_", "TEXTUAL_", "GIT_", "XDG_")) and not ours):
            patch.delenv(name)
    for name, folder in {"HOME": home, "XDG_CONFIG_HOME": home / ".config", "XDG_STATE_HOME": home / ".state"}.items():
        Path(folder).mkdir(exist_ok=True)
        patch.setenv(name, str(folder))
    patch.setenv("TZ", "UTC")
    patch.setenv("TERM", "xterm-256color")
    patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
