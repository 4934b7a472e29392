"""The contexts of a talosconfig, by name with the addresses that each knows."""

from pathlib import Path
from typing import Any

from console.model.unstructured import texts
from console.sources.errors import NotConfigured


def contexts(path: Path) -> tuple[dict[str, frozenset[str]], str]:
    """(endpoints and nodes of each context, without ports; the current one's name). None where there is no file.

    Raises NotConfigured for one that can't be read.
    """
    import yaml  # noqa: PLC0415 - late: only once something is asked

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a tenth of the time: each start reads it
        document = yaml.load(path.read_text("utf-8"), loader)  # noqa: S506 - a safe one
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
