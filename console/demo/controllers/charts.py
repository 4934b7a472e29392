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
    if source is None or not revision_of(source):
        return None
    version, oci = _version(key, source)
    name = source["spec"]["chart"] if key.kind == "HelmChart" else source["spec"].get("url", "").rpartition("/")[2]
    app = image_tag(release["spec"].get("values"))
    return Chart(str(name), version, revision_in_status(site, release), oci, app or version)


def revision_in_status(site: Site, release: Obj) -> str:
    """``Chart.revision`` alone; empty while the source has no artifact."""
    key = helm_chart_key(release)
    source = site.get(key)
    if source is None or not revision_of(source):
        return ""
    version, oci = _version(key, source)
    return f"{version}+{oci.rpartition(':')[2][:12]}" if key.kind != "HelmChart" else version


def _version(key: Key, source: Obj) -> tuple[str, str]:
    """The chart's version, and its digest where it comes from an OCI registry."""
    revision = str(revision_of(source))
    if key.kind == "HelmChart":
        return revision, ""
    version, _, oci = revision.partition("@")
    return version.lstrip("v") if version[:1] == "v" and version[1:2].isdigit() else version, oci


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
