"""The clusters that there are, and the settings for each: as configured, else the contexts of kubeconfig and
talosconfig, matched up."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from console.model.own import Place
from console.settings import Settings
from console.settings.entries import Cluster
from console.sources.errors import HomeconsoleError, NotConfigured, UsageError

if TYPE_CHECKING:
    from console.sources.kubernetes.contexts import KubeContext

CONFIGURED = "clusters in the configuration"
_LIKE_TALOSCTL = "admin@"  # `talosctl kubeconfig` calls a cluster's context so
_CURRENT = "both are current"
_OTHERS = "the talosconfig's current context belongs to another cluster: name this one's under clusters"
_UNMATCHED = "no context of the talosconfig has its name or its address: name it under clusters"

Talos = Mapping[str, frozenset[str]]


class Clusters:
    """Those of one run, which began with ``settings``. Reads files; each call sees them as they are then.

    ``modes``: whether writing was on where somebody has been in this run. It is never taken along to another cluster.
    """

    def __init__(self, settings: Settings, folder: Path | None = None) -> None:
        self._settings = settings  # as they were loaded: what other clusters are made of
        self._folder = folder
        self._first_one: tuple[Settings, Place] | None = None  # bound to it
        self.modes: dict[str, bool] = {}

    def begun(self, settings: Settings) -> Settings:
        """``settings`` for the cluster that the run begins with: what is named beside a flag's or a variable's context
        is that cluster's too. Files that can't be read change nothing: who needs them tells of it.
        """
        self._settings = settings
        try:
            entry, place = self._first()
        except HomeconsoleError:
            return settings
        bound = _beside(settings, entry, place)
        self._first_one = bound, place
        return bound

    def places(self, here: str) -> list[Place]:
        """All clusters that one can go to, with the one called ``here`` marked. Raises NotConfigured."""
        found = {place.name: place for _, place in self._all()}
        if self._first_one is not None and self._here not in found:
            found = {self._here: self._first_one[1], **found}
        return [place._replace(here=place.name == here) for place in found.values()]

    def settings(self, name: str) -> Settings:
        """The settings for the cluster that is called so, or whose context is. UsageError when there is none."""
        if self._first_one is not None and name == self._here:
            bound = self._first_one[0]
            return self._writing(bound, name, configured=bound.write)
        for entry, place in self._all():
            if name in (place.name, place.context):
                if place.name == self._here:
                    return self.settings(place.name)
                return self._writing(_alone(self._settings, entry, place), place.name, configured=place.write)
        known = ", ".join(place.name for place in self.places(""))
        raise UsageError(f"There is no cluster {name}", f"There are: {known}.", kind="unknown-context")

    def folder(self, name: str) -> Path | None:
        """Where the operator stands may be a checkout of the first cluster's repository; of no other's."""
        return self._folder if self._first_one and name == self._here else None

    @property
    def _here(self) -> str:
        """The name of the cluster that the run began with; empty while it has not."""
        return self._first_one[1].name if self._first_one else ""

    def _writing(self, settings: Settings, name: str, *, configured: bool) -> Settings:
        return replace(settings, write=self.modes.get(name, configured) and not self._settings.write_forbidden)

    def _first(self) -> tuple[Cluster, Place]:
        """The cluster that the run begins with."""
        listed = [pair for pair in self._all() if self._is_of_the_run(pair[0])]
        try:
            kube, current, talos, talos_current = self._read(Cluster(""))
        except NotConfigured:  # those of the configuration have kubeconfigs of their own
            if not listed:
                raise
            kube, current, talos, talos_current = [], "", {}, ""
        chosen = self._settings.context or current
        for entry, place in listed:
            if chosen and chosen in (place.context, place.name):
                return entry, place
        if listed and not kube:
            return listed[0]
        found = _matched(kube, talos, (current, talos_current))
        context = next((each for each in kube if each.name == chosen), None)
        if context is None:
            raise UsageError(f"There is no context {chosen}")
        return Cluster(""), Place(_name(context, kube), chosen, *found[chosen])

    def _is_of_the_run(self, entry: Cluster) -> bool:
        """Whether the run may begin with it: nobody has named another kubeconfig."""
        return entry.kubeconfig is None or not _is_given(self._settings, "kubeconfig")

    def _all(self) -> list[tuple[Cluster, Place]]:
        if self._settings.clusters:
            return [(entry, self._configured(entry)) for entry in self._settings.clusters]
        kube, current, talos, talos_current = self._read(Cluster(""))
        found = _matched(kube, talos, (current, talos_current))
        return [(Cluster(""), Place(_name(each, kube), each.name, *found[each.name])) for each in kube]

    def _configured(self, entry: Cluster) -> Place:
        kube, current, talos, talos_current = self._read(entry)
        context = entry.context or _own_context(entry.name, kube) or (current if entry.kubeconfig else "")
        if entry.talos_context or not any(each.name == context for each in kube):
            talos_context = entry.talos_context or (entry.name if entry.name in talos else "")
            return Place(entry.name, context or entry.name, talos_context, CONFIGURED, entry.repository, entry.write)
        talos_context, why = _matched(kube, talos, (current, talos_current))[context]
        if not talos_context and entry.name in talos:
            talos_context, why = entry.name, "its name"
        return Place(entry.name, context, talos_context, why, entry.repository, entry.write)

    def _read(self, entry: Cluster) -> "tuple[list[KubeContext], str, Talos, str]":
        from console.sources.kubernetes.contexts import contexts as of_kubernetes  # noqa: PLC0415 - late
        from console.sources.kubernetes.kubeconfigs import places  # noqa: PLC0415
        from console.sources.talos import contexts as of_talos  # noqa: PLC0415
        from console.sources.talos.talosconfig import find  # noqa: PLC0415

        kubeconfig = entry.kubeconfig or self._settings.named_kubeconfig
        kube, current = of_kubernetes(places(kubeconfig))
        try:
            talos, talos_current = of_talos.contexts(find(entry.talosconfig or self._settings.named_talosconfig))
        except HomeconsoleError:
            talos, talos_current = {}, ""
        return kube, current, talos, talos_current


def _name(context: "KubeContext", among: "Sequence[KubeContext]") -> str:
    """The cluster's own name, as long as it means one context only."""
    alone = sum(each.cluster == context.cluster for each in among) == 1
    return context.cluster if context.cluster and alone else context.name


