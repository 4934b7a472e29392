"""As from a release: wheel and sdist on a simple index of this machine, taken from there by uv and pipx themselves.

Both come, as all that homeconsole needs, from where this machine's pip takes packages; without that the tests are
skipped. Of mise, which hands ``pipx:homeconsole`` on to one of the two, it is what it runs that is run.
"""

import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from console import __version__

pytestmark = [pytest.mark.live, pytest.mark.timeout(1200)]
_PASSED_ON = ("UV_", "PIP_", "SSL_", "http_proxy", "https_proxy", "no_proxy")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A folder as an index: its listing is the page of links that one asks for (PEP 503)."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Nothing."""


@pytest.fixture(scope="module")
def index(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("index")
    (folder / "simple").mkdir()
    (folder / "simple" / "homeconsole").symlink_to(built)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PATH with uv, uvx and pipx."""
    place = tmp_path_factory.mktemp("tools")
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True, timeout=250)
    words = [str(place / "bin" / "pip"), "install", "-q", "--retries", "0", "uv", "pipx"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=500, check=False)
    if done.returncode:
        pytest.skip(f"uv and pipx can't be had here: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return place / "bin"


@pytest.fixture
def environment(tools: Path, index: str, tmp_path: Path) -> dict[str, str]:
    """That of an operator with an empty home, who has this index beside the usual one."""
    home = tmp_path / "home"
    home.mkdir()
    python = str(Path(sys.executable).resolve())
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(_PASSED_ON)}
    return passed_on | {
        "HOME": str(home),
        "PATH": os.pathsep.join((str(home / ".local" / "bin"), str(tools), os.environ["PATH"])),
        "LANG": "C.UTF-8",
        "UV_CACHE_DIR": str(tools.parent / "cache"),
        "UV_INDEX": index,
        "UV_PYTHON": python,
        "PIP_EXTRA_INDEX_URL": index,
        "PIPX_DEFAULT_PYTHON": python,
    }


@pytest.mark.parametrize(
    "command",
    ["uvx homeconsole", "uvx --no-binary-package homeconsole homeconsole", "pipx run homeconsole"],
    ids=["uvx, the wheel", "uvx, the sdist", "pipx run"],
)
def test_it_runs_without_being_installed(command: str, environment: dict[str, str], tmp_path: Path) -> None:
    assert said(f"{command} --version", environment, tmp_path).splitlines()[0] == f"homeconsole {__version__}"


@pytest.mark.parametrize("command", ["pipx install homeconsole", f"uv tool install homeconsole=={__version__}"])
def test_it_is_installed_by_its_name_with_its_data(command: str, environment: dict[str, str], tmp_path: Path) -> None:
    said(command, environment, tmp_path)
    assert said("homeconsole --version", environment, tmp_path).splitlines()[0] == f"homeconsole {__version__}"
    place = Path(said("homeconsole man", environment, tmp_path).strip())
    assert place.is_relative_to(environment["HOME"])
    assert place.is_file()
    if command.startswith("pipx"):
        assert (Path(environment["HOME"]) / ".local" / "share" / "man" / "man1" / "homeconsole.1").is_file()


def said(command: str, environment: dict[str, str], folder: Path) -> str:
    """What it prints, run in a folder that is no checkout; what it complains of is in the failure."""
    done = subprocess.run(
        ["sh", "-c", command], env=environment, cwd=folder, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
