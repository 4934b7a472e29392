"""What ``-o json`` gives, against the schemas that ``homeconsole schema`` prints."""

import functools
import json
from typing import Any

import jsonschema

from console.cli.itself import SCHEMAS

NAMES = tuple(sorted(path.stem for path in SCHEMAS.glob("*.json")))


def published(name: str) -> dict[str, Any]:
    """The schema as it is printed. A reader must expect keys that come later, so it leaves them room."""
    read: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return read


def closed(schema: Any) -> Any:
    """The same without that room: a key that no schema tells of is found."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {name: closed(each) for name, each in schema.items()}
    return {"additionalProperties": False, **shut} if "properties" in schema and "required" in schema else shut


@functools.cache
def _validator(name: str, failed: bool) -> jsonschema.Draft202012Validator:
    """For an answer, or for an error: a complaint is then about the one that was meant."""
    schema = closed(published(name))
    failure = {"$ref": "#/$defs/failure"}
    ways = [way for way in schema.pop("anyOf") if (way == failure) == failed]
    schema |= ways[0] if len(ways) == 1 else {"anyOf": ways}
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def check(document: Any) -> None:
    """Raises AssertionError where a document of ours is not as its schema says; what is none is left alone."""
    said = document.get("schema", "") if isinstance(document, dict) else ""
    parts = str(said).split("/")
    if len(parts) == 3 and parts[1] in NAMES:
        found = _validator(parts[1], set(document) == {"schema", "error"}).iter_errors(document)
        error = jsonschema.exceptions.best_match(found)
        if error:
            raise AssertionError(f"console/plain/schemas/{parts[1]}.json: {error.json_path}: {error.message[:300]}")
    elif parts[0] == "homeconsole" and parts[1:2] != ["homeconsole"]:
        raise AssertionError(f"{said} has no schema")
