"""The contexts of a kubeconfig, without connecting anywhere and without running a credential plugin."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from console.model.unstructured import mapping, rows, text
from console.sources.errors import NotConfigured
from console.sources.plainyaml import loaded


@dataclass(frozen=True, slots=True)
class KubeContext:
    """One context."""

    name: str
    cluster: str = ""
    server: str = ""


def contexts(files: str) -> tuple[list[KubeContext], str]:
    """(the contexts of ``files``, joined as in KUBECONFIG; the current one's name). Of two with one name the first
    counts, as for kubectl. A file that is not there has none. Raises NotConfigured for one that can't be read.
    """
    found: dict[str, Any] = {}
    clusters: dict[str, Any] = {}
    current = ""
    for document in _documents(files):
        current = current or text(document, "current-context")
        for part, into in (("contexts", found), ("clusters", clusters)):
            for row in rows(document, part):
                into.setdefault(text(row, "name"), mapping(row, part.removesuffix("s")))
    return [_context(name, entry, clusters) for name, entry in found.items()], current


def _context(name: str, entry: Any, clusters: dict[str, Any]) -> KubeContext:
    cluster = text(entry, "cluster")
    return KubeContext(name, cluster, text(clusters.get(cluster) or {}, "server"))


def _documents(files: str) -> Iterator[dict[str, Any]]:
    for part in filter(None, files.split(os.pathsep)):
        try:
            document = loaded(Path(part).read_text("utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
            reason = " ".join(str(error).split())
            raise NotConfigured(f"The kubeconfig {part} can't be read: {reason}", "Correct it.") from error
        if isinstance(document, dict):
            yield document
