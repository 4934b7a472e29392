"""Get, list, selectors, pages, tables."""

import pytest

from tests.demo.api.target import TABLE, TALOS, Api, config, event, node, pod, unique, upgrade


def revision(obj: dict[str, dict[str, str]]) -> int:
    return int(obj["metadata"]["resourceVersion"])


def names(api: Api, path: str, **query: str) -> list[str]:
    answer = api.get(path, **query)
    assert answer.status == 200, answer.body
    return [item["metadata"]["name"] for item in answer.json["items"]]


def test_a_missing_custom_object_names_group_and_resource(api: Api) -> None:
    answer = api.get(f"{TALOS}/nobody")
    assert answer.status == 404
    assert answer.message == 'talosupgrades.tuppr.home-operations.com "nobody" not found'
    details = {"name": "nobody", "group": "tuppr.home-operations.com", "kind": "talosupgrades"}
    assert answer.json["details"] == details


def test_a_missing_core_object_names_no_group(api: Api) -> None:
    answer = api.get("/api/v1/nodes/nobody")
    assert answer.message == 'nodes "nobody" not found'
    assert answer.json["details"] == {"name": "nobody", "kind": "nodes"}


def test_a_list_is_as_new_as_its_newest_item(api: Api, configs: str) -> None:
    for name in "abc":
        api.made(configs, config(name))
    found = api.get(configs).json
    assert found["kind"] == "ConfigMapList"
    assert revision(found) >= max(map(revision, found["items"]))


def test_a_missing_namespace_is_an_empty_list(api: Api) -> None:
    answer = api.get("/api/v1/namespaces/nowhere/configmaps")
    assert (answer.status, answer.json["items"]) == (200, [])


class TestPages:
    @pytest.fixture(autouse=True)
    def three(self, api: Api, configs: str) -> None:
        for name in "abc":
            api.made(configs, config(name, {"app": "x"}))

    def test_a_page_tells_how_many_remain(self, api: Api, configs: str) -> None:
        first = api.get(configs, limit="2").json
        assert [item["metadata"]["name"] for item in first["items"]] == ["a", "b"]
        assert first["metadata"]["remainingItemCount"] == 1

    def test_the_next_page_shows_the_state_of_the_first(self, api: Api, configs: str) -> None:
        first = api.get(configs, limit="2").json
        api("DELETE", f"{configs}/c")
        api.made(configs, config("d"))
        rest = api.get(configs, limit="2", **{"continue": first["metadata"]["continue"]}).json
        assert [item["metadata"]["name"] for item in rest["items"]] == ["c"]
        assert rest["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}

    def test_with_a_selector_nothing_is_counted(self, api: Api, configs: str) -> None:
        assert "remainingItemCount" not in api.get(configs, limit="2", labelSelector="app=x").json["metadata"]

    def test_a_bad_token_is_refused(self, api: Api, configs: str) -> None:
        token = api.get(configs, limit="2").json["metadata"]["continue"]
        assert api.get(configs, **{"continue": "garbage"}).status == 400
        together = api.get(configs, resourceVersion="5", **{"continue": token})
        assert together.status == 400
        assert together.message == "specifying resource version is not allowed when using continue"

    def test_any_revision_will_do_means_all_at_once(self, api: Api, configs: str) -> None:
        assert len(names(api, configs, limit="2", resourceVersion="0")) == 3

    def test_an_exact_revision_is_that_state(self, api: Api, configs: str) -> None:
        at = api.get(configs).json["metadata"]["resourceVersion"]
        api("DELETE", f"{configs}/a")
        past = api.get(configs, resourceVersion=at, resourceVersionMatch="Exact").json
        assert [item["metadata"]["name"] for item in past["items"]] == ["a", "b", "c"]
        assert past["metadata"]["resourceVersion"] == at


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"resourceVersion": "abc"}, 400),
        ({"resourceVersionMatch": "Exact"}, 422),
        ({"resourceVersion": "5", "resourceVersionMatch": "Foo"}, 422),
        ({"resourceVersion": "0", "resourceVersionMatch": "Exact"}, 422),
        ({"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}, 422),
        ({"limit": "abc"}, 400),
        ({"resourceVersion": "1", "resourceVersionMatch": "Exact"}, 410),
        ({"limit": "-1"}, 200),
        ({"nonsense": "1"}, 200),
    ],
)
def test_options_are_checked(api: Api, query: dict[str, str], status: int) -> None:
    assert api.get("/api/v1/nodes", **query).status == status


def test_a_revision_of_the_future_is_waited_for_and_then_refused(api: Api) -> None:
    answer = api.get("/api/v1/nodes", resourceVersion="99999999")
    assert (answer.status, answer.json["reason"]) == (504, "Timeout")
    assert answer.json["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"
    assert answer.json["details"]["retryAfterSeconds"] == 1


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("app=x", "ab"),
        ("app==x", "ab"),
        ("app!=x", "cd"),
        ("app in (x, y)", "abc"),
        ("app notin (x)", "cd"),
        ("app", "abc"),
        ("!app", "d"),
        ("n>1", "bc"),
        ("n<3", "ab"),
        ("app=x,n=2", "b"),
        ("app=", ""),
        ("", "abcd"),
    ],
)
def test_label_selectors(api: Api, configs: str, selector: str, expected: str) -> None:
    labelled: list[tuple[str, dict[str, str]]] = [
        *(("a", {"app": "x", "n": "1"}), ("b", {"app": "x", "n": "2"}), ("c", {"app": "y", "n": "3"})),
        ("d", {}),
    ]
    for name, labels in labelled:
        api.made(configs, config(name, labels))
    assert names(api, configs, labelSelector=selector) == list(expected)


