"""The part of CEL (google/cel-spec) that tuppr's health checks are written in, evaluated on plain values.

Fields and indices, comparisons, ``&& || ! in ?:``, ``+ - * / %``, ``has size int string matches startsWith endsWith
contains``, the macros ``all exists exists_one filter map``. What is not here, and what fails (a field that is missing),
raises CelError. ``&&`` and ``||`` forgive an error on one side when the other decides, as CEL does.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)u?|r?(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}]))"
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_DEEPEST = 60
_MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})

Scope = Mapping[str, Any]
Node = Callable[[Scope], Any]


class CelError(ValueError):
    """It is no expression that is known here, or it has no value."""


def evaluate(expression: str, scope: Scope) -> bool:
    """Whether it holds. CelError when it has no value, or another than true and false."""
    try:
        found = _Parser(expression).whole()(scope)
    except CelError:
        raise
    except (RecursionError, ArithmeticError, ValueError) as error:  # too deep, or a number too large
        raise CelError(f"can't be worked out: {type(error).__name__}") from None
    if not isinstance(found, bool):
        raise CelError(f"gives {type(found).__name__}, not true or false")
    return found


class _Parser:
    """Builds closures by recursive descent."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._place, self._depth, at = 0, 0, 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise CelError(f"{text[at : at + 20]!r} is not understood")
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))
            at = found.end()

    def whole(self) -> Node:
        node = self._choice()
        if self._place < len(self._tokens):
            raise CelError(f"{self._peek()!r} is not understood")
        return node

    def _peek(self) -> str:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def _takes(self, *signs: str) -> str:
        if self._place < len(self._tokens):
            kind, text = self._tokens[self._place]
            if text in signs and kind != "text":
                self._place += 1
                return text
        return ""

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise CelError(f"{sign!r} expected before {self._peek()!r}")

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise CelError("nested too deeply")
        condition = self._or()
        if self._takes("?"):
            yes = self._choice()
            self._expect(":")
            no = self._choice()
            self._depth -= 1
            return lambda scope: yes(scope) if _truth(condition(scope)) else no(scope)
        self._depth -= 1
        return condition

    def _or(self) -> Node:
        node = self._and()
        while self._takes("||"):
            node = _either(node, self._and(), decides=True)
        return node

    def _and(self) -> Node:
        node = self._relation()
        while self._takes("&&"):
            node = _either(node, self._relation(), decides=False)
        return node

    def _relation(self) -> Node:
        node = self._sum()
        while sign := self._takes("==", "!=", "<", "<=", ">", ">=", "in"):
            node = _binary(sign, node, self._sum())
        return node

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._takes("+", "-"):
            node = _binary(sign, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._unary()
        while sign := self._takes("*", "/", "%"):
            node = _binary(sign, node, self._unary())
        return node

    def _unary(self) -> Node:
        if self._takes("!"):
            inner = self._unary()
            return lambda scope: not _truth(inner(scope))
        if self._takes("-"):
            inner = self._unary()
            return lambda scope: -_number(inner(scope))
        return self._member()

    def _member(self) -> Node:
        node = self._primary()
        while True:
            if self._takes("."):
                name = self._name()
                node = self._call(name, node) if self._takes("(") else _field(node, name)
            elif self._takes("["):
                node = _index(node, self._choice())
                self._expect("]")
            else:
                return node

    def _name(self) -> str:
        kind, text = self._tokens[self._place] if self._place < len(self._tokens) else ("", "")
        if kind != "name":
            raise CelError(f"a name expected before {text!r}")
        self._place += 1
        return text

    def _arguments(self, end: str) -> list[Node]:
        found: list[Node] = []
        while not self._takes(end):
            if found:
                self._expect(",")
            found.append(self._choice())
        return found

    def _primary(self) -> Node:
        if self._takes("("):
            node = self._choice()
            self._expect(")")
            return node
        if self._takes("["):
            items = self._arguments("]")
            return lambda scope: [item(scope) for item in items]
        if self._place >= len(self._tokens):
            raise CelError("it ends too early")
        kind, text = self._tokens[self._place]
        self._place += 1
        if kind == "number":
            value: Any = float(text) if "." in text else int(text)
        elif kind == "text":
            value = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), text[1:-1])
        elif text in {"true", "false", "null"}:
            value = {"true": True, "false": False, "null": None}[text]
        elif kind == "name":
            return self._call(text, None) if self._takes("(") else _variable(text)
        else:
            raise CelError(f"{text!r} is not understood")
        return lambda _: value

    def _call(self, name: str, target: Node | None) -> Node:
        if target is not None and name in _MACROS:
            variable = self._name()
            self._expect(",")
            body = self._choice()
            self._expect(")")
            return _macro(name, target, variable, body)
        arguments = self._arguments(")")
        if target is None and name == "has" and len(arguments) == 1:
            return _has(arguments[0])
        every = [target, *arguments] if target else arguments
        function = _FUNCTIONS.get((name, len(every)))
        if function is None:
            raise CelError(f"{name} is not known here")
        return lambda scope: function(*(node(scope) for node in every))


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise CelError(f"{value!r} is neither true nor false")
    return value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CelError(f"{value!r} is no number")
    return value


