"""Every name that comes from outside, at every place where it becomes a word of git's or talosctl's, a part of a URL,
or a line of a commit: it stays one name. The real git runs, and what it was given is kept.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from console.model.finding import Finding, Preflight
from console.model.own import filled
from console.operations import message
from console.sources import process
from console.sources.errors import HomeconsoleError
from console.sources.git import history
from console.sources.git.address import resolve
from console.sources.git.identity import Identity
from console.sources.git.mirror import Mirror
from console.sources.git.push import RefUpdate
from console.sources.kubernetes.catalogue import EVENTS, NODES, SERVICES
from console.sources.stop import Stop
from console.sources.talos import client as talos
from console.sources.talos.talosconfig import Talosconfig
from tests.hostile.test_arguments import EVIL
from tests.operations.facts import update
from tests.sources.git.workshop import Workshop

NAMES = (
    *EVIL,
    *("nul\0evil", "-", "--", "", ".", "..", "/etc/evil", "-Levil", "--nodes=evil", "10.0.0.11,evil"),
    "evil " * 9000,
)
Argv = list[str]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Argv]:
    """The words of every program that ran."""
    kept: list[Argv] = []
    real = process.run

    def run(argv: Sequence[str], **how: Any) -> process.Done:
        kept.append(list(argv))
        return real(argv, **how)

    monkeypatch.setattr(process, "run", run)
    return kept


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    made = Workshop(tmp_path)
    made.commit("main", {"a.yaml": "version: 1.0.0\n"}, "begin")
    return made


def tried(call: Callable[[], object]) -> None:
    """It does what it is for, or refuses by an error of ours."""
    try:
        result = call()
        if hasattr(result, "__next__"):
            list(result)  # type: ignore[call-overload]
    except HomeconsoleError:
        return


def taken_for_more(argv: Argv, name: str) -> bool:
    """Whether ``name`` is an option there, or an address that runs a program."""
    for place, word in enumerate(argv):
        ended = {"--", "--end-of-options"} & set(argv[:place])
        if name.startswith("-") and word.startswith(name) and len(name) > 2 and not ended:
            return True
        talks = {"fetch", "push", "ls-remote"} & set(argv) and argv[place - 1] == "--end-of-options"
        if talks and word.startswith(("ext::", "fd::")):
            return True
    return False


def places(workshop: Workshop, mirror: Mirror, name: str) -> Sequence[Callable[[], object]]:
    """Whatever takes a name of a branch, a commit, a file, a person or an address."""
    head = workshop.tip("main")
    return (
        lambda: workshop.mirror(branch=name).fetch(),
        lambda: workshop.mirror(prefixes=(name,)).fetch(),
        lambda: Mirror.fetch(workshop.mirror(url=name)) if name else None,
        lambda: resolve(name),
        lambda: mirror.commit(name),
        lambda: mirror.read(name, "a.yaml"),
        lambda: mirror.read(head, name),
        lambda: mirror.files(name),
        lambda: mirror.contents(head, [name]),
        lambda: mirror.changed(head, name),
        lambda: mirror.newest(head, name),
        lambda: mirror.newest(name, "a.yaml"),
        lambda: mirror.blame(head, name, 1),
        lambda: mirror.blame(name, "a.yaml", 1),
        lambda: mirror.merged(name),
        lambda: mirror.reaches(head, name),
        lambda: mirror.merge_base(head, name),
        lambda: mirror.diff(head, name),
        lambda: mirror.proposal(head, name),
        lambda: mirror.patch_id(name, head),
        lambda: mirror.proposed(name),
        lambda: mirror.merge_tree(head, name),
        lambda: mirror.edited_tree(head, {name: b"evil"}),
        lambda: mirror.edited_tree(name, {"a.yaml": b"evil"}),
        lambda: mirror.export(name, workshop.folder / "out"),
        lambda: mirror.signer(name),
        lambda: mirror.commit_tree(f"{head}^{{tree}}", [head], name, committer=Identity(name, name)),
        lambda: mirror.commit_tree(name, [name], "x", committer=Identity("o", "o@o.example")),
        lambda: mirror.push([RefUpdate(f"refs/heads/{name}", "", head)], dry_run=True),
        lambda: mirror.push([RefUpdate(f"refs/heads/renovate/{name}", "", head)], dry_run=True),
        lambda: mirror.push([RefUpdate("refs/heads/renovate/x", name, name)], dry_run=True),
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "name",
    [*NAMES[1:6:2], *(pytest.param(name, marks=pytest.mark.live) for name in NAMES if name not in NAMES[1:6:2])],
    ids=lambda name: ascii(name[:24]),
)
def test_no_word_of_git_s_is_more_than_a_name(workshop: Workshop, given: list[Argv], name: str) -> None:
    mirror = workshop.mirror()
    mirror.fetch()
    refs = workshop.git("for-each-ref")
    given.clear()
    for call in places(workshop, mirror, name):
        tried(call)
    assert [argv for argv in given if taken_for_more(argv, name)] == []
    assert workshop.git("for-each-ref") == refs
    assert [path for path in workshop.folder.rglob("*") if path.name == "evil" and "out" not in path.parts] == []


class _Processes:
    """Takes the words, and starts nothing."""

    def __init__(self, *_: object) -> None:
        self.given: list[Argv] = []

    def run(self, arguments: Sequence[str], _deadline: float) -> Any:
        self.given.append(list(arguments))
        raise HomeconsoleError("it ends here")

    def lines(self, arguments: Sequence[str], _stop: Stop) -> Any:
        return self.run(arguments, 0)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:24]))
def test_no_word_of_talosctl_s_is_more_than_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(talos, "Processes", _Processes)
    (tmp_path / "talosconfig").write_text("x")
    for node, context in ((name, "home"), ("10.0.0.11", name), (name, name)):
        client = talos.TalosClient("talosctl", Talosconfig(tmp_path / "talosconfig", context, ("10.0.0.11",)))
        tried(lambda client=client, node=node: client.ask(node, ("get", "x"), 1))  # type: ignore[misc]
        tried(lambda client=client, node=node: client.lines(node, ("dmesg",), Stop()))  # type: ignore[misc]
        for argv in client.processes.given:  # type: ignore[attr-defined]
            *command, at, within = argv
            assert command in (["get", "x"], ["dmesg"])
            assert (at, within) == (f"--nodes={node}", f"--context={context}")
            assert "," not in node


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:24]))
def test_no_part_of_a_url_is_more_than_a_part(name: str) -> None:
    for resource in (NODES, EVENTS, SERVICES):
        for namespace, one in ((name, "x"), ("n", name), (name, name)):
            try:
                path = resource.path(namespace, one)
            except HomeconsoleError:
                continue
            parts = path.split("/")
            plain = resource.path("n" if namespace else "", "x" if one else "").split("/")
            assert len(parts) == len(plain)
            assert not {".", ".."} & set(parts)
            assert path.isascii()
            assert path.isprintable()
            assert not set("?#& ") & set(path)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:24]))
def test_no_word_of_an_own_command_is_more_than_a_value(name: str) -> None:
    for run in (("echo", "{name}"), ("echo", "--", "{name}"), ("echo", "--name={name}", "{name}"), ("echo", "a{name}")):
        try:
            argv = filled(run, {"name": name})
        except (LookupError, ValueError):
            continue  # refused, and told so
        assert len(argv) == len(run)
        assert run[1] == "--" or not argv[-1].startswith("-")


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name[:24]))
def test_no_name_begins_a_line_of_a_commit(name: str) -> None:
    finding = Finding("rule", "block", "fail", name, "", acknowledged=name or "x")
    changed = update(branch=name, title=name)
    for squash in (True, False):
        text = message.message(
            changed,
            Preflight(changed.branch, "a" * 40, "b" * 40, "blocked", findings=(finding,)),
            "b" * 40,
            "c" * 40,
            who=Identity(name, name),
            via=f"homeconsole {name[:0]}0.1.0",
            squash=squash,
            checks=(name,),
        )
        told = history.trailers(text.partition("\n")[2])
        assert set(told) <= {
            *("Update", "Reviewed-commit", "Reviewed-base", "Reviewed-patch-id", "Findings", "Override", "Checks"),
            *("Approved-by", "Approved-at", "Approved-via"),
        }
        assert all(len(values) == 1 for values in told.values())
        assert "\x1b" not in text
        assert "\0" not in text
