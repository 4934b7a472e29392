"""What a kind is: how it is named, where it is served, what of it is shown."""

from dataclasses import dataclass
from functools import cached_property

READ_WRITE = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class Column:
    """A printed column. ``path`` is a JSONPath; built-in kinds have none, their cells are computed.

    ``priority`` 1 shows with ``-o wide`` only.
    """

    name: str
    path: str = ""
    type: str = "string"
    priority: int = 0


@dataclass(frozen=True)
class Kind:
    """One kind in its one version. ``status``: it has that subresource; ``generation``: it is counted."""

    kind: str
    plural: str
    group: str
    version: str
    namespaced: bool = True
    short: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    status: bool = True
    generation: bool = True
    custom: bool = False

    @cached_property
    def api_version(self) -> str:
        """``group/version``, or the version alone in the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @cached_property
    def qualified(self) -> str:
        """``plural.group``: how errors name the resource."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @cached_property
    def titled(self) -> str:
        """``Kind.group``: how validation errors name the kind."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def singular(self) -> str:
        """The name of one, in lower case."""
        return self.kind.lower()

    @cached_property
    def path(self) -> str:
        """The URL path of the group and version, ``/api/v1`` or ``/apis/group/version``."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
