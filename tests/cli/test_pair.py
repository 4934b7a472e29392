"""Two embedded clusters, told to the console as each tells how: gone between without a restart."""

import re
import subprocess
from pathlib import Path

from console.demo.thread import DemoThread
from console.demo.world import Topology
from tests.cli.conftest import Shell, environment
from tests.terminal import terminal


def test_two_demos_are_a_pair_that_one_goes_between(tmp_path: Path) -> None:
    with DemoThread(Topology()) as home, DemoThread(Topology(name="lab", nodes=3, scenario="healthy")) as lab:
        config = tmp_path / ".config" / "homeconsole" / "config.yaml"
        config.parent.mkdir(parents=True)
        config.write_text("clusters:\n" + "".join(f"  - {demo.cluster.entry()}\n" for demo in (home, lab)))
        path = home.cluster.environment()["PATH"]  # one client is enough for both
        shell = Shell(tmp_path, environment(tmp_path) | {"PATH": path, "XDG_CONFIG_HOME": ""})
        assert len(shell.run("nodes", "-o", "json", "--context", "lab").json["nodes"]) == 3
        with terminal(shell.command(), columns=120, rows=30, env=shell.environment) as screen:
            screen.sees(" home ", 60)
            screen.sees("1 ready", 60)
            screen.presses(":ctx lab\r")
            screen.sees(" lab ", 60)
            screen.sees("3 ready", 60)
            screen.sees("✔ 2 current", 60)
            screen.presses(":ctx home\r")
            screen.sees("1 ready", 60)
            screen.presses("q")
            assert screen.ends(60) == 0


def test_a_demo_that_serves_tells_how_the_configuration_names_it(tmp_path: Path) -> None:
    shell = Shell(tmp_path, environment(tmp_path))
    with subprocess.Popen(
        shell.command("demo", "--serve", "--name", "lab"),
        env=shell.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        try:
            assert demo.stdout is not None
            told = "".join(demo.stdout.readline() for _ in range(6))
        finally:
            demo.terminate()
    assert re.search(r"^#   - {name: \"lab\", kubeconfig: .+, talosconfig: .+, repository: .+}$", told, re.MULTILINE)
