"""What became of an approval whose end nobody saw."""

from console.model.review import Approval
from console.operations import order as orders
from console.operations.journal import Journal
from console.operations.landed import committed, found, on_main
from console.operations.order import Order
from console.operations.ports import Repository
from console.sources.errors import Refused
from console.sources.stop import Stop

ENDS = frozenset({"pushed", "proposed", "refused", "noop"})
LOST = "It never got to main."


def unfinished(journal: Journal) -> list[Order]:
    """Approvals that the journal has no end for: the program ended, or the remote was lost, in the middle of them."""
    open_orders: dict[str, Order] = {}
    for record in journal.records():
        if record.event == "approved":
            open_orders[record.id] = orders.read(record.data)
        elif record.event in ENDS:
            open_orders.pop(record.id, None)
    return list(open_orders.values())


def settle(order: Order, repository: Repository, journal: Journal, stop: Stop, *, record: bool) -> Approval:
    """Find out what became of an unfinished approval. Nothing is pushed: whoever wants it still approves it anew.

    Raises Refused with kind ``lost`` when main does not hold it, ``ended`` when the journal has its end meanwhile;
    SourceError when the remote can't be asked. ``record``: what is found is its end in the journal.
    """
    with journal.exclusive(stop):
        if order.id not in {o.id for o in unfinished(journal)}:
            raise Refused("That approval has ended meanwhile.", kind="ended")
        if committed(order, journal):  # else there was nothing to push
            repository.fetch(stop)
            done = on_main(order, repository, journal)
            if done:
                if record:
                    found(order, done, journal)
                return done
        if record:
            journal.append("refused", order.id, reason=LOST, kind="lost")
        raise Refused(LOST, "Review it again, and approve it anew.", kind="lost")
