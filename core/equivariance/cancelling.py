"""Long measurements ask now and then whether anybody still wants them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Cancelled(Exception):
    """Nobody wants the result any more."""


_UNWANTED: ContextVar[Callable[[], bool] | None] = ContextVar("unwanted", default=None)


@contextmanager
def cancelled_by(unwanted: Callable[[], bool]) -> Iterator[None]:
    """Within the block `measure` and what is built on it raise `Cancelled` soon after it says so."""
    token = _UNWANTED.set(unwanted)
    try:
        yield
    finally:
        _UNWANTED.reset(token)


def ask_whether_wanted() -> None:
    """Raises: Cancelled."""
    unwanted = _UNWANTED.get()
    if unwanted is not None and unwanted():
        raise Cancelled
