"""What reads what others wrote: each takes any bytes, and gives a value or one of our own errors."""

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from console.edits import jsontext, patch, renovate, yamltext
from console.foresight import cel, healthchecks, machineconfig, places, yamlfiles
from console.model import flux_detail, flux_graph, flux_projection, hold, redaction, unstructured
from console.model.age import since
from console.model.duration import duration
from console.model.flux import FluxKey
from console.model.text import safe, safe_lines
from console.model.version import Version, normal
from console.operations import holding, interrupted, live, logs, records, settle
from console.operations.acknowledge import Acknowledgements
from console.operations.journal import Journal
from console.operations.keeping import Keeping
from console.operations.message import subject_of
from console.settings import file as settings
from console.sources.errors import HomeconsoleError
from console.sources.git import changes, failures, history, naming, push, references, secrets, subjects, yamltree
from console.sources.git import classify as versions
from console.sources.git.memory import State
from console.sources.kubernetes import catalogue, contexts, faults, projections
from console.sources.kubernetes.watching import batches_of
from console.sources.process import Done
from console.sources.talos import classify, detail, etcd, facts, talosconfig
from console.sources.talos import contexts as talos_contexts
from console.ui.terminal import Answers

Parser = Callable[[bytes], object]
_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_KEY = FluxKey("HelmRelease", "media", "plex")
_FACTS = (
    facts.machine_status,
    facts.version,
    facts.nodename,
    facts.services,
    facts.extensions,
    facts.time_status,
    facts.diagnostics,
    facts.filesystems,
    facts.static_pods,
    facts.kubelet,
    facts.etcd_status,
    facts.cpu_reading,
    facts.memory_reading,
    facts.members,
    unstructured.moment,
    detail.extensions,
    detail.addresses,
    detail.disks,
    detail.system_disk,
    detail.volumes,
    detail.kernel_arguments,
    detail.boot_entry,
    detail.security,
    detail.platform,
    detail.kubelet_image,
    detail.alarms,
    detail.events,
    etcd.status,
)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _talosctl(data: bytes) -> None:
    """Each reads what another command was asked for, too: an answer may be any."""
    text = data.decode("utf-8", "replace")
    for read in (*_FACTS, lambda each: detail.services(each, _NOW)):
        try:
            read(text)
        except HomeconsoleError:
            continue


def _pieces(data: bytes) -> Iterator[bytes]:
    """Cut at places that the data themselves give."""
    size = max(data[0] % 7 + 1 if data else 1, len(data) // 200)
    return (data[at : at + size] for at in range(0, len(data), size))


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="homeconsole-fuzz-"))


def _talosconfig(data: bytes) -> object:
    path = _folder() / "talosconfig"
    path.write_bytes(data)
    return talosconfig.read(path)


def _subject(data: bytes) -> object:
    title = _text(data)
    update = SimpleNamespace(
        title=title, branch=title, changes=(), kind="dependency", system=None, own="", type="patch"
    )
    return subject_of(cast("Any", update))


def _secrets(data: bytes) -> object:
    lines = _text(data).split("\n")
    return [secrets.masked(line, cover) for line, cover in zip(lines, secrets.covers(lines), strict=True)]


def _renovate(data: bytes) -> None:
    rules = renovate.rules(data)
    renovate.held(data, {"matchPackageNames": ["x"], "enabled": False})
    if rules:
        renovate.released(data, [0])


def _json(data: bytes) -> Any:
    """What a client of ours makes of an answer; nothing of one that is no JSON."""
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(data)
    return None


def _objects(data: bytes) -> None:
    """An object of the API, of whatever kind it is said to be."""
    raw = _json(data)
    if not isinstance(raw, dict):
        return
    before = flux_projection.project(raw, now=_NOW)
    after = flux_projection.project(raw, before, now=_NOW)
    if after:
        flux_graph.settle((after, after._replace(key=_KEY, source=after.key, revision="another")), _NOW)
    for read in (projections.node, projections.daemon_set, projections.upgrade, flux_detail.occurrence):
        read(raw)
    flux_detail.detail(raw, before.key if before else _KEY)
    for condition in unstructured.conditions(raw).values():
        since(unstructured.moment(condition, "lastTransitionTime"), _NOW)


def _discovery(data: bytes) -> object:
    said = _json(data)
    return [*catalogue._aggregated(said), *catalogue._legacy(said, "", "v1")]


class _Alerts:
    """A cluster whose Alertmanager, or Prometheus, answers with anything."""

    def __init__(self, answer: Any, label: str) -> None:
        self._answer = answer
        self._label = label

    def objects(self, *_: str, labels: str = "", **__: str) -> list[dict[str, Any]]:
        return [{"metadata": {"name": "one", "namespace": "o"}}] if self._label in labels else []

    def proxied(self, *_: object) -> Any:
        return self._answer


def _alerts(data: bytes) -> None:
    for label in ("alertmanager", "prometheus"):
        live._alerts(_Alerts(_json(data), label))


