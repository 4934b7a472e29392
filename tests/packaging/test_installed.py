"""The wheel in an environment of its own, run as an operator would run it."""

import os
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from console import __version__

pytestmark = [pytest.mark.live, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a fresh environment's programs. What the wheel depends on is taken from here: no network."""
    place = tmp_path_factory.mktemp("fresh")
    (wheel,) = built.glob("*.whl")
    for words in (
        [sys.executable, "-m", "venv", str(place)],
        [str(place / "bin" / "pip"), "install", "-q", "--no-index", "--no-deps", str(wheel)],
    ):
        subprocess.run(words, check=True, timeout=250, capture_output=True)
    (packages,) = (place / "lib").glob("python*/site-packages")
    (packages / "theirs.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "bin"


def _environment(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def test_it_knows_its_version_and_its_data(installed: Path, tmp_path: Path) -> None:
    def said(*words: str) -> str:
        run = [str(installed / words[0]), *words[1:]]
        done = subprocess.run(
            run, capture_output=True, text=True, check=True, timeout=120, env=_environment(tmp_path), cwd=tmp_path
        )
        return done.stdout

    place = said("python", "-c", "import console; print(console.__file__)")
    assert Path(place.strip()).is_relative_to(installed.parent)
    assert said("homeconsole", "--version").splitlines()[0] == f"homeconsole {__version__}"
    assert Path(said("homeconsole", "man").strip()).is_relative_to(installed.parent)
    assert "homeconsole-read" in said("homeconsole", "manifests", "rights")
    assert "homeconsole/status/v1" in said("homeconsole", "schema", "status")


def test_its_demo_serves_until_it_is_told_to_end(installed: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [str(installed / "homeconsole"), "demo", "--serve"],
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(tmp_path),
        cwd=tmp_path,
    ) as demo:
        assert demo.stdout is not None
        try:
            told = [demo.stdout.readline() for _ in range(4)]
            assert {line.split("=")[0].removeprefix("export ") for line in told} >= {"KUBECONFIG", "TALOSCONFIG"}
            demo.send_signal(signal.SIGTERM)
            assert demo.wait(60) == 0
        finally:
            demo.kill()
