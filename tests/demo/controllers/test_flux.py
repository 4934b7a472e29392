"""From a push to what runs: sources, Kustomizations and releases as the real controllers leave them."""

from pathlib import Path

import pytest

from console.demo.controllers.objects import Key
from tests.demo.controllers.home import Obj, conditions, home, ready

GATUS = "kubernetes/apps/observability/gatus/app"
GATUS_KS = Key("Kustomization", "observability", "gatus")
GATUS_HR = Key("HelmRelease", "observability", "gatus")
REQUESTED = "reconcile.fluxcd.io/requestedAt"


def revision(obj: Obj) -> str:
    return str(obj["status"].get("lastAppliedRevision", ""))


@pytest.mark.parametrize(("source", "kind"), [("oci", "OCIRepository"), ("git", "GitRepository")])
async def test_a_push_becomes_an_artifact_and_is_applied(tmp_path: Path, source: str, kind: str) -> None:
    async with home(tmp_path, source=source) as house:
        key = Key(kind, "flux-system", "flux-system")
        before = house.get(key)["status"]["artifact"]["revision"]
        commit = await house.push({f"{GATUS}/configmap.yaml": ("interval: 1m", "interval: 2m")})
        artifact = (await house.until(key, lambda o: o["status"]["artifact"]["revision"] != before))["status"][
            "artifact"
        ]
        if source == "oci":
            assert artifact["metadata"]["org.opencontainers.image.revision"] == f"main@sha1:{commit}"
            assert artifact["revision"].startswith("latest@sha256:")
        else:
            assert artifact["revision"] == f"main@sha1:{commit}"
        applied = await house.until(GATUS_KS, lambda o: revision(o) == artifact["revision"])
        assert conditions(applied)["Ready"] == ("True", "ReconciliationSucceeded")
        assert "Reconciling" not in conditions(applied)
        config = house.get(Key("ConfigMap", "observability", "gatus-config"))
        assert "interval: 2m" in config["data"]["config.yaml"]
        labels = config["metadata"]["labels"]
        assert labels["kustomize.toolkit.fluxcd.io/name"] == "gatus"
        assert labels["kustomize.toolkit.fluxcd.io/namespace"] == "observability"
        entries = [e["id"] for e in applied["status"]["inventory"]["entries"]]
        assert "observability_gatus-config__ConfigMap" in entries


