"""Objects of the cluster for the rules to look at: asked for when a rule needs them, and kept for a while."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from console.foresight.conditions import Unasked
from console.sources.errors import HomeconsoleError, Refused

ALERTS = ("alertmanager/v2", "Alert")  # no kind of the API: what fires, asked through the service proxy
SOON, LATER = 60.0, 900.0  # seconds that an answer is kept: for who asks, and for what is kept up to date unasked

Objects = Sequence[Mapping[str, Any]]


class Asked(Protocol):
    """What this needs of the Kubernetes API. Every call has a deadline and raises HomeconsoleError."""

    def objects(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> list[dict[str, Any]]:
        """All objects of a kind."""

    def proxied(self, namespace: str, service: str, path: str, query: Mapping[str, str]) -> Any:
        """What a service answers to a GET, as JSON. ``service`` is ``NAME:PORT``."""


class LiveObjects:
    """``foresight.evidence.Live`` over one cluster. Thread-safe."""

    def __init__(self, cluster: Callable[[], Asked], clock: Callable[[], float] = time.monotonic) -> None:
        self._cluster = cluster
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[float, Objects | str]] = {}

    def __call__(self, api: str, kind: str) -> Objects:
        """The objects; none of a kind that the cluster does not serve. Unasked, with the reason, when it can't tell."""
        return self.within(SOON, api, kind)

    def patient(self, api: str, kind: str) -> Objects:
        """The same, from an older answer too."""
        return self.within(LATER, api, kind)

    def within(self, kept: float, api: str, kind: str) -> Objects:
        """The same, as they were at most ``kept`` seconds ago."""
        with self._lock:
            at, answer = self._known.get((api, kind), (0.0, ""))
        if not at or self._clock() - at > kept:
            answer = self._ask(api, kind)
            with self._lock:
                self._known[api, kind] = (self._clock(), answer)
        if isinstance(answer, str):
            raise Unasked(answer)
        return answer

    def _ask(self, api: str, kind: str) -> Objects | str:
        """The answer, or why there is none."""
        try:
            cluster = self._cluster()
            return _alerts(cluster) if (api, kind) == ALERTS else cluster.objects(api, kind)
        except Refused as error:
            none = error.kind in {"not-served", "not-found"} and (api, kind) != ALERTS
            return [] if none else error.message
        except HomeconsoleError as error:
            return error.message


def _alerts(cluster: Asked) -> Objects | str:
    """What fires: by every Alertmanager, without what is silenced or inhibited; where there is none, by Prometheus.

    Found by the labels that prometheus-operator gives its Services (0.93). Why there are none, where none has them.
    """
    active = {"active": "true", "silenced": "false", "inhibited": "false"}
    if services := cluster.objects("v1", "Service", labels="operated-alertmanager=true"):
        return [
            alert for service in services for alert in _told(_proxied(cluster, service, 9093, "api/v2/alerts", active))
        ]
    if services := cluster.objects("v1", "Service", labels="operated-prometheus=true"):
        answers = [_proxied(cluster, service, 9090, "api/v1/alerts", {}) for service in services]
        told = [answer.get("data") for answer in answers if isinstance(answer, Mapping)]
        listed = [_told(data.get("alerts")) for data in told if isinstance(data, Mapping)]
        return [alert for alerts in listed for alert in alerts if alert.get("state") == "firing"]
    return "neither an Alertmanager nor a Prometheus was found"


def _proxied(cluster: Asked, service: Mapping[str, Any], port: int, path: str, query: Mapping[str, str]) -> Any:
    metadata = service.get("metadata") or {}
    return cluster.proxied(metadata.get("namespace", ""), f"{metadata.get('name')}:{port}", path, query)


def _told(answer: Any) -> Objects:
    """The alerts of an answer, named as objects are; whatever else stands in it is left out."""
    return [
        {"metadata": {"name": alert["labels"].get("alertname", "")}, **alert}
        for alert in (answer if isinstance(answer, list) else [])
        if isinstance(alert, Mapping) and isinstance(alert.get("labels"), Mapping)
    ]
