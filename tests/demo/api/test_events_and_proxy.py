"""Events in both of their views, and the way through the server to a service."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any

import pytest

from tests.demo.api.target import TABLE, Api, event, pod

NEWER = {
    "apiVersion": "events.k8s.io/v1",
    "kind": "Event",
    "eventTime": "2026-11-22T12:00:00.000000Z",
    "reportingController": "tests.example/one",
    "reportingInstance": "one-0",
    "action": "Telling",
    "reason": "Told",
    "type": "Warning",
    "note": "as it is",
}


class TestEvents:
    @pytest.fixture
    def about(self, namespace: str) -> dict[str, str]:
        return {"kind": "Pod", "name": "one", "namespace": namespace}

    @pytest.fixture
    def core(self, namespace: str) -> str:
        return f"/api/v1/namespaces/{namespace}/events"

    @pytest.fixture
    def view(self, namespace: str) -> str:
        return f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"

    def test_one_of_the_core_is_seen_in_the_other_view_by_other_names(
        self, api: Api, about: dict[str, str], core: str, view: str
    ) -> None:
        source = {"source": {"component": "tests"}, "firstTimestamp": "2026-11-22T12:00:00Z"}
        made = api.made(core, event("old", about) | source)
        (listed,) = api.get(view).json["items"]
        told: dict[str, Any] = api.get(f"{view}/old").json
        assert (told["apiVersion"], told["kind"]) == ("events.k8s.io/v1", "Event")
        assert (told["regarding"]["name"], told["note"], told["deprecatedCount"]) == ("one", "as it is", 1)
        assert told["deprecatedSource"]["component"] == "tests"
        assert told["deprecatedFirstTimestamp"] == "2026-11-22T12:00:00Z"
        assert told.get("eventTime") is None
        assert not {"message", "involvedObject", "count"} & told.keys()
        assert told["metadata"]["uid"] == made["metadata"]["uid"] == listed["metadata"]["uid"]

    def test_one_of_the_other_view_is_seen_in_the_core(
        self, api: Api, about: dict[str, str], core: str, view: str
    ) -> None:
        api.made(view, NEWER | {"metadata": {"name": "new"}, "regarding": about})
        told = api.get(f"{core}/new").json
        assert (told["apiVersion"], told["involvedObject"]["name"], told["message"]) == ("v1", "one", "as it is")
        assert told["reportingComponent"] == "tests.example/one"
        assert told.get("lastTimestamp") is None

    def test_each_view_selects_by_its_own_names(self, api: Api, about: dict[str, str], core: str, view: str) -> None:
        api.made(core, event("old", about))
        names = [each["metadata"]["name"] for each in api.get(view, fieldSelector="regarding.name=one").json["items"]]
        assert names == ["old"]
        assert api.get(view, fieldSelector="regarding.name=two").json["items"] == []
        assert api.get(view, fieldSelector="involvedObject.name=one").status == 400

    def test_a_change_in_one_is_a_change_in_the_other(
        self, api: Api, about: dict[str, str], core: str, view: str
    ) -> None:
        with api.watching(view) as stream:
            api.made(core, event("old", about))
            api.patch(f"{view}/old", {"metadata": {"labels": {"seen": "yes"}}})
            api("DELETE", f"{view}/old")
            seen = list(islice(stream, 3))
        assert [each["type"] for each in seen] == ["ADDED", "MODIFIED", "DELETED"]
        assert {each["object"]["note"] for each in seen} == {"as it is"}
        assert api.get(f"{core}/old").status == 404

    def test_as_a_table_both_are_the_same(self, api: Api, about: dict[str, str], core: str, view: str) -> None:
        api.made(core, event("old", about))
        tables = [api.get(path, {"Accept": TABLE}).json for path in (core, view)]
        assert tables[0]["rows"][0]["cells"] == tables[1]["rows"][0]["cells"]
        assert [each["name"] for each in tables[0]["columnDefinitions"]] == [
            each["name"] for each in tables[1]["columnDefinitions"]
        ]

    @pytest.mark.parametrize("without", ["eventTime", "type", "action", "reason"])
    def test_of_the_newer_ones_more_is_asked(
        self, api: Api, about: dict[str, str], core: str, view: str, without: str
    ) -> None:
        lacking = {key: value for key, value in NEWER.items() if key != without}
        refused = api.post(view, lacking | {"metadata": {"name": "new"}, "regarding": about})
        assert refused.status == 422
        assert without in [cause["field"] for cause in refused.json["details"]["causes"]]
        assert api.get(core).json["items"] == []

    def test_it_is_announced(self, api: Api) -> None:
        (listed,) = api.get("/apis/events.k8s.io/v1").json["resources"]
        assert (listed["name"], listed["kind"], listed["namespaced"]) == ("events", "Event", True)


class _Backend(BaseHTTPRequestHandler):
    """Says what it was asked."""

    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "user": self.headers.get("Authorization")}).encode()
        self.send_response(418 if "teapot" in self.path else 200)
        self.send_header("Content-Type", "application/x-tests")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def outward() -> str:
    """An address of this machine that is none of the loopback, which a real server takes for no endpoint's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("198.51.100.1", 9))  # nothing is sent
        except OSError:
            return "127.0.0.1"
        return str(asked.getsockname()[0])