async def test_a_push_beside_the_artifact_changes_nothing_for_flux(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        source = Key("OCIRepository", "flux-system", "flux-system")
        before = house.get(source)["status"]["artifact"]["revision"]
        talos = await house.push({"talos/talenv.yaml": ("v1.13.7", "v1.13.8")})
        later = await house.push({f"{GATUS}/configmap.yaml": ("interval: 1m", "interval: 2m")})
        seen = set()
        while f"main@sha1:{later}" not in seen:
            obj = await house.until(source, lambda o: o["status"]["artifact"]["revision"] != before)
            seen.add(obj["status"]["artifact"]["metadata"]["org.opencontainers.image.revision"])
        assert f"main@sha1:{talos}" not in seen


async def test_a_folder_that_does_not_build_fails_and_recovers(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        file = f"{GATUS}/kustomization.yaml"
        await house.push({file: ("./configmap.yaml", "./missing.yaml")})
        obj = await house.until(GATUS_KS, lambda o: ready(o)[1] == "BuildFailed")
        assert "missing.yaml" in ready(obj)[2]
        assert conditions(obj)["Reconciling"] == ("True", "ProgressingWithRetry")
        assert obj["status"]["lastAppliedRevision"] != obj["status"]["lastAttemptedRevision"]
        await house.push({file: ("./missing.yaml", "./configmap.yaml")})
        await house.until(GATUS_KS, lambda o: ready(o)[0] == "True")


async def test_what_is_gone_from_the_folder_is_pruned(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        config = Key("ConfigMap", "observability", "gatus-config")
        house.get(config)
        await house.push(
            {f"{GATUS}/kustomization.yaml": ("  - ./configmap.yaml\n", ""), f"{GATUS}/configmap.yaml": None}
        )
        await house.until(
            GATUS_KS, lambda o: "gatus-config" not in str(o["status"]["inventory"]) and ready(o)[0] == "True"
        )
        assert house.demo.store.get(*("ConfigMap", "gatus-config", "observability")) is None


async def test_an_app_that_is_removed_takes_its_workload_with_it(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        parent = Key("Kustomization", "flux-system", "cluster-apps")
        (pod,) = house.demo.store.list("Pod", "observability", _app("gatus"))
        await house.push({"kubernetes/apps/observability/kustomization.yaml": ("  - ./gatus/ks.yaml\n", "")})
        await house.until(parent, lambda o: "gatus" not in str(o["status"]["inventory"]) and ready(o)[0] == "True")
        for kind in ("Deployment", "HelmRelease", "Kustomization", "Pod"):
            name = "gatus" if kind != "Pod" else pod["metadata"]["name"]
            await house.gone(Key(kind, "observability", name))


async def test_a_new_image_rolls_the_pods(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        version = house.get(GATUS_HR)["status"]["history"][0]["version"]
        await house.push({f"{GATUS}/helmrelease.yaml": ("tag: v5.33.0", "tag: v9.9.9")})
        obj = await house.until(GATUS_HR, lambda o: o["status"]["history"][0]["version"] == version + 1)
        obj = await house.until(GATUS_HR, lambda o: ready(o)[1] == "UpgradeSucceeded")
        assert obj["status"]["history"][1]["status"] == "superseded"
        deployment = Key("Deployment", "observability", "gatus")
        await house.until(
            deployment,
            lambda o: (
                "v9.9.9" in str(o["spec"])
                and o["status"].get("readyReplicas") == 1
                and ["v9.9.9" in str(p["spec"]) for p in house.demo.store.list("Pod", "observability", _app("gatus"))]
                == [True]
            ),
        )


def _app(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name}


async def test_an_upgrade_that_fails_stalls_and_force_tries_again(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        house.demo.faults.releases[GATUS_HR] = "context deadline exceeded"
        await house.push({f"{GATUS}/helmrelease.yaml": ("tag: v5.33.0", "tag: v9.9.9")})
        obj = await house.until(GATUS_HR, lambda o: "Stalled" in conditions(o))
        assert ready(obj)[:2] == ("False", "UpgradeFailed")
        assert conditions(obj)["Stalled"] == ("True", "RetriesExceeded")
        assert conditions(obj)["Released"] == ("False", "UpgradeFailed")
        assert obj["status"]["history"][0]["status"] == "failed"
        assert obj["status"]["upgradeFailures"] == 1
        house.demo.faults.releases.clear()
        notes = dict.fromkeys((REQUESTED, "reconcile.fluxcd.io/forceAt"), "token")
        house.demo.store.patch("HelmRelease", "gatus", "observability", {"metadata": {"annotations": notes}})
        obj = await house.until(GATUS_HR, lambda o: o["status"].get("lastHandledReconcileAt") == "token")
        assert obj["status"]["lastHandledForceAt"] == "token"
        assert ready(obj)[:2] == ("True", "UpgradeSucceeded")
        assert "upgradeFailures" not in obj["status"]


async def test_a_request_without_force_does_not_wake_a_stalled_release(tmp_path: Path) -> None:
    async with home(tmp_path, scenario="held") as house:
        key = Key("HelmRelease", "observability", "grafana")
        house.demo.faults.releases.clear()
        note = {"metadata": {"annotations": {REQUESTED: "token"}}}
        house.demo.store.patch("HelmRelease", "grafana", "observability", note)
        obj = await house.until(key, lambda o: o["status"].get("lastHandledReconcileAt") == "token")
        assert conditions(obj)["Stalled"] == ("True", "RetriesExceeded")


async def test_when_the_root_cause_is_gone_the_dependants_follow(tmp_path: Path) -> None:
    async with home(tmp_path, scenario="held") as house:
        waiting = [Key("Kustomization", "observability", name) for name in ("loki", "tempo", "alloy")]
        assert {ready(house.get(key))[1] for key in waiting} == {"DependencyNotReady"}
        house.demo.faults.releases.clear()
        notes = dict.fromkeys((REQUESTED, "reconcile.fluxcd.io/forceAt"), "token")
        house.demo.store.patch("HelmRelease", "grafana", "observability", {"metadata": {"annotations": notes}})
        for key in waiting:
            await house.until(key, lambda o: ready(o)[0] == "True")


async def test_a_request_on_a_suspended_object_is_answered_without_any_work(tmp_path: Path) -> None:
    async with home(tmp_path, scenario="held") as house:
        key = Key("HelmRelease", "media", "plex")
        before = house.get(key)["status"]["conditions"]
        house.demo.store.patch("HelmRelease", "plex", "media", {"metadata": {"annotations": {REQUESTED: "token"}}})
        obj = await house.until(key, lambda o: o["status"].get("lastHandledReconcileAt") == "token")
        assert obj["status"]["conditions"] == before


async def test_a_source_that_cannot_fetch_keeps_its_artifact_and_retries(tmp_path: Path) -> None:
    async with home(tmp_path, scenario="held") as house:
        key = Key("OCIRepository", "observability", "gatus")
        obj = house.get(key)
        assert conditions(obj)["FetchFailed"] == ("True", "OCIArtifactPullFailed")
        assert conditions(obj)["Reconciling"] == ("True", "ProgressingWithRetry")
        assert obj["status"]["artifact"]["revision"]
        assert ready(house.get(GATUS_HR))[0] == "True"
        house.demo.faults.sources.clear()
        obj = await house.until(key, lambda o: ready(o)[0] == "True")
        assert "FetchFailed" not in conditions(obj)


async def test_what_a_hand_changed_is_taken_back_but_what_git_does_not_say_stays(tmp_path: Path) -> None:
    async with home(tmp_path) as house:
        store = house.demo.store
        store.patch("HelmRelease", "gatus", "observability", {"spec": {"interval": "7h", "suspend": True}})
        note = {"metadata": {"annotations": {REQUESTED: "token"}}}
        store.patch("Kustomization", "gatus", "observability", note)
        await house.until(GATUS_KS, lambda o: o["status"].get("lastHandledReconcileAt") == "token")
        spec = house.get(GATUS_HR)["spec"]
        assert spec["interval"] == "1h"
        assert spec["suspend"] is True


async def test_a_pass_is_told_while_it_runs(tmp_path: Path) -> None:
    async with home(tmp_path, speed=50) as house:
        note = {"metadata": {"annotations": {REQUESTED: "token"}}}
        house.demo.store.patch("Kustomization", "gatus", "observability", note)
        obj = await house.until(GATUS_KS, lambda o: ready(o)[0] == "Unknown")
        assert conditions(obj)["Reconciling"] == ("True", "Progressing")
        obj = await house.until(GATUS_KS, lambda o: o["status"].get("lastHandledReconcileAt") == "token")
        assert ready(obj)[0] == "True"
        assert obj["status"]["history"][0]["totalReconciliations"] > 1


@pytest.mark.parametrize("kind", ["FluxInstance", "FluxReport", "ResourceSet"])
async def test_operator_kinds_answer_too(tmp_path: Path, kind: str) -> None:
    async with home(tmp_path) as house:
        name = "flux-status" if kind == "ResourceSet" else "flux"
        note = {"metadata": {"annotations": {REQUESTED: "token"}}}
        house.demo.store.patch(kind, name, "flux-system", note)
        key = Key(kind, "flux-system", name)
        obj = await house.until(key, lambda o: o["status"].get("lastHandledReconcileAt") == "token")
        assert ready(obj)[0] == "True"


async def test_many_objects_answer_requests_and_nothing_else(tmp_path: Path) -> None:
    async with home(tmp_path, scale=200) as house:
        key = Key("HelmRelease", "scale-001", "app-00000")
        before = house.get(key)["status"]["conditions"]
        house.demo.store.patch(key.kind, key.name, key.namespace, {"metadata": {"annotations": {REQUESTED: "token"}}})
        obj = await house.until(key, lambda o: o["status"].get("lastHandledReconcileAt") == "token")
        assert obj["status"]["conditions"] == before
        assert sum(o["metadata"]["namespace"].startswith("scale-") for o in house.demo.store.list("HelmRelease")) == 80


@pytest.mark.parametrize(("source", "kind"), [("oci", "OCIRepository"), ("git", "GitRepository")])
async def test_a_repository_that_was_away_is_delivered_from_again(tmp_path: Path, source: str, kind: str) -> None:
    async with home(tmp_path, source=source) as house:
        key = Key(kind, "flux-system", "flux-system")
        before = house.get(key)["status"]["artifact"]["revision"]
        away = house.demo.repository.with_name("away.git")
        house.demo.repository.rename(away)
        handled = {"annotations": {REQUESTED: "while it is away"}}
        house.demo.store.patch(key.kind, key.name, key.namespace, {"metadata": handled})
        asked = await house.until(key, lambda o: o["status"].get("lastHandledReconcileAt") == "while it is away")
        assert ready(asked)[0] == ("False" if source == "git" else "True")
        away.rename(house.demo.repository)
        await house.push({f"{GATUS}/configmap.yaml": ("interval: 1m", "interval: 2m")})
        await house.until(key, lambda o: o["status"]["artifact"]["revision"] != before and ready(o)[0] == "True")
