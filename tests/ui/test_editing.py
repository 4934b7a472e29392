"""Holding, releasing, taking back, and changing what is approved, at the keyboard."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from console.model.finding import Fix
from console.model.hold import Hold
from console.model.review import Review
from console.model.snapshot import Topic
from console.model.updates import ApprovedCommit, RepositoryState
from console.sources.errors import Refused
from tests.ui.desk import TALOS, Desk, refused, review
from tests.ui.user import LARGE, User, using

CERT = "cert-manager"


async def _finds(user: User, name: str) -> None:
    await user.presses("3", "/")
    await user.types(name)
    await user.presses("enter")


def repository(desk: Desk) -> RepositoryState:
    found: RepositoryState = desk.snapshot()[Topic.REPOSITORY].items[("repository",)]
    return found


async def test_a_hold_asks_why_shows_what_is_written_and_asks_again() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await _finds(user, CERT)
        await user.presses("H")
        await user.sees("Hold renovate/", "Why:")
        await user.types("disk swap until 2026-12-24")
        await user.presses("enter")
        await user.sees('description: "disk swap, until 2026-12-24"', "Go on? y/N")
        assert not desk.done
        await user.presses("y")
        await user.sees("it is on main")
    assert [done[0] for done in desk.done] == ["hold"]


async def test_tab_shows_the_dry_run_of_what_is_asked_and_leaves_the_question_open() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await _finds(user, CERT)
        await user.presses("H")
        await user.types("disk swap")
        await user.presses("enter")
        await user.sees("Go on? y/N", "tab dry run")
        await user.presses("tab")
        await user.sees("Dry run  hold", "nothing is written", "One line in the journal of this machine")
        await user.presses("escape")
        await user.sees("Go on? y/N")
        assert not desk.done
        await user.presses("y")
        await user.sees("it is on main")
    assert [done[0] for done in desk.done] == ["hold"]


async def test_tab_is_the_dry_run_also_where_a_word_is_typed() -> None:
    desk = Desk()
    desk.reviewed["revert " + "c" * 40] = replace(
        review(desk.snapshot()[Topic.UPDATES].items[(TALOS,)]), typed="immich"
    )
    desk.store.put(Topic.REPOSITORY, [replace(repository(desk), approvals=(_approved(desk),))])
    async with using(desk, LARGE) as user:
        await user.presses("4", "u")
        await user.types("broken")
        await user.presses("enter")
        await user.sees("Type immich", "tab dry run")
        await user.presses("i", "m", "tab")
        await user.sees("Dry run  revert", "main must be at", "$ git push --atomic")
        await user.presses("escape")
        await user.types("mich")
        await user.presses("enter")
        await user.sees("it is on main")


async def test_what_is_held_by_us_is_released_by_the_same_key() -> None:
    desk = Desk()
    update = next(u for u in desk.snapshot()[Topic.UPDATES].items.values() if CERT in u.branch)
    hold = Hold("own", "disk swap", names=(update.changes[0].name,))
    desk.store.put(Topic.REPOSITORY, [replace(repository(desk), holds=(hold,))])
    async with using(desk, LARGE) as user:
        await _finds(user, CERT)
        await user.presses("H")
        await user.sees("enabled: false", "Go on? y/N")
        await user.presses("n")
        await user.does_not_see("Go on?")
    assert not desk.done


async def test_read_only_a_hold_and_its_way_back_are_dry_runs() -> None:
    desk = Desk(writable=False)
    desk.reviewed["revert " + "c" * 40] = review(desk.snapshot()[Topic.UPDATES].items[(TALOS,)])
    desk.store.put(Topic.REPOSITORY, [replace(repository(desk), approvals=(_approved(desk),))])
    async with using(desk, LARGE) as user:
        await _finds(user, CERT)
        await user.presses("H")
        await user.sees(", dry run ─", "Why:")
        await user.types("disk swap")
        await user.presses("enter")
        await user.sees("Dry run  hold", "nothing is written", "One line in the journal of this machine")
        await user.presses("q", "4", "u")
        await user.sees("Dry run  revert", "nothing is written", "$ git push --atomic")
    assert not desk.done


async def test_undo_is_for_what_was_approved_and_says_why_it_can_not_be() -> None:
    desk = Desk()
    async with using(desk, LARGE) as user:
        await _finds(user, CERT)
        await user.presses("u")
        await user.sees("undo: nothing of it was approved")
        desk.fails = refused("It takes nodes to another Talos.")
        desk.store.put(Topic.REPOSITORY, [replace(repository(desk), approvals=(_approved(desk),))])
        await user.presses("escape", "4", "u")
        await user.sees("It takes nodes to another Talos.")
        desk.fails = None
        await user.presses("u")
        await user.sees("goes into the commit", "Why:")
        await user.types("it broke")
        await user.presses("enter")
        await user.sees("-  tag: 2", "Go on? y/N")
        await user.presses("y")
        await user.sees("it is on main")
    assert desk.done == [("revert", "c" * 40, "it broke")]


async def test_what_was_approved_and_has_no_branch_left_is_taken_back_from_its_row() -> None:
    desk = Desk()
    branch = "renovate/mosquitto-2.x"
    done = replace(_approved(desk), branch=branch, system=None, title="Update mosquitto", changes=())
    state = replace(repository(desk), approvals=(done,), withdrawn=((branch, desk.now()),))
    desk.store.put(Topic.REPOSITORY, [state])
    async with using(desk, LARGE) as user:
        await user.presses("3", "z", "G")
        await user.sees("▌· Update mosquitto", "written to main")
        await user.presses("u")
        await user.sees("Revert", "Why:")


async def test_a_refusal_longer_than_the_last_line_is_told_whole() -> None:
    desk = Desk()
    desk.fails = Refused(
        "It is a database, and its files are in the new version's format.", "Restore a backup of before"
    )
    desk.store.put(Topic.REPOSITORY, [replace(repository(desk), approvals=(_approved(desk),))])
    async with using(desk) as user:
        await user.presses("4", "u")
        await user.sees("new version's format.", "Restore a backup of before", "enter or esc: back")
        await user.presses("enter")
        await user.does_not_see("Restore a backup")


async def test_undo_asks_like_an_approval_for_a_reason_where_it_is_blocked_and_for_the_typed_word() -> None:
    desk = Desk()
    made = review(desk.snapshot()[Topic.UPDATES].items[(TALOS,)])
    blocker = replace(made.preflight.findings[0], title="etcd has no leader", status="fail", severity="block")
    desk.reviewed["revert " + "c" * 40] = replace(made, unanswered=(blocker,), typed="immich", reason="")
    desk.store.put(Topic.REPOSITORY, [replace(repository(desk), approvals=(_approved(desk),))])
    async with using(desk, LARGE) as user:
        await user.presses("4", "u")
        await user.sees("etcd has no leader", "goes into the commit", "Why:")
        await user.types("it is dead anyway")
        await user.presses("enter")
        await user.sees("-  tag: 2", "immich")
        await user.presses("y", "enter")
        assert not desk.done
        await user.presses("escape", "u")
        await user.sees("Why:")
        await user.types("it is dead anyway")
        await user.presses("enter")
        await user.sees("-  tag: 2")
        await user.types("immich")
        await user.presses("enter")
        await user.sees("it is on main")
    assert desk.done == [("revert", "c" * 40, "it is dead anyway")]


def _approved(desk: Desk) -> ApprovedCommit:
    return ApprovedCommit("c" * 40, TALOS, "Merge", desk.now(), "Ada", system="talos")


class TestOnTheReview:
    @pytest.fixture
    def desk(self) -> Desk:
        """On which a finding offers a fix."""
        desk = Desk()
        made = review(desk.snapshot()[Topic.UPDATES].items[(TALOS,)])
        fix = Fix(
            ".mise.toml", "--- a/.mise.toml\n+++ b/.mise.toml\n@@ -1 +1 @@\n-talosctl = 1.13.7\n+talosctl = 1.13.8\n"
        )
        findings = tuple(
            replace(f, fix=fix, status="fail") if n == 0 else f for n, f in enumerate(made.preflight.findings)
        )
        preflight = replace(made.preflight, findings=findings)
        desk.reviewed[TALOS] = replace(made, preflight=preflight, files=("talos/talenv.yaml", ".mise.toml"))
        return desk

    async def test_a_fix_is_looked_at_taken_and_reviewed_again(self, desk: Desk) -> None:
        async with using(desk, LARGE) as user:
            await user.presses("4", "a")
            await user.sees("F take fix")
            await user.presses("F")
            await user.sees("Take the fix", "+talosctl = 1.13.8", "Go on? y/N")
            await user.presses("y")
            await user.sees("edited: .mise.toml")
            await user.presses("a")
            await user.sees("With edits of .mise.toml.")
            await user.presses("escape")
            await user.sees("· with your edits of .mise.toml")

    async def test_maintenance_windows_go_after_a_question_and_stay_after_all(self, desk: Desk) -> None:
        window = Hold("window", "waits for its maintenance window", system="talos", file="x/talosupgrade.yaml", line=14)
        async with using(desk, LARGE) as user:
            await user.presses("4", "a")
            await user.sees("only control plane")
            assert "M window" not in user.screen
            await user.presses("M")
            await user.sees("window: no maintenance window of main's holds this")
            await user.presses("escape")
            desk.store.put(Topic.REPOSITORY, [replace(repository(desk), holds=(window,))])
            await user.presses("a")
            await user.sees("M window")
            await user.presses("M")
            await user.sees("x/talosupgrade.yaml, line 14", "them back.", "Go on? y/N")
            await user.presses("n")
            await user.presses("M", "y")
            await user.sees("talosupgrade.yaml: the maintenance windows go; it begins at once")
            await user.presses("M")
            await user.sees("the maintenance windows stay")
            await user.does_not_see("it begins at once")
        assert not [done for done in desk.done if done[0] == "approve"]

    async def test_a_file_is_opened_in_the_editor(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        editor = tmp_path / "editor"
        editor.write_text('#!/bin/sh\ncase "$1" in */talenv.yaml) echo "# mine" >> "$1" ;; esac\n')
        editor.chmod(0o755)
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", str(editor))
        async with using(desk, LARGE) as user:
            await user.presses("4", "a")
            await user.sees("e edit")
            await user.presses("e")
            await user.sees("1 talos/talenv.yaml", "2 .mise.toml")
            await user.types("1")
            await user.presses("enter")
            await user.sees("edited: talos/talenv.yaml")
            await user.presses("e")
            await user.types("2")
            await user.presses("enter")
            await user.sees("edit: .mise.toml is as it was")
            await user.presses("e")
            await user.types("no/where")
            await user.presses("enter")
            await user.sees("There is no file no/where")
            await user.presses("e")
            await user.types("1")
            await user.presses("enter")
            await user._until(
                lambda: bool(desk.edits) and desk.edits[0].data == b"talosctl = 1.13.7\n# mine\n# mine\n",
                "the second edit",
            )
        assert [edit.made_from for edit in desk.edits] == [b"talosctl = 1.13.7\n"]  # the file, not the edit before

    async def test_a_file_that_comes_while_the_pager_has_the_terminal_is_opened_after_it(
        self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log, gate, go, planned = tmp_path / "log", threading.Event(), tmp_path / "go", desk.planned
        os.mkfifo(go)
        for name, waits in (("PAGER", f"cat {go}"), ("VISUAL", 'echo "# mine" >> "$1"')):
            program = tmp_path / name
            program.write_text(f"#!/bin/sh\necho {name} begins >> {log}\n{waits}\necho {name} ends >> {log}\n")
            program.chmod(0o755)
            monkeypatch.setenv(name, str(program))

        def slow(made: Review, path: str) -> bytes:
            gate.wait(60)
            return planned(made, path)

        monkeypatch.setattr(desk, "planned", slow)
        async with using(desk, LARGE) as user:
            await user.presses("4", "a")
            await user.sees("e edit")
            await user.presses("e", "1", "enter", "p")
            await user._until(log.exists, "the pager")
            gate.set()
            await user._until(lambda: not any(job.label == "file" for job in user.app.work._then), "the file")
            await user._until(lambda: bool(user.app.next_guests) or "VISUAL" in log.read_text(), "the editor's turn")
            assert "VISUAL" not in log.read_text()
            go.write_bytes(b"")
            await user.sees("edited: talos/talenv.yaml")
        assert log.read_text().split() == ["PAGER", "begins", "PAGER", "ends", "VISUAL", "begins", "VISUAL", "ends"]

    @pytest.mark.parametrize(
        ("visual", "editor", "said"),
        [
            ("/no/editor", "", "/no/editor can't be started"),
            ("", 'vi "', "EDITOR is no command"),
            (" ", "/no/other", "/no/other can't be started"),
            ("", "rm", "rm left no file to read"),
            ("", "false", "false ended with 1"),
        ],
    )
    async def test_an_editor_that_does_not_edit_changes_nothing(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, visual: str, editor: str, said: str
    ) -> None:
        monkeypatch.setenv("VISUAL", visual)
        monkeypatch.setenv("EDITOR", editor)
        async with using(desk, LARGE) as user:
            await user.presses("4", "a")
            await user.sees("e edit")
            await user.presses("e")
            await user.types("1")
            await user.presses("enter")
            await user.sees(said)
            await user.does_not_see("edited:")


async def test_a_version_that_no_branch_offers_is_reviewed_by_its_name() -> None:
    desk = Desk()
    made = review(desk.snapshot()[Topic.UPDATES].items[(TALOS,)])
    own = replace(made.update, branch="talos@v1.14.0", own="target")
    desk.reviewed["talos@v1.14.0"] = replace(made, update=own, notes=("left: .mise.toml:3: mise.lock pins it",))
    async with using(desk, LARGE) as user:
        await user.presses("4", ":")
        await user.types("approve talos@v1.14.0")
        await user.presses("enter")
        await user.sees("Approve", "left: .mise.toml:3", "a approve")
        assert "is gone" not in user.screen


async def test_an_upgrade_that_is_held_says_by_what_and_does_not_call_for_the_operator() -> None:
    desk = Desk()
    suspend = Hold("suspend", "suspend annotation: wait", "Ada", system="talos", file="t.yaml", line=6)
    desk.store.put(Topic.REPOSITORY, [replace(repository(desk), holds=(suspend,))])
    async with using(desk, LARGE) as user:
        await user.presses("4", "enter")
        await user.sees("Held by", "suspend annotation: wait", "t.yaml:6", "goes with its version change")
    majors = Hold("dashboard", "major versions wait", "Ada", system="talos", file="r.json5", types=("major",))
    desk.store.put(Topic.REPOSITORY, [replace(repository(desk), holds=(majors,))])
    async with using(desk, LARGE) as user:
        await user.presses("4", "enter")
        await user.sees("Renovate does not automerge")
        await user.does_not_see("Held by", "major versions wait")
    ours = Hold("own", "on holiday", "Ada", names=("siderolabs/talos",), system="talos")
    desk.store.put(Topic.REPOSITORY, [replace(repository(desk), holds=(ours,))])
    async with using(desk, LARGE) as user:
        await user.sees("Kubernetes v1.36.3 waits for approval")
        await user.does_not_see("Talos v1.13.8 waits for approval")
