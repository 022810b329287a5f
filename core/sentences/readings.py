"""What a network takes a transformed digit for, in a sentence."""

from collections.abc import Sequence

from core.transforms import Transform


def first_errors(
    transform: Transform, amounts: Sequence[float], digits: Sequence[int], read: int
) -> tuple[int | None, int | None]:
    """Going outwards from the identity, where T x is first taken for another digit than x: below it and above it.

    Args: amounts: ascending. digits: that T x is taken for at each. read: that x is taken for.
    Returns: indices into `amounts`; None on a side without one.
    """
    wrong = [k for k, digit in enumerate(digits) if digit != read]
    below = max((k for k in wrong if amounts[k] < transform.identity), default=None)
    above = min((k for k in wrong if amounts[k] >= transform.identity), default=None)
    return below, above


def tell_first_errors(
    title: str, transform: Transform, amounts: Sequence[float], digits: Sequence[int], read: int
) -> str:
    """The sentence for `first_errors`. Args: title: of the network."""
    low, high = transform.told(amounts[0]), transform.told(amounts[-1])
    found = [k for k in first_errors(transform, amounts, digits, read) if k is not None]
    if not found:
        return f"{title} reads x as {read} and does not err from {low} to {high}."
    where = " and at ".join(f"{transform.told(amounts[k])} (reads {digits[k]})" for k in found)
    return f"{title} reads x as {read} and, going outwards, first errs at {where}."
