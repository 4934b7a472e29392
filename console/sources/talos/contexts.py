"""The contexts of a talosconfig, by name with the addresses that each knows."""

from pathlib import Path
from typing import Any

from console.model.unstructured import texts
from console.sources.errors import NotConfigured
from console.sources.plainyaml import loaded


def contexts(path: Path) -> tuple[dict[str, frozenset[str]], str]:
    """(endpoints and nodes of each context, without ports; the current one's name). None where there is no file.

    Raises NotConfigured for one that can't be read.
    """
    import yaml  # noqa: PLC0415 - late: only once something is asked

    try:
        document = loaded(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise NotConfigured(f"The talosconfig {path} can't be read: {reason}", "Correct it.") from error
    entries = document.get("contexts") if isinstance(document, dict) else None
    if not isinstance(entries, dict):
        return {}, ""
    return {str(name): _addresses(entry) for name, entry in entries.items()}, str(document.get("context") or "")


def _addresses(entry: Any) -> frozenset[str]:
    given = (*texts(entry, "endpoints"), *texts(entry, "nodes"))
    return frozenset(address.rpartition(":")[0] if address.count(":") == 1 else address for address in given)
