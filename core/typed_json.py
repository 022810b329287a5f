"""JSON whose values have the kinds that a dataclass names; what has not is refused in words."""

import json
import math
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")

_WORDS: dict[Any, str] = {
    str: "a text", int: "a whole number", float: "a finite number", bool: "true or false", type(None): "null",
}  # fmt: skip


def loads(text: str | bytes) -> Any:
    """As `json.loads`. Raises: ValueError, whatever is wrong, also if it is nested more deeply than Python goes."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read(kind: type[Kind], text: str | bytes) -> Kind:
    """The dataclass that a JSON object describes. Raises: ValueError, saying which part is missing or of what kind."""
    return build(kind, loads(text))


def build(kind: type[Kind], values: Any) -> Kind:
    """As `read`, of what is no text any more."""
    if not isinstance(values, dict):
        raise ValueError(f"expected an object, got {_shown(values)}")
    known = {part.name: part for part in fields(kind) if part.init}  # type: ignore[arg-type]  # of a dataclass
    if unknown := sorted(set(values) - set(known)):
        raise ValueError(f"it has no part {unknown[0]!r}")
    for name, part in known.items():
        if name not in values and part.default is MISSING and part.default_factory is MISSING:
            raise ValueError(f"{name} is missing")
    hints = get_type_hints(kind)
    return kind(**{name: convert(value, hints[name], name) for name, value in values.items()})


def convert(value: Any, hint: Any, name: str) -> Any:
    """A value of JSON as `hint` has it: lists become tuples where it says so, whole numbers finite ones.

    Args: hint: str, int, float, bool, None, Any, a dataclass, a union of these, or a tuple, list, sequence or mapping
        of them.
    Raises: ValueError, in words that begin with `name`.
    """
    if hint is Any:
        return value
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _one_of(value, hint, arguments, name)
    if origin in (tuple, list, Sequence):
        return _list(value, origin, arguments, name)
    if origin in (dict, Mapping):
        if not isinstance(value, dict):
            raise ValueError(f"{name} must be {_words(hint)}, got {_shown(value)}")
        return {key: convert(part, arguments[1], f"{name}[{key!r}]") for key, part in value.items()}
    return _plain(value, hint, name)


def _one_of(value: Any, hint: Any, arms: tuple[Any, ...], name: str) -> Any:
    described = [arm for arm in arms if is_dataclass(arm)]
    if isinstance(value, dict) and len(described) == 1:  # nothing else can be meant, so its own complaint is told
        return convert(value, described[0], name)
    for arm in sorted(arms, key=lambda arm: type(value) is not arm):  # its own kind first: 3 stays whole
        try:
            return convert(value, arm, name)
        except ValueError:
            continue
    raise ValueError(f"{name} must be {_words(hint)}, got {_shown(value)}")


def _list(value: Any, origin: Any, arguments: tuple[Any, ...], name: str) -> Any:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{name} must be a list, got {_shown(value)}")
    any_length = origin is not tuple or arguments[-1] is Ellipsis
    kinds = [arguments[0]] * len(value) if any_length else list(arguments)
    if len(kinds) != len(value):
        raise ValueError(f"{name} must have {len(kinds)} parts, got {_shown(value)}")
    parts = [convert(part, kind, f"{name}[{n}]") for n, (part, kind) in enumerate(zip(value, kinds, strict=True))]
    return tuple(parts) if origin is tuple else parts


def _plain(value: Any, kind: Any, name: str) -> Any:
    if isinstance(kind, type) and is_dataclass(kind):
        try:
            return build(kind, value)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
    if kind is float and type(value) in (int, float):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    elif type(value) is kind:
        return value
    raise ValueError(f"{name} must be {_words(kind)}, got {_shown(value)}")


def _words(hint: Any) -> str:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_words(arm) for arm in get_args(hint)))
    if origin in (dict, Mapping) or is_dataclass(hint):
        return "an object"
    return "a list" if origin in (tuple, list, Sequence) else _WORDS[hint]


def _shown(value: Any) -> str:
    """At most some 60 characters of it, in one line."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested too deeply, or a number of too many digits
        text = type(value).__name__
    return text if len(text) <= 60 else text[:59] + "…"
