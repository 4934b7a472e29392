"""What the Kubernetes API is asked for, as ``rights.yaml`` beside this file grants it, and what of it we may not."""

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from console.sources.ports import ClusterApi

MANIFEST = Path(__file__).with_name("rights.yaml")
READ, WRITE, LOGS = "homeconsole-read", "homeconsole-write", "homeconsole-logs"
HEALTH = "homeconsole-health"  # what preflights ask; each check that lacks it says so itself
# Groups that are there only where their CRDs are.
_CUSTOM = (".toolkit.fluxcd.io", ".extensions.fluxcd.io", ".controlplane.io", ".home-operations.com")
# Without these a pane stays empty; without all else some detail is missing.
_PANES = {"nodes", "daemonsets.apps"}
_AT_ONCE = 8  # requests


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One verb on one resource; ``namespace`` is empty for the whole cluster."""

    group: str
    resource: str
    verb: str
    namespace: str = ""

    @property
    def title(self) -> str:
        """``plural.group``, as rules and CRDs name it."""
        return f"{self.resource}.{self.group}".rstrip(".")

    @property
    def custom(self) -> bool:
        """Whether it is about a kind that not every cluster has."""
        return self.group.endswith(_CUSTOM)

    @property
    def needed(self) -> bool:
        """Whether a pane, or an action, needs it."""
        return (self.custom or self.title in _PANES) and self.verb != "get"


def wanted(*roles: str) -> tuple[Right, ...]:
    """All that the manifest grants with these roles."""
    import yaml  # noqa: PLC0415 - late

    found: list[Right] = []
    for role in yaml.safe_load_all(MANIFEST.read_text("utf-8")):
        metadata = role["metadata"]
        if role["kind"] in {"ClusterRole", "Role"} and metadata["name"] in roles:
            found += [
                Right(group, resource, verb, metadata.get("namespace", ""))
                for rule in role["rules"]
                for group in rule.get("apiGroups", ())
                for resource in rule.get("resources", ())
                for verb in rule["verbs"]
            ]
    return tuple(found)


def missing(cluster: ClusterApi, rights: Iterable[Right], served: Collection[str]) -> tuple[Right, ...]:
    """What of ``rights`` we do not have; kinds that are not among ``served`` are left out. Raises SourceError."""
    asked = [right for right in rights if not right.custom or right.title in served]

    def lacks(right: Right) -> bool:
        return not cluster.allowed(right.verb, right.group, right.resource, right.namespace)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="rights") as pool:
        return tuple(right for right, lacking in zip(asked, pool.map(lacks, asked), strict=True) if lacking)


def listed(rights: Sequence[Right]) -> str:
    """``list, watch nodes; get pods/log in flux-system``."""
    verbs: dict[tuple[str, str], list[str]] = {}
    for right in rights:
        verbs.setdefault((right.title, right.namespace), []).append(right.verb)
    return "; ".join(
        f"{', '.join(names)} {title}" + (f" in {namespace}" if namespace else "")
        for (title, namespace), names in verbs.items()
    )
