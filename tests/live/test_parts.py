"""The frame itself: what is found where, and that a missing part is told, or fails."""

from pathlib import Path

import pytest

from tests.live import parts


def executable(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / name
    made.write_text("#!/bin/sh\n")
    made.chmod(0o755)
    return made


def test_envtests_folder_comes_before_path_and_path_before_what_was_built(tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": str(tmp_path / "path")}
    assert parts.find("no-such-part", environment) is None
    for place in (parts.built(environment), tmp_path / "path", tmp_path / "assets"):
        made = executable(place, "no-such-part")
        environment["KUBEBUILDER_ASSETS"] = str(tmp_path / "assets")
        assert parts.find("no-such-part", environment) == made


def test_a_part_that_is_named_is_that_or_none(tmp_path: Path) -> None:
    made = executable(tmp_path, "talosctl")
    assert parts.find("talosctl", {"HOMECONSOLE_TALOSCTL": str(made)}) == made
    assert parts.find("git", {"HOMECONSOLE_GIT": str(tmp_path / "nowhere")}) is None


def test_a_missing_part_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(parts, "_ENVIRONMENT", {"HOMECONSOLE_ETCD": str(tmp_path / "nowhere")})
    with pytest.raises(pytest.skip.Exception, match=r"no etcd here \(run: python -m tests.live.tools"):
        parts.part("etcd")


def test_in_ci_what_must_have_run_fails_instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nowhere = {f"HOMECONSOLE_{name}": str(tmp_path / "nowhere") for name in ("SSHD", "TALOSCTL")}
    monkeypatch.setattr(parts, "_ENVIRONMENT", nowhere | {"CI": "true"})
    with pytest.raises(pytest.fail.Exception, match="with CI=true it must be there"):
        parts.part("sshd")
    with pytest.raises(pytest.skip.Exception):
        parts.part("talosctl")
