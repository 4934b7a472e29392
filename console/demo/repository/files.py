"""Files as texts with named places: ``tag: «grafana»``. What is filled in are the pins of one instant."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PLACE = re.compile("«([^»]+)»")

Pins = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class File:
    """A text with places, and (``when``) the pin without which the file is not there."""

    text: str
    when: str = ""

    @property
    def places(self) -> frozenset[str]:
        """The pins that this file depends on."""
        return frozenset(_PLACE.findall(self.text)) | ({self.when} if self.when else frozenset())

    def filled(self, pins: Pins) -> str | None:
        """The text with every place filled, or None when the file is not there. KeyError for an unknown place."""
        if self.when and not pins[self.when]:
            return None
        return _PLACE.sub(lambda match: pins[match[1]], self.text)


class Tree:
    """All files of the repository, at any time."""

    def __init__(self, files: Mapping[str, File]) -> None:
        self._files = files
        self._users: dict[str, list[str]] = {}
        for path, file in files.items():
            for place in file.places:
                self._users.setdefault(place, []).append(path)

    def whole(self, pins: Pins) -> dict[str, str | None]:
        """Every file that is there."""
        filled = {path: file.filled(pins) for path, file in self._files.items()}
        return {path: text for path, text in filled.items() if text is not None}

    def changed(self, before: Pins, after: Pins) -> dict[str, str | None]:
        """What becomes of the files whose pins differ (None: gone)."""
        pins = {name for name in after if before[name] != after[name]}
        paths = {path for name in pins for path in self._users.get(name, ())}
        return {path: self._files[path].filled(after) for path in sorted(paths)}