def _own_context(name: str, kube: "Sequence[KubeContext]") -> str:
    return next((each.name for each in kube if name in _names(each)), "")


def _names(context: "KubeContext") -> tuple[str, ...]:
    return (context.name, context.cluster, context.name.removeprefix(_LIKE_TALOSCTL))


def _matched(kube: "Sequence[KubeContext]", talos: Talos, current: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """For each context of the kubeconfig: (that of the talosconfig, why), or an empty one and why there is none.

    By name; by the API server's address among endpoints and nodes, where only one has it; where name and address
    disagree there is none. An authority tells nothing: several clusters may share one. What is current in both files
    belongs together if nothing else is known of either.
    """
    found = {each.name: _direct(each, talos) for each in kube}
    open_ = [name for name, (_, why) in found.items() if why == _UNMATCHED]
    if current[1] in {context for context, _ in found.values()}:
        found |= dict.fromkeys(open_, ("", _OTHERS))
    elif current[1] in talos and current[0] in open_:
        found[current[0]] = current[1], _CURRENT
    return found


def _direct(context: "KubeContext", talos: Talos) -> tuple[str, str]:
    by_name = next((name for name in _names(context) if name in talos), "")
    host = _host(context.server)
    by_address = [name for name, addresses in talos.items() if host and host in addresses]
    if by_name and by_address and by_name not in by_address:
        return "", f"its name says {by_name}, its address {by_address[0]}: name it under clusters"
    if by_name:
        return by_name, "its name"
    return (by_address[0], "its address") if len(by_address) == 1 else ("", _UNMATCHED)


def _host(server: str) -> str:
    """Empty for what is no address."""
    with suppress(ValueError):
        return urlsplit(server).hostname or ""
    return ""


def _beside(settings: Settings, entry: Cluster, place: Place) -> Settings:
    """The run's first cluster: whatever a flag or a variable says goes before what is said of the cluster.

    The nodes of another cluster are never shown beside it: better none, with the reason.
    """
    talos = place.name if place.why == _OTHERS else "" if place.why == _CURRENT else place.talos
    said = settings.talos_context and not entry.talos_context
    wanted = {
        "kubeconfig": entry.kubeconfig,
        "talosconfig": entry.talosconfig,
        "talosctl": entry.talosctl,
        "context": entry.name and place.context,
        "talos_context": "" if said else talos,
        "repository": entry.repository,
        "branch": entry.branch,
        "write": entry.write,
    }
    new = {name: value for name, value in wanted.items() if value and not _is_given(settings, name)}
    if entry.name and settings.context == entry.name:  # --context may give its name, too
        new["context"] = place.context
    origins = {**settings.origins, **dict.fromkeys(new, CONFIGURED if entry.name else place.why)}
    return replace(settings, **new, cluster=place.name, origins=origins)  # type: ignore[arg-type]


def _alone(settings: Settings, entry: Cluster, place: Place) -> Settings:
    """Another one than the run began with, of ``settings`` as they were loaded: nothing that a flag or a variable said
    of that one holds for it. Without a context of its own in the talosconfig there is none of its name either, which
    the nodes' pane tells.
    """
    given = [name for name in ("branch", "talosctl") if _is_given(settings, name)]
    names = ("context", "talos_context", "repository", "write", *given)
    origins = {**{k: v for k, v in settings.origins.items() if k not in names}, **dict.fromkeys(names[:2], CONFIGURED)}
    if settings.write_forbidden:
        origins["write"] = settings.origin("write")
    new: dict[str, object] = {each.name: each.default for each in fields(Settings) if each.name in given}
    for name in ("repository", "branch", "talosctl", "kubeconfig", "talosconfig"):
        if getattr(entry, name):
            new[name], origins[name] = getattr(entry, name), CONFIGURED
    return replace(
        settings,
        context=place.context,
        talos_context=place.talos or place.name,
        cluster=place.name,
        write=False,
        origins=origins,
        **{"repository": None, **new},  # type: ignore[arg-type]
    )


def _is_given(settings: Settings, name: str) -> bool:
    """Whether a flag or a variable says it: not the configuration file, and no default."""
    origin = settings.origin(name)
    return origin.startswith("-") or origin.isupper()
