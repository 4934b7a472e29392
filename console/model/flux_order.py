"""In which order several objects get their passes: what others need comes first."""

from collections.abc import Collection, Iterable, Mapping

from console.model.flux import FluxKey, FluxObject

Needs = dict[FluxKey, tuple[FluxKey, ...]]


def ordered(keys: Iterable[FluxKey], objects: Mapping[FluxKey, FluxObject]) -> Needs:
    """``keys`` in their order, each with those of them that come before it: at first hand, or through others.

    An object needs its source, its dependencies, and whom its message names as not ready: a Kustomization whose
    health check fails comes after the release that it waits for. A circle is cut where it closes.
    """
    wanted = dict.fromkeys(keys)
    needs = {key: _below(key, wanted, objects) for key in wanted}
    found: Needs = {}
    for key in wanted:
        _visit(key, needs, found)
    return found


def _visit(start: FluxKey, needs: Mapping[FluxKey, list[FluxKey]], found: Needs) -> None:
    """Depth first, without recursion: chains may be long."""
    path: dict[FluxKey, list[FluxKey]] = {start: list(needs[start])} if start not in found else {}
    while path:
        here, left = next(reversed(path.items()))
        if not left:
            path.pop(here)
            found[here] = tuple(need for need in needs[here] if need in found)
        elif (need := left.pop(0)) not in found and need not in path:
            path[need] = list(needs[need])


def _below(key: FluxKey, wanted: Collection[FluxKey], objects: Mapping[FluxKey, FluxObject]) -> list[FluxKey]:
    """Those of ``wanted`` that ``key`` needs; where it needs another, those that the other needs."""
    found: dict[FluxKey, None] = {}
    seen, open_ = {key}, [key]
    while open_:
        this = objects.get(open_.pop())
        for need in (*this.needs, *this.blames) if this else ():
            if need in seen:
                continue
            seen.add(need)
            if need in wanted:
                found[need] = None
            else:
                open_.append(need)
    return list(found)
