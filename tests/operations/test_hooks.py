"""Commands before and after an approval, really run around a real one."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from console.model.review import Approval
from console.model.step import Step
from console.operations.approve import approve
from console.operations.hooks import Hooks
from console.operations.several import several
from console.sources.errors import Refused
from console.sources.stop import Stop
from tests.operations.machine import Machine, drain
from tests.operations.remote import IMMICH_BRANCH, Remote

TELLS = 'echo "$HOMECONSOLE_BRANCH $HOMECONSOLE_CLUSTER $HOMECONSOLE_OUTCOME $HOMECONSOLE_COMMIT" >> told'


def around(machine: Machine, hooks: Hooks) -> tuple[list[Step], Approval]:
    made, stop = machine.review(IMMICH_BRANCH), Stop()
    approving = approve(made, machine.clone, machine.journal, machine.clock, stop)
    return drain(hooks.around(approving, made, machine.journal, machine.clock, stop))


def never() -> Generator[Step, None, Approval]:
    """An approval that must not begin."""
    yield from ()
    raise AssertionError


def test_they_are_told_of_the_approval_before_and_after_it(machine: Machine, tmp_path: Path) -> None:
    steps, done = around(machine, Hooks((TELLS,), (TELLS,), tmp_path, "home"))
    before, after = (tmp_path / "told").read_text().splitlines()
    assert before.split() == [IMMICH_BRANCH, "home"]
    assert after.split() == [IMMICH_BRANCH, "home", "pushed", done.commit]
    names = [step.name for step in steps]
    assert names.index("before") < names.index("record") < names.index("push") < names.index("after")


def test_one_before_that_fails_refuses_with_its_last_words(remote: Remote, machine: Machine, tmp_path: Path) -> None:
    main = remote.tip()
    with pytest.raises(Refused, match="ended with 4; nothing was written") as refused:
        around(machine, Hooks(("echo the backup runs; exit 4",), (TELLS,), tmp_path))
    assert (refused.value.kind, refused.value.hint) == ("hook", "the backup runs")
    assert (remote.tip(), machine.events()) == (main, ["refused"])
    assert not (tmp_path / "told").exists()


def test_one_after_that_fails_changes_nothing_about_it(remote: Remote, machine: Machine, tmp_path: Path) -> None:
    steps, done = around(machine, Hooks((), ("echo no route; exit 1", TELLS), tmp_path))
    assert (done.outcome, remote.tip()) == ("pushed", done.commit)
    failed = steps[-1]
    assert (failed.name, failed.state, failed.detail) == ("after", "failed", ("no route",))
    assert "the approval stands" in failed.text
    assert done.commit in (tmp_path / "told").read_text()


def test_none_after_it_is_run_for_what_only_waits_on_a_branch(machine: Machine, tmp_path: Path) -> None:
    made, stop = machine.review(IMMICH_BRANCH), Stop()
    approving = approve(made, machine.clone, machine.journal, machine.clock, stop, aside=True)
    hooks = Hooks((), (TELLS,), tmp_path)
    steps, done = drain(hooks.around(approving, made, machine.journal, machine.clock, stop))
    assert done.branch
    assert "after" not in [step.name for step in steps]
    assert not (tmp_path / "told").exists()


UNSTARTED = ": " + 200_000 * "x"  # longer than one word of a command may be (Linux: 128 KiB)


def test_one_that_cannot_be_started_refuses_before_and_changes_nothing_after(
    remote: Remote, machine: Machine, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="ended with 126; nothing was written") as refused:
        around(machine, Hooks((UNSTARTED,), (), tmp_path))
    assert "can't be started" in refused.value.hint
    assert machine.events() == ["refused"]
    steps, done = around(machine, Hooks((), (UNSTARTED, TELLS), tmp_path))
    assert (done.outcome, remote.tip()) == ("pushed", done.commit)
    assert (steps[-1].name, steps[-1].state) == ("after", "failed")
    assert "can't be started" in steps[-1].detail[0]
    assert done.commit in (tmp_path / "told").read_text()


def test_a_title_of_any_length_is_told_cut_short(machine: Machine, tmp_path: Path) -> None:
    made = machine.review(IMMICH_BRANCH)
    made = replace(made, update=replace(made.update, title=200_000 * "x"))
    hooks = Hooks(('test -n "$HOMECONSOLE_TITLE" && exit 3',), (), tmp_path)
    with pytest.raises(Refused, match="ended with 3"):
        drain(hooks.around(never(), made, machine.journal, machine.clock, Stop()))


def test_a_secret_in_a_command_is_shown_and_kept_nowhere(machine: Machine, tmp_path: Path) -> None:
    token = "ghp_" + 30 * "x"
    fails = f": {token}; exit 4"
    with pytest.raises(Refused) as refused:
        around(machine, Hooks((fails,), (), tmp_path))
    assert token not in refused.value.message
    steps, _ = around(machine, Hooks((f": {token}",), (fails, f": {token}"), tmp_path))
    assert token not in repr(steps)
    assert token not in machine.journal.path.read_text()


def test_each_of_several_has_them(machine: Machine, tmp_path: Path) -> None:
    made = machine.review(IMMICH_BRANCH)
    hooks = Hooks((TELLS,), (TELLS,), tmp_path)
    again = machine.review
    last = list(several([made], machine.clone, again, machine.journal, now=machine.clock, stop=Stop(), hooks=hooks))[-1]
    assert (last.text, len((tmp_path / "told").read_text().splitlines())) == ("1 approved", 2)
