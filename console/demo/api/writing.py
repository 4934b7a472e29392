"""Create, replace, patch and delete over HTTP: what the server checks before the store is asked."""

import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from console.demo.api import bodies, errors, views
from console.demo.api.call import Call, answer, not_allowed
from console.demo.api.errors import ApiError, bad_request
from console.demo.api.jsonpatch import json_patch
from console.demo.api.kinds import EVENTS, Kind
from console.demo.api.options import selection
from console.demo.api.patches import merge
from console.demo.api.reading import renderer
from console.demo.api.schemas import check_fields
from console.demo.api.store import Object, Stored
from console.demo.api.strategic import strategic

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\Z")
_NAME_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
POD_GRACE = 30  # seconds


def shown(call: Call, obj: Object, status: int = 200) -> web.Response:
    """An object as it is after a write, in the form that the client accepts."""
    headers = {"Warning": ", ".join(map(_warning, call.warnings))} if call.warnings else None
    revision = int(obj["metadata"].get("resourceVersion", 0))
    return answer(renderer(call).one(Stored(obj, revision)), status, headers=headers)


def _warning(text: str) -> str:
    """As the header has it (RFC 7234 §5.5), with quotes inside quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{escaped}"'


async def create(call: Call) -> web.Response:
    """POST to a collection."""
    if call.kind.namespaced and call.namespace is None:
        raise not_allowed()
    obj = await bodies.body(call.request, call.kind.kind)
    _check_type(call.kind, obj)
    metadata = dict(obj.get("metadata") or {})
    if metadata.get("resourceVersion"):
        raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
    if call.namespace is not None:
        _check_namespace(call, metadata.get("namespace") or call.namespace)
        metadata["namespace"] = call.namespace
    _check_name(call.kind, metadata)
    new = views.kept(call.kind, {**obj, "metadata": metadata})
    if call.kind.kind == "Event":
        _check_event(call.kind, new, call.namespace)
    if call.kind.status and call.kind.kind != "Node":  # a kubelet registers its node with a status
        new.pop("status", None)
    _complete(call.kind, new)
    _check_fields(call, new)
    created = call.store.create(new, dry_run=call.dry_run)
    if not call.dry_run:
        call.ownership.note(None, created, manager(call))
    return shown(call, created, 201)


def _complete(kind: Kind, new: Object) -> None:
    if kind.kind == "Namespace":
        new["status"] = {"phase": "Active"}
    elif kind.kind == "Pod":
        new["status"] = {"phase": "Pending"}


def _check_fields(call: Call, obj: Mapping[str, Any]) -> None:
    mode, patched = call.query.get("fieldValidation", "Warn"), call.request.method == "PATCH"
    call.warnings += check_fields(call.kind, obj, mode, patch=patched)


def manager(call: Call) -> str:
    """Who writes: ``fieldManager``, or the first word of the client's name."""
    return call.query.get("fieldManager") or call.request.headers.get("User-Agent", "unknown").partition("/")[0]


async def replace(call: Call) -> web.Response:
    """PUT of an object or of its status."""
    obj = await bodies.body(call.request, call.kind.kind)
    _check_type(call.kind, obj)
    metadata = obj.get("metadata") or {}
    if metadata.get("name", call.name) != call.name:
        told = f"the name of the object ({metadata['name']}) does not match the name on the URL ({call.name})"
        raise bad_request(told)
    old = call.store.stored(call.kind.kind, call.name, call.home).object
    if call.kind.custom and not metadata.get("resourceVersion"):
        told = "Invalid value: 0: must be specified for an update"
        raise errors.invalid(call.kind, call.name, [("metadata.resourceVersion", "FieldValueInvalid", told)])
    return _write(call, old, views.kept(call.kind, obj))


