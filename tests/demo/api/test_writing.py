"""Create, replace, patch, apply, delete."""

import re
from typing import Any

import pytest

from tests.demo.api.target import (
    APPLY,
    JSON_PATCH,
    KUSTOMIZATIONS,
    MERGE,
    STRATEGIC,
    TALOS,
    Api,
    config,
    node,
    pod,
    unique,
    upgrade,
)


@pytest.fixture
def talos(api: Api) -> str:
    """The path of a new TalosUpgrade."""
    name = unique("talos")
    api.made(TALOS, upgrade(name))
    return f"{TALOS}/{name}"


def marks(obj: dict[str, Any]) -> tuple[int, int]:
    """(resourceVersion, generation)."""
    return int(obj["metadata"]["resourceVersion"]), obj["metadata"]["generation"]


class TestCreate:
    def test_the_server_writes_what_is_its_own(self, api: Api) -> None:
        given = upgrade(unique("talos"), uid="mine", creationTimestamp="2001-01-01T00:00:00Z", generation=7)
        metadata = api.made(TALOS, given)["metadata"]
        assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", metadata["uid"])
        assert re.fullmatch(r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata["creationTimestamp"])
        assert metadata["generation"] == 1
        assert int(metadata["resourceVersion"]) > 0

    def test_a_second_one_is_refused(self, api: Api, configs: str) -> None:
        api.made(configs, config("one"))
        again = api.post(configs, config("one"))
        assert (again.status, again.json["reason"]) == (409, "AlreadyExists")
        assert again.message == 'configmaps "one" already exists'

    def test_a_name_is_required_or_generated(self, api: Api, configs: str) -> None:
        nameless = api.post(configs, {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {}})
        assert (nameless.status, "name or generateName is required" in nameless.message) == (422, True)
        made = api.made(configs, {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"generateName": "x-"}})
        assert re.fullmatch(r"x-[a-z0-9]{5}", made["metadata"]["name"])

    def test_wrong_ones_are_refused(self, api: Api, configs: str) -> None:
        assert api.post(configs, config("Not_DNS")).status == 422
        elsewhere = config("one")
        elsewhere["metadata"]["namespace"] = "default"
        assert api.post(configs, elsewhere).status == 400
        numbered = config("one")
        numbered["metadata"]["resourceVersion"] = "5"
        assert api.post(configs, numbered).status == 500
        assert api("POST", configs, b"", {"Content-Type": "application/json"}).status == 400
        assert api("POST", configs, b"{", {"Content-Type": "application/json"}).status == 400
        assert api.post(configs, upgrade("one")).status == 400

    def test_a_missing_namespace_is_named(self, api: Api) -> None:
        answer = api.post("/api/v1/namespaces/nowhere/configmaps", config("one"))
        assert (answer.status, answer.message) == (404, 'namespaces "nowhere" not found')

    def test_a_status_is_not_taken(self, api: Api) -> None:
        assert "status" not in api.made(TALOS, upgrade(unique("t")) | {"status": {"phase": "Completed"}})


