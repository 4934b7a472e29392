"""Which repository holds the cluster: what was said, else the checkout one stands in, else what Flux follows."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from console.settings import Settings
from console.sources.errors import HomeconsoleError, NotConfigured, Refused, SourceError
from console.sources.ports import ClusterApi

_SOURCES = "source.toolkit.fluxcd.io/v1"
# Written by ``flux push artifact --source``; OCI image specification, "Pre-Defined Annotation Keys".
_ORIGIN = "org.opencontainers.image.source"
_HINT = "Give --repo, set HOMECONSOLE_REPOSITORY, or write repository.url into the configuration."


def locate(settings: Settings, cluster: Callable[[], ClusterApi], folder: Path | None) -> tuple[str, str]:
    """(the URL or path, where it was found). ``folder`` is where the operator stands.

    Raises SourceError when there is none.
    """
    if settings.repository:
        return settings.repository, settings.origin("repository")
    if folder is not None and _is_checkout(folder):
        return str(folder), f"the checkout {folder}"
    try:
        url = followed(cluster())
    except HomeconsoleError as error:
        raise NotConfigured(f"No repository was named, and Flux can't be asked: {error.message}", _HINT) from error
    if not url:
        raise NotConfigured("No repository was named, and Flux does not say which one it follows", _HINT)
    return url, "what Flux follows"


def followed(cluster: ClusterApi) -> str:
    """The URL of the repository behind Flux's own source ``flux-system``: a GitRepository's, or an artifact's origin.

    Empty when neither says it. Raises SourceError.
    """
    try:
        return str(cluster.get(_SOURCES, "GitRepository", "flux-system", "flux-system")["spec"]["url"])
    except (Refused, KeyError):
        pass
    try:
        artifact = cluster.get(_SOURCES, "OCIRepository", "flux-system", "flux-system")["status"]["artifact"]
        url = str(artifact["metadata"][_ORIGIN])
    except (Refused, KeyError, TypeError):
        return ""
    return "" if url.startswith("oci://") else url  # some name the artifact itself


def found(settings: Settings, folder: Path | None) -> str:
    """By what or where each input was found, in a line that an 80-column screen has room for. Asks no cluster."""
    parts = []
    for name, path in (("kubeconfig", settings.kubeconfig), ("talosconfig", settings.talosconfig)):
        there = any(Path(part).is_file() for part in str(path).split(os.pathsep))
        usual = settings.named_kubeconfig if name == "kubeconfig" else settings.named_talosconfig
        where = _tidy(path) if usual is None else _teller(settings.origin(name))
        parts.append(f"{'' if there else 'no '}{name} {where}")
    if settings.repository:
        parts.append(f"repository {_teller(settings.origin('repository'))}")
    elif folder is not None and _is_checkout(folder):
        parts.append(f"repository {_tidy(folder)}")
    else:
        parts.append("repository as Flux has it")
    return f"Found {', '.join(parts)}."


def _teller(origin: str) -> str:
    """Who told it: a flag, a variable, or a line of the configuration."""
    return "by the configuration" if ", line " in origin else f"by {origin}"


def _tidy(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) and path != home else str(path)


def _is_checkout(folder: Path) -> bool:
    from console.sources.git.address import resolve  # noqa: PLC0415 - brings git

    try:
        resolve(str(folder))
    except SourceError:
        return False
    return True


def standing() -> Path | None:
    """Where the operator stands, if that folder is still there."""
    with contextlib.suppress(OSError):
        return Path.cwd()
    return None
