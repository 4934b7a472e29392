"""Edits of JSON, JSON5, TOML, KEY=value and other files keep comments, quotes, commas and line ends."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.edits import jsontext, leaf, yamltext
from console.edits.version import set_version
from console.sources.errors import Refused

RENOVATE = """\
// what Renovate does here
{
  $schema: 'https://docs.renovatebot.com/renovate-schema.json',
  extends: ["config:recommended"], /* base */
  packageRules: [
    {
      description: 'no automerge', // by hand
      matchPackageNames: ["/siderolabs/"],
      automerge: false,
    }, // first
  ],
}
"""


class TestJson5:
    def test_gets_a_rule_as_its_own_rules_stand(self) -> None:
        after = jsontext.append(RENOVATE, ("packageRules",), {"matchPackageNames": ["x"], "enabled": False})
        added = '    {\n      matchPackageNames: ["x"],\n      enabled: false\n    },\n'
        assert after == RENOVATE.replace("    }, // first\n", f"    }}, // first\n{added}")
        assert jsontext.remove(after, ("packageRules", 1)) == RENOVATE

    def test_gets_a_list_that_was_not_there(self) -> None:
        text = '{\r\n  "extends": []\r\n}\r\n'
        after = jsontext.append(text, (), ("packageRules", []))
        assert after == '{\r\n  "extends": [],\r\n  "packageRules": []\r\n}\r\n'
        full = jsontext.append(after, ("packageRules",), {"enabled": False})
        assert json.loads(full)["packageRules"] == [{"enabled": False}]
        assert full.count("\r\n") == full.count("\n")

    def test_strict_json_gets_no_comma_too_many(self) -> None:
        text = '{"a": [\n  1,\n  2\n]}\n'
        after = jsontext.append(text, ("a",), "x")
        assert json.loads(after) == {"a": [1, 2, "x"]}
        assert jsontext.remove(after, ("a", 2)) == text

    @pytest.mark.parametrize("text", ["{", "{a 1}", "[1 2]", "{a: 1} x", "{a: 1, a: 2}", "{a: what}", "", "[" * 200])
    def test_what_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(Refused, match="safely"):
            jsontext.append(text, (), ("x", 1))

    def test_what_is_there_already_is_refused(self) -> None:
        with pytest.raises(Refused, match="already"):
            jsontext.append(RENOVATE, (), ("extends", []))


VALUES = st.recursive(
    st.one_of(st.booleans(), st.none(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(
    value=st.dictionaries(st.text(max_size=5), VALUES, max_size=4),
    added=VALUES,
    indent=st.sampled_from([None, 2, "\t"]),
)
def test_any_json_keeps_all_it_held(value: dict[str, Any], added: Any, indent: Any) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False) + "\n"
    key = "added key"
    after = jsontext.append(text, (), (key, added))
    assert json.loads(after) == value | {key: added}
    remains = iter(after)
    assert all(char in remains for char in text), "something was taken away"


class TestAVersionOnALine:
    TOML = (
        '# tools\r\n[tools]\r\n"aqua:siderolabs/talos" = "1.13.7" # pinned\r\nkubectl = { version = "1.36.2" }\r\n'
        'list = ["1.13.7", "1.13.7"]\r\n[env]\r\nTALOS = "v1.13.7"\r\n# 1.13.7\r\n'
    )
    ENV = "# TALOS=v1.13.7\nexport TALOS = 'v1.13.7'\r\nKUBE=\"v1.36.2\" # v1.13.7\nPLAIN=1.13.7 # renovate\n"
    TOOLS = "talosctl 1.13.7 # ours\n"

    @pytest.mark.parametrize(
        ("path", "text", "line", "old", "new"),
        [
            (".mise.toml", TOML, 3, '"1.13.7" #', '"1.14.0" #'),
            (".mise.toml", TOML, 7, "v1.13.7", "v1.14.0"),
            ("versions.env", ENV, 2, "'v1.13.7'", "'v1.14.0'"),
            ("versions.env", ENV, 4, "PLAIN=1.13.7", "PLAIN=1.14.0"),
            (".tool-versions", TOOLS, 1, "1.13.7", "1.14.0"),
        ],
    )
    def test_changes_alone(self, path: str, text: str, line: int, old: str, new: str) -> None:
        assert set_version(path, text.encode(), line, "v1.13.7", "v1.14.0") == text.replace(old, new, 1).encode()

    @pytest.mark.parametrize(
        ("path", "text", "line"),
        [
            (".mise.toml", TOML, 5),
            (".mise.toml", TOML, 8),
            ("versions.env", ENV, 1),
            ("versions.env", ENV, 3),
            ("m.yaml.j2", "{% if x %}\n  # image: x:v1.13.7\n{% endif %}\n", 2),
        ],
    )
    def test_is_refused_in_a_comment_and_where_two_stand(self, path: str, text: str, line: int) -> None:
        with pytest.raises(Refused):
            set_version(path, text.encode(), line, "v1.13.7", "v1.14.0")


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(st.text(max_size=40), st.text("{}[]:,'\"/*\\ \n-#&*!|>a1", max_size=40)))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (jsontext.read, yamltext.read, leaf.toml_leaves):
        with contextlib.suppress(Refused):  # and nothing else
            read(text)