class TestCounting:
    def test_an_annotation_is_a_new_revision_of_the_same_generation(self, api: Api, talos: str) -> None:
        before, generation = marks(api.get(talos).json)
        after = api.patch(talos, {"metadata": {"annotations": {"a": "b"}}}).json
        assert marks(after)[0] > before
        assert marks(after)[1] == generation

    def test_a_spec_is_a_new_generation(self, api: Api, talos: str) -> None:
        assert marks(api.patch(talos, {"spec": {"talos": {"version": "v1.13.9"}}}).json)[1] == 2

    def test_the_same_again_is_nothing(self, api: Api, talos: str) -> None:
        change = {"metadata": {"annotations": {"a": "b"}}, "spec": {"talos": {"version": "v1.13.9"}}}
        once = api.patch(talos, change).json
        assert api.patch(talos, change).json == once

    def test_a_status_changes_by_its_own_path_only(self, api: Api, talos: str) -> None:
        old = api.get(talos).json
        mixed = {
            "status": {"phase": "Upgrading"},
            "spec": {"talos": {"version": "v9.9.9"}},
            "metadata": {"labels": {"a": "b"}},
        }
        assert "status" not in api.patch(talos, {"status": {"phase": "Upgrading"}}).json
        new = api.patch(f"{talos}/status", mixed).json
        assert (new["status"], new["spec"]) == ({"phase": "Upgrading"}, old["spec"])
        assert "labels" not in new["metadata"]
        assert marks(new)[1] == 1
        assert api.get(f"{talos}/status").json == new

    def test_a_dry_run_shows_what_would_be(self, api: Api, talos: str) -> None:
        old = api.get(talos).json
        shown = api.patch(talos, {"spec": {"talos": {"version": "v1.13.9"}}}, dryRun="All").json
        assert (shown["metadata"]["generation"], shown["spec"]["talos"]["version"]) == (2, "v1.13.9")
        assert shown["metadata"]["resourceVersion"] == old["metadata"]["resourceVersion"]
        assert api.get(talos).json == old
        assert api.patch(talos, {}, dryRun="foo").status == 422


class TestConflicts:
    def test_a_patch_on_an_old_revision(self, api: Api, talos: str) -> None:
        old = api.get(talos).json["metadata"]
        api.patch(talos, {"metadata": {"labels": {"a": "b"}}})
        stale = {"metadata": {"resourceVersion": old["resourceVersion"], "labels": {"a": "c"}}}
        answer = api.patch(talos, stale)
        assert (answer.status, answer.json["reason"]) == (409, "Conflict")
        assert answer.message == (
            f'Operation cannot be fulfilled on talosupgrades.tuppr.home-operations.com "{old["name"]}": '
            "the object has been modified; please apply your changes to the latest version and try again"
        )

    def test_a_replacement_on_an_old_revision_or_none(self, api: Api, talos: str) -> None:
        old = api.get(talos).json
        api.patch(talos, {"metadata": {"labels": {"a": "b"}}})
        assert api("PUT", talos, old).status == 409
        del old["metadata"]["resourceVersion"]
        assert api("PUT", talos, old).status == 422

    def test_a_replacement_of_the_newest_revision(self, api: Api, talos: str) -> None:
        new = api.get(talos).json
        new["spec"]["talos"]["version"] = "v1.13.9"
        assert api("PUT", talos, new).json["metadata"]["generation"] == 2

    def test_a_replacement_of_something_else(self, api: Api, talos: str, configs: str) -> None:
        old = api.get(talos).json
        assert api("PUT", f"{TALOS}/other", old).status == 400
        old["metadata"]["uid"] = "other"
        assert api("PUT", talos, old).status == 409
        assert api("PUT", f"{configs}/nobody", config("nobody")).status == 404


