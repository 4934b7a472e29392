"""Which Flux objects a change of files touches."""

from dataclasses import replace

from console.model.flux import FluxKey, FluxObject, Status
from console.model.touched import touched
from console.model.updates import Change, Update

APPS = FluxKey("Kustomization", "flux-system", "cluster-apps")
IMMICH = FluxKey("Kustomization", "media", "immich")
RELEASE = FluxKey("HelmRelease", "media", "immich")
CHART = FluxKey("OCIRepository", "media", "immich-chart")


def _object(key: FluxKey, *, path: str = "", by: FluxKey | None = None, source: FluxKey | None = None) -> FluxObject:
    return FluxObject(key, "v1", Status.READY, path=path, managed_by=by, source=source)


OBJECTS = (
    _object(APPS, path="kubernetes/apps"),
    _object(IMMICH, path="kubernetes/apps/media/immich/app", by=APPS),
    _object(RELEASE, by=IMMICH, source=CHART),
    _object(CHART, by=IMMICH),
    _object(FluxKey("HelmRelease", "media", "plex"), by=FluxKey("Kustomization", "media", "plex")),
)
FILE = "kubernetes/apps/media/immich/app/helmrelease.yaml"
UPDATE = Update("renovate/immich", "a" * 40, "b" * 40, "update immich", "ready", files=(FILE,))


def test_the_innermost_folder_and_what_the_path_names() -> None:
    assert touched(UPDATE, OBJECTS) == (IMMICH, RELEASE)


def test_a_source_that_changes_takes_its_release_along() -> None:
    file = "kubernetes/apps/media/immich/app/ocirepository.yaml"
    change = Change("ghcr.io/immich-app/immich-chart", "1.0.0", "1.1.0", "minor", file=file)
    assert touched(replace(UPDATE, files=(file,), changes=(change,)), OBJECTS) == (IMMICH, RELEASE, CHART)


def test_a_file_beside_the_folders_belongs_to_the_outer_one() -> None:
    assert touched(replace(UPDATE, files=("kubernetes/apps/media/ks.yaml",)), OBJECTS) == (APPS,)


def test_a_folder_whose_name_only_begins_alike_holds_nothing() -> None:
    assert touched(replace(UPDATE, files=("kubernetes/apps-old/x.yaml", ".mise.toml")), OBJECTS) == ()