async def patch(call: Call) -> web.Response:
    """PATCH of an object or of its status."""
    media = bodies.media_type(call.request)
    accepted = [
        JSON_PATCH,
        MERGE,
        *([] if call.kind.custom else [STRATEGIC]),
        *([] if call.kind is EVENTS else [APPLY]),
    ]
    if media not in accepted:
        raise bodies.unsupported(*accepted)
    raw = await call.request.read()
    if media == APPLY:
        return _apply(call, raw)
    if "force" in call.query:
        told = "may not be specified for non-apply patch"
        raise ApiError(422, "Invalid", f'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: {told}')
    try:
        change = bodies.parse(raw)
    except ValueError as error:
        raise bad_request(f"error decoding patch: {error}") from error
    if media != JSON_PATCH and not isinstance(change, Mapping):
        raise bad_request("error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}")
    old = call.store.stored(call.kind.kind, call.name, call.home).object
    new = {JSON_PATCH: json_patch, MERGE: merge, STRATEGIC: strategic}[media](views.told(call.kind, old), change)
    return _write(call, old, views.kept(call.kind, new))


def _write(call: Call, old: Object, new: Object) -> web.Response:
    _check_fields(call, new)
    _check_metadata(call, old, new.get("metadata") or {})
    written = call.store.update(
        call.kind.kind, call.name, call.home, new, status=call.subresource == "status", dry_run=call.dry_run
    )
    if not call.dry_run and not call.subresource:
        call.ownership.note(old, written, manager(call))
    return shown(call, written)


def _check_metadata(call: Call, old: Object, metadata: Mapping[str, Any]) -> None:
    had = old["metadata"]
    if metadata.get("uid", had["uid"]) != had["uid"]:
        told = f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: {had['uid']}"
        raise errors.conflict(call.kind, call.name, told)
    if metadata.get("name", call.name) != call.name:
        told = "Invalid value: field is immutable"
        raise errors.invalid(call.kind, call.name, [("metadata.name", "FieldValueInvalid", told)])
    if (metadata.get("resourceVersion") or had["resourceVersion"]) != had["resourceVersion"]:
        raise errors.conflict(call.kind, call.name)


def _apply(call: Call, raw: bytes) -> web.Response:
    """Server-side apply."""
    if not call.query.get("fieldManager"):
        told = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
        raise ApiError(422, "Invalid", told)
    try:
        # Clients send JSON under this name as a rule; reading YAML takes far longer.
        wanted = bodies.parse(raw, yaml=not raw.lstrip().startswith(b"{"))
    except ValueError as error:
        raise bad_request(f"error decoding YAML: {error}") from error
    if not isinstance(wanted, Mapping) or not wanted.get("apiVersion") or not wanted.get("kind"):
        raise bad_request("apiVersion and kind must be set in an apply patch")
    _check_type(call.kind, wanted)
    metadata = dict(wanted.get("metadata") or {})
    if metadata.get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    if metadata.setdefault("name", call.name) != call.name:
        raise bad_request(f"name in URL does not match name in apply patch: {metadata['name']}")
    if call.namespace is not None:
        _check_namespace(call, metadata.setdefault("namespace", call.namespace))
    _check_fields(call, wanted)
    force = call.query.get("force", "").lower() in {"1", "true"}
    obj, created = call.ownership.apply(
        {**wanted, "metadata": metadata},
        manager(call),
        force=force,
        status=call.subresource == "status",
        dry_run=call.dry_run,
    )
    return shown(call, obj, 201 if created else 200)


async def delete(call: Call) -> web.Response:
    """DELETE of one object."""
    options = await _delete_options(call)
    stored = call.store.stored(call.kind.kind, call.name, call.home)
    _check_preconditions(call, stored.object, options.get("preconditions") or {})
    return _ended(call, remove(call, call.name, call.home, options.get("gracePeriodSeconds"), dry_run=call.dry_run))


async def delete_all(call: Call) -> web.Response:
    """DELETE of a collection; gives what was deleted."""
    options = await _delete_options(call)
    wanted = selection(call.query, call.kind, call.namespace)
    found = [(key, stored) for key, stored in call.store.snapshot(call.kind.kind) if wanted.selects(key, stored.object)]
    for (namespace, name), _ in found:
        remove(call, name, namespace, options.get("gracePeriodSeconds"), dry_run=call.dry_run)
    metadata = {"resourceVersion": str(call.store.revision)}
    return answer(renderer(call).many((stored for _, stored in found), metadata))


