"""``homeconsole config``: what holds and why, a file to begin with, and its schema; nothing secret is shown."""

import json
import os
import stat
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from console.settings import Settings, load
from console.settings.keys import KEYS
from console.settings.schema import schema
from console.settings.shown import shown
from console.settings.written import commented, write
from console.sources.errors import UsageError
from tests.cli.conftest import Shell

# One value for each setting, unlike its default, and not one that another has.
EVERY = """\
kubernetes: {kubeconfig: /k, context: c}
talos: {talosconfig: /t, context: d, talosctl: e, interval: 16, concurrency: 9}
repository: {url: f, branch: g, prefixes: [h/], bots: [i@example.org], interval: 61}
write: true
approval: {squash: true, edits: separate, approvers: 2, checks: [j], before: [k], after: [l], reconcile: true}
notify: {terminal: false, command: m, webhook: "https://example.org/n"}
screen: {mouse: true, ascii: true}
"""


OWN = """
clusters: [{name: home, context: admin@home, write: true}]
commands:
  - {name: pods, scopes: [flux], run: [kubectl, get, "{name}"], says: "größer: #1", timeout: 90}
views: [{name: media, pane: flux, filter: "ns:media"}]
keys: {zoom: [z, f11]}
"""


def at(home: Path, text: str) -> Settings:
    """The settings of a home with this file."""
    path = home / ".config" / "homeconsole" / "config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return load({}, {"HOME": str(home)})


class TestSchema:
    def test_it_knows_every_key_and_nothing_else(self) -> None:
        jsonschema.Draft202012Validator.check_schema(schema())
        jsonschema.validate(yaml.safe_load(EVERY), schema())
        for text in ("nonesuch: 1", "repository: {brunch: x}", "write: perhaps", "talos: {interval: 0}"):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(yaml.safe_load(text), schema())

    def test_what_it_allows_is_read_and_what_it_forbids_is_refused(self, tmp_path: Path) -> None:
        for text in ("talos: {interval: 1}", "talos: {interval: 86401}", "repository: {prefixes: []}", "write: 7"):
            allowed = jsonschema.Draft202012Validator(schema()).is_valid(yaml.safe_load(text))
            try:
                at(tmp_path, text)
            except UsageError:
                assert not allowed, text
            else:
                assert allowed, text

    @pytest.mark.parametrize(
        ("text", "told", "in_schema"),
        [
            (
                "commands: [{name: it's, scopes: [flux], run: [x]}]",
                "commands: entry 1 (it's): name: expected one",
                True,
            ),
            ("clusters: [{name: a, kubeconfig: ~nobody-at-all/x}]", "no home folder of ~nobody-at-all; write", False),
        ],
    )
    def test_what_cannot_be_of_ones_own_is_told_with_file_and_key(
        self, text: str, told: str, in_schema: bool, tmp_path: Path
    ) -> None:
        with pytest.raises(UsageError) as caught:
            at(tmp_path, text)
        assert caught.value.message.startswith(f"{tmp_path}/.config/homeconsole/config.yaml, line 1: ")
        assert told in caught.value.message
        assert jsonschema.Draft202012Validator(schema()).is_valid(yaml.safe_load(text)) is not in_schema

    def test_each_key_says_what_it_is_for(self) -> None:
        assert [key.path for key in KEYS if not key.says or not key.expected] == []


