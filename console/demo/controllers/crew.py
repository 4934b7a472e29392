"""All controllers of one cluster, and how they know of each other."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from console.demo.controllers import tuppr
from console.demo.controllers.delivery import Delivery
from console.demo.controllers.drain import Budgets
from console.demo.controllers.jobs import Jobs
from console.demo.controllers.kubernetes_upgrades import KubernetesUpgrades
from console.demo.controllers.kustomizations import Kustomizations
from console.demo.controllers.nodes import Nodes
from console.demo.controllers.operator import Operator
from console.demo.controllers.releases import Releases
from console.demo.controllers.runner import Controller, Runner
from console.demo.controllers.site import Site
from console.demo.controllers.sources import Sources
from console.demo.controllers.talos_upgrades import TalosUpgrades
from console.demo.controllers.workloads import Workloads


class Crew:
    """Built once for a site; ``runner`` runs it. What is spawned before it runs begins with it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.nodes = Nodes(site)
        self.jobs = Jobs(site, self.nodes, self.spawn)
        self.sources = Sources(site)
        self.kustomizations = Kustomizations(site)
        self.workloads = Workloads(site)
        self.releases = Releases(site, self.workloads)
        self.operator = Operator(site)
        self.budgets = Budgets(site)
        self.talos = TalosUpgrades(site, self.nodes, self.jobs)
        self.kubernetes = KubernetesUpgrades(site, self.jobs)
        self.delivery = Delivery(site)
        controllers: list[Controller] = [
            self.sources,
            self.kustomizations,
            self.releases,
            self.operator,
            self.workloads,
            self.budgets,
            self.nodes,
            self.talos,
            self.kubernetes,
        ]
        self.runner = Runner(site, controllers)
        self._waiting: list[Coroutine[Any, Any, None]] = []
        self._running = False
        site.store.admission.append(tuppr.Webhook(site))

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something beside the passes."""
        if self._running:
            self.runner.spawn(coroutine)
        else:
            self._waiting.append(coroutine)

    async def run(self) -> None:
        """Run everything until cancelled."""
        self._running = True
        for coroutine in (self.delivery.watch(), self.delivery.deliver(), self._forget(), *self._waiting):
            self.runner.spawn(coroutine)
        self._waiting.clear()
        await self.runner.run()

    def close(self) -> None:
        """Drop what was spawned and never ran: a frozen cluster."""
        for coroutine in self._waiting:
            coroutine.close()
        self._waiting.clear()

    async def _forget(self) -> None:
        while True:
            await asyncio.sleep(60)
            self.site.forget_events()
