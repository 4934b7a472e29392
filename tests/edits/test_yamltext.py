"""An edit of YAML changes the wanted leaf and not one other byte, or is refused."""

import string
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from console.edits import yamltext
from console.edits.text import closed, opened
from console.edits.version import set_version
from console.sources.errors import Refused

CR = """\
# held until someone looked at it
apiVersion: tuppr.home-operations.com/v1alpha1
kind: TalosUpgrade
metadata:
  name: talos
  annotations:
    tuppr.home-operations.com/suspend: "manual review"  # tuppr waits
spec:
  talos:
    # renovate: datasource=custom.talos-factory depName=siderolabs/talos
    version: v1.13.7
  maintenance:
    windows:
      - start: "0 2 * * 0"
        duration: 4h
  policy: {timeout: 30m}
"""


class TestAScalar:
    @pytest.mark.parametrize(
        ("text", "path", "old", "new", "expected"),
        [
            ("a: 1.9 # x\n", ("a",), "1.9", "1.10", "a: 1.10 # x\n"),
            ("a: v1\n", ("a",), "v1", "1.10", 'a: "1.10"\n'),  # a text stays a text
            ("a: v1\n", ("a",), "v1", "1e3", 'a: "1e3"\n'),  # a number for Go, though not for YAML 1.1
            ("a: v1\n", ("a",), "v1", "yes", 'a: "yes"\n'),
            ("a: 'it''s'\n", ("a",), "it's", "that's", "a: 'that''s'\n"),
            ('a: "x\\ty"\n', ("a",), "x\ty", 'z"', 'a: "z\\""\n'),
            ("a: &v v1 # x\nb: [c, &v 2]\n", ("a",), "v1", "v2", "a: &v v2 # x\nb: [c, &v 2]\n"),
            ("a: !!str v1\n", ("a",), "v1", "v2", "a: !!str v2\n"),
            ("a: {b: v1, c: v1}\n", ("a", "c"), "v1", "v2", "a: {b: v1, c: v2}\n"),
            ("- v1\n- [v1, v1]\n", ("[1]", "[0]"), "v1", "v2", "- v1\n- [v2, v1]\n"),
            ("a: v1\n", ("a",), "v1", "x: y", 'a: "x: y"\n'),
            ("a: v1\n", ("a",), "v1", "", 'a: ""\n'),
            ("\ta: é v1\n".strip("\t"), ("a",), "é v1", "ü ❤", "a: ü ❤\n"),
        ],
    )
    def test_is_written_as_it_was_written(
        self, text: str, path: tuple[str, ...], old: str, new: str, expected: str
    ) -> None:
        assert yamltext.set_scalar(text, 0, path, old, new) == expected

    @pytest.mark.parametrize(
        ("text", "old", "why"),
        [
            ("a: &v v1\nb: *v\n", "v1", "others refer to it"),
            ("b: &v v1\na: *v\n", "v1", "is not"),
            ("a: v0\n", "v1", "is not"),
            ("b: v1\n", "v1", "stands 0 times"),
            ("a: v1\na: v1\n", "v1", "stands 2 times"),
            ("a: |\n  v1\n", "v1\n", "block of text"),
            ("a: {{ v1 }}\n", "v1", "is not YAML"),
            ("a: [v1\n", "v1", "is not YAML"),
        ],
    )
    def test_is_refused_where_more_would_change(self, text: str, old: str, why: str) -> None:
        with pytest.raises(Refused, match=why):
            yamltext.set_scalar(text, 0, ("a",), old, "v2")

    def test_an_anchor_given_anew_is_another_one(self) -> None:
        text = "a: &v v1\nb: &v v3\nc: *v\n"
        assert yamltext.set_scalar(text, 0, ("a",), "v1", "v2") == "a: &v v2\nb: &v v3\nc: *v\n"