def _answers(data: bytes) -> None:
    for status in (400, 403, 404, 409, 410, 429, 500):
        faults.answered(status, data, {"retry-after": _text(data)[:3]}, "get pods")


def _health(data: bytes) -> object:
    text, _, rest = _text(data).partition("\n")
    scope = _json(rest.encode("utf-8", "surrogateescape"))
    with contextlib.suppress(cel.CelError):
        return healthchecks._holds(text, scope if isinstance(scope, dict) else {})
    return None


def _pushed(data: bytes) -> None:
    out, _, err = data.partition(b"\0")
    updates = (push.RefUpdate("refs/heads/main", "a" * 40, "b" * 40),)
    for code in (0, 1, 128, -9):
        done = Done(code, out, err.decode("utf-8", "replace"))
        push.outcome(done, updates, "https://forge.example/x.git", "forge.example")
        failures.failure(done, "https://forge.example/x.git", "forge.example")


def _comparison(data: bytes) -> None:
    old, new = (_text(data[: len(data) // 2]), _text(data[len(data) // 2 :]))
    for path in ("a.yaml", "mise.toml", "Dockerfile", "a.sh"):
        changes.file_versions(path, old, new)


def _held(data: bytes) -> None:
    texts = {"a.yaml": data, "renovate.json5": data, ".renovaterc": data}
    found = holding.Manifests(tuple(texts), texts)
    list(holding._of_resources(found))
    list(holding._of_renovate(found))
    places.places("a.yaml", data)
    places.places("mise.toml", data)


def _words(data: bytes) -> None:
    """What is read from one word or line."""
    text = _text(data)[:1000]  # longer ones are looked at by nobody
    half = len(text) // 2
    since(unstructured.moment({"at": text}, "at"), _NOW)
    duration(text)
    Version.parse(text)
    normal(text)
    hold.day(text)
    redaction.redacted(text)
    versions.update_type(text[:half], text[half:])
    versions.is_breaking(text[:half], text[half:], "major")
    references.images(text)
    references.action(text)
    references.annotation(text)
    references.urls(text)
    references.moved_version(text[:half], text[half:])
    references.differing(text[:half], text[half:])


def _typed(data: bytes) -> None:
    data = data[:20_000]
    parser = Answers()
    for piece in _pieces(data):
        list(parser.feed(piece.decode("utf-8", "replace")))
        list(parser.tick())
    list(parser.feed(""))


def _kept(data: bytes) -> None:
    """Files of ours, after whatever befell them."""
    folder = _folder()
    for name in ("journal.jsonl", "acknowledged.jsonl", "kept.json", "homeconsole.json"):
        (folder / name).write_bytes(data)
    journal = Journal(folder)
    records.recorded(journal, "o")
    Acknowledgements(folder).of("o", "u", "h")
    Keeping(folder, "home").read()
    State.load(folder)
    for order in settle.unfinished(journal):
        interrupted.told(order)


def _contexts(data: bytes) -> None:
    path = _folder() / "contexts"
    path.write_bytes(data)
    with contextlib.suppress(HomeconsoleError):
        contexts.contexts(str(path))
    talos_contexts.contexts(path)


def _naming(data: bytes) -> object:
    old = yamltree.documents(_text(data[: len(data) // 2])) or []
    new = yamltree.documents(_text(data[len(data) // 2 :])) or []
    return yamltree.by_identity(old), yamltree.by_identity(new), naming


PARSERS: Mapping[str, Parser] = {
    "objects": _objects,
    "discovery": _discovery,
    "api-errors": _answers,
    "alerts": _alerts,
    "controllers-logs": lambda data: list(logs.about(_text(data).splitlines(), _KEY, "helm-controller")),
    "health-checks": _health,
    "contexts": _contexts,
    "git-push": _pushed,
    "comparison": _comparison,
    "holds": _held,
    "words": _words,
    "terminal": _typed,
    "kept-files": _kept,
    "talosctl": _talosctl,
    "talosctl-errors": lambda data: classify.classify(data.decode("utf-8", "replace"), "10.0.0.11"),
    "talosconfig": _talosconfig,
    "watch": lambda data: list(batches_of(_pieces(data))),
    "settings": lambda data: settings.read(Path("config.yaml"), _text(data)),
    "repository-yaml": _naming,
    "repository-edits": lambda data: yamltext.read(_text(data)),
    "foresight-yaml": lambda data: [document.keys for document in yamlfiles.read("a.yaml", data)],
    "machine-configuration": lambda data: machineconfig.parts(
        {"talos/controlplane.yaml": data, "talconfig.yaml": data}
    ),
    "renovate": _renovate,
    "json5": lambda data: jsontext.read(_text(data)),
    "patch": lambda data: patch.applied(b"a\nb\nc\n", _text(data)),
    "secrets": _secrets,
    "trailers": lambda data: history.trailers(_text(data)),
    "titles": lambda data: subjects.hint(_text(data)),
    "subject": _subject,
    "shown": lambda data: (safe(_text(data)), safe_lines(_text(data))),
}
