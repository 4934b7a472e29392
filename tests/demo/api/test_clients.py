"""The Python client, as the console uses it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes
import kubernetes.dynamic
import pytest

from tests.demo.api.target import TALOS, Api, Target, config, event, node, pod, unique, upgrade

clients: Any = kubernetes.client  # its generated types take every field for absent
watches: Any = kubernetes.watch
dynamics: Any = kubernetes.dynamic
GROUP = ("tuppr.home-operations.com", "v1alpha1")


@pytest.fixture
def client(target: Target) -> Iterator[Any]:
    configuration = clients.Configuration()
    configuration.host = target.url
    configuration.ssl_ca_cert = str(target.authority)
    configuration.api_key = {"authorization": f"Bearer {target.admin}"}
    configuration.proxy = None
    with clients.ApiClient(configuration) as api_client:
        yield api_client
        api_client.rest_client.pool_manager.clear()


def test_typed_lists_validate(api: Api, client: Any, namespace: str) -> None:
    api.made("/api/v1/nodes", node(unique("node")))
    api.made(f"/api/v1/namespaces/{namespace}/pods", pod("one"))
    about = {"kind": "Pod", "name": "one", "namespace": namespace}
    api.made(f"/api/v1/namespaces/{namespace}/events", event("e", about))
    core = clients.CoreV1Api(client)
    assert core.list_node().items[0].status.node_info.kubelet_version == "v1.36.2"
    assert core.list_namespaced_pod(namespace).items[0].spec.containers[0].name == "main"
    assert core.list_namespaced_event(namespace).items[0].message == "as it is"
    assert namespace in {item.metadata.name for item in core.list_namespace().items}
    assert clients.PolicyV1Api(client).list_pod_disruption_budget_for_all_namespaces().items is not None
    assert clients.ApiextensionsV1Api(client).list_custom_resource_definition().items is not None
    assert clients.VersionApi(client).get_code().git_version


def test_custom_objects_are_read_and_patched(api: Api, client: Any) -> None:
    name = unique("talos")
    api.made(TALOS, upgrade(name))
    custom = clients.CustomObjectsApi(client)
    assert custom.get_cluster_custom_object(*GROUP, "talosupgrades", name)["spec"]["talos"]["version"] == "v1.13.8"
    hold = {"metadata": {"annotations": {"tuppr.home-operations.com/suspend": "wait"}}}
    patched = custom.patch_cluster_custom_object(*GROUP, "talosupgrades", name, hold)
    assert patched["metadata"]["annotations"] == hold["metadata"]["annotations"]
    steps = [{"op": "remove", "path": "/metadata/annotations/tuppr.home-operations.com~1suspend"}]
    patched = custom.patch_cluster_custom_object(
        *GROUP, "talosupgrades", name, steps, _content_type="application/json-patch+json"
    )
    assert "annotations" not in patched["metadata"]


def test_errors_are_what_the_client_expects(client: Any) -> None:
    with pytest.raises(clients.ApiException) as missing:
        clients.CoreV1Api(client).read_node("nobody")
    assert missing.value.status == 404


def test_the_dynamic_client_finds_kinds(api: Api, client: Any, tmp_path: Path) -> None:
    name = unique("talos")
    api.made(TALOS, upgrade(name))
    dynamic = dynamics.DynamicClient(client, cache_file=str(tmp_path / "cache.json"))
    upgrades = dynamic.resources.get(api_version="/".join(GROUP), kind="TalosUpgrade")
    assert upgrades.get(name=name).spec.talos.version == "v1.13.8"


def test_a_watch_begins_with_initial_events_and_goes_on(api: Api, client: Any, configs: str) -> None:
    api.made(configs, config("a"))
    namespace = configs.split("/")[4]
    query = {"send_initial_events": True, "resource_version_match": "NotOlderThan", "allow_watch_bookmarks": True}
    stream = watches.Watch()
    writer = threading.Thread(target=api.made, args=(configs, config("b")))
    seen: list[tuple[str, str]] = []
    for happened in stream.stream(
        clients.CoreV1Api(client).list_namespaced_config_map, namespace, timeout_seconds=10, **query
    ):
        raw = happened["raw_object"]
        seen.append((happened["type"], raw["metadata"].get("name", "")))
        if happened["type"] == "BOOKMARK":
            writer.start()
        if raw["metadata"].get("name") == "b":
            break
    writer.join()
    assert seen == [("ADDED", "a"), ("BOOKMARK", ""), ("ADDED", "b")]


def test_one_may_ask_through_the_client(client: Any) -> None:
    attributes = {"verb": "patch", "group": GROUP[0], "resource": "talosupgrades"}
    review = clients.AuthorizationV1Api(client).create_self_subject_access_review(
        {"spec": {"resourceAttributes": attributes}}
    )
    assert review.status.allowed is True
