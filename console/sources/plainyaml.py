"""One YAML document's value, by libyaml: a tenth of the time."""

from typing import Any

_DEEPEST = 200  # collections within one another; libyaml's composer has no bound of its own, and ends the process


def loaded(text: str) -> Any:
    """The value. Raises yaml.YAMLError, and ValueError for what is nested too deeply."""
    import yaml  # noqa: PLC0415 - late: only once something is read

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    for event in yaml.parse(text, loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise ValueError("it is nested too deeply")
    return yaml.load(text, loader)  # noqa: S506 - a safe one
