"""Watch: replay, live, selectors, bookmarks, ends."""

import threading
from typing import Any

import pytest

from tests.demo.api.target import TABLE, TALOS, Api, config, unique, upgrade

INITIAL = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}


def now(api: Api, path: str) -> str:
    return str(api.get(path).json["metadata"]["resourceVersion"])


def test_without_a_revision_all_there_is_comes_first(api: Api, configs: str) -> None:
    for name in "ab":
        api.made(configs, config(name))
    with api.watching(configs) as events:
        assert events.names(2) == [("ADDED", "a"), ("ADDED", "b")]
        api.patch(f"{configs}/a", {"data": {"x": "1"}})
        api("DELETE", f"{configs}/b")
        assert events.names(2) == [("MODIFIED", "a"), ("DELETED", "b")]


def test_from_a_revision_only_what_is_newer_comes_and_in_order(api: Api, configs: str) -> None:
    api.made(configs, config("a"))
    since = now(api, configs)
    api.made(configs, config("b"))
    api.patch(f"{configs}/a", {"data": {"x": "1"}})
    with api.watching(configs, resourceVersion=since) as events:
        first, second = next(events), next(events)
    assert [(e["type"], e["object"]["metadata"]["name"]) for e in (first, second)] == [
        ("ADDED", "b"),
        ("MODIFIED", "a"),
    ]
    revisions = [int(e["object"]["metadata"]["resourceVersion"]) for e in (first, second)]
    assert int(since) < revisions[0] < revisions[1]


def test_a_forgotten_revision_is_told_in_the_stream(api: Api) -> None:
    with api.watching("/api/v1/nodes", resourceVersion="1") as events:
        assert events.response.status == 200
        error = next(events)
        assert (error["type"], error["object"]["code"], error["object"]["reason"]) == ("ERROR", 410, "Expired")
        assert next(events, None) is None


def test_a_revision_of_the_future_is_silent(api: Api, configs: str) -> None:
    with api.watching(configs, resourceVersion="99999999", timeoutSeconds="1") as events:
        api.made(configs, config("a"))
        assert events.response.status == 200
        assert next(events, None) is None


def test_a_revision_that_is_none_is_no_stream(api: Api) -> None:
    assert api.get("/api/v1/nodes", watch="1", resourceVersion="abc").status >= 400


def test_the_end_after_timeout_seconds_is_clean(api: Api, configs: str) -> None:
    api.made(configs, config("a"))
    with api.watching(configs, timeoutSeconds="1") as events:
        assert list(events)
        assert events.bytes.endswith(b"}\n")


def test_streams_are_chunked_and_never_compressed(api: Api, configs: str) -> None:
    api.made(configs, config("a"))
    with api.watching(configs, {"Accept-Encoding": "gzip"}) as events:
        assert events.response.headers["Transfer-Encoding"] == "chunked"
        assert "Content-Encoding" not in events.response.headers
        assert next(events)["type"] == "ADDED"


def test_who_leaves_the_selection_is_deleted_and_who_enters_is_added(api: Api, configs: str) -> None:
    since = now(api, configs)
    with api.watching(configs, resourceVersion=since, labelSelector="on=1") as events:
        api.made(configs, config("a"))
        for value in ("1", "1", "0"):
            api.patch(f"{configs}/a", {"metadata": {"labels": {"on": value}}, "data": {"x": value}})
        api.patch(f"{configs}/a", {"data": {"x": "2"}})
        api.patch(f"{configs}/a", {"metadata": {"labels": {"on": "1"}}})
        assert events.names(3) == [("ADDED", "a"), ("DELETED", "a"), ("ADDED", "a")]


def test_a_name_selects_one_object(api: Api, configs: str) -> None:
    with api.watching(configs, resourceVersion=now(api, configs), fieldSelector="metadata.name=b") as events:
        for name in "abc":
            api.made(configs, config(name))
        api("DELETE", f"{configs}/b")
        assert events.names(2) == [("ADDED", "b"), ("DELETED", "b")]


def test_a_write_that_changes_nothing_is_no_event(api: Api, configs: str) -> None:
    api.made(configs, config("a", x="1"))
    with api.watching(configs, resourceVersion=now(api, configs)) as events:
        api.patch(f"{configs}/a", {"data": {"x": "1"}})
        api.patch(f"{configs}/a", {"data": {"x": "2"}})
        assert next(events)["object"]["data"] == {"x": "2"}


def test_initial_events_end_with_a_bookmark_that_resumes(api: Api, configs: str) -> None:
    api.made(configs, config("a"))
    with api.watching(configs, **INITIAL) as events:
        assert events.names(1) == [("ADDED", "a")]
        mark = next(events)
        assert (mark["type"], mark["object"]["kind"]) == ("BOOKMARK", "ConfigMap")
        metadata = mark["object"]["metadata"]
        assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}
        api.made(configs, config("b"))
        assert events.names(1) == [("ADDED", "b")]
    with api.watching(configs, resourceVersion=metadata["resourceVersion"]) as events:
        assert events.names(1) == [("ADDED", "b")]


