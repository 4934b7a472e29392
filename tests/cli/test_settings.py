"""Where settings come from, and what is said of wrong ones."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from console import cli
from console.cli import arguments
from console.settings import Settings, load
from console.sources.errors import Refused, UsageError
from console.wiring import Console
from console.wiring.location import found

Write = Callable[[str], Path]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def write(home: Path) -> Write:
    def writes(text: str) -> Path:
        path = home / ".config" / "homeconsole" / "config.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return writes


def loaded(home: Path, flags: dict[str, object] | None = None, **environment: str) -> Settings:
    return load(flags or {}, {"HOME": str(home), **environment})


class TestPrecedence:
    def test_without_anything_the_usual_places_hold(self, home: Path) -> None:
        settings = loaded(home)
        assert settings.kubeconfig == home / ".kube/config"
        assert settings.talosconfig == home / ".talos/config"
        assert settings.state == home / ".local/state/homeconsole"
        assert settings.repository is None
        assert settings.origin("kubeconfig") == "usual place"
        assert settings.origin("branch") == "default"
        assert not settings.write

    def test_the_file_is_read_and_each_value_knows_its_line(self, home: Path, write: Write) -> None:
        path = write("repository:\n  url: https://example.org/home.git\n  branch: trunk\nwrite: true\n")
        settings = loaded(home)
        assert settings.repository == "https://example.org/home.git"
        assert settings.branch == "trunk"
        assert settings.write
        assert settings.origin("branch") == f"{path}, line 3"

    def test_the_environment_is_above_the_file_and_a_flag_above_both(self, home: Path, write: Write) -> None:
        write("repository: {branch: file, prefixes: [file/]}\nkubernetes: {kubeconfig: /file}\n")
        settings = loaded(
            home, {"branch": "flag"}, HOMECONSOLE_BRANCH="variable", HOMECONSOLE_PREFIX="a/, b/", KUBECONFIG="/a:/b"
        )
        assert (settings.branch, settings.origin("branch")) == ("flag", "--branch")
        assert (settings.prefixes, settings.origin("prefixes")) == (("a/", "b/"), "HOMECONSOLE_PREFIX")
        assert settings.kubeconfig == Path("/a:/b")

    def test_who_is_a_bot_may_be_named(self, home: Path, write: Write) -> None:
        assert loaded(home).bots == ()
        write("repository: {bots: [ada@example.org]}\n")
        assert loaded(home).bots == ("ada@example.org",)

    def test_read_only_on_the_command_line_is_above_write_in_the_file(self, home: Path, write: Write) -> None:
        write("write: on\n")
        assert loaded(home).write
        assert not loaded(home, {"write": False}).write

    def test_read_only_on_the_command_line_forbids_writing_for_the_whole_run(self, home: Path) -> None:
        forbidden = Console(loaded(home, {"write": False}))
        with pytest.raises(Refused, match="--read-only"):
            forbidden.set_writable(True)
        forbidden.set_writable(False)
        assert not forbidden.writable
        allowed = Console(loaded(home))
        allowed.set_writable(True)
        assert allowed.writable

    def test_an_empty_variable_is_none(self, home: Path) -> None:
        assert loaded(home, KUBECONFIG="").kubeconfig == home / ".kube/config"

    def test_the_xdg_folders_hold_unless_they_are_relative(self, home: Path, tmp_path: Path) -> None:
        assert loaded(home, XDG_STATE_HOME=str(tmp_path / "s")).state == tmp_path / "s" / "homeconsole"
        assert loaded(home, XDG_STATE_HOME="s").state == home / ".local/state/homeconsole"
        assert loaded(home, XDG_CONFIG_HOME=str(tmp_path)).config_file == tmp_path / "homeconsole" / "config.yaml"

    def test_talos_home_moves_the_usual_place(self, home: Path) -> None:
        assert loaded(home, TALOS_HOME="/talos").talosconfig == Path("/talos/config")

    @pytest.mark.parametrize("field", ["ascii", "mouse"])
    def test_the_screen_can_be_set_by_a_flag(self, home: Path, field: str) -> None:
        options = arguments.parse([f"--{field}"])
        settings = loaded(home, {field: getattr(options, field)})
        assert getattr(settings, field) is True
        assert settings.origin(field) == f"--{field}"
        assert field in cli._FIELDS
        assert not getattr(arguments.parse([]), field, None)


class TestWrongFiles:
    @pytest.mark.parametrize(
        ("text", "line", "words"),
        [
            ("repository:\n  brunch: x\n", 2, "Did you mean repository.branch?"),
            ("repositry:\n  url: x\n", 1, "Did you mean repository?"),
            ("branch: x\n", 1, "Did you mean repository.branch?"),
            ("zzzzzz: 1\n", 1, "Known keys:"),
            ("talos:\n  interval: soon\n", 2, "expected seconds between 1 and 86400, found 'soon'"),
            ("talos:\n  interval: true\n", 2, "expected seconds"),
            ("talos:\n  interval: [1]\n", 2, "expected seconds"),
            ("talos:\n  interval: 0\n", 2, "expected seconds"),
            ("talos:\n  concurrency: 1.5\n", 2, "expected a number between"),
            ("talos: 5\n", 1, "talos: expected keys and values"),
            ("- a\n", 1, "the file: expected keys and values"),
            ("write: perhaps\n", 1, "expected true or false, found 'perhaps'"),
            ("repository:\n  prefixes: []\n", 2, "expected a list of texts"),
            ("notify:\n  webhook: file:///etc/passwd\n", 2, "expected an http or https URL"),
            ('notify:\n  command: "notify \'x"\n', 2, "expected a command"),
            ("repository:\n  url: 5\n", 2, "expected a URL or a path, found 5"),
            ("write: true\nwrite: false\n", 2, "write is there twice"),
            ("a: b: c\n", 1, "not YAML"),
            ("a: [\n", 2, "not YAML"),
            ("write: !foo x\n", 1, "not YAML"),
            ("talos:\n  interval: 2020-99-99\n", 2, "expected seconds"),
            ("talos:\n  interval: !!int x\n", 2, "expected seconds"),
            ("talos:\n  interval: .nan\n", 2, "expected seconds"),
            ("[a]: 1\n", 1, "expected a name before"),
            ("repository:\n  prefixes: !!set {a}\n", 2, "expected a list of texts"),
            ("? &x [*x]\n: 1\n", 1, "line 1"),
        ],
    )
    def test_the_error_names_file_line_and_what_is_right(
        self, text: str, line: int, words: str, home: Path, write: Write
    ) -> None:
        path = write(text)
        with pytest.raises(UsageError) as caught:
            loaded(home)
        assert f"{path}, line {line}: " in caught.value.message
        assert words in f"{caught.value.message} {caught.value.hint}"
        assert caught.value.exit_code == 2

    def test_bytes_that_are_no_text_are_told(self, home: Path, write: Write) -> None:
        write("").write_bytes(b"\xff\xfe")
        with pytest.raises(UsageError, match="can't be read"):
            loaded(home)

    def test_an_empty_file_is_fine(self, home: Path, write: Write) -> None:
        write("# nothing yet\n")
        assert loaded(home).branch == "main"

    def test_a_wrong_variable_is_named(self, home: Path) -> None:
        with pytest.raises(UsageError, match="HOMECONSOLE_WRITE: expected true or false, found 'maybe'"):
            loaded(home, HOMECONSOLE_WRITE="maybe")


class TestFound:
    def test_what_the_inputs_are_is_said_in_one_line(
        self, home: Path, tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(home))
        (home / ".kube").mkdir(parents=True)
        (home / ".kube" / "config").write_text("")
        named = loaded(home, {"talosconfig": "/none"}, HOMECONSOLE_REPOSITORY="https://me:hunter2@example.org/ops.git")
        told = "Found kubeconfig ~/.kube/config, no talosconfig by --talosconfig, repository by HOMECONSOLE_REPOSITORY."
        assert found(named, None) == told
        assert found(loaded(home), tmp_path).endswith("repository as Flux has it.")
        checkout = home / "home-ops"
        for words in (
            ["init", "-q", str(checkout)],
            ["-C", str(checkout), "remote", "add", "origin", "https://x.org/x"],
        ):
            subprocess.run(["git", *words], check=True, timeout=60)
        assert found(loaded(home), checkout).endswith("repository ~/home-ops.")
        write("repository: {url: /x}\n")
        assert found(loaded(home), checkout).endswith("repository by the configuration.")

    def test_it_is_told_once_the_console_has_begun_and_only_where_that_is_asked_for(self, home: Path) -> None:
        told = []
        for announces in (True, False):
            console = Console(loaded(home), announces=announces)
            console.start(frozenset())
            told.append(console.found.partition(" ")[0])
            console.stop()
        assert told == ["Found", ""]
