"""The order in which several objects get their passes."""

from console.model.flux import FluxKey, FluxObject, Status
from console.model.flux_order import ordered


def ks(name: str) -> FluxKey:
    return FluxKey("Kustomization", "apps", name)


def known(**needs: str) -> dict[FluxKey, FluxObject]:
    """Objects by name, each with the names of what it needs."""
    return {
        ks(name): FluxObject(ks(name), "v1", Status.FAILED, needs=tuple(map(ks, wanted.split())))
        for name, wanted in needs.items()
    }


def names(found: dict[FluxKey, tuple[FluxKey, ...]]) -> dict[str, list[str]]:
    return {key.name: [need.name for need in needs] for key, needs in found.items()}


def test_what_others_need_comes_first() -> None:
    objects = known(app="db storage", db="storage", storage="")
    assert names(ordered(map(ks, ("app", "db", "storage")), objects)) == {
        "storage": [],
        "db": ["storage"],
        "app": ["db", "storage"],
    }


def test_what_was_not_chosen_still_orders() -> None:
    objects = known(app="db", db="storage", storage="")
    assert names(ordered(map(ks, ("app", "storage")), objects)) == {"storage": [], "app": ["storage"]}


def test_whom_a_message_blames_comes_before() -> None:
    release = FluxKey("HelmRelease", "apps", "grafana")
    parent = FluxObject(ks("grafana"), "v1", Status.FAILED, blames=(release,))
    assert list(ordered((ks("grafana"), release), {parent.key: parent})) == [release, ks("grafana")]


def test_a_circle_is_cut_and_all_of_it_is_there() -> None:
    found = ordered(map(ks, "abc"), known(a="b", b="c", c="a"))
    assert set(found) == {ks("a"), ks("b"), ks("c")}
    done: set[FluxKey] = set()
    for key, needs in found.items():
        assert set(needs) <= done
        done.add(key)


def test_an_object_that_is_not_known_has_no_needs() -> None:
    assert ordered([ks("new")], {}) == {ks("new"): ()}


def test_a_chain_of_thousands_is_no_trouble() -> None:
    objects = known(**{f"n{n}": f"n{n - 1}" if n else "" for n in range(3000)})
    found = ordered((ks("n2999"), ks("n0")), objects)
    assert list(found) == [ks("n0"), ks("n2999")]
