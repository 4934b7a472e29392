"""One run of the client: what was asked, where to, and where its output goes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from console.demo.talosctl import failure
from console.demo.talosctl.failure import Failure, RpcFailure
from console.demo.talosctl.identity import read_client
from console.demo.talosctl.invocation import Invocation
from console.demo.talosctl.resources.history import History
from console.demo.talosctl.talosconfig import Context, Talosconfig, opened
from console.demo.world import Machine, World

Write = Callable[[int, str], Awaitable[None]]
CLIENTS = {"1.12": "v1.12.9", "1.13": "v1.13.7", "1.14": "v1.14.1"}
VIRTUAL_ADDRESS = "10.0.0.10"  # held by the first control plane that is up


@dataclass(slots=True)
class Site:
    """What all calls share. Without a ``world`` every connection is refused."""

    world: World | None
    edition: str
    authority: bytes = b""  # PEM
    history: History = field(default_factory=History)


@dataclass(slots=True)
class Call:
    """``write`` prints to stdout (1) or stderr (2)."""

    site: Site
    invocation: Invocation
    environment: dict[str, str]
    folder: Path
    write: Write

    async def out(self, text: str) -> None:
        """Print to stdout."""
        if text:
            await self.write(1, text)

    async def err(self, text: str) -> None:
        """Print to stderr."""
        if text:
            await self.write(2, text)

    @property
    def tag(self) -> str:
        """The client's own version."""
        return CLIENTS.get(self.site.edition, f"v{self.site.edition}.0")

    @property
    def fans_out(self) -> bool:
        """Up to 1.13 the endpoint asks all nodes of a call; from 1.14 on the client asks one by one."""
        return tuple(map(int, self.site.edition.split("."))) < (1, 14)

    def now(self) -> datetime:
        """The cluster's time."""
        return self.site.world.clock.now() if self.site.world else datetime.now().astimezone()

    def talosconfig(self) -> Talosconfig:
        """The client's configuration. Raises Failure, which ``config`` words in its own way."""
        flag = self.invocation.value("talosconfig")
        try:
            return opened(flag, self.environment, self.folder)
        except ValueError as error:
            of_itself = self.invocation.words[:1] == ["config"]
            doing = "error reading config" if of_itself else f'failed to open config file "{flag}"'
            raise Failure(f"{doing}: {error}") from None

    def context(self) -> Context:
        """The context in use, with endpoints. Raises Failure as the real one words it."""
        config = self.talosconfig()
        name = self.invocation.value("context") or config.current
        context = config.contexts.get(name)
        given = tuple(self.invocation.values("endpoints"))
        if given and context is None:
            lost = f'context "{name}" not found in config' if config.contexts else "talos config file is empty"
            text = f"failed to create client connection: failed to resolve configuration context: {lost}"
            raise Failure(f"error constructing client: {text}")
        if context is None or not (given or context.endpoints):
            raise Failure("error constructing client: failed to determine endpoints")
        return Context(given or context.endpoints, context.nodes, context.ca, context.crt, context.key)

    def nodes(self) -> list[str]:
        """The nodes to ask: flag, then context."""
        nodes = self.invocation.values("nodes") or list(self.context().nodes)
        if not nodes:
            text = "use `--nodes` flag or configuration file to set the nodes to run the command against"
            raise Failure(f"nodes are not set for the command: please {text}")
        return nodes

    @property
    def roles(self) -> tuple[str, ...]:
        """What the client certificate may do."""
        return read_client(self.context().crt, self.site.authority).roles

    async def machine(self, node: str) -> Machine:
        """Connect to an endpoint, and through it to ``node``. Raises Failure when either is not there."""
        world = self._connected()
        found = self._find(world, node)
        if found is None:
            raise failure.dialing(node, "no route to host")
        await _patience(found.slow)
        if not found.reachable:
            raise failure.dialing(found.address, "connection refused")
        if found.stage == "maintenance":  # it has no machine config, so neither the cluster's authority
            raise failure.handshake(failure.FOREIGN)
        self._allowed()
        return found

    def connect(self, doing: str) -> None:
        """Raises Failure when no endpoint can be reached: that concerns no node."""
        try:
            self._connected()
        except RpcFailure as refused:
            raise Failure(f"{doing}: {refused.text}") from None

    def _allowed(self) -> None:
        """The rules of the Talos API, as far as they concern what only reads (sensitive resources: see ``get``)."""
        roles = set(self.roles)
        backup = self.invocation.words[:1] == ["etcd"] and "os:etcd:backup" in roles
        if not backup and not roles & {"os:admin", "os:operator", "os:reader"}:
            raise RpcFailure("PermissionDenied", "not authorized")

    def _connected(self) -> World:
        context = self.context()
        world = self.site.world
        if world is None:
            raise failure.dialing(context.endpoints[0], "connection refused")
        self._recognised(context)
        machines = [self._find(world, endpoint) for endpoint in context.endpoints]
        if not any(machine and machine.reachable and machine.control_plane for machine in machines):
            known = any(machines)
            raise failure.dialing(context.endpoints[-1], "connection refused" if known else "no route to host")
        return world

    def _recognised(self, context: Context) -> None:
        if not context.crt:
            raise failure.preface("certificate required")
        try:
            client = read_client(context.crt, self.site.authority)
            theirs = read_client(context.ca, self.site.authority)
        except ValueError as error:
            text = f"failed to create client connection: failed to acquire credentials: {error}"
            raise Failure(f"error constructing client: {text}") from None
        if not theirs.signed:
            raise failure.handshake(failure.FOREIGN)
        if not client.signed:
            raise failure.preface("unknown certificate authority")
        if client.not_after <= self.now():
            raise failure.preface("expired certificate")

    @staticmethod
    def _find(world: World, node: str) -> Machine | None:
        if node == VIRTUAL_ADDRESS:
            return next((m for m in world.control_planes if m.reachable), None)
        return next((m for m in world.machines.values() if node in {m.address, m.name}), None)


async def _patience(seconds: float) -> None:
    if seconds == float("inf"):
        await asyncio.Event().wait()
    if seconds:
        await asyncio.sleep(seconds)