class TestAnEntry:
    def test_goes_with_its_line_and_leaves_no_empty_mapping(self) -> None:
        path = ("metadata", "annotations", "tuppr.home-operations.com/suspend")
        expected = "".join(CR.splitlines(keepends=True)[:5] + CR.splitlines(keepends=True)[7:])
        assert yamltext.remove(CR, 0, path) == expected

    def test_goes_with_all_that_is_below_it(self) -> None:
        lines = CR.splitlines(keepends=True)
        assert yamltext.remove(CR, 0, ("spec", "maintenance")) == "".join(lines[:11] + lines[15:])

    def test_stays_when_others_stand_beside_it(self) -> None:
        text = "a:\r\n  x: |\r\n    text\r\n  # kept\r\n  y: 1\r\n"
        assert yamltext.remove(text, 0, ("a", "x")) == "a:\r\n  # kept\r\n  y: 1\r\n"

    @pytest.mark.parametrize("text", ["a: {x: 1, y: 2}\n", "- x: 1\n  y: 2\n", "a:\n  x: &v 1\n  y: *v\n"])
    def test_is_refused_where_it_does_not_stand_alone(self, text: str) -> None:
        with pytest.raises(Refused):
            yamltext.remove(text, 0, ("a", "x") if text.startswith("a") else ("[0]", "x"))


class TestAnItem:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("resources:\n  - ./a.yaml # x\nb: 1\n", "resources:\n  - ./a.yaml # x\n  - ./b.yaml\nb: 1\n"),
            ("resources:\n- ./a.yaml", "resources:\n- ./a.yaml\n- ./b.yaml"),
            ("resources:\r\n  -   ./a.yaml\r\n", "resources:\r\n  -   ./a.yaml\r\n  -   ./b.yaml\r\n"),
        ],
    )
    def test_is_added_as_the_others_stand(self, text: str, expected: str) -> None:
        assert yamltext.append(text, 0, ("resources",), "./b.yaml") == expected

    @pytest.mark.parametrize("text", ["resources: [./a.yaml]\n", "resources: []\n", "resources:\n"])
    def test_is_refused_where_there_is_no_line_like_it(self, text: str) -> None:
        with pytest.raises(Refused):
            yamltext.append(text, 0, ("resources",), "./b.yaml")


# Any document: its lines are written here, never dumped, so that comments, quotes and blanks are as odd as people's.
WORDS = st.text(string.ascii_letters + string.digits + "._-/é ❤'\"#:&*!", min_size=1, max_size=12)
PLAIN = st.from_regex(r"\A[a-z][a-z0-9./-]{0,10}\Z")
COMMENTS = st.sampled_from(["", " # note", "  #  renovate: depName=x", ""])


def quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


LEAVES = st.one_of(
    st.tuples(PLAIN, COMMENTS).map("".join),
    st.tuples(PLAIN.map(lambda w: f"&anchor {w}"), COMMENTS).map("".join),
    st.tuples(WORDS.map(quoted), COMMENTS).map("".join),
    st.sampled_from(["1.10", "true", "~", "0x1f", "2024-01-01", '"tab\\t"', "!!str 5", "[a, 'b', {c: d}]", "{e: f}"]),
)


@st.composite
def mappings(draw: Any, depth: int = 2, indent: str = "") -> str:
    """A block mapping, line by line; keys differ."""
    text = ""
    for number in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            text += draw(st.sampled_from(["", f"{indent}# between\n", "\n"]))
        key = f"{indent}k{number}:"
        below = draw(st.sampled_from(["leaf", "leaf", "leaf", "map", "list", "block"])) if depth else "leaf"
        if below == "leaf":
            text += f"{key} {draw(LEAVES)}\n"
        elif below == "map":
            text += f"{key}\n{draw(mappings(depth - 1, indent + '  '))}"
        elif below == "list":
            text += f"{key}\n" + "".join(f"{indent}  - {draw(LEAVES)}\n" for _ in range(draw(st.integers(1, 3))))
        else:
            text += f"{key} |\n{indent}  block: {draw(PLAIN)}\n{indent}    deeper\n"
    return text


@st.composite
def files(draw: Any) -> bytes:
    """A file of one or more documents, with any line ends, perhaps a byte order mark and no last line end."""
    text = "---\n".join(draw(st.lists(mappings(), min_size=1, max_size=3)))
    text = text.removesuffix("\n") if draw(st.booleans()) and not text.endswith("deeper\n") else text
    text = text.replace("\n", "\r\n") if draw(st.booleans()) else text
    return ("\ufeff" if draw(st.booleans()) else "").encode() + text.encode()


def loaded(data: bytes) -> list[Any]:
    """As a loader other than ours sees it; anchors given twice are left to their last giver."""
    text = data.decode().removeprefix("\ufeff").replace("&anchor ", "")
    return list(yaml.load_all(text, yaml.BaseLoader))


