"""As much of CEL as tuppr's health checks use: members, comparisons, logic, ``in``, ``has``, ``exists``, ``all``.

https://github.com/google/cel-spec, language definition. What is not known makes a check fail, as an error does there.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from console.demo.api import kinds
from console.demo.api.store import ObjectStore

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>"[^"]*"|'[^']*')|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||[=!<>]=|[-+!<>?:.,()\[\]]))"""
)

Scope = Mapping[str, Any]
Node = Callable[[Scope], Any]


class Unknown(Exception):  # noqa: N818
    """Not an expression that is understood, or a field that is not there."""


def all_hold(store: ObjectStore, checks: Iterable[Mapping[str, Any]]) -> bool:
    """Whether every health check passes now (tuppr.md §1.7)."""
    return all(_holds(store, check) for check in checks)


def _holds(store: ObjectStore, check: Mapping[str, Any]) -> bool:
    try:
        kinds.named(check["kind"])
    except KeyError:
        return False  # the API does not have it: an error, so the check does not pass
    if name := check.get("name"):
        obj = store.get(check["kind"], name, check.get("namespace", ""))
        return obj is not None and true(check["expr"], obj)
    labels = (check.get("labelSelector") or {}).get("matchLabels")
    found = store.list(check["kind"], check.get("namespace"), labels)
    return all(true(check["expr"], obj) for obj in found) and bool(found or not labels)


def true(expression: str, obj: Mapping[str, Any]) -> bool:
    """Whether ``expression`` is true of an object; False when it can't be evaluated."""
    try:
        return evaluate(expression, {"object": obj, "status": obj.get("status") or {}}) is True
    except Unknown:
        return False


def evaluate(expression: str, scope: Scope) -> Any:
    """The value of an expression; raises Unknown."""
    parser = _Parser(expression)
    node = parser.ternary()
    if parser.peek():
        raise Unknown(f"unexpected {parser.peek()!r}")
    return node(scope)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if not found:
                raise Unknown(f"can't read {text[at : at + 20]!r}")
            self._tokens.append(found.group().strip())
            at = found.end()
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise Unknown(f"expected {wanted or 'more'}, found {token!r}")
        self._at += 1
        return token

    def ternary(self) -> Node:
        test = self._either()
        if self.peek() != "?":
            return test
        self._take("?")
        good = self.ternary()
        self._take(":")
        bad = self.ternary()
        return lambda scope: good(scope) if test(scope) else bad(scope)

    def _either(self) -> Node:
        left = self._both()
        while self.peek() == "||":
            self._take()
            left = _or(left, self._both())
        return left

    def _both(self) -> Node:
        left = self._compared()
        while self.peek() == "&&":
            self._take()
            left = _and(left, self._compared())
        return left

    def _compared(self) -> Node:
        left = self._unary()
        while self.peek() in _COMPARE:
            left = _compare(self._take(), left, self._unary())
        return left

    def _unary(self) -> Node:
        if self.peek() == "!":
            self._take()
            inner = self._unary()
            return lambda scope: not inner(scope)
        return self._members(self._primary())

    def _primary(self) -> Node:  # noqa: PLR0911 - a line for each kind of token
        token = self._take()
        if token == "(":  # noqa: S105 - a parenthesis
            inner = self.ternary()
            self._take(")")
            return inner
        if token == "[":  # noqa: S105
            items = self._arguments("]")
            return lambda scope: [item(scope) for item in items]
        if token[0] in "\"'":
            return lambda _: token[1:-1]
        if token[0].isdigit():
            return lambda _: float(token) if "." in token else int(token)
        if token in _CONSTANTS:
            return lambda _: _CONSTANTS[token]
        if token in ("has", "size") and self.peek() == "(":
            self._take("(")
            (inner,) = self._arguments(")")
            return _has(inner) if token == "has" else lambda scope: len(inner(scope))  # noqa: S105
        return lambda scope: _member(scope, token)

    def _arguments(self, end: str) -> list[Node]:
        found: list[Node] = []
        while self.peek() != end:
            found.append(self.ternary())
            if self.peek() == ",":
                self._take()
        self._take(end)
        return found

    def _members(self, node: Node) -> Node:
        while self.peek() in (".", "["):
            if self._take() == "[":
                (index,) = self._arguments("]")
                node = _index(node, index)
                continue
            name = self._take()
            if self.peek() != "(":
                node = _select(node, name)
                continue
            self._take("(")
            if name in _MACROS:
                variable = self._take()
                self._take(",")
                body = self.ternary()
                self._take(")")
                node = _macro(name, node, variable, body)
            else:
                node = _call(node, name, self._arguments(")"))
        return node


_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
}
_MACROS: dict[str, Callable[[list[bool], list[Any]], Any]] = {
    "exists": lambda tests, _: any(tests),
    "all": lambda tests, _: all(tests),
    "exists_one": lambda tests, _: sum(tests) == 1,
    "filter": lambda tests, items: [item for item, test in zip(items, tests, strict=True) if test],
}
_METHODS: dict[str, Callable[..., Any]] = {
    "contains": lambda text, part: part in text,
    "startsWith": lambda text, part: text.startswith(part),
    "endsWith": lambda text, part: text.endswith(part),
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
    "size": len,
}


def _member(value: Any, name: str) -> Any:
    if not isinstance(value, Mapping) or name not in value:
        raise Unknown(f"no such key: {name}")
    return value[name]


def _select(node: Node, name: str) -> Node:
    return lambda scope: _member(node(scope), name)


def _index(node: Node, index: Node) -> Node:
    def look(scope: Scope) -> Any:
        try:
            return node(scope)[index(scope)]
        except (KeyError, IndexError, TypeError) as error:
            raise Unknown(str(error)) from error

    return look


def _call(node: Node, name: str, arguments: list[Node]) -> Node:
    def call(scope: Scope) -> Any:
        if name not in _METHODS:
            raise Unknown(f"no such function: {name}")
        try:
            return _METHODS[name](node(scope), *(a(scope) for a in arguments))
        except TypeError as error:
            raise Unknown(str(error)) from error

    return call


def _macro(name: str, node: Node, variable: str, body: Node) -> Node:
    def run(scope: Scope) -> Any:
        items = list(node(scope))
        return _MACROS[name]([body({**scope, variable: item}) is True for item in items], items)

    return run


def _has(inner: Node) -> Node:
    def look(scope: Scope) -> bool:
        try:
            inner(scope)
        except Unknown:
            return False
        return True

    return look


def _or(left: Node, right: Node) -> Node:
    return lambda scope: bool(left(scope) or right(scope))


def _and(left: Node, right: Node) -> Node:
    return lambda scope: bool(left(scope) and right(scope))


def _compare(sign: str, left: Node, right: Node) -> Node:
    def run(scope: Scope) -> bool:
        try:
            return _COMPARE[sign](left(scope), right(scope))
        except TypeError as error:
            raise Unknown(str(error)) from error

    return run
