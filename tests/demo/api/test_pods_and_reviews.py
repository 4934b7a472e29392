"""Evictions, logs, reviews, also as kubectl sends them in protobuf."""

import pytest

from tests.demo.api.target import TALOS, Api, pod, unique, upgrade

ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
PROTOBUF = "application/vnd.kubernetes.protobuf"


def field(number: int, value: bytes | str) -> bytes:
    """A field of a protobuf message, shorter than 128 bytes."""
    data = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2, len(data)]) + data


def framed(version: str, kind: str, message: bytes) -> bytes:
    return b"k8s\x00" + field(1, field(1, version) + field(2, kind)) + field(2, message)


@pytest.mark.parametrize(("verb", "allowed"), [("list", True), ("delete", False)])
def test_one_may_ask_what_one_may(viewer: Api, verb: str, allowed: bool) -> None:
    asked = {"spec": {"resourceAttributes": {"verb": verb, "resource": "pods", "namespace": "default"}}}
    answer = viewer.post(ACCESS, asked)
    assert (answer.status, answer.json["status"]["allowed"]) == (201, allowed)


def test_the_question_may_come_as_protobuf(viewer: Api) -> None:
    for verb, allowed in (("get", True), ("patch", False)):
        attributes = field(1, "default") + field(2, verb) + field(3, "") + field(4, "*") + field(5, "pods")
        body = framed(
            "authorization.k8s.io/v1", "SelfSubjectAccessReview", field(1, b"") + field(2, field(1, attributes))
        )
        answer = viewer("POST", ACCESS, body, {"Content-Type": PROTOBUF})
        assert (answer.status, answer.json["status"]["allowed"]) == (201, allowed)


def test_broken_protobuf_is_refused(api: Api) -> None:
    body = framed("authorization.k8s.io/v1", "SelfSubjectAccessReview", field(2, b"\x0a\x7fshort"))
    assert api("POST", ACCESS, body, {"Content-Type": PROTOBUF}).status in {400, 415}


def test_a_question_about_nothing_is_refused(api: Api) -> None:
    assert api.post(ACCESS, {"spec": {}}).status == 422
    assert api.post(RULES, {"spec": {}}).status == 400


def test_the_rules_that_hold_in_a_namespace(viewer: Api) -> None:
    status = viewer.post(RULES, {"spec": {"namespace": "default"}}).json["status"]
    assert {"verbs", "apiGroups", "resources"} <= status["resourceRules"][0].keys()
    assert status["incomplete"] is False


def test_one_learns_who_one_is(viewer: Api) -> None:
    user = viewer.post(WHO, {}).json["status"]["userInfo"]
    assert (user["username"], "system:authenticated" in user["groups"]) == ("viewer", True)


class TestEviction:
    @pytest.fixture(autouse=True)
    def running(self, api: Api, pods: str) -> None:
        api.made(pods, pod("one", node="n1", app="db"))
        api.patch(f"{pods}/one/status", {"status": {"phase": "Running"}})

    def test_an_evicted_pod_is_given_time(self, api: Api, pods: str) -> None:
        answer = api.post(f"{pods}/one/eviction", self.eviction())
        assert (answer.status, answer.json["status"]) == (201, "Success")
        assert api.get(f"{pods}/one").json["metadata"]["deletionTimestamp"]

    def test_a_budget_forbids(self, api: Api, namespace: str, pods: str) -> None:
        budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
        kind = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "db"}}
        spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": "db"}}}
        made = api.made(budgets, kind | {"spec": spec})
        status = {
            "observedGeneration": made["metadata"]["generation"],
            "disruptionsAllowed": 0,
            "desiredHealthy": 2,
            "currentHealthy": 1,
            "expectedPods": 1,
        }
        api.patch(f"{budgets}/db/status", {"status": status})
        answer = api.post(f"{pods}/one/eviction", self.eviction())
        assert answer.status == 429
        assert answer.message == "Cannot evict pod as it would violate the pod's disruption budget."
        assert "Retry-After" not in answer.headers
        (cause,) = answer.json["details"]["causes"]
        told = "The disruption budget db needs 2 healthy pods and has 1 currently"
        assert (cause["reason"], cause["message"]) == ("DisruptionBudget", told)
        assert "deletionTimestamp" not in api.get(f"{pods}/one").json["metadata"]

    @pytest.mark.parametrize(("healthy", "code"), [(1, 201), (0, 429)])
    def test_a_pod_that_is_not_ready_may_go_while_the_others_are_enough(
        self, api: Api, namespace: str, pods: str, healthy: int, code: int
    ) -> None:
        budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
        kind = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "db"}}
        made = api.made(budgets, kind | {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "db"}}}})
        counts = {"disruptionsAllowed": 0, "desiredHealthy": 1, "currentHealthy": healthy, "expectedPods": 2}
        generation = made["metadata"]["generation"]
        api.patch(f"{budgets}/db/status", {"status": counts | {"observedGeneration": generation}})
        assert api.post(f"{pods}/one/eviction", self.eviction()).status == code

    def eviction(self) -> dict[str, object]:
        return {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "one"}}


def test_a_log_is_of_a_container_of_a_pod(api: Api, pods: str) -> None:
    api.made(pods, pod("one"))
    assert api.get(f"{pods}/one/log", container="zz").message == "container zz is not valid for pod one"
    assert api.get(f"{pods}/nobody/log").status == 404
    assert api.get(f"{TALOS}/x/log").status == 404
    api.made(TALOS, upgrade(unique("t")))
