"""What clients send."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from console.demo.api import protobuf
from console.demo.api.errors import ApiError, bad_request

JSON = "application/json"
PROTOBUF = "application/vnd.kubernetes.protobuf"
_YAML = "application/yaml"


def unsupported(*accepted: str) -> ApiError:
    """415."""
    message = "the body of the request was in an unknown format - accepted media types include: " + ", ".join(accepted)
    return ApiError(415, "UnsupportedMediaType", message)


def media_type(request: web.BaseRequest) -> str:
    """Without parameters; JSON when none is given."""
    return request.headers.get("Content-Type", JSON).partition(";")[0].strip()


async def body(request: web.BaseRequest, kind: str, *, empty: bool = False) -> dict[str, Any]:
    """The object that was sent, JSON, YAML or protobuf; ApiError 400 or 415. ``empty``: there may be none."""
    raw, media = await request.read(), media_type(request)
    if empty and not raw:
        return {}
    if media not in {JSON, _YAML, PROTOBUF}:
        raise unsupported(JSON, _YAML, PROTOBUF)
    try:
        obj = protobuf.decode(raw) if media == PROTOBUF else parse(raw, yaml=media == _YAML)
    except ValueError as error:
        if media == PROTOBUF:
            raise unsupported(JSON, _YAML) from error
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; {error}"
        ) from error
    if not isinstance(obj, Mapping) or not isinstance(obj.get("metadata", {}), Mapping | None):
        raise bad_request(f"the object provided is unrecognized (must be of type {kind})")
    return dict(obj)


def parse(raw: bytes, *, yaml: bool = False) -> Any:
    """JSON or YAML; ValueError."""
    if not yaml:
        found = json.loads(raw)
        return _whole(found) if b"\\ud" in raw.lower() else found
    import yaml as reader  # noqa: PLC0415  (only who sends YAML waits for it)

    try:
        return reader.safe_load(raw)
    except reader.YAMLError as error:
        raise ValueError(str(error)) from error


def _whole(value: Any) -> Any:
    """Half a surrogate pair is no character: what can't be sent again is replaced, as Go's JSON does."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value
