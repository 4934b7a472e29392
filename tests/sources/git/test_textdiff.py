"""The textual diff, and what is never in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.redaction import MASK
from console.sources.git import secrets
from console.sources.git.files import Hunk, hunks, lines_of
from tests.sources.git.workshop import OPERATOR, Workshop, oci

FILE = "a/ocirepository.yaml"
SECRET = "hunter2-of-the-home"


def shown(
    workshop: Workshop, before: dict[str, str], after: dict[str, str | bytes | None], **how: dict[str, str]
) -> list[str]:
    """The diff of a branch that changes ``before`` into ``after``."""
    main = workshop.commit("main", before, by=OPERATOR)
    head = workshop.commit("renovate/a", after, onto=main, **how)  # type: ignore[arg-type]
    mirror = workshop.mirror()
    mirror.fetch()
    return mirror.diff(main, head)


def test_it_is_what_git_shows(workshop: Workshop) -> None:
    text = "".join(f"line {i}\n" for i in range(40))
    new = text.replace("line 3\n", "line three\n").replace("line 30\n", "").replace("line 35\n", "line 35\nmore\n")
    ours = shown(workshop, {"f": text, "g": "x\n"}, {"f": new, "g": None, "h": "y\n"})
    args = ("diff", "--no-renames", "--no-color", "main", "renovate/a")
    theirs = [line for line in workshop.git(*args).splitlines() if not line.startswith("index ")]
    theirs = [line if not line.startswith("@@") else line[: line.index("@@", 2) + 2] for line in theirs]
    expected = [line.replace(" +1 @@", " +1,1 @@").replace("-1 +", "-1,1 +") for line in theirs]
    assert ours == expected


def test_only_the_branchs_own_change_however_far_main_is(workshop: Workshop) -> None:
    main = workshop.commit("main", {FILE: oci("1.0.0")}, by=OPERATOR)
    head = workshop.commit("renovate/a", {FILE: oci("1.1.0")}, onto=main)
    later = workshop.commit("main", {"other": "x\n"}, by=OPERATOR)
    mirror = workshop.mirror()
    mirror.fetch()
    changed = [line for line in mirror.diff(later, head) if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == ["-    tag: 1.0.0", "+    tag: 1.1.0"]


def test_a_sops_file_is_told_in_one_line(workshop: Workshop) -> None:
    before = f"password: ENC[AES256_GCM,data:{SECRET},iv:x]\nsops:\n  age: []\n"
    lines = shown(workshop, {"x.sops.yaml": before}, {"x.sops.yaml": before.replace("hunter2", "hunter3")})
    assert lines[-1] == "… 1 encrypted values changed (keys: password)"
    assert SECRET not in "\n".join(lines)


@pytest.mark.parametrize("path", ["secret.yaml", "age.key", "a/b.sops.env", "talsecret.sops.yaml"])
def test_files_that_sops_wrote_are_known_by_name_or_by_content(workshop: Workshop, path: str) -> None:
    before = f"x: {SECRET}\nsops:\n    mac: ENC[AES256_GCM,data:x]\n"
    assert SECRET not in "\n".join(shown(workshop, {path: before}, {path: before + "# more\n"}))


def test_values_of_a_secret_are_masked_and_its_keys_stay(workshop: Workshop) -> None:
    before = (
        "kind: ConfigMap\ndata:\n  open: yes-it-is\n---\nkind: Secret\nmetadata:\n  name: s\n"
        f"stringData:\n  password: {SECRET}\n  file: |\n    {SECRET}\n    two\ntype: Opaque\n"
    )
    lines = shown(workshop, {"s.yaml": before}, {"s.yaml": before.replace("hunter2", "hunter3").replace("Opaque", "x")})
    text = "\n".join(lines)
    assert "hunter" not in text
    assert f"-  password: {MASK}" in lines
    assert "-type: Opaque" in lines


@pytest.mark.parametrize(
    "text",
    [
        f"patches:\n  - patch: |-\n      a: v1\n      kind: Secret\n      stringData:\n        password: {SECRET}\n",
        f"x:\n  - patch: |-\n      stringData:\n        a: |\n          x\n\n          {SECRET}\n      kind: Secret\n",
        f"items:\n  - kind: Secret\n    data:\n      password: {SECRET}\n",
        f"items:\n  - data:\n      password: {SECRET}\n    kind: Secret\n",
        f"  kind: 'Secret' # x\n  data:\n  {{{{ if x }}}}\n{{{{ end }}}}\n    password: {SECRET}\n",
        f'{{\n  "kind": "Secret",\n  "data": {{\n    "password": "{SECRET}"\n  }}\n}}\n',
        f'{{\n  "data": {{\n    "password":"{SECRET}"\n  }},\n  "kind":"Secret"\n}}\n',
        f'{{"kind": "Secret", "data": {{"password": "{SECRET}"}}}}\n',
        f'{{"kind": "Secret",\n"data": {{\n  "password": "{SECRET}"}}}}\n',
        f"{{kind: Secret, stringData: {{password: {SECRET}}}}}\n",
        f'patch: \'{{"kind": "Secret", "data": {{"password": "{SECRET}"}}}}\'\n',
        f"target:\n  kind: Secret\npatch: |-\n  - op: replace\n    path: /data/password\n    value: {SECRET}\n",
        f'target:\n  kind: Secret\npatch: \'[{{"op": "add", "path": "/data/a", "value": "{SECRET}"}}]\'\n',
    ],
)
def test_a_secret_is_masked_however_it_is_written(workshop: Workshop, text: str) -> None:
    lines = shown(workshop, {"s.yaml": text}, {"s.yaml": text.replace("hunter2", "hunter3")})
    assert "hunter" not in "\n".join(lines)
    assert MASK in "\n".join(lines)


def test_what_only_names_a_secret_is_not_masked(workshop: Workshop) -> None:
    text = (
        "kind: HelmRelease\nspec:\n  valuesFrom:\n    - kind: Secret\n      name: s\n  values:\n    keep:\n"
        "      data:\n        existingClaim: one\n    list:\n      - kind: Config\n        data:\n          a: one\n"
    )
    lines = shown(workshop, {"h.yaml": text}, {"h.yaml": text.replace("one", "two")})
    assert {"+        existingClaim: two", "+          a: two"} <= set(lines)


def test_of_a_list_only_the_secrets_are_masked(workshop: Workshop) -> None:
    text = (
        f"items:\n  - kind: ConfigMap\n    data:\n      open: one\n  - kind: Secret\n    data:\n      a: {SECRET}\n"
        "  - kind: ConfigMap\n    data:\n      other: one\n"
    )
    new = text.replace("one", "two").replace("hunter2", "hunter3")
    lines = shown(workshop, {"l.yaml": text}, {"l.yaml": new})
    assert {"+      open: two", "+      other: two", f"+      a: {MASK}"} <= set(lines)


def test_a_secret_in_a_template_is_masked_too(workshop: Workshop) -> None:
    before = f"#% if x %#\nkind: Secret\nstringData:\n  password: {SECRET}\n#% endif %#\n"
    assert "hunter" not in "\n".join(shown(workshop, {"s.yaml.j2": before}, {"s.yaml.j2": before.replace("2", "3")}))


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1B2" * 9,
        "AGE-SECRET-KEY-1" + "QPZRY9X8" * 7,
        "ENC[AES256_GCM,data:abc,iv:d,tag:e,type:str]",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
    ],
)
def test_tokens_and_keys_are_masked_anywhere(workshop: Workshop, secret: str) -> None:
    lines = shown(workshop, {"x.yaml": "a: 1\n"}, {"x.yaml": f"a: 1\nb: {secret}\n"})
    assert secret not in "\n".join(lines)
    assert MASK in lines[-1]


def test_every_line_of_a_key_is_masked(workshop: Workshop) -> None:
    key = "-----BEGIN PGP PRIVATE KEY BLOCK-----\nlQOYBF\nabc\n-----END PGP PRIVATE KEY BLOCK-----\n"
    text = "\n".join(shown(workshop, {"n.txt": "a\n"}, {"n.txt": "a\n" + key + "b\n"}))
    assert "lQOYBF" not in text
    assert text.endswith("+b")


def test_binary_modes_links_and_submodules_are_told(workshop: Workshop) -> None:
    lines = shown(
        workshop,
        {"run": "x\n", "bin": "\0old"},
        {"run": "x\n", "bin": b"\0new", "sub": "1" * 40},
        modes={"run": "100755", "sub": "160000"},
    )
    assert "new mode 100755" in lines
    assert "… too big, or binary: not shown" in lines
    assert "Submodule 000000000000 → 111111111111" in lines


def test_a_long_diff_is_cut(workshop: Workshop) -> None:
    lines = shown(workshop, {"a": "x\n"}, {"a": "\n".join(str(i) for i in range(20_000)) + "\n", "b": "y\n"})
    assert len(lines) < 6000
    assert any("more lines" in line for line in lines)
    assert lines[-1] == "+y"


words = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=30)


@given(words, words)
def test_hunks_turn_one_text_into_the_other(old: list[str], new: list[str]) -> None:
    result: list[str] = []
    place = 0
    for hunk in hunks(old, new):
        assert isinstance(hunk, Hunk)
        result += old[place : hunk.old_start]
        assert len(result) == hunk.new_start
        result += new[hunk.new_start : hunk.new_end]
        place = hunk.old_end
    assert result + old[place:] == new


@given(st.text())
def test_lines_are_those_of_the_text(text: str) -> None:
    assert "\n".join(lines_of(text)).replace("\r", "") == text.removesuffix("\n").replace("\r", "")


@given(st.lists(st.text(max_size=40), max_size=20))
def test_masking_any_lines_at_all(lines: list[str]) -> None:
    lines = [line.replace("\n", " ") for line in lines]
    for line, cover in zip(lines, secrets.covers(lines), strict=True):
        assert isinstance(secrets.masked(line, cover), str)
