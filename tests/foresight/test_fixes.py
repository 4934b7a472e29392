"""A rule that says how it is mended mends its own example."""

import pytest

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
