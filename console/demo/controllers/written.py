"""What Flux' controllers have written."""

import json
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from console.demo.controllers.objects import digest, stamp, uid

KEPT = 3000  # lines of each controller


class Written:
    """Lines of JSON with controller-runtime's keys, by controller."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[tuple[str, str]]] = defaultdict(lambda: deque(maxlen=KEPT))

    def say(self, component: str, obj: Mapping[str, Any], message: str, at: datetime, *, error: str = "") -> None:
        """A line about ``obj``: an error's ``error`` beside the message, as the controllers log what failed."""
        meta, kind = obj["metadata"], str(obj["kind"])
        group = str(obj["apiVersion"]).partition("/")[0]
        names = {"name": meta["name"], "namespace": meta.get("namespace", "")}
        moment = stamp(at)
        milliseconds = int(digest(moment, kind, meta["name"], message)[:4], 16) % 1000
        line: dict[str, Any] = {
            "level": "error" if error else "info",
            "ts": f"{moment[:-1]}.{milliseconds:03}Z",
            "msg": message,
            "controller": kind.lower(),
            "controllerGroup": group,
            "controllerKind": kind,
            kind: names,
            "namespace": names["namespace"],
            "name": names["name"],
            "reconcileID": uid("pass", moment, kind, names["namespace"], names["name"]),
        }
        if error:
            line["error"] = error
        self._lines[component].append((moment, json.dumps(line, separators=(",", ":"))))

    def lines(self, component: str) -> Sequence[str]:
        """All that is kept, oldest first, each line behind its time."""
        return [f"{moment} {line}" for moment, line in sorted(self._lines[component], key=lambda said: said[0])]

    def speaks(self, component: str) -> bool:
        """Whether it has written anything."""
        return component in self._lines
