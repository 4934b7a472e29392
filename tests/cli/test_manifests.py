"""Objects as texts to read."""

from console.wiring.manifests import manifest


def test_a_manifest_hides_what_is_secret() -> None:
    text = manifest(
        {
            "kind": "Secret",
            "metadata": {
                "name": "x",
                "managedFields": [{"manager": "m"}],
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": '{"data":"hidden"}', "a": "b"},
            },
            "data": {"password": "aGlkZGVu"},
        }
    )
    assert "password: (not shown)" in text
    assert "aGlkZGVu" not in text
    assert "hidden" not in text
    assert "managedFields" not in text
    assert "a: b" in text
