"""The output modes of ``talosctl get`` (cmd/talosctl/cmd/talos/output): each resource written as it arrives."""

import json
import re
from dataclasses import dataclass
from typing import Any, Protocol

import yaml

from console.demo.talosctl import texts
from console.demo.talosctl.failure import Failure
from console.demo.talosctl.resources.history import Stamp
from console.demo.talosctl.resources.kinds import Item, Kind


@dataclass(frozen=True, slots=True)
class Shown:
    """One resource on its way out. ``event`` is empty without ``--watch``."""

    node: str
    kind: Kind
    item: Item
    stamp: Stamp
    event: str = ""

    def metadata(self) -> dict[str, Any]:
        """As YAML and JSON show it."""
        fields: dict[str, Any] = {
            "namespace": self.kind.namespace,
            "type": self.kind.type,
            "id": self.item.id,
            "version": self.stamp.version,
            "owner": self.kind.owner,
            "phase": "running",
            "created": texts.timestamp(self.stamp.created),
            "updated": texts.timestamp(self.stamp.updated),
        }
        return fields | ({"labels": dict(self.item.labels)} if self.item.labels else {})


class Output(Protocol):
    """Each call gives the text that it makes appear."""

    def header(self, kind: Kind, *, events: bool) -> str: ...

    def resource(self, shown: Shown) -> str: ...

    def flush(self) -> str: ...


def output(mode: str) -> Output:
    """The writer for ``-o``. Raises Failure for an unknown mode."""
    if mode.startswith("jsonpath="):
        return _JsonPath(mode.removeprefix("jsonpath="))
    writers: dict[str, type[_Json | _Yaml | _Table]] = {"json": _Json, "yaml": _Yaml, "table": _Table}
    if mode not in writers:
        raise Failure(f'output format "{mode}" is not supported')
    return writers[mode]()


def _through_yaml(value: Any) -> Any:
    """The real one goes by way of YAML, unquoted: what looks like a number or null becomes one."""
    if isinstance(value, dict):
        return {key: _through_yaml(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_through_yaml(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _scalar(text: str) -> Any:
    return yaml.safe_load(text) if re.fullmatch(r"\d+|null|true|false|", text) else text


class _Json:
    def header(self, kind: Kind, *, events: bool) -> str:
        del kind, events
        return ""

    def resource(self, shown: Shown) -> str:
        metadata = shown.metadata()
        metadata |= {"id": _scalar(metadata["id"]), "owner": _scalar(metadata["owner"])}
        document: dict[str, Any] = {"metadata": metadata, "node": shown.node, "spec": _through_yaml(shown.item.spec)}
        if shown.event:
            document["event"] = shown.event
        text = json.dumps(document, indent=4, sort_keys=True, ensure_ascii=False)
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026") + "\n"

    def flush(self) -> str:
        return ""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)


class _Yaml:
    def __init__(self) -> None:
        self._first = True

    def header(self, kind: Kind, *, events: bool) -> str:
        del kind, events
        return ""

    def resource(self, shown: Shown) -> str:
        document = {"spec": _through_yaml(shown.item.spec)}
        text = "metadata:\n" + "".join(_plain(name, value) for name, value in shown.metadata().items())
        text += yaml.dump(document, Dumper=_Dumper, sort_keys=False, indent=4, width=10_000, allow_unicode=True)
        dashes, self._first = ("" if self._first else "---\n"), False
        return dashes + f"node: {shown.node}\n" + (f"event: {shown.event}\n" if shown.event else "") + text

    def flush(self) -> str:
        return ""


_MARKS = {"created": "+", "updated": " ", "destroyed": "-"}


def _plain(name: str, value: Any) -> str:
    """The real one quotes nothing here."""
    if isinstance(value, dict):
        return f"    {name}:\n" + "".join(f"        {key}: {part}\n" for key, part in value.items())
    return f"    {name}: {value}".rstrip() + "\n"


class _Table:
    def __init__(self) -> None:
        self._rows: list[list[str]] = []
        self._kind: Kind | None = None

    def header(self, kind: Kind, *, events: bool) -> str:
        self._kind = kind
        names = ["NODE", *(["*"] if events else []), "NAMESPACE", "TYPE", "ID", "VERSION"]
        self._rows.append(names + [name.upper() for name, _ in kind.columns])
        return ""

    def resource(self, shown: Shown) -> str:
        mark = [_MARKS[shown.event]] if shown.event else []
        row = [shown.node, *mark, shown.kind.namespace, shown.kind.display, shown.item.id, str(shown.stamp.version)]
        self._rows.append(row + [_cell(pick(shown.item.spec)) for _, pick in shown.kind.columns])
        return ""

    def flush(self) -> str:
        rows, self._rows = self._rows, []
        return texts.table(rows) if rows else ""


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return json.dumps(value, separators=(",", ":"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


class _JsonPath:
    """Only plain paths: ``{.spec.version}``."""

    def __init__(self, expression: str) -> None:
        if not re.fullmatch(r"\{(\.[A-Za-z_]+)+\}", expression):
            raise Failure(f'error parsing jsonpath expression "{expression}"')
        self._path = expression.strip("{}.").split(".")

    def header(self, kind: Kind, *, events: bool) -> str:
        del kind, events
        return ""

    def resource(self, shown: Shown) -> str:
        value: Any = {"metadata": shown.metadata(), "node": shown.node, "spec": _through_yaml(shown.item.spec)}
        for key in self._path:
            value = value.get(key) if isinstance(value, dict) else None
        return _cell("" if value is None else value) + "\n"

    def flush(self) -> str:
        return ""
