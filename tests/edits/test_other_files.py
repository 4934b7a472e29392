"""Edits of JSON, JSON5, TOML and KEY=value files keep comments, quotes, commas and line ends."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.edits import jsontext, leaf, yamltext
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

    def test_a_string_changes_in_its_quotes(self) -> None:
        after = jsontext.set_string(RENOVATE, ("packageRules", 0, "description"), "no automerge", "it's held")
        assert after == RENOVATE.replace("'no automerge'", "'it\\'s held'")

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


class TestToml:
    TEXT = (
        '# tools\r\n[tools]\r\n"aqua:siderolabs/talos" = "1.13.7" # 1.13.7\r\nkubectl = { version = "1.36.2" }\r\n'
        'list = ["1.13.7", "1.13.7"]\r\n[env]\r\nTALOS = "1.13.7"\r\n'
    )

    @pytest.mark.parametrize(
        ("path", "nth"), [(("tools", "aqua:siderolabs/talos"), 0), (("tools", "list", 1), 3), (("env", "TALOS"), 4)]
    )
    def test_only_the_wanted_string_changes(self, path: leaf.Path, nth: int) -> None:
        parts = self.TEXT.split("1.13.7")
        expected = "1.13.7".join(parts[: nth + 1]) + "1.14.0" + "1.13.7".join(parts[nth + 1 :])
        assert leaf.set_toml(self.TEXT, path, "1.13.7", "1.14.0") == expected

    @pytest.mark.parametrize("path", [("tools", "kubectl"), ("tools", "nothing"), ("env", "TALOS", "x")])
    def test_what_is_not_there_is_refused(self, path: leaf.Path) -> None:
        with pytest.raises(Refused):
            leaf.set_toml(self.TEXT, path, "1.13.7", "1.14.0")


class TestEnv:
    TEXT = "# TALOS=v1.13.7\nexport TALOS = 'v1.13.7'\r\nKUBE=\"v1.36.2\"\nPLAIN=v1 \n"

    def test_only_the_wanted_value_changes_in_its_quotes(self) -> None:
        assert leaf.set_env(self.TEXT, "TALOS", "v1.13.7", "v1.14.0") == self.TEXT.replace("'v1.13.7'", "'v1.14.0'")
        assert leaf.set_env(self.TEXT, "PLAIN", "v1", "v2") == self.TEXT.replace("v1 \n", "v2 \n")

    @pytest.mark.parametrize(
        ("key", "new"),
        [("TALOS", "it's"), ("KUBE", "$HOME"), ("PLAIN", "a b"), ("PLAIN", ""), ("NONE", "x"), ("PLAIN", "a\nb")],
    )
    def test_what_a_shell_would_read_otherwise_is_refused(self, key: str, new: str) -> None:
        with pytest.raises(Refused):
            leaf.set_env(self.TEXT, key, leaf.env_values(self.TEXT).get(key, ""), new)


@settings(max_examples=200, deadline=None)
@given(text=st.one_of(st.text(max_size=40), st.text("{}[]:,'\"/*\\ \n-#&*!|>a1", max_size=40)))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (jsontext.read, yamltext.read, leaf.toml_leaves, leaf.env_values):
        with contextlib.suppress(Refused):  # and nothing else
            read(text)