def remove(call: Call, name: str, namespace: str, seconds: int | None, *, dry_run: bool) -> Object:
    """Delete as the kind asks for: a pod is given time, a namespace takes along what is in it."""
    kind = call.kind.kind
    if kind == "Pod":
        given = POD_GRACE if seconds is None else seconds
        return call.store.delete(kind, name, namespace, grace=given, dry_run=dry_run)
    if kind == "Namespace" and not dry_run:
        call.store.empty(name)
    return call.store.delete(kind, name, namespace, dry_run=dry_run)


def _ended(call: Call, last: Object) -> web.Response:
    """Gone: a Status, where the server gives no object."""
    whole = call.kind.kind in {"Pod", "Namespace"} or call.store.get(call.kind.kind, call.name, call.home) is not None
    if whole and not call.dry_run:
        return shown(call, last)
    details = errors.about(call.kind, call.name) | {"uid": last["metadata"]["uid"]}
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
    return answer(status)


async def _delete_options(call: Call) -> Object:
    options = await bodies.body(call.request, "DeleteOptions", empty=True)
    for name in ("propagationPolicy", "gracePeriodSeconds"):
        if name in call.query:
            value = call.query[name]
            options[name] = int(value) if value.isdigit() else value
    policy = options.get("propagationPolicy")
    if policy not in {None, "Foreground", "Background", "Orphan"}:
        supported = '"Foreground", "Background", "Orphan", "nil"'
        told = f'propagationPolicy: Unsupported value: "{policy}": supported values: {supported}'
        raise ApiError(422, "Invalid", f'DeleteOptions.meta.k8s.io "" is invalid: {told}')
    return options


def _check_preconditions(call: Call, obj: Object, conditions: Mapping[str, Any]) -> None:
    metadata = obj["metadata"]
    for field, word in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        asked = conditions.get(field)
        if asked and asked != metadata[field]:
            told = f"Precondition failed: {word} in precondition: {asked}, {word} in object meta: {metadata[field]}"
            error = errors.conflict(call.kind, call.name, told)
            error.details["kind"] = call.kind.kind
            raise error


def _check_type(kind: Kind, obj: Mapping[str, Any]) -> None:
    given = obj.get("apiVersion") or kind.api_version, obj.get("kind") or kind.kind
    if given != (kind.api_version, kind.kind):
        told = f"{given[1]} in version {given[0]!r} cannot be handled as a {kind.kind}"
        raise bad_request(f"{told}: no kind is registered under that name here")


def _check_namespace(call: Call, given: str) -> None:
    if given != call.namespace:
        told = "the namespace of the provided object does not match the namespace sent on the request"
        raise bad_request(told)
    if call.store.get("Namespace", given) is None:
        message = f'namespaces "{given}" not found'
        raise ApiError(404, "NotFound", message, details={"name": given, "kind": "namespaces"})


def _check_name(kind: Kind, metadata: Mapping[str, Any]) -> None:
    name = metadata.get("name")
    if name and not _NAME.match(str(name)):
        told = f'Invalid value: "{name}": {_NAME_RULE}'
        raise errors.invalid(kind, str(name), [("metadata.name", "FieldValueInvalid", told)])


def _check_event(kind: Kind, obj: Object, namespace: str | None) -> None:
    """An event lives beside what it is about; those about cluster-scoped objects live in ``default``.

    Of the newer ones more is asked (pkg/apis/core/validation/events.go); ``obj`` is as it is stored.
    """
    about = (obj.get("involvedObject") or {}).get("namespace") or "default"
    causes = []
    if about != namespace:
        told = f'Invalid value: "{about}": does not match event.namespace'
        causes.append(("involvedObject.namespace", "FieldValueInvalid", told))
    if kind is EVENTS:
        more = ("reportingComponent", "reportingInstance", "action", "reason") if obj.get("eventTime") else ()
        lacking = [views.NAMES.get(name, name) for name in ("eventTime", *more) if not obj.get(name)]
        causes += [(name, "FieldValueRequired", "Required value") for name in lacking]
        if (kind_of := obj.get("type")) not in {"Normal", "Warning"}:
            told = f'Invalid value: "": has invalid value: {kind_of or ""}'
            causes.append(("type", "FieldValueInvalid", told))
    if causes:
        raise errors.invalid(kind, str((obj.get("metadata") or {}).get("name", "")), causes)
