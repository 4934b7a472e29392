"""The edits that lift what holds an upgrade, for the commit that changes its version; never for one that does not.

tuppr 0.5: while an upgrade is suspended its new version is noted as seen, but the nodes that were done stay listed. If
then only the annotation goes, it takes the upgrade for complete without touching a node. A version change in the same
commit starts it anew.
"""

from pathlib import PurePosixPath

from console.edits import yamltext
from console.edits.text import closed, opened
from console.model.review import FileEdit
from console.model.updates import System
from console.operations.holding import SUSPEND, Manifests, lists, suspended


def lifted(found: Manifests, system: System, *, windows: bool = False) -> tuple[tuple[FileEdit, ...], tuple[str, ...]]:
    """(edits, what they do in words) for the resources of ``system`` in ``found``, which has the new version already.

    Maintenance windows go only with ``windows``: they say when, not whether. Refused where an edit is not safe.
    """
    made: dict[str, bytes] = {}
    told: list[str] = []

    def text_of(file: str) -> tuple[str, str]:
        return opened(made.get(file, found.texts[file]))

    def keep(file: str, mark: str, text: str, words: str) -> None:
        made[file] = closed(mark, text)
        told.append(words)

    for each in found.resources():
        if each.system != system:
            continue
        mark, text = text_of(each.file)
        annotation = ("metadata", "annotations", SUSPEND)
        if each.read.has(each.document, *annotation):
            text = yamltext.remove(text, each.document, annotation)
            keep(each.file, mark, text, f"{each.file}: the suspend annotation goes")
        if windows and each.read.has(each.document, "spec", "maintenance"):
            text = yamltext.remove(text, each.document, ("spec", "maintenance"))
            keep(each.file, mark, text, f"{each.file}: the maintenance windows go; it begins at once")
        listing, name = found.listing(each.file), PurePosixPath(each.file).name
        if listing and not lists(made.get(listing, found.texts[listing]), name):
            mark, text = text_of(listing)
            style = "./" if "- ./" in text else ""
            keep(listing, mark, yamltext.append(text, 0, ("resources",), style + name), f"{listing}: lists {name}")
        for file, document in suspended(found, each.file):
            mark, text = text_of(file)
            if yamltext.read(text).has(document, "spec", "suspend"):
                text = yamltext.remove(text, document, ("spec", "suspend"))
                keep(file, mark, text, f"{file}: the Kustomization is not suspended any more")
    return tuple(FileEdit(path, data) for path, data in made.items()), tuple(told)