class TestPatches:
    def test_null_takes_away(self, api: Api, configs: str) -> None:
        api.made(configs, config("one", a="1", b="2"))
        assert api.patch(f"{configs}/one", {"data": {"a": None}}).json["data"] == {"b": "2"}

    def test_json_patch(self, api: Api, configs: str) -> None:
        api.made(configs, config("one", a="1"))
        steps = [
            {"op": "test", "path": "/data/a", "value": "1"},
            {"op": "replace", "path": "/data/a", "value": "2"},
            {"op": "add", "path": "/metadata/annotations", "value": {}},
            {"op": "add", "path": "/metadata/annotations/x~1y", "value": "3"},
        ]
        patched = api.patch(f"{configs}/one", steps, JSON_PATCH).json
        assert (patched["data"], patched["metadata"]["annotations"]) == ({"a": "2"}, {"x/y": "3"})
        assert api.patch(f"{configs}/one", steps, JSON_PATCH).status == 422
        assert api.patch(f"{configs}/one", [{"op": "remove", "path": "/data/none"}], JSON_PATCH).status == 422

    def test_a_strategic_patch_merges_conditions_by_type(self, api: Api) -> None:
        path = f"/api/v1/nodes/{unique('node')}"
        api.made("/api/v1/nodes", node(path.rpartition("/")[2]))
        added = {"status": {"conditions": [{"type": "DiskPressure", "status": "False"}]}}
        conditions = api.patch(f"{path}/status", added, STRATEGIC).json["status"]["conditions"]
        assert {c["type"]: c["status"] for c in conditions} == {"Ready": "True", "DiskPressure": "False"}
        cordoned = api.patch(path, {"spec": {"unschedulable": True}}, STRATEGIC).json
        assert cordoned["spec"]["unschedulable"] is True
        assert "unschedulable" not in api.patch(path, {"spec": {"unschedulable": None}}, STRATEGIC).json["spec"]

    def test_a_custom_kind_takes_no_strategic_patch(self, api: Api, talos: str) -> None:
        answer = api.patch(talos, {}, STRATEGIC)
        assert answer.status == 415
        assert [kind in answer.message for kind in (JSON_PATCH, MERGE, APPLY, STRATEGIC)] == [True, True, True, False]
        assert api.patch(talos, {}, "application/json").status == 415

    def test_nonsense_is_refused(self, api: Api, talos: str) -> None:
        assert api("PATCH", talos, b"{", {"Content-Type": MERGE}).message.startswith("error decoding patch")
        assert api.patch(talos, [1]).status == 400
        assert api.patch(f"{TALOS}/nobody", {}).status == 404
        assert api.patch(talos, {}, force="true").status == 422


class TestSchema:
    def test_each_wrong_field_is_a_cause(self, api: Api, talos: str) -> None:
        answer = api.patch(talos, {"spec": {"talos": {"version": "1.13"}, "policy": {"placement": "loose"}}})
        assert answer.status == 422
        assert {cause["field"] for cause in answer.json["details"]["causes"]} == {
            "spec.talos.version",
            "spec.policy.placement",
        }
        assert answer.message.startswith("TalosUpgrade.tuppr.home-operations.com")

    def test_an_unknown_field_is_warned_of_and_left_out(self, api: Api, talos: str) -> None:
        answer = api.patch(talos, {"spec": {"nope": 1}})
        assert answer.headers["Warning"] == '299 - "unknown field \\"spec.nope\\""'
        assert "nope" not in answer.json["spec"]
        strict = api.patch(talos, {"spec": {"nope": 1}}, fieldValidation="Strict")
        assert (strict.status, 'unknown field "spec.nope"' in strict.message) == (422, True)

    def test_defaults_are_filled_in(self, api: Api, talos: str) -> None:
        spec = api.patch(talos, {"spec": {"policy": {}}}).json["spec"]
        assert spec["policy"]["rebootMode"] == "default"
        assert spec["talos"]["prePull"] is True


class TestApply:
    def test_creates_and_then_changes_nothing(self, api: Api) -> None:
        path, wanted = self.new()
        created = api.patch(path, wanted, APPLY, fieldManager="me")
        assert created.status == 201
        again = api.patch(path, wanted, APPLY, fieldManager="me")
        assert (again.status, marks(again.json)) == (200, marks(created.json))

    def test_another_managers_field_is_a_conflict_unless_forced(self, api: Api) -> None:
        path, wanted = self.new()
        api.patch(path, wanted, APPLY, fieldManager="me")
        wanted["spec"]["talos"]["version"] = "v1.13.9"
        refused = api.patch(path, wanted, APPLY, fieldManager="you")
        assert refused.status == 409
        assert refused.message == 'Apply failed with 1 conflict: conflict with "me": .spec.talos.version'
        assert refused.json["details"]["causes"][0]["reason"] == "FieldManagerConflict"
        forced = api.patch(path, wanted, APPLY, fieldManager="you", force="true")
        assert forced.json["spec"]["talos"]["version"] == "v1.13.9"

    def test_what_one_no_longer_says_goes_and_what_others_said_stays(self, api: Api) -> None:
        path, wanted = self.new()
        wanted["metadata"]["annotations"] = {"mine": "1"}
        api.patch(path, wanted, APPLY, fieldManager="me")
        api.patch(path, {"metadata": {"annotations": {"theirs": "1"}}})
        del wanted["metadata"]["annotations"]
        new = api.patch(path, wanted, APPLY, fieldManager="me").json
        assert new["metadata"]["annotations"] == {"theirs": "1"}

    def test_wrong_ones_are_refused(self, api: Api) -> None:
        path, wanted = self.new()
        assert api.patch(path, wanted, APPLY).status == 422
        wanted["metadata"]["managedFields"] = [{"manager": "me"}]
        assert api.patch(path, wanted, APPLY, fieldManager="me").message == "metadata.managedFields must be nil"

    def new(self) -> tuple[str, dict[str, Any]]:
        name = unique("talos")
        return f"{TALOS}/{name}", upgrade(name)


