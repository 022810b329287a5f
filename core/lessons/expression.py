"""What a lesson claims, as a small formula over facts: `error[pool1] > 3 * error[conv1]`.

Numbers, names of facts, `fact[key]` or `fact[key, key]` whose keys are layers, networks or numbers, + − * /,
comparisons, `and`, `or`, `not`, `abs`, `min`, `max`. Nothing else is Python here, and nothing is executed.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

Key = tuple[str | float, ...]
Fact = Callable[[Key], float]  # of the keys in its brackets; none for a name alone

_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip
_FUNCTIONS: Mapping[str, Callable[..., float]] = {"abs": abs, "min": min, "max": max}


def value_of(text: str, facts: Mapping[str, Fact]) -> float | bool:
    """What a formula gives. Raises: ValueError, in one sentence, for what is no formula or names no fact."""
    try:
        return _value(_parse(text), facts)
    except (ZeroDivisionError, OverflowError, TypeError) as error:
        raise ValueError(f"{text!r} cannot be computed: {error}") from error


def names_in(text: str) -> tuple[tuple[str, Key], ...]:
    """Every fact that a formula names, with its keys. Raises: ValueError for what is no formula."""
    found: list[tuple[str, Key]] = []

    def keep(name: str) -> Fact:
        def fact(key: Key) -> float:
            found.append((name, key))
            return 1.0

        return fact

    _value(_parse(text), _Any(keep))
    return tuple(found)


class _Any(dict[str, Fact]):
    """Facts of any name."""

    def __init__(self, make: Callable[[str], Fact]):
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> Fact:
        return self._make(name)

    def __contains__(self, name: object) -> bool:
        return True


def _parse(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise ValueError(f"{text!r} is no formula") from error


def _value(node: ast.expr, facts: Mapping[str, Fact]) -> Any:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.Name):
        return _fact(node.id, facts)(())
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return _fact(node.value.id, facts)(_key(node.slice, facts))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left, facts), _value(node.right, facts))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        inner = _value(node.operand, facts)
        return -inner if isinstance(node.op, ast.USub) else not inner
    if isinstance(node, ast.BoolOp):  # all parts are computed, so that every name in it is checked
        parts = [bool(_value(part, facts)) for part in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.Compare) and all(type(each) in _OPERATORS for each in node.ops):
        values = [_value(each, facts) for each in (node.left, *node.comparators)]
        pairs = zip(node.ops, values[:-1], values[1:], strict=True)
        return all(_OPERATORS[type(each)](one, other) for each, one, other in pairs)
    if isinstance(node, ast.Call) and node.args and not node.keywords and isinstance(node.func, ast.Name):
        return _function(node.func.id)(*(_value(each, facts) for each in node.args))
    raise ValueError(f"{ast.unparse(node)!r} is no part of a formula")


def _function(name: str) -> Callable[..., float]:
    if name not in _FUNCTIONS:
        raise ValueError(f"there is no function {name!r}; there are {', '.join(_FUNCTIONS)}")
    return _FUNCTIONS[name]


def _fact(name: str, facts: Mapping[str, Fact]) -> Fact:
    if name not in facts:
        raise ValueError(f"there is no fact {name!r}; there are {', '.join(sorted(facts))}")
    return facts[name]


def _key(node: ast.expr, facts: Mapping[str, Fact]) -> Key:
    """A name alone is a layer or a network; whatever else stands there is computed, `1 * mark` too."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return tuple(part.id if isinstance(part, ast.Name) else float(_value(part, facts)) for part in parts)
