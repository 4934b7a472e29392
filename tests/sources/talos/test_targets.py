"""Who is a node, and under which address."""

import pytest

from console.sources.talos.facts import Member
from console.sources.talos.targets import Directory, Target, sound

CONTROL = "control plane"
THREE = tuple(Member(f"k8s-{i}", (f"10.0.0.1{i}",), CONTROL) for i in (1, 2, 3))
VIP = "10.0.0.10"


def names(directory: Directory) -> list[tuple[str, str]]:
    return [(target.name, target.address) for target in directory.targets()]


class TestWhereTheyComeFrom:
    def test_the_talosconfigs_nodes_until_more_is_known(self) -> None:
        assert names(Directory(("10.0.0.11",), (VIP,))) == [("10.0.0.11", "10.0.0.11")]

    def test_the_endpoints_where_it_names_no_nodes(self) -> None:
        assert names(Directory((), ("10.0.0.11", "10.0.0.12"))) == [("10.0.0.11",) * 2, ("10.0.0.12",) * 2]

    def test_discovery_names_all_with_their_roles(self) -> None:
        directory = Directory(("10.0.0.11",), ("10.0.0.11",))
        directory.discovered((*THREE, Member("k8s-4", ("10.0.0.14",), "worker")))
        assert directory.targets()[3] == Target("k8s-4", "10.0.0.14", "worker")
        assert len(directory.targets()) == 4

    def test_kubernetes_names_them_where_discovery_is_off(self) -> None:
        directory = Directory((), (VIP,), kubernetes={"k8s-1": "10.0.0.11"})
        assert names(directory) == [("k8s-1", "10.0.0.11")]

    def test_a_configured_node_that_discovery_does_not_know_stays(self) -> None:
        directory = Directory(("10.0.0.11", "10.0.0.19"), ("10.0.0.11", "10.0.0.12", "10.0.0.13"))
        directory.discovered(THREE)
        assert ("10.0.0.19", "10.0.0.19") in names(directory)


class TestVirtualAddresses:
    def test_an_endpoint_that_no_member_has_is_no_node(self) -> None:
        directory = Directory((VIP,), (VIP,))
        directory.discovered(THREE)
        assert directory.virtual == {VIP}
        assert [address for _, address in names(directory)] == ["10.0.0.11", "10.0.0.12", "10.0.0.13"]

    def test_one_that_a_member_holds_now_is_not_the_members_address(self) -> None:
        directory = Directory((), (VIP,))
        directory.discovered((Member("k8s-1", (VIP, "10.0.0.11"), CONTROL), *THREE[1:]))
        assert ("k8s-1", "10.0.0.11") in names(directory)

    def test_one_that_moved_is_known_for_good(self) -> None:
        directory = Directory((), (VIP, "10.0.0.11", "10.0.0.12", "10.0.0.13"))
        directory.discovered((Member("k8s-1", (VIP, "10.0.0.11"), CONTROL), *THREE[1:]))
        directory.discovered((THREE[0], Member("k8s-2", (VIP, "10.0.0.12"), CONTROL), THREE[2]))
        assert directory.virtual == {VIP}
        assert ("k8s-2", "10.0.0.12") in names(directory)

    def test_kubernetes_address_goes_before_the_order_of_talos(self) -> None:
        directory = Directory((), (VIP,), kubernetes={"k8s-1": "10.0.0.11"})
        directory.discovered((Member("k8s-1", (VIP, "10.0.0.11"), CONTROL),))
        assert names(directory) == [("k8s-1", "10.0.0.11")]


@pytest.mark.parametrize("address", ["10.0.0.11", "fd00::11", "fe80::1%eth0", "k8s-1.lan", "::1", "n"])
def test_addresses_and_names_may_be_asked(address: str) -> None:
    assert sound(address)


@pytest.mark.parametrize(
    "address", ["", "-n", "--insecure", "a,b", "a b", "a\nb", "a\n", "$(x)", "a/b", "10.0.0.1;x", "x" * 254, "\x1b[2J"]
)
def test_options_lists_and_tricks_may_not(address: str) -> None:
    assert not sound(address)
    assert Directory((address,), ("10.0.0.11",)).targets() == ()
