"""Types of core while the tests run: beartype checks every call, and shapes where a signature names some.

`--jaxtyping-packages` (pyproject.toml) has every function of core decorated by jaxtyping, whose decorator binds the
arguments to the signature and checks them a second time with what is returned, for better messages. That takes a fifth
of the time of a page. The same errors are found, and raised as the same type, by beartype alone: in a context that
remembers the length of each axis where shapes are named, and without one elsewhere.
"""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, get_args

import jaxtyping
from beartype import BeartypeConf, beartype
from jaxtyping import AbstractArray, TypeCheckError, jaxtyped

# A TypeError, as a wrong type raises without these checks: core says in one sentence what it raises for a broken file.
with_types: Callable = beartype(conf=BeartypeConf(violation_type=TypeCheckError))


def check(checked: Any = None, *, typechecker: Callable) -> Any:
    """In place of `jaxtyping.jaxtyped`, which it leaves classes to."""
    if checked is None:
        return partial(check, typechecker=typechecker)
    if not inspect.isfunction(checked):
        return jaxtyped(checked, typechecker=typechecker)
    if any(map(names_a_shape, checked.__annotations__.values())):
        return with_axes(checked, with_types(checked))
    return with_types(checked)


def with_axes(function: Callable, checked: Callable) -> Callable:
    """An axis has one length in all arguments of a call and in what it returns."""

    @wraps(function)
    def call(*args, **kwargs):
        if jaxtyping.config.jaxtyping_disable:  # as tests of what core itself refuses ask for
            return function(*args, **kwargs)
        with jaxtyped("context"):
            return checked(*args, **kwargs)

    return call


def names_a_shape(annotation: Any) -> bool:
    """Whether a type of jaxtyping is in an annotation; a text may hold one."""
    if inspect.isclass(annotation) and issubclass(annotation, AbstractArray):
        return True
    return isinstance(annotation, str) or any(map(names_a_shape, get_args(annotation)))


def install() -> None:
    """Before core is imported: its functions are decorated as they are defined."""
    jaxtyping.jaxtyped = check
