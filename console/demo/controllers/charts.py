"""The chart of a HelmRelease: where it comes from, which version it has, what it would run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from console.demo.controllers.flux import revision_of
from console.demo.controllers.objects import Key, Obj
from console.demo.controllers.site import Site


@dataclass(frozen=True, slots=True)
class Chart:
    """``revision`` is what the release's status calls it; ``digest`` is set for charts from an OCI registry."""

    name: str
    version: str
    revision: str
    digest: str
    app_version: str


def helm_chart_key(release: Obj) -> Key:
    """The source that carries the chart: what ``chartRef`` names, or the HelmChart made for ``chart``."""
    spec, namespace = release["spec"], release["metadata"]["namespace"]
    if ref := spec.get("chartRef"):
        return Key(ref["kind"], ref.get("namespace") or namespace, ref["name"])
    reference = spec["chart"]["spec"]["sourceRef"]
    return Key("HelmChart", reference.get("namespace") or namespace, f"{namespace}-{release['metadata']['name']}")


def chart_of(site: Site, release: Obj) -> Chart | None:
    """The chart as its source has it now; None while the source has no artifact."""
    key = helm_chart_key(release)
    source = site.get(key)
    revision = revision_of(source)
    if source is None or not revision:
        return None
    app = image_tag(release["spec"].get("values")) or ""
    if key.kind == "HelmChart":
        return Chart(str(source["spec"]["chart"]), revision, revision, "", app or revision)
    version, _, oci = revision.partition("@")
    version = version.lstrip("v") if version[:1] == "v" and version[1:2].isdigit() else version
    name = str(source["spec"].get("url", "")).rpartition("/")[2]
    return Chart(name, version, f"{version}+{oci.rpartition(':')[2][:12]}", oci, app or version)


def images(values: Any) -> Iterator[tuple[str, str]]:
    """Each (repository, tag) in a release's values, wherever it stands."""
    if isinstance(values, dict):
        if isinstance(values.get("repository"), str) and "tag" in values:
            yield values["repository"], str(values["tag"])
        for value in values.values():
            yield from images(value)
    elif isinstance(values, list):
        for value in values:
            yield from images(value)


def image_tag(values: Any) -> str:
    """The tag of the first image, without a digest."""
    return next((tag.partition("@")[0] for _, tag in images(values)), "")
