"""CEL as tuppr's health checks use it, and how their answers are told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from console.foresight.cel import CelError, evaluate
from console.foresight.conditions import Unasked
from console.foresight.healthchecks import check
from console.model.finding import Finding
from tests.foresight.test_rules import checked, seen

NODE = {
    "metadata": {"name": "one", "labels": {"a.b/c": "x"}},
    "spec": {"replicas": 3, "taints": []},
    "status": {
        "ceph": {"health": "HEALTH_OK", "lastChecked": "2026"},
        "readyReplicas": 2,
        "conditions": [{"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "False"}],
    },
}
SCOPE = {"object": NODE, "status": NODE["status"]}


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("status.ceph.health in ['HEALTH_OK', 'HEALTH_WARN']", True),
        ("status.ceph.health == 'HEALTH_ERR'", False),
        ("status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')", True),
        ("status.conditions.filter(c, c.type == \"Ready\").all(c, c.status == 'True')", True),
        ("status.conditions.all(c, c.type != 'DiskPressure' || c.status == 'False')", True),
        ("status.conditions.exists_one(c, c.status == 'True')", True),
        ("size(status.conditions.map(c, c.type)) == 2", True),
        ("!has(status.missing) || status.missing == 0", True),
        ("has(status.ceph) && has(status.ceph.health)", True),
        ("status.readyReplicas == object.spec.replicas", False),
        ("status.readyReplicas >= object.spec.replicas - 1", True),
        ("status.readyReplicas > 1 ? true : false", True),
        ("object.metadata.labels['a.b/c'] == 'x'", True),
        ("'a.b/c' in object.metadata.labels", True),
        ("object.metadata.name.startsWith('o') && object.metadata.name.matches('^o.e$')", True),
        ("object.spec.taints.size() == 0", True),
        ("status.missing == 1 || true", True),  # an error on one side is forgiven where the other decides
        ("true || status.missing == 1", True),
        ("status.missing == 1 && false", False),
        ("7 / 2 == 3 && 7 % 2 == 1 && -3 < 2", True),
        ("int('7') + 1 == 8 && string(7) == '7'", True),
        ("1 == true", False),
    ],
)
def test_an_expression_holds_or_not(expression: str, *, holds: bool) -> None:
    assert evaluate(expression, SCOPE) is holds


@pytest.mark.parametrize(
    "expression",
    [
        "status.missing == 1",
        "status.conditions[9].type == 'x'",
        "status.readyReplicas",
        "nobody.knows",
        "timestamp(status.ceph.lastChecked) > now",
        "status.ceph.health ==",
        "(true",
        "a ; b",
        "'x' < 1",
        "1 / 0 == 1",
        "(" * 200 + "true" + ")" * 200,
    ],
)
def test_what_has_no_value_is_an_error(expression: str) -> None:
    with pytest.raises(CelError):
        evaluate(expression, SCOPE)


def told(expression: str) -> Finding:
    (found,) = check(checked(expression))
    return found


class TestHealthChecks:
    def test_one_that_fails_is_named_with_its_object(self) -> None:
        found = told("status.ready")
        assert (found.status, found.title) == ("fail", "tuppr's health check fails now: Store main: main")

    def test_a_field_that_is_missing_fails_it_as_it_does_for_tuppr(self) -> None:
        assert told("status.other == 1").status == "fail"

    def test_what_is_not_understood_is_not_passed(self) -> None:
        assert told("timestamp('x') > 1").status == "skipped"

    def test_a_named_object_that_is_not_there_fails_it(self) -> None:
        made = checked("true")
        found = next(iter(check(replace(made, live=lambda api, kind: made.live(api, kind) if "Up" in kind else []))))
        assert "there is none" in found.title

    def test_without_any_there_is_nothing_to_tell(self) -> None:
        bare: list[Mapping[str, Any]] = [{"metadata": {"name": "talos"}, "spec": {}}]
        assert list(check(replace(seen(), live=lambda *_: bare))) == []

    def test_a_cluster_that_cannot_be_asked_is_no_answer(self) -> None:
        def silent(_api: str, _kind: str) -> list[Mapping[str, Any]]:
            raise Unasked("may not list")

        assert [f.status for f in check(replace(seen(), live=silent))] == ["skipped"]
