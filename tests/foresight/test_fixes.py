"""A rule that says how it is mended mends its own example."""

import pytest

from console.edits.patch import applied
from console.foresight.edit import diff
from console.foresight.knowledge import knowledge
from tests.foresight.test_examples import Example, evidence, examples, of

MENDED = [example for example in examples() if knowledge().rules[example.rule].repair]


@pytest.mark.parametrize("example", MENDED, ids=lambda example: example.rule)
def test_a_rule_with_a_fix_mends_its_example(example: Example) -> None:
    found = of(example.rule, evidence(example.step, example.raises, beside=example.beside))
    assert found.fix
    changed = [line for line in found.fix.diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert changed
    assert found.fix.file in example.raises


SOPS = "sops:\n  mac: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\n  version: 3.9.0\n"
SECRET = "kind: Secret\nmetadata:\n  name: s\n  note: old\nstringData:\n  password: hunter2\n"


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def test_a_file_that_sops_keeps_a_checksum_of_is_not_edited() -> None:
    plain = "machine:\n  type: worker\n  sysctls: {}\n"
    shorter = plain.replace("  sysctls: {}\n", "")
    assert diff("talos/a.yaml", lines(plain), lines(shorter))
    assert diff("talos/a.yaml", lines(plain + SOPS), lines(shorter + SOPS)) is None


def test_what_must_not_be_shown_stands_in_no_fix_that_still_fits() -> None:
    new = SECRET.replace("note: old", "note: new")
    fix = diff("a.yaml", lines(SECRET), lines(new))
    assert fix
    assert "hunter2" not in fix.diff
    assert applied(SECRET.encode(), fix.diff) == new.encode()


def test_a_change_of_what_must_not_be_shown_is_no_fix() -> None:
    assert diff("a.yaml", lines(SECRET), lines(SECRET.replace("hunter2", "hunter3"))) is None
