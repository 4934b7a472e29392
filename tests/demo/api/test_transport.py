"""Discovery, transport, who may ask."""

import contextlib
import json

import pytest
import urllib3

from tests.demo.api.target import TALOS, Api, Target, config, pod, unique, upgrade

V2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
TUPPR = "tuppr.home-operations.com"


def test_the_version_has_all_nine_fields(api: Api) -> None:
    version = api.get("/version").json
    wanted = {
        *("major", "minor", "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler"),
        "platform",
    }
    assert wanted <= version.keys()
    assert all(isinstance(version[key], str) for key in wanted)


def test_legacy_discovery_separates_core_and_named_groups(api: Api) -> None:
    assert api.get("/api").json["versions"] == ["v1"]
    groups = api.get("/apis").json
    assert groups["kind"] == "APIGroupList"
    assert {group["name"] for group in groups["groups"]} >= {"apps", "policy", TUPPR}
    assert "" not in {group["name"] for group in groups["groups"]}


@pytest.mark.parametrize("path", ["/api", "/apis"])
def test_aggregated_discovery_echoes_its_media_type(api: Api, path: str) -> None:
    answer = api.get(path, {"Accept": f"{V2},application/json"})
    assert answer.headers["Content-Type"] == V2
    assert answer.json["items"][0]["versions"][0]["resources"]
    names = [item["metadata"].get("name") for item in answer.json["items"]]
    assert names == [None] if path == "/api" else None not in names


def test_a_group_version_lists_resources_and_their_status(api: Api) -> None:
    listed = {entry["name"]: entry for entry in api.get(f"/apis/{TUPPR}/v1alpha1").json["resources"]}
    assert listed["talosupgrades"]["namespaced"] is False
    assert listed["talosupgrades/status"]["kind"] == "TalosUpgrade"
    group = api.get(f"/apis/{TUPPR}").json
    assert (group["kind"], group["preferredVersion"]["version"]) == ("APIGroup", "v1alpha1")


def test_evictions_are_announced_so_that_drain_respects_budgets(api: Api) -> None:
    listed = {entry["name"]: entry for entry in api.get("/api/v1").json["resources"]}
    eviction = listed["pods/eviction"]
    assert (eviction["kind"], eviction["group"], eviction["version"]) == ("Eviction", "policy", "v1")


@pytest.mark.parametrize("path", ["/nope", "/apis/nope.example/v1/things", f"/apis/{TUPPR}/v1alpha1/nopes"])
def test_an_unknown_path_is_a_plain_404(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.body.strip() == b"404 page not found"


def test_an_unknown_core_resource_is_a_404_status(api: Api) -> None:
    answer = api.get("/api/v1/nopes")
    assert answer.status == 404
    assert answer.message == "the server could not find the requested resource"


def test_what_a_resource_does_not_allow_is_405(api: Api, configs: str) -> None:
    api.made(configs, config("one"))
    assert api.post(f"{configs}/one", config("one")).status == 405
    assert api("PUT", configs, config("one")).status == 405


def test_an_unknown_form_is_406_and_an_unknown_body_415(api: Api, configs: str) -> None:
    assert api.get("/api/v1/nodes", {"Accept": "text/html"}).status == 406
    assert api("POST", configs, b"x", {"Content-Type": "text/plain"}).status == 415


@pytest.mark.parametrize("authorization", ["", "Bearer nobody", "Basic eDp5", "Bearer "])
def test_who_is_not_known_is_401(target: Target, authorization: str) -> None:
    stranger = Api(target, "")
    answer = stranger.get("/api/v1/nodes", {"Authorization": authorization} if authorization else {})
    stranger.close()
    assert (answer.status, answer.json["reason"], answer.message) == (401, "Unauthorized", "Unauthorized")


def test_plain_http_gets_nothing(target: Target) -> None:
    """A real server says why not; the embedded one breaks the connection."""
    pool = urllib3.PoolManager(retries=False, timeout=5)
    told = 400
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        told = pool.request("GET", target.url.replace("https", "http") + "/version").status
    assert told == 400
    pool.clear()


def test_who_may_not_is_told_in_the_servers_words(viewer: Api, namespace: str) -> None:
    listing = viewer.get("/api/v1/nodes")
    assert listing.status == 403
    assert listing.message == (
        'nodes is forbidden: User "viewer" cannot list resource "nodes" in API group "" at the cluster scope'
    )
    assert listing.json["details"] == {"kind": "nodes"}
    one = viewer.patch(f"{TALOS}/talos/status", {})
    assert one.message == (
        f'talosupgrades.{TUPPR} "talos" is forbidden: User "viewer" cannot patch resource "talosupgrades/status" '
        f'in API group "{TUPPR}" at the cluster scope'
    )
    secret = viewer.get(f"/api/v1/namespaces/{namespace}/secrets/s")
    assert secret.message.endswith(f'cannot get resource "secrets" in API group "" in the namespace "{namespace}"')
    assert viewer.get(f"/api/v1/namespaces/{namespace}/pods").status == 200


def test_a_connection_is_kept(target: Target) -> None:
    pool = urllib3.HTTPSConnectionPool(target.url.removeprefix("https://"), ca_certs=str(target.authority), maxsize=1)
    for _ in range(3):
        assert pool.request("GET", "/api", headers={"Authorization": f"Bearer {target.admin}"}).status == 200
    assert pool.num_connections == 1
    pool.close()


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_health_is_public(target: Target, path: str) -> None:
    stranger = Api(target, "")
    assert stranger.get(path).body == b"ok"
    stranger.close()


def test_many_watches_do_not_hold_up_a_list(target: Target, api: Api) -> None:
    pool = urllib3.PoolManager(ca_certs=str(target.authority), maxsize=60, timeout=10)
    sent = {"Authorization": f"Bearer {target.admin}"}
    url = f"{target.url}/api/v1/configmaps?watch=1"
    streams = [pool.request("GET", url, headers=sent, preload_content=False) for _ in range(50)]
    assert api.get("/api/v1/configmaps").status == 200
    for stream in streams:
        stream.close()
    pool.clear()


def test_openapi_says_that_the_server_validates(api: Api) -> None:
    index = api.get("/openapi/v3").json["paths"]
    document = api.get(index[f"apis/{TUPPR}/v1alpha1"]["serverRelativeURL"]).json
    operations = [path["patch"] for path in document["paths"].values() if "patch" in path]
    upgrades = next(o for o in operations if o["x-kubernetes-group-version-kind"]["kind"] == "TalosUpgrade")
    assert "fieldValidation" in {parameter["name"] for parameter in upgrades["parameters"]}


def test_hostile_text_comes_back_as_it_was(api: Api, configs: str) -> None:
    hostile = "\x1b[31m\u202e \U0001f600 [bold]"
    body = json.dumps(config("hostile", key=hostile, half="\ud800!")).encode()
    assert api("POST", configs, body, {"Content-Type": "application/json"}).status == 201
    assert api.get(f"{configs}/hostile").json["data"] == {"key": hostile, "half": "\ufffd!"}


def test_answers_are_not_to_be_cached(api: Api, pods: str) -> None:
    api.made(pods, pod(unique("p")))
    api.post(TALOS, upgrade(unique("u")))
    assert api.get(pods).headers["Cache-Control"] == "no-cache, private"
