"""Objects of the Kubernetes API as texts to read."""

from typing import Any

import yaml

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def manifest(raw: dict[str, Any]) -> str:
    """YAML without managed fields; of a Secret only the names of its keys."""
    return str(yaml.safe_dump(public(raw), sort_keys=False, allow_unicode=True, width=120))


def public(raw: dict[str, Any]) -> dict[str, Any]:
    """The object without managed fields and without the data of a Secret."""
    metadata = {name: value for name, value in raw.get("metadata", {}).items() if name != "managedFields"}
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict) and _APPLIED in annotations:
        kept = {k: v for k, v in annotations.items() if k != _APPLIED}
        metadata["annotations"] = kept
    public = {**raw, "metadata": metadata}
    if raw.get("kind") == "Secret":
        for part in ("data", "stringData"):
            if isinstance(raw.get(part), dict):
                public[part] = dict.fromkeys(raw[part], "(not shown)")
    return public


def event(raw: dict[str, Any]) -> str:
    """An event on one line."""
    at = raw.get("lastTimestamp") or raw.get("eventTime") or raw.get("metadata", {}).get("creationTimestamp") or ""
    count = raw.get("count")
    times = f" ({count}×)" if isinstance(count, int) and count > 1 else ""
    return f"{at}  {raw.get('type', '')}  {raw.get('reason', '')}{times}  {raw.get('message', '')}"