def test_without_asking_there_is_no_bookmark(api: Api, configs: str) -> None:
    api.made(configs, config("a"))
    query = {key: value for key, value in INITIAL.items() if key != "allowWatchBookmarks"}
    with api.watching(configs, timeoutSeconds="1", **query) as events:
        assert [event["type"] for event in events] == ["ADDED"]


def test_no_initial_events_means_from_now_on(api: Api, configs: str) -> None:
    api.made(configs, config("a"))
    with api.watching(configs, **(INITIAL | {"sendInitialEvents": "false"})) as events:
        api.made(configs, config("b"))
        assert next(e for e in events if e["type"] != "BOOKMARK")["object"]["metadata"]["name"] == "b"


@pytest.mark.parametrize(
    "query",
    [
        {"sendInitialEvents": "true"},
        {"sendInitialEvents": "true", "resourceVersionMatch": "Exact"},
        {"resourceVersionMatch": "NotOlderThan"},
    ],
)
def test_initial_events_need_their_match(api: Api, query: dict[str, str]) -> None:
    assert api.get("/api/v1/nodes", watch="true", **query).status == 422


def test_a_bookmark_before_the_end_resumes_without_loss(api: Api, configs: str) -> None:
    """A real server sends one two seconds before the end, and only where something happened meanwhile."""
    marks: list[dict[str, Any]] = []
    for seconds in ("1", "5"):
        query = {"resourceVersion": now(api, configs), "allowWatchBookmarks": "1"}
        with api.watching(configs, timeoutSeconds=seconds, **query) as events:
            api.made(configs, config(f"within-{seconds}"))
            marks = marks or [event for event in events if event["type"] == "BOOKMARK"]
        if marks:
            break
    assert marks
    api.made(configs, config("later"))
    with api.watching(configs, resourceVersion=marks[-1]["object"]["metadata"]["resourceVersion"]) as events:
        seen = events.names(1)
        if seen != [("ADDED", "later")]:  # on a slow machine the first watch was over before anything was made
            seen += events.names(1)
    assert seen in ([("ADDED", "later")], [("ADDED", f"within-{seconds}"), ("ADDED", "later")])


def test_what_is_deleted_is_shown_as_it_last_was(api: Api) -> None:
    made = api.made(TALOS, upgrade(unique("talos")))
    with api.watching(TALOS, resourceVersion=made["metadata"]["resourceVersion"]) as events:
        api("DELETE", f"{TALOS}/{made['metadata']['name']}")
        gone = next(events)
    assert (gone["type"], gone["object"]["spec"]) == ("DELETED", made["spec"])
    assert int(gone["object"]["metadata"]["resourceVersion"]) > int(made["metadata"]["resourceVersion"])


def test_a_finalizer_taken_away_is_the_deletion(api: Api) -> None:
    name = unique("talos")
    made = api.made(TALOS, upgrade(name, finalizers=["example.com/hold"]))
    query = {"resourceVersion": made["metadata"]["resourceVersion"], "fieldSelector": f"metadata.name={name}"}
    with api.watching(TALOS, **query) as events:
        api("DELETE", f"{TALOS}/{name}")
        api.patch(f"{TALOS}/{name}", {"metadata": {"finalizers": None}})
        assert events.names(2) == [("MODIFIED", name), ("DELETED", name)]


def test_a_table_has_columns_in_the_first_event_only(api: Api, configs: str) -> None:
    for name in "ab":
        api.made(configs, config(name))
    with api.watching(configs, {"Accept": TABLE}) as events:
        first, second = next(events)["object"], next(events)["object"]
    assert first["kind"] == "Table"
    assert first["columnDefinitions"]
    assert second["columnDefinitions"] is None
    assert [row["cells"][0] for row in (*first["rows"], *second["rows"])] == ["a", "b"]


def test_a_list_and_a_watch_from_it_miss_and_repeat_nothing(api: Api, configs: str) -> None:
    writers = [threading.Thread(target=_write, args=(api, configs, stem)) for stem in "xyz"]
    for writer in writers:
        writer.start()
    listed = api.get(configs).json
    seen = {item["metadata"]["name"] for item in listed["items"]}
    with api.watching(configs, resourceVersion=listed["metadata"]["resourceVersion"]) as events:
        while len(seen) < 60:
            event: dict[str, Any] = next(events)
            assert event["type"] == "ADDED"
            assert event["object"]["metadata"]["name"] not in seen
            seen.add(event["object"]["metadata"]["name"])
    for writer in writers:
        writer.join()


def _write(api: Api, configs: str, stem: str) -> None:
    mine = Api(api.target)
    for number in range(20):
        mine.made(configs, config(f"{stem}{number}"))
    mine.close()
