"""A desk on which every text of every value and of every answer is hostile: stored facts, answers, steps, errors."""

from collections.abc import Callable, Generator
from dataclasses import fields, is_dataclass, replace
from types import GeneratorType
from typing import Any

from console.model.own import Command, Own
from console.model.snapshot import Topic
from tests.hostile.corpus import EVERYTHING
from tests.ui.desk import Desk, refused

# What is one of a closed list of words, or names what the desk looks up, stays: it is no text.
_KEEP = frozenset(
    (
        "state",
        "type",
        "status",
        "settled",
        "severity",
        "verdict",
        "system",
        "outcome",
        "signature",
        "last_status",
        "order",
        "before",
        "verb",
        "base",
        "head",
        "typed",
        "kind",
        "part",
        # versions, so that the upgrades pane has something to compare
        "talos",
        "kubelet",
        "version",
        "old",
        "new",
        "target",
        "branch",
    )
)
_ANSWERS = frozenset(
    (
        "manifest",
        "events",
        "inspect",
        "watch",
        "logs",
        "tree",
        "trace",
        "diff",
        "preflight",
        "review",
        "again",
        "plan_hold",
        "plan_release",
        "plan_revert",
        "carry_out",
        "reconcile",
        "suspend",
        "hasten",
        "intervene",
        "approve",
        "approve_all",
        "bulk",
        "node",
        "dmesg",
        "service_log",
    )
)


def poisoned(value: Any, name: str = "", text: str = EVERYTHING) -> Any:
    """``value`` with ``text`` behind every text in it."""
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: poisoned(getattr(value, f.name), f.name, text) for f in fields(value) if f.init}
        return replace(value, **changed)
    if isinstance(value, tuple | list | frozenset) and name not in _KEEP:
        made = [poisoned(each, name, text) for each in value]
        return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
    if type(value) is str and name not in _KEEP and value:
        return f"{value}{text}"
    return value


def _steps(answer: Generator[Any, None, Any]) -> Generator[Any, None, Any]:
    try:
        while True:
            yield poisoned(next(answer))
    except StopIteration as end:
        return poisoned(end.value)


class Poisoned(Desk):
    """See the module. What is looked up by its name keeps it beside the hostile one."""

    def __init__(self) -> None:
        super().__init__()
        for topic in Topic:
            items = self.store.table(topic).items
            if items:
                self.store.replace(topic, [poisoned(each) for each in items.values()])

    cluster = f"home{EVERYTHING}"
    own = Own(commands=(Command("prints", ("cat", "{name}"), ("flux",), key="ctrl+t", says=EVERYTHING),))

    def run_own(self, *_: Any) -> tuple[list[str], str]:
        return EVERYTHING.splitlines(), EVERYTHING

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return _answering(value) if name in _ANSWERS else value

    def fail(self) -> None:
        """From now on whatever is asked for is refused, with a hostile text."""
        self.fails = refused(f"refused {EVERYTHING}")


def _answering(method: Callable[..., Any]) -> Callable[..., Any]:
    def answer(*words: Any, **more: Any) -> Any:
        given = method(*words, **more)
        return _steps(given) if isinstance(given, GeneratorType) else poisoned(given)

    return answer
