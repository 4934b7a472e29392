"""``etcd members``, ``etcd status``, ``etcd alarm list``: the three that have no JSON."""

from console.demo.talosctl import texts
from console.demo.talosctl.call import Call
from console.demo.talosctl.commands.unary import Answers
from console.demo.talosctl.failure import Failure, RpcFailure
from console.demo.talosctl.resources.cluster import member_id
from console.demo.talosctl.resources.machine import talos_of
from console.demo.world import Machine


async def etcd(call: Call) -> None:
    """One of the three."""
    words = call.invocation.words[1:]
    if words == ["members"]:
        await _members(call)
    elif words == ["status"]:
        await _status(call)
    elif words == ["alarm", "list"]:
        await _alarms(call)
    else:
        raise Failure(f'unknown command "{" ".join(words)}" for "talosctl etcd"')


def _worker(answers: Answers, node: str, machine: Machine, what: str) -> bool:
    if not machine.control_plane:
        answers.refuse(node, RpcFailure("Unimplemented", f"{what} is only available on control plane nodes"))
    return not machine.control_plane


async def _members(call: Call) -> None:
    answers = Answers(call, "error getting members")
    rows = [["NODE", "ID", "HOSTNAME", "PEER URLS", "CLIENT URLS", "LEARNER"]]
    async for node, machine in answers.machines():
        if _worker(answers, node, machine, "member list"):
            continue
        assert call.site.world  # noqa: S101 - a machine answered
        for each in call.site.world.control_planes:
            urls = [f"https://{each.address}:{port}" for port in (2380, 2379)]
            rows.append([node, member_id(each), each.name, *urls, "false"])
    if len(rows) > 1 or not call.fans_out:
        await call.out(texts.table(rows))
    await answers.finish()


_STATUS = "NODE,MEMBER,DB SIZE,IN USE,LEADER,RAFT INDEX,RAFT TERM,RAFT APPLIED INDEX,LEARNER,PROTOCOL,STORAGE,ERRORS"


async def _status(call: Call) -> None:
    answers = Answers(call, "error getting status")
    rows = [_STATUS.split(",")]
    async for node, machine in answers.machines():
        if _worker(answers, node, machine, "etcd status"):
            continue
        if machine.stage != "running":
            answers.refuse(node, RpcFailure("DeadlineExceeded", "context deadline exceeded"))
            continue
        rows.append([node, *_member_status(call, machine)])
    if len(rows) > 1 or not call.fans_out:
        await call.out(texts.table(rows))
    await answers.finish()


def _member_status(call: Call, machine: Machine) -> list[str]:
    world = call.site.world
    assert world  # noqa: S101 - a machine answered
    leader = next((m for m in world.control_planes if m.reachable and m.stage == "running"), machine)
    in_use = int(machine.db_size * 0.4417)
    first = min(m.booted for m in world.machines.values())
    index = str(8_412_907 + int((world.clock.now() - first).total_seconds()) * 3)
    storage = {(1, 12): "3.6.7", (1, 13): "3.6.12", (1, 14): "3.7.1"}.get(talos_of(machine), "3.6.12")
    alarm = machine.db_size >= 2_147_483_648
    errors = f"memberID:{int(member_id(machine), 16)} alarm:NOSPACE " if alarm else ""
    return [
        member_id(machine),
        texts.size(machine.db_size),
        f"{texts.size(in_use)} ({in_use / machine.db_size * 100:.2f}%)",
        member_id(leader),
        index,
        "7",
        index,
        "false",
        storage,
        ".".join(storage.split(".")[:2]) + ".0",
        errors,
    ]


async def _alarms(call: Call) -> None:
    answers = Answers(call, "error getting alarms")
    rows = []
    async for node, machine in answers.machines():
        if _worker(answers, node, machine, "alarm list"):
            continue
        if machine.db_size >= 2_147_483_648:
            rows.append([node, member_id(machine), "NOSPACE"])
    if rows:
        await call.out(texts.table([["NODE", "MEMBER", "ALARM"], *rows]))
    await answers.finish()