class TestInit:
    def test_an_untouched_file_changes_nothing_and_each_line_may_be_uncommented(self, tmp_path: Path) -> None:
        text = commented({})
        plain = load({}, {"HOME": str(tmp_path)})
        assert [getattr(at(tmp_path, text), key.field) for key in KEYS] == [getattr(plain, key.field) for key in KEYS]
        names = {key.path.rpartition(".")[2] for key in KEYS}
        lines = text.split("\n")
        bare = [line.replace("# ", "", 1) if line.strip(" #").partition(":")[0] in names else line for line in lines]
        whole = at(tmp_path, "\n".join(bare))
        assert {key.path for key in KEYS if whole.origin(key.field) in {"default", "usual place"}} == set()

    def test_what_was_found_holds(self, tmp_path: Path) -> None:
        settings = at(tmp_path, EVERY)
        found = {key.field: getattr(settings, key.field) for key in KEYS if key.path.count(".")}
        again = at(tmp_path, commented(found))
        assert {name: getattr(again, name) for name in found} == found

    def test_only_we_may_read_it_and_none_is_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / "homeconsole" / "config.yaml"
        write(path, "first\n", force=False)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        with pytest.raises(UsageError, match="is there already"):
            write(path, "second\n", force=False)
        assert path.read_text() == "first\n"
        write(path, "second\n", force=True)
        assert (path.read_text(), (path.parent / "config.yaml.old").read_text()) == ("second\n", "first\n")
        write(path, "third\n", force=True)
        olds = {file.name: file.read_text() for file in path.parent.glob("*.old*")}
        assert olds == {"config.yaml.old": "first\n", "config.yaml.old2": "second\n"}
        assert {file.name for file in path.parent.iterdir()} == {"config.schema.json", "config.yaml", *olds}

    def test_a_link_stays_one(self, tmp_path: Path) -> None:
        real, link = tmp_path / "dotfiles.yaml", tmp_path / "config.yaml"
        real.write_text("old\n")
        link.symlink_to(real)
        write(link, "new\n", force=True)
        assert link.is_symlink()
        assert real.read_text() == "new\n"

    def test_it_says_where_it_wrote_what_it_found(self, nowhere: Shell) -> None:
        clone = nowhere.folder / "home-ops"
        for words in (["init", "-q", str(clone)], ["-C", str(clone), "remote", "add", "origin", _ADDRESS]):
            subprocess.run(["git", *words], check=True, timeout=60)
        there = Shell(clone, nowhere.environment)
        ran = there.run("config", "init")
        assert ran.code == 0, ran.err
        path = Path(ran.out.strip())
        text = path.read_text()
        assert "url: https://git.example.org/me/home-ops.git" in text
        assert "hunter2" not in text
        assert "holds repository.url" in ran.err
        schema_file = path.parent / text.split("$schema=")[1].split("\n")[0]
        assert json.loads(schema_file.read_text()) == schema()
        assert there.run("config", "init").code == 2
        with path.open("a") as file:
            file.write(OWN)
        before = load({}, {"HOME": there.environment["HOME"]})
        assert there.run("config", "init", "--force").code == 0
        after = load({}, {"HOME": there.environment["HOME"]})
        assert (before.clusters, before.own) == (after.clusters, after.own)
        assert len(after.commands) == len(after.views) == len(after.clusters) == len(after.keys) == 1
        held = {each["key"]: each for each in there.run("config", "show", "-o", "json").json["settings"]}
        assert held["repository.url"]["from"].startswith(f"{path}, line ")


_ADDRESS = "https://me:hunter2@git.example.org/me/home-ops.git"


class TestShow:
    def test_each_setting_says_where_it_came_from(self, nowhere: Shell) -> None:
        config = nowhere.folder / "homeconsole" / "config.yaml"
        config.parent.mkdir()
        config.write_text("talos:\n  interval: 30\n")
        extra = {"XDG_CONFIG_HOME": str(nowhere.folder), "HOMECONSOLE_BRANCH": "trunk"}
        ran = nowhere.run("config", "show", "--context", "home", "-o", "json", extra=extra)
        found = {each["key"]: (each["value"], each["from"]) for each in ran.json["settings"]}
        assert found["talos.interval"] == (30, f"{config}, line 2")
        assert found["repository.branch"] == ("trunk", "HOMECONSOLE_BRANCH")
        assert found["kubernetes.context"] == ("home", "--context")
        assert found["talos.concurrency"] == (8, "default")
        assert list(found) == [key.path for key in KEYS]
        table = nowhere.run("config", "show", "--context", "home", extra=extra).out.split("\n")
        assert ["talos.interval", "30", *f"{config}, line 2".split()] == table[6].split()

    def test_nothing_secret_is_shown(self, tmp_path: Path) -> None:
        token = "ghp_" + 30 * "x"
        settings = at(
            tmp_path,
            f"repository: {{url: {_ADDRESS}}}\n"
            "approval: {checks: [check --key hunter2], before: [K=hunter2 silence], after: ['tell \"hunter2']}\n"
            "notify: {command: notify --key hunter2, webhook: 'https://me:hunter2@example.org/hook/hunter2?k=hunter2'}\n"
            f"commands: [{{name: x, scopes: [flux], run: [curl, '{token}', hunter2], says: '{token}'}}]\n",
        )
        values = {key.path: shown(settings, key) for key in KEYS}
        said = json.dumps(values)
        assert "hunter2" not in said
        assert token not in said
        assert values["repository.url"] == "https://git.example.org/me/home-ops.git"
        assert values["notify.webhook"].startswith("https://example.org/")
        assert values["notify.command"].startswith("notify ")
        assert values["approval.checks"] == ["check ••••••"]
        assert values["commands"][0]["run"] == ["curl", "••••••"]

    def test_it_needs_no_cluster_and_makes_nothing(self, nowhere: Shell) -> None:
        before = sorted(os.walk(nowhere.folder.parent))
        assert nowhere.run("config", "show").code == 0
        assert nowhere.run("config", "schema").json == schema()
        assert sorted(os.walk(nowhere.folder.parent)) == before
