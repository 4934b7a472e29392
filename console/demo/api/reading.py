"""Get and list."""

import asyncio
from bisect import bisect_right
from typing import Any

from aiohttp import web

from console.demo.api.call import Call, answer
from console.demo.api.errors import ApiError, expired
from console.demo.api.forms import Renderer, chosen
from console.demo.api.kinds import KINDS
from console.demo.api.options import ListOptions, Place, list_options, selection
from console.demo.api.store import ObjectStore, Versions
from console.demo.api.table import included

PATIENCE = 3.0  # seconds that a list waits for a revision that does not exist yet
_PAGE_GONE = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You can start a new list without the continue parameter, or use the continue token in this response "
    "to retrieve the remainder of the results."
)


def renderer(call: Call) -> Renderer:
    """In the form that the client accepts; ApiError 406."""
    form = chosen(call.request.headers.get("Accept", ""))
    return Renderer(call.kind, form, included(call.query), call.store.now())


async def get(call: Call) -> web.Response:
    """One object."""
    return answer(renderer(call).one(call.store.stored(call.kind.kind, call.name, call.home)))


async def listing(call: Call) -> web.Response:
    """All objects that are asked for, or a page of them."""
    render, options = renderer(call), list_options(call.query)
    wanted = selection(call.query, call.kind, call.namespace)
    await _reach(call.store, options.revision or 0)
    revision, objects = _state(call, options)
    if options.place:
        objects = objects[bisect_right(objects, options.place.start, key=lambda item: item[0]) :]
    found = [(key, stored) for key, stored in objects if wanted.selects(key, stored.object)]
    metadata: dict[str, Any] = {"resourceVersion": str(revision)}
    if options.limit and len(found) > options.limit:
        rest = len(found) - options.limit
        found = found[: options.limit]
        metadata["continue"] = Place(revision, found[-1][0]).token()
        if not wanted.selective:
            metadata["remainingItemCount"] = rest
    return answer(render.many((stored for _, stored in found), metadata))


def _state(call: Call, options: ListOptions) -> tuple[int, Versions]:
    store, kind = call.store, call.kind.kind
    revision = store.revision
    try:
        if options.place:
            revision = options.place.revision
        elif options.exact and options.revision:
            revision = options.revision
        return revision, store.snapshot(kind, revision)
    except ApiError:
        told = _PAGE_GONE if options.place else "The resourceVersion for the provided list is too old."
        raise expired(told) from None


async def _reach(store: ObjectStore, revision: int) -> None:
    """Until the store is at ``revision``; ApiError 504 when that takes too long."""
    if revision <= store.revision:
        return
    subscription = store.watch({kind.kind for kind in KINDS})
    try:
        async with asyncio.timeout(PATIENCE):
            while store.revision < revision:
                await subscription.take()
    except TimeoutError:
        message = f"Timeout: Too large resource version: {revision}, current: {store.revision}"
        cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
        raise ApiError(504, "Timeout", message, details={"causes": [cause]}, retry_after=1) from None
    finally:
        subscription.close()