def put(value: Any, path: tuple[str, ...], new: str) -> None:
    for part in path[:-1]:
        value = value[int(part[1:-1])] if isinstance(value, list) else value[part]
    value[int(path[-1][1:-1]) if isinstance(value, list) else path[-1]] = new


@settings(max_examples=150, deadline=None)
@given(data=files(), pick=st.integers(0, 10**6), new=WORDS)
def test_only_the_wanted_leaf_of_any_file_changes(data: bytes, pick: int, new: str) -> None:
    mark, text = opened(data)
    found = yamltext.read(text)
    leaves = [n for n in found.nodes if isinstance(found.events[n.first], yaml.ScalarEvent)]
    node = leaves[pick % len(leaves)]
    event = found.events[node.first]
    if event.style == "|":
        with pytest.raises(Refused):
            yamltext.set_scalar(text, node.document, node.path, event.value, new)
        return
    after = closed(mark, yamltext.set_scalar(text, node.document, node.path, event.value, new))
    expected = loaded(data)
    put(expected[node.document], node.path, new)
    assert loaded(after) == expected
    start, end = event.start_mark.index, event.end_mark.index
    assert after.startswith(closed(mark, text[:start]))
    assert after.endswith(text[end:].encode())
    back = opened(after)[1]
    if not event.tag:  # and back again, to the byte where the style allows it
        again = yamltext.set_scalar(back, node.document, node.path, new, event.value)
        assert loaded(closed(mark, again)) == loaded(data)


@settings(max_examples=100, deadline=None)
@given(data=files(), pick=st.integers(0, 10**6))
def test_only_the_wanted_entry_of_any_file_goes(data: bytes, pick: int) -> None:
    mark, text = opened(data)
    found = yamltext.read(text)
    entries = [n for n in found.nodes if n.key is not None]
    node = entries[pick % len(entries)]
    try:
        after = closed(mark, yamltext.remove(text, node.document, node.path))
    except Refused:
        return
    kept = opened(after)[1].removesuffix("\n").split("\n")
    lines = text.removesuffix("\n").split("\n")
    gone = len(lines) - len(kept)
    assert gone > 0
    cuts = [i for i in range(len(kept) + 1) if lines[:i] + lines[i + gone :] == kept]
    assert cuts, "something else than whole lines went"
    assert len(loaded(after)) == len(loaded(data))


class TestAVersionOnALine:
    def test_changes_with_or_without_its_v(self) -> None:
        assert b"version: v1.13.8\r\n" in set_version(
            "a.yaml", CR.replace("\n", "\r\n").encode(), 11, "v1.13.7", "v1.13.8"
        )
        assert set_version(".mise.toml", b'[tools]\ntalosctl = "1.13.7"\n', 2, "v1.13.7", "v1.13.8").endswith(
            b'"1.13.8"\n'
        )

    def test_changes_in_a_block_of_text_and_in_any_quotes(self) -> None:
        text = "a:\n  - |-\n    image: x:v1.13.7 # here\n  - {b: 'x:v1.13.7', c: 1}\nd: &x v1.13.7\n"
        for line in (3, 4, 5):
            lines = text.split("\n")
            lines[line - 1] = lines[line - 1].replace("13.7", "14.0")
            assert set_version("a.yaml", text.encode(), line, "v1.13.7", "v1.14.0") == "\n".join(lines).encode()

    def test_changes_in_a_template(self) -> None:
        text = b"{% if x %}\n  image: factory.talos.dev/installer/{{ ENV.S }}:v1.13.7\n{% endif %}\n"
        assert set_version("m.yaml.j2", text, 2, "v1.13.7", "v1.14.0") == text.replace(b"13.7", b"14.0")

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("a.yaml", "a: ghcr.io/siderolabs/installer:v1.13.7@sha256:12ab\n"),
            ("a.yaml", "a: v1.13.7 v1.13.7\n"),
            ("a.yaml", "b: v1.13.6\n"),
            ("a.yaml", "b: 1 # v1.13.7\n"),  # nothing that is read
            ("a.yaml", "b: v1.13.70\n"),
            ("a.yaml", "a: &v v1.13.7\nb: *v\n"),  # another would change with it
            ("a.yaml", "v1.13.7: a\n"),
            ("a.toml", "# v1.13.7\n"),
        ],
    )
    def test_is_refused_where_it_is_not_one_value(self, path: str, text: str) -> None:
        with pytest.raises(Refused):
            set_version(path, text.encode(), 1, "v1.13.7", "v1.13.8")