@pytest.fixture
def service(request: pytest.FixtureRequest, api: Api, namespace: str) -> Iterator[str]:
    """The path of a Service on port 9093, behind which a pod answers, and on 9094 none."""
    host = outward()
    if host == "127.0.0.1" and "real" in request.node.callspec.params.values():
        pytest.skip("a real API server takes no loopback address for an endpoint, and this machine has no other")
    server = ThreadingHTTPServer((host, 0), _Backend)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    core = f"/api/v1/namespaces/{namespace}"
    try:
        with socket.socket() as kept:  # a port on which nobody listens
            kept.bind((host, 0))
            _made(api, core, host, server.server_port, kept.getsockname()[1])
            yield f"{core}/services"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _made(api: Api, core: str, host: str, answers: int, silent: int) -> None:
    namespace = core.rpartition("/")[2]
    api.made(f"{core}/pods", pod("one", node="n1"))
    ips = {"podIP": host, "podIPs": [{"ip": host}]}
    assert api.patch(f"{core}/pods/one/status", {"status": {"phase": "Running", **ips}}).status == 200
    ports = [{"name": "web", "port": 9093}, {"name": "none", "port": 9094}]
    metadata = {"name": "alerts"}
    of = {"apiVersion": "v1", "metadata": metadata}
    api.made(f"{core}/services", of | {"kind": "Service", "spec": {"ports": ports}})
    reference = {"kind": "Pod", "name": "one", "namespace": namespace}
    subset = {
        "addresses": [{"ip": host, "targetRef": reference}],
        "ports": [{"name": "web", "port": answers}, {"name": "none", "port": silent}],
    }
    api.made(f"{core}/endpoints", of | {"kind": "Endpoints", "subsets": [subset]})
    api.made(f"{core}/services", of | {"kind": "Service", "metadata": {"name": "lonely"}, "spec": {"ports": ports}})
    api.made(f"{core}/endpoints", of | {"kind": "Endpoints", "metadata": {"name": "lonely"}})
    api.made(f"{core}/services", of | {"kind": "Service", "metadata": {"name": "bare"}, "spec": {"ports": ports}})


class TestServiceProxy:
    @pytest.mark.parametrize("port", ["9093", "web"])
    def test_what_is_behind_it_answers_by_number_and_by_name(self, api: Api, service: str, port: str) -> None:
        answer = api.get(f"{service}/alerts:{port}/proxy/api/v2/alerts", active="true", silenced="false")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-tests")
        assert answer.json == {"path": "/api/v2/alerts?active=true&silenced=false", "user": None}

    def test_an_error_of_what_is_behind_it_comes_as_it_is(self, api: Api, service: str) -> None:
        answer = api.get(f"{service}/alerts:web/proxy/teapot")
        assert (answer.status, answer.json["path"]) == (418, "/teapot")

    @pytest.mark.parametrize(
        ("name", "status", "message"),
        [
            ("nobody:9093", 404, 'services "nobody" not found'),
            ("nobody:web", 404, 'services "nobody" not found'),
            ("bare:web", 404, 'services "bare" not found'),
            ("alerts:1", 503, 'no service port 1 found for service "alerts"'),
            ("alerts:other", 503, 'no endpoints available for service "alerts:other"'),
            ("lonely:9093", 503, 'no endpoints available for service "lonely"'),
            ("a:b:c:d", 400, 'invalid service request "a:b:c:d"'),
        ],
    )
    def test_where_it_leads_nowhere_it_says_so(
        self, api: Api, service: str, name: str, status: int, message: str
    ) -> None:
        answer = api.get(f"{service}/{name}/proxy/x")
        assert (answer.status, answer.message) == (status, message)

    def test_a_pod_that_does_not_answer(self, api: Api, service: str) -> None:
        answer = api.get(f"{service}/alerts:none/proxy/x")
        assert answer.status == 503
        assert b"error trying to reach service" in answer.body

    def test_who_may_not_is_refused_by_its_name(self, viewer: Api, namespace: str) -> None:
        answer = viewer.get(f"/api/v1/namespaces/{namespace}/services/alerts:9093/proxy/x")
        assert answer.status == 403
        assert 'cannot get resource "services/proxy"' in answer.message
