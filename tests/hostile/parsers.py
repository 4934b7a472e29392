"""What reads what others wrote: each takes any bytes, and gives a value or one of our own errors."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from console.edits import jsontext, patch, renovate, yamltext
from console.foresight import machineconfig, yamlfiles
from console.model.text import safe, safe_lines
from console.operations.message import subject_of
from console.settings import file as settings
from console.sources.errors import HomeconsoleError
from console.sources.git import history, naming, secrets, yamltree
from console.sources.kubernetes.watching import batches_of
from console.sources.talos import classify, detail, etcd, facts, talosconfig

Parser = Callable[[bytes], object]
_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
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
    facts.moment,
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


def _naming(data: bytes) -> object:
    old = yamltree.documents(_text(data[: len(data) // 2])) or []
    new = yamltree.documents(_text(data[len(data) // 2 :])) or []
    return yamltree.by_identity(old), yamltree.by_identity(new), naming


PARSERS: Mapping[str, Parser] = {
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
    "subject": _subject,
    "shown": lambda data: (safe(_text(data)), safe_lines(_text(data))),
}