@pytest.mark.parametrize("selector", ["a=b=c", "a in x", "a in (x", ",,", "=x"])
def test_a_broken_label_selector_is_refused(api: Api, selector: str) -> None:
    assert api.get("/api/v1/nodes", labelSelector=selector).status == 400


def test_fields_of_pods(api: Api, pods: str) -> None:
    api.made(pods, pod("one", node="n1"))
    api.made(pods, pod("two", node="n2"))
    api.patch(f"{pods}/two/status", {"status": {"phase": "Running"}})
    assert names(api, pods, fieldSelector="metadata.name=one") == ["one"]
    assert names(api, pods, fieldSelector="spec.nodeName=n2") == ["two"]
    assert names(api, pods, fieldSelector="status.phase!=Running") == ["one"]
    assert names(api, pods, fieldSelector="spec.nodeName=n1,status.phase=Running") == []


def test_fields_that_are_not_indexed_are_refused(api: Api, pods: str) -> None:
    unknown = api.get(pods, fieldSelector="status.hostIP=1")
    assert (unknown.status, unknown.message) == (400, "field label not supported: status.hostIP")
    assert api.get(TALOS, fieldSelector="metadata.namespace=x").status == 400
    assert api.get(pods, fieldSelector="x").message == "invalid selector: 'x'; can't understand 'x'"
    apps = api.get("/apis/apps/v1/deployments", fieldSelector="spec.replicas=1")
    assert apps.message.startswith('"spec.replicas" is not a known field selector')


def test_fields_of_events(api: Api, namespace: str) -> None:
    events = f"/api/v1/namespaces/{namespace}/events"
    for name, kind in (("a", "Normal"), ("b", "Warning")):
        about = {"kind": "Kustomization", "name": f"app-{name}", "namespace": namespace}
        api.made(events, event(name, about, kind))
    assert names(api, events, fieldSelector="involvedObject.name=app-a,involvedObject.kind=Kustomization") == ["a"]
    assert names(api, events, fieldSelector="type=Warning,reason=Told") == ["b"]


class TestTables:
    def test_a_custom_kind_shows_its_printer_columns(self, api: Api) -> None:
        name = unique("talos")
        api.made(TALOS, upgrade(name))
        answer = api.get(f"{TALOS}/{name}", {"Accept": TABLE})
        assert answer.headers["Content-Type"].startswith("application/json")
        table = answer.json
        assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
        columns = table["columnDefinitions"]
        assert (columns[0]["name"], columns[0]["format"]) == ("Name", "name")
        shown = [column["name"] for column in columns if not column["priority"]]
        assert shown == ["Name", "Phase", "Ready", "Reason", "Current Node", "Age"]
        (row,) = table["rows"]
        assert row["cells"][:2] == [name, None]
        assert row["object"]["kind"] == "PartialObjectMetadata"
        assert row["object"]["metadata"]["name"] == name

    def test_rows_hold_as_much_of_the_object_as_asked(self, api: Api, configs: str) -> None:
        api.made(configs, config("one", key="value"))
        whole = api.get(configs, {"Accept": TABLE}, includeObject="Object").json["rows"][0]["object"]
        assert whole["data"] == {"key": "value"}
        assert api.get(configs, {"Accept": TABLE}, includeObject="None").json["rows"][0]["object"] is None
        assert api.get(configs, {"Accept": TABLE}, includeObject="Foo").status == 400

    def test_an_empty_table_still_has_columns(self, api: Api, configs: str) -> None:
        table = api.get(configs, {"Accept": TABLE}).json
        assert (table["rows"], [column["name"] for column in table["columnDefinitions"]]) == (
            [],
            ["Name", "Data", "Age"],
        )

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/api/v1/nodes", "Name Status Roles Age Version"),
            ("/api/v1/pods", "Name Ready Status Restarts Age"),
            ("/api/v1/namespaces", "Name Status Age"),
            ("/api/v1/events", "Last-Seen Type Reason Object Message"),
            ("/apis/policy/v1/poddisruptionbudgets", "Name Min-Available Max-Unavailable Allowed-Disruptions Age"),
            ("/apis/apps/v1/deployments", "Name Ready Up-to-date Available Age"),
        ],
    )
    def test_built_in_kinds_show_what_kubectl_users_know(self, api: Api, path: str, expected: str) -> None:
        columns = api.get(path, {"Accept": TABLE}).json["columnDefinitions"]
        assert [c["name"].replace(" ", "-") for c in columns if not c["priority"]] == expected.split()

    def test_a_cordoned_node_says_so(self, api: Api) -> None:
        name = unique("node")
        api.made("/api/v1/nodes", node(name))
        api.patch(f"/api/v1/nodes/{name}", {"spec": {"unschedulable": True}})
        (row,) = api.get(f"/api/v1/nodes/{name}", {"Accept": TABLE}).json["rows"]
        assert row["cells"][:3] == [name, "Ready,SchedulingDisabled", "control-plane"]
        assert row["cells"][4:6] == ["v1.36.2", "10.0.0.11"]


def test_only_metadata_on_request(api: Api, configs: str) -> None:
    api.made(configs, config("one", key="value"))
    accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    found = api.get(configs, {"Accept": accept}).json
    assert found["kind"] == "PartialObjectMetadataList"
    assert found["items"][0].keys() == {"kind", "apiVersion", "metadata"}


def test_an_event_lives_beside_what_it_is_about(api: Api, namespace: str) -> None:
    astray = event("e", {"kind": "Pod", "name": "one", "namespace": "elsewhere"})
    refused = api.post(f"/api/v1/namespaces/{namespace}/events", astray)
    assert (refused.status, refused.json["details"]["causes"][0]["field"]) == (422, "involvedObject.namespace")