def _either(left: Node, right: Node, *, decides: bool) -> Node:
    """``||`` (``decides`` is true) and ``&&``: an error counts only when the other side does not decide."""

    def run(scope: Scope) -> bool:
        problem: CelError | None = None
        for side in (left, right):
            try:
                if _truth(side(scope)) is decides:
                    return decides
            except CelError as error:
                problem = problem or error
        if problem:
            raise problem
        return not decides

    return run


def _binary(sign: str, left: Node, right: Node) -> Node:
    def run(scope: Scope) -> Any:
        one, other = left(scope), right(scope)
        try:
            return _OPERATORS[sign](one, other)
        except (TypeError, ZeroDivisionError, KeyError) as error:
            raise CelError(f"{one!r} {sign} {other!r} has no value") from error

    return run


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _within(one: Any, other: Any) -> bool:
    if not isinstance(other, list | Mapping):
        raise TypeError
    return any(_same(one, each) for each in other)


def _divided(one: Any, other: Any) -> Any:
    whole = isinstance(one, int) and isinstance(other, int)
    return int(one / other) if whole else one / other


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": _same,
    "!=": lambda one, other: not _same(one, other),
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "in": _within,
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: _number(one) * _number(other),
    "/": lambda one, other: _divided(_number(one), _number(other)),
    "%": lambda one, other: _number(one) - _number(other) * int(one / other),
}


def _variable(name: str) -> Node:
    def run(scope: Scope) -> Any:
        if name not in scope:
            raise CelError(f"{name} is not known here")
        return scope[name]

    return run


def _field(node: Node, name: str) -> Node:
    def run(scope: Scope) -> Any:
        value = node(scope)
        if not isinstance(value, Mapping) or name not in value:
            raise CelError(f"no such key: {name}")
        return value[name]

    return run


def _index(node: Node, key: Node) -> Node:
    def run(scope: Scope) -> Any:
        value, at = node(scope), key(scope)
        try:
            if isinstance(value, list) and (isinstance(at, bool) or at < 0):
                raise CelError(f"no such index: {at}")
            return value[at]
        except (KeyError, IndexError, TypeError) as error:
            raise CelError(f"no such key: {at}") from error

    return run


def _has(node: Node) -> Node:
    def run(scope: Scope) -> bool:
        try:
            node(scope)
        except CelError as error:
            if "no such key" in str(error):
                return False
            raise
        return True

    return run


def _macro(name: str, target: Node, variable: str, body: Node) -> Node:
    def run(scope: Scope) -> Any:
        items = target(scope)
        if not isinstance(items, list | Mapping):
            raise CelError(f"{name} of no list")
        each = [_bound(body, scope, variable, item) for item in items]
        if name == "map":
            return [node(scope) for node in each]
        if name == "filter":
            return [item for item, node in zip(items, each, strict=True) if _truth(node(scope))]
        if name == "exists_one":
            return sum(_truth(node(scope)) for node in each) == 1
        found: Node = _is_all if name == "all" else _is_none  # where the chain of && or || begins
        for node in each:
            found = _either(found, node, decides=name == "exists")
        return found(scope)

    return run


def _bound(body: Node, scope: Scope, variable: str, item: Any) -> Node:
    return lambda _: body({**scope, variable: item})


def _is_all(_: Scope) -> bool:
    return True


def _is_none(_: Scope) -> bool:
    return False


def _size(value: Any) -> int:
    if not isinstance(value, str | list | Mapping):
        raise CelError(f"{value!r} has no size")
    return len(value)


def _integer(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise CelError(f"{value!r} is no number") from error


def _string(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_texts(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    def run(one: Any, other: Any) -> bool:
        if not isinstance(one, str) or not isinstance(other, str):
            raise CelError(f"{one!r} or {other!r} is no text")
        return test(one, other)

    return run


_FUNCTIONS: dict[tuple[str, int], Callable[..., Any]] = {
    ("size", 1): _size,
    ("int", 1): _integer,
    ("string", 1): _string,
    ("matches", 2): _of_texts(lambda one, other: re.search(other, one) is not None),
    ("startsWith", 2): _of_texts(str.startswith),
    ("endsWith", 2): _of_texts(str.endswith),
    ("contains", 2): _of_texts(lambda one, other: other in one),
}
