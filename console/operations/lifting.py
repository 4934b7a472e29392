"""The edits that lift what holds an upgrade, for the commit that changes its version; never for one that does not.

tuppr 0.5: while an upgrade is suspended its new version is noted as seen, but the nodes that were done stay listed. If
then only the annotation goes, it takes the upgrade for complete without touching a node. A version change in the same
commit starts it anew. So a resource whose own version stays keeps what holds it, whatever moves beside it.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from console.edits import yamltext
from console.edits.text import closed, opened
from console.model.hold import SUSPEND
from console.model.review import FileEdit
from console.model.updates import System
from console.operations.holding import Manifests, Resource, lists, suspended
from console.sources.errors import Refused


@dataclass(frozen=True, slots=True)
class Lifted:
    """The edits and what they do, in words. ``left`` are resources that stay held, each with the reason."""

    edits: tuple[FileEdit, ...] = ()
    told: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """All of it in words."""
        return (*self.told, *(f"left: {each}" for each in self.left))


def lifted(before: Manifests, found: Manifests, system: System, *, windows: bool = False) -> Lifted:
    """What lets those resources of ``system`` go whose own version in ``found`` is another one than in ``before``.

    Maintenance windows go only with ``windows``: they say when, not whether. One that can't be edited safely is left.
    """
    versions = {_name(each): _version(each) for each in before.resources()}
    made: dict[str, bytes] = {}
    told: list[str] = []
    left: list[str] = []
    for each in found.resources():
        if each.system != system:
            continue
        try:
            edits, words = _let_go(found, each, made, windows=windows)
        except Refused as refusal:
            left.append(f"{each.file}: it stays held ({refusal.message})")
            continue
        if not words:
            continue
        version = _version(each)
        if version and versions.get(_name(each), version) != version:
            made |= edits
            told += words
        else:
            left.append(f"{each.file}: it stays held, for its own version does not change")
    return Lifted(tuple(FileEdit(path, data) for path, data in made.items()), tuple(told), tuple(left))


def _name(each: Resource) -> tuple[str, ...]:
    """What is the same resource before and after: its file, kind and name. In another file it may be another's."""
    said = (each.read.value(each.document, "metadata", key) for key in ("namespace", "name"))
    return (each.file, each.system, *said)


def _version(each: Resource) -> str:
    return each.read.value(each.document, "spec", each.system, "version")


def _let_go(
    found: Manifests, each: Resource, before: dict[str, bytes], *, windows: bool
) -> tuple[dict[str, bytes], list[str]]:
    """The files that change, and how; ``before`` are files that changed already. Refused where one is not safe."""
    made: dict[str, bytes] = {}
    told: list[str] = []

    def data_of(file: str) -> bytes:
        return made.get(file, before.get(file, found.texts[file]))

    def keep(file: str, mark: str, text: str, words: str) -> None:
        made[file] = closed(mark, text)
        told.append(f"{file}: {words}")

    annotation = ("metadata", "annotations", SUSPEND)
    going: list[tuple[tuple[str, ...], str]] = [(annotation, "the suspend annotation goes")]
    if windows:
        going.append((("spec", "maintenance"), "the maintenance windows go; it begins at once"))
    for path, words in going:
        if each.read.has(each.document, *path):
            mark, text = opened(data_of(each.file))
            keep(each.file, mark, yamltext.remove(text, each.document, path), words)
    listing, name = found.listing(each.file), PurePosixPath(each.file).name
    if listing and not lists(data_of(listing), name):
        mark, text = opened(data_of(listing))
        style = "./" if "- ./" in text else ""
        keep(listing, mark, yamltext.append(text, 0, ("resources",), style + name), f"lists {name}")
    for file, document in suspended(found, each.file):
        mark, text = opened(data_of(file))
        if yamltext.read(text).has(document, "spec", "suspend"):
            text = yamltext.remove(text, document, ("spec", "suspend"))
            keep(file, mark, text, "the Kustomization is not suspended any more")
    return made, told
