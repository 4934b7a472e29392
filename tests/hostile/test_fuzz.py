"""No input makes a parser fail otherwise than by our own errors, hang, or take memory without end."""

import json
import string
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.sources.errors import HomeconsoleError
from console.sources.kubernetes.watching import batches_of
from tests.hostile.corpus import EVERYTHING, LONG
from tests.hostile.parsers import PARSERS

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(EVERYTHING),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(("metadata", "spec", "status", "id", "node", "type", "object", "items", "contexts", "ready",
                         "machine", "cluster", "packageRules", "matchPackageNames", "data", "sops", "kind", "")),
        inner,
        max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip
_MARKUP = st.text(alphabet="{}[]&*!|>'\"%@`,:#-?\\/ \n\t.0aé~=$<+\x00\ufeff", max_size=80)
_BYTES = st.one_of(
    st.binary(max_size=200),
    _JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")),
    st.lists(_JSON, max_size=3).map(lambda all_: "\n".join(json.dumps(each, indent=2) for each in all_).encode()),
    _MARKUP.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(string.printable, max_size=120).map(str.encode),
)
_DEEP = 100_000
_ALIAS = b"%c: &%c [*%c,*%c,*%c,*%c]\n"
BOMBS = {
    "empty": b"",
    "deep lists": b"[" * _DEEP,
    "deep maps": b'{"a":' * _DEEP,
    "deep yaml": b"\n".join(b" " * n + b"a:" for n in range(1500)),
    "deep flow": b"a: " + b"{a: " * 3000,
    "dashes": b"- " * 20_000 + b"x",
    "aliases": b"a: &a [x,x]\n" + b"".join(_ALIAS % (n + 1, n + 1, n, n, n, n) for n in range(97, 121)),
    "merge": b"a: &a {x: 1}\n" + b"".join(b"k%d: {<<: *a}\n" % n for n in range(500)),
    "self": b"&a [*a, *a]\n",
    "number": b'{"spec":{"cpu":' + b"9" * 100_000 + b"}}",
    "date": b"a: 9999-99-99T99:99:99Z\nb: 0000-01-01\nc: 1:60:60:60\n",
    "tag": b"!!python/object/apply:os.system ['touch /tmp/evil']\n",
    "long": LONG[0].encode(),
    "sequences": LONG[1].encode(),
    "corpus": EVERYTHING.encode("utf-8", "surrogatepass"),
    "lines": b"a: b\n" * 20_000,
    "conflict": b"<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n",
    "blanks": b" " * 200_000 + b"\t" * 200_000,
    "quotes": b'"' + b"\\" * 200_000,
    # What fell out, each once.
    "version": b"9" * 5000 + b".1.1",
    "pull request": b"fix: it (#" + b"9" * 5000 + b")",
    "infinite": b'{"metadata": {"id": "sda"}, "spec": {"size": 1e999, "capacity": 1e999}}',
    "wait": b"\xc2\xb2",
    "nots": b"!" * 20_000 + b"x",
    "sum": b"1+" * 20_000 + b"1",
    "number of CEL": b"9" * 5000 + b" > 1",
    "duration": b'{"kind": "Bucket", "metadata": {"name": "x"}, "spec": {"interval": "' + b"9" * 200_000 + b'"}}',
    "patience": b'{"kind": "HelmRelease", "metadata": {"name": "x", "annotations": {'
    b'"reconcile.fluxcd.io/requestedAt": "x"}}, "spec": {"timeout": "20000000000h"}}',
    "the last day": b'{"kind": "OCIRepository", "metadata": {"name": "x", "annotations": {'
    b'"reconcile.fluxcd.io/requestedAt": "9999-12-31T23:59:59Z"}}, "status": {"artifact": {"revision": "a", '
    b'"lastUpdateTime": "9999-12-31T23:59:59Z"}, "conditions": [{"type": "Ready", "status": "True"}]}}',
    "reasons": b'{"kind": "Kustomization", "metadata": {"name": "x"}, "status": {"conditions": ['
    b'{"type": "Ready", "status": "False", "reason": []}]}}',
    "images": b"image: " + b"a." * 20_000 + b"\nimage: " + b"b." * 20_000,
    "records": b'{"event": "held", "id": [1], "at": "2026-01-01T00:00:00", "repository": "o", "names": 7}\n',
    "held": b'{"event": "held", "id": "1", "at": "2026-01-01T00:00:00", "repository": "o", "names": 7, "previous": ""}',
    "order": b'{"event": "approved", "id": "1", "at": "2026-01-01T00:00:00", "previous": "", "files": 7}\n',
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PARSERS))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=_BYTES)
def test_any_bytes_give_a_value_or_an_error_of_ours(name: str, data: bytes) -> None:
    with suppress(HomeconsoleError):
        PARSERS[name](data)


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_no_bomb_goes_off(name: str) -> None:
    for data in BOMBS.values():
        with suppress(HomeconsoleError):
            PARSERS[name](data)


def test_a_watch_reads_the_same_wherever_it_is_cut() -> None:
    event = {"type": "MODIFIED", "object": {"metadata": {"name": "é東\udc9b"}, "note": EVERYTHING}}
    stream = b"".join(json.dumps(event).encode() + b"\n" for _ in range(2))
    whole = [each for batch in batches_of(iter([stream])) for each in batch]
    assert len(whole) == 2
    for cut in range(len(stream)):
        pieces = [stream[:cut], stream[cut:]]
        assert [each for batch in batches_of(iter(pieces)) for each in batch] == whole
        before = [each for batch in batches_of(iter(pieces[:1])) for each in batch]
        assert before == whole[: stream[:cut].count(b"\n")]


def test_a_line_without_end_takes_bounded_memory() -> None:
    piece = b"x" * 1_000_000

    def endless() -> Iterator[bytes]:
        while True:
            yield piece

    tracemalloc.start()
    try:
        with pytest.raises(HomeconsoleError, match="without end"):
            list(batches_of(endless()))
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
