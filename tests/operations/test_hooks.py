"""Commands before and after an approval, really run around a real one."""

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


def test_each_of_several_has_them(machine: Machine, tmp_path: Path) -> None:
    made = machine.review(IMMICH_BRANCH)
    hooks = Hooks((TELLS,), (TELLS,), tmp_path)
    again = machine.review
    last = list(several([made], machine.clone, again, machine.journal, now=machine.clock, stop=Stop(), hooks=hooks))[-1]
    assert (last.text, len((tmp_path / "told").read_text().splitlines())) == ("1 approved", 2)
