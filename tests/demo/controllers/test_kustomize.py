"""What a folder of manifests builds to."""

from typing import Any

import pytest

from console.demo.controllers import kustomize
from console.demo.controllers.kustomize import Build, BuildError

CONFIG = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  since: 2026-11-22\n"


def names(objects: list[dict[str, object]]) -> list[str]:
    return [str(o["metadata"]["name"]) for o in objects]  # type: ignore[index]


def overlay(*resources: str, more: str = "") -> bytes:
    lines = "".join(f"  - {r}\n" for r in resources)
    return f"kind: Kustomization\nresources:\n{lines}{more}".encode()


def test_a_folder_without_a_kustomization_takes_every_file_and_whole_folders_that_have_one() -> None:
    files = {
        "apps/a.yaml": CONFIG % b"a",
        "apps/deep/b.yaml": CONFIG % b"b",
        "apps/own/kustomization.yaml": overlay("./listed.yaml"),
        "apps/own/listed.yaml": CONFIG % b"listed",
        "apps/own/left-out.yaml": CONFIG % b"left-out",
        "elsewhere/c.yaml": CONFIG % b"c",
    }
    assert names(Build(files).objects("./apps")) == ["a", "b", "listed"]


def test_resources_are_followed_through_folders_and_the_namespace_is_set() -> None:
    files = {
        "top/kustomization.yaml": overlay("./in", "ns.yaml", more="namespace: media\n"),
        "top/ns.yaml": b"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: media\n",
        "top/in/kustomization.yaml": overlay("a.yaml"),
        "top/in/a.yaml": CONFIG % b"a",
    }
    config, namespace = Build(files).objects("top")
    assert config["metadata"] == {"name": "a", "namespace": "media"}
    assert namespace["metadata"] == {"name": "media"}


def test_dates_stay_text() -> None:
    (obj,) = Build({"a/a.yaml": CONFIG % b"a"}).objects("a")
    assert obj["data"]["since"] == "2026-11-22"


def test_what_was_built_may_be_changed_without_harm() -> None:
    build = Build({"a/a.yaml": CONFIG % b"a"})
    build.objects("a")[0]["metadata"]["name"] = "changed"
    assert names(build.objects("a")) == ["a"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a/kustomization.yaml": overlay("./gone.yaml")}, "gone.yaml"),
        ({"a/a.yaml": b"a: [1"}, "MalformedYAMLError: yaml: line"),
        ({"a/a.yaml": b"kind: ConfigMap\n"}, "missing metadata.name"),
        ({"a/kustomization.yaml": b"- a\n"}, "expected a mapping"),
    ],
)
def test_what_does_not_build_says_where(files: dict[str, bytes], told: str) -> None:
    with pytest.raises(BuildError, match="kustomize build failed") as error:
        Build(files).objects("a")
    assert told in str(error.value)


def test_a_folder_that_is_not_there_is_told_apart() -> None:
    with pytest.raises(FileNotFoundError):
        Build({"a/a.yaml": CONFIG % b"a"}).objects("./b")


def test_secrets_are_applied_without_what_sops_added() -> None:
    secret = b"kind: Secret\nmetadata:\n  name: s\nstringData:\n  key: ENC[AES256_GCM,data:x]\nsops:\n  mac: m\n"
    (obj,) = Build({"a/s.yaml": secret}).objects("a")
    assert "sops" not in obj
    assert "ENC" not in str(obj["stringData"])


@pytest.mark.parametrize(
    "patch",
    [
        "- op: add\n  path: /spec/decryption\n  value: {provider: sops}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: any\nspec:\n  decryption:\n    provider: sops\n",
    ],
)
def test_both_kinds_of_patches_change_what_their_target_matches(patch: str) -> None:
    objects: list[dict[str, Any]] = [
        {"kind": kind, "metadata": {"name": "a"}, "spec": {}} for kind in ("ConfigMap", "Secret")
    ]
    kustomize.apply_patch(objects, {"patch": patch, "target": {"kind": "ConfigMap"}})
    assert [o["spec"] for o in objects] == [{"decryption": {"provider": "sops"}}, {}]


def test_variables_are_put_in_and_escaped_ones_left() -> None:
    value = {"a": ["${NAME}", "${MISSING:=default}", "$${NAME}", "${NONE}"]}
    assert kustomize.substitute(value, {"NAME": "home"}) == {"a": ["home", "default", "${NAME}", ""]}