class TestDelete:
    def test_what_is_gone_is_named(self, api: Api) -> None:
        made = api.made(TALOS, upgrade(unique("talos")))["metadata"]
        answer = api("DELETE", f"{TALOS}/{made['name']}", {"propagationPolicy": "Background"})
        assert (answer.status, answer.json["status"], answer.json["details"]["uid"]) == (200, "Success", made["uid"])
        assert api.get(f"{TALOS}/{made['name']}").status == 404
        assert api("DELETE", f"{TALOS}/{made['name']}").status == 404

    def test_a_finalizer_holds_until_it_is_taken_away(self, api: Api) -> None:
        name = unique("talos")
        path = f"{TALOS}/{name}"
        api.made(TALOS, upgrade(name, finalizers=["example.com/hold"]))
        deleted = api("DELETE", path).json
        assert deleted["metadata"]["deletionTimestamp"]
        assert deleted["metadata"]["generation"] == 2
        assert marks(api("DELETE", path).json) == marks(deleted)
        more = {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}
        assert api.patch(path, more).status == 422
        assert api.get(path).status == 200
        assert api.patch(path, {"metadata": {"finalizers": None}}).status == 200
        assert api.get(path).status == 404

    def test_preconditions(self, api: Api, talos: str) -> None:
        assert api("DELETE", talos, {"preconditions": {"uid": "other"}}).status == 409
        assert api("DELETE", talos, {"preconditions": {"resourceVersion": "1"}}).status == 409
        assert api("DELETE", talos, {"propagationPolicy": "Sideways"}).status == 422
        assert api("DELETE", talos, dryRun="All").json["status"] == "Success"
        assert api.get(talos).status == 200

    def test_a_pod_gets_time_unless_there_is_none(self, api: Api, pods: str) -> None:
        api.made(pods, pod("one", node="n1"))
        dying = api("DELETE", f"{pods}/one").json["metadata"]
        assert dying["deletionGracePeriodSeconds"] == 30
        assert api.get(f"{pods}/one").status == 200
        api("DELETE", f"{pods}/one", {"gracePeriodSeconds": 0})
        assert api.get(f"{pods}/one").status == 404

    def test_a_collection_by_selector(self, api: Api, configs: str) -> None:
        for name, app in (("a", "x"), ("b", "y")):
            api.made(configs, config(name, {"app": app}))
        deleted = api("DELETE", configs, labelSelector="app=x").json
        assert [item["metadata"]["name"] for item in deleted["items"]] == ["a"]
        assert [item["metadata"]["name"] for item in api.get(configs).json["items"]] == ["b"]


def test_a_kustomization_takes_a_request_by_merge_patch(api: Api, namespace: str) -> None:
    path = f"{KUSTOMIZATIONS}/namespaces/{namespace}/kustomizations"
    kind = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization"}
    api.made(path, kind | {"metadata": {"name": "app"}, "spec": {"path": "./app", "suspend": True}})
    asked = api.patch(f"{path}/app", {"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": "now"}}}).json
    assert marks(asked)[1] == 1
    assert marks(api.patch(f"{path}/app", {"spec": {"suspend": None}}).json)[1] == 2
