"""A node, whole: its row and a close look at it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from console.model.nodedetail import NodeDetail
from console.model.nodes import Filesystem
from console.model.snapshot import Topic
from console.model.upgrades import TupprUpgrade
from console.sources.errors import Unreachable
from tests.ui.desk import Desk, talos_node
from tests.ui.user import LARGE, SMALL, using

TALL = (120, 90)


async def test_a_close_look_tells_services_disks_boot_and_events() -> None:
    async with using(Desk(), TALL) as user:
        await user.presses("1", "enter")
        await user.sees("✔ etcd", "Running", "✖ kubelet", "health Fail", "connection refused")
        await user.sees("10.42.0.1/24", "iscsi-tools", "512 GB", "Samsung SSD 980", "Talos is on it")
        await user.sees("EPHEMERAL", "41% used", "talos.platform=metal", "Talos-v1.13.7.efi", "MachineStatus  RUNNING")


async def test_what_needs_more_rights_is_marked_as_that() -> None:
    async with using(Desk(), TALL) as user:
        await user.presses("1", "enter")
        await user.sees("· kubelet image: needs os:admin")


async def test_a_node_that_cannot_be_looked_at_closely_keeps_what_is_known() -> None:
    class Away(Desk):
        def node(self, name: str) -> NodeDetail:
            raise Unreachable(f"{name} does not answer", "Is it switched on?")

    async with using(Away(), TALL) as user:
        await user.presses("1", "enter")
        await user.sees("✖ A closer look failed: k8s-control-1 does not answer", "Is it switched on?", "v1.13.7")


async def test_the_node_is_followed_while_its_details_are_open() -> None:
    class Attending(Desk):
        attended: tuple[str, ...] = ()

        def attending(self, name: str) -> AbstractContextManager[None]:
            @contextmanager
            def inside() -> Iterator[None]:
                self.attended = (name,)
                yield
                self.attended = ()

            return inside()

    desk = Attending()
    async with using(desk, SMALL) as user:
        await user.presses("1", "enter")
        await user._until(lambda: desk.attended == ("k8s-control-1",), "somebody attending on")
        await user.presses("escape")
        await user._until(lambda: desk.attended == (), "nobody attending on")


async def test_a_row_tells_what_is_not_well_and_which_versions_differ() -> None:
    desk = Desk()
    full = Filesystem("/dev/sda6", "/var", 100, 93)
    desk.store.put(Topic.TALOS, [replace(talos_node(), filesystems=(full,), time_synced=False)])
    desk.store.put(Topic.TUPPR, [TupprUpgrade("TalosUpgrade", "talos", "talos", "v1.13.8", "Pending")])
    async with using(desk, LARGE) as user:
        await user.sees("▲ /var 93% full", "▲ clock is not in sync", "▲ Talos v1.13.7, git has v1.13.8")


async def test_many_nodes_have_a_line_each_and_what_concerns_all_above() -> None:
    desk = Desk()
    first = talos_node(schematic="0751f1135eff", cpu=(0.2, 0.4), memory=(0.5,))
    names = {f"k8s-worker-{number}": f"10.0.0.2{number}" for number in (1, 2, 3)}
    workers = [replace(first, name=name, address=at, role="worker", etcd=None) for name, at in names.items()]
    desk.store.replace(Topic.TALOS, [first, *workers])
    async with using(desk, LARGE) as user:
        await user.presses("1", "z")
        await user.sees("etcd 1 of 1, can lose none", "Cilium", "schematic 0751f11", "control plane, leader")
        assert "cpu   ▂▄  40%" in user.line("k8s-worker-2")
    async with using(desk, TALL) as user:
        await user.presses("1", "enter")
        await user.sees("Cluster", "1 of 1, can lose none: an upgrade means downtime")
