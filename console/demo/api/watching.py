"""Watch: what there is, what changes, and now and then how far the stream is."""

import asyncio
from collections.abc import Iterable

from aiohttp import web

from console.demo.api.call import Call
from console.demo.api.connections import close
from console.demo.api.errors import ApiError
from console.demo.api.forms import Renderer
from console.demo.api.options import Selection, WatchOptions, selection, watch_options
from console.demo.api.reading import renderer
from console.demo.api.store import Change, Stored, encode
from console.demo.api.subscription import Subscription

BOOKMARK_EVERY = 60.0  # seconds (cacher.go: defaultBookmarkFrequency)
DEADLINE = 1800  # seconds, where the client gives none (server/config.go: MinRequestTimeout)


class _Stream:
    """The chunked answer. Breaks off where a fault says so."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._left = call.fault.cut_after if call.fault else None
        # Never compressed: clients read events as they come.
        self.response = web.StreamResponse(headers={"Content-Type": "application/json"})
        self.response.enable_chunked_encoding()

    async def write(self, data: bytes) -> None:
        if not data:
            return
        if self._left is not None and len(data) > self._left:
            await self.response.write(data[: self._left])
            close(self._call.request.transport)
            raise ConnectionResetError
        if self._left is not None:
            self._left -= len(data)
        await self.response.write(data)


async def watch(call: Call) -> web.StreamResponse:
    """Streams until the deadline, or until the client or the server goes."""
    options, wanted, render = (
        watch_options(call.query),
        selection(call.query, call.kind, call.namespace),
        renderer(call),
    )
    subscription = call.store.watch({call.kind.kind})
    stream = _Stream(call)
    try:
        with call.faults.stream(call.request.transport, subscription):
            begun, last = _beginning(call, options, wanted, render)
            await stream.response.prepare(call.request)
            await stream.write(begun)
            if last >= 0:
                translator = _Translator(wanted, render, call, last)
                await _follow(stream, subscription, translator, _Pace(options))
            await stream.response.write_eof()
    except ConnectionError:
        pass  # the client has gone, or was cut off
    finally:
        subscription.close()
    return stream.response


def _beginning(call: Call, options: WatchOptions, wanted: Selection, render: Renderer) -> tuple[bytes, int]:
    """What to send first, and the revision up to which that tells everything; -1 when nothing can follow."""
    store, kind = call.store, call.kind.kind
    if options.initial or options.revision is None:
        lines = [
            render.event("ADDED", stored) for key, stored in store.snapshot(kind) if wanted.selects(key, stored.object)
        ]
        if options.initial and options.bookmarks:
            lines.append(render.bookmark(store.revision, initial_end=True))
        return b"".join(lines), store.revision
    if options.revision < 0:
        return b"", store.revision
    try:
        missed = store.since(options.revision)
    except ApiError as error:
        return encode({"type": "ERROR", "object": error.status()}) + b"\n", -1
    translator = _Translator(wanted, render, call, options.revision)
    return translator.lines(missed), max(store.revision, options.revision)


class _Translator:
    """Changes of the store as events of one watcher, none twice."""

    def __init__(self, wanted: Selection, render: Renderer, call: Call, last: int) -> None:
        self._wanted = wanted
        self._render = render
        self._call = call
        self._last = last

    def lines(self, changes: Iterable[Change]) -> bytes:
        """The events, joined."""
        self._render.now = self._call.store.now()
        return b"".join(filter(None, map(self._line, changes)))

    def bookmark(self) -> bytes:
        """How far it is now."""
        return self._render.bookmark(max(self._last, self._call.store.revision))

    def _line(self, change: Change) -> bytes:
        if change.revision <= self._last or change.kind != self._call.kind.kind:
            return b""
        old = change.old
        was = old is not None and self._wanted.selects(change.key, old.object)
        now = change.type != "DELETED" and self._wanted.selects(change.key, change.new.object)
        if was and not now:
            return self._render.event("DELETED", _left(change))
        if now:
            return self._render.event("MODIFIED" if was else "ADDED", change.new)
        return b""


def _left(change: Change) -> Stored:
    """What is told of an object that is gone from the selection: its last state there, at the revision of leaving."""
    if change.type == "DELETED" or change.old is None:
        return change.new
    old = change.old.object
    metadata = old["metadata"] | {"resourceVersion": str(change.revision)}
    return Stored(old | {"metadata": metadata}, change.revision)


class _Pace:
    """When a stream ends, and when it sends bookmarks: every minute, and shortly before the end."""

    def __init__(self, options: WatchOptions) -> None:
        self._now = asyncio.get_running_loop().time
        self._marks = options.bookmarks
        self._end = self._now() + (options.seconds or DEADLINE)
        self._mark = min(self._now() + BOOKMARK_EVERY, self._end - 2)

    @property
    def next(self) -> float:
        """The moment (of the loop's clock) when something is due."""
        return min(self._end, self._mark) if self._marks else self._end

    @property
    def over(self) -> bool:
        """Whether the stream ends now."""
        return self._now() >= self._end

    def marked(self) -> None:
        """A bookmark was sent."""
        ahead = (self._now() + BOOKMARK_EVERY, self._end - 2, self._end)
        self._mark = min(moment for moment in ahead if moment > self._now() or moment == self._end)


async def _follow(stream: _Stream, subscription: Subscription, translator: _Translator, pace: _Pace) -> None:
    while not pace.over:
        try:
            async with asyncio.timeout_at(pace.next):
                changes = await subscription.take()
        except TimeoutError:
            if not pace.over:
                # What came at the same moment goes first: a bookmark says that nothing before it is missing.
                await stream.write(translator.lines(subscription.pending()) + translator.bookmark())
                pace.marked()
            continue
        if not changes:
            return
        await stream.write(translator.lines(changes))
