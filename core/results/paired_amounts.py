"""At which amounts of a transform two networks are compared."""

from collections.abc import Sequence

import numpy as np

from core.transforms import Transform

AT_MOST = 4


def paired_amounts(
    transform: Transform, handle: Sequence[float], steps: Sequence[float], other: Sequence[float]
) -> tuple[float, ...]:
    """A few amounts that change something, each once, ascending: steps that both share, filled up with those of curves.

    So few that 64 digits of two small networks take two cores two seconds.

    Args: handle: amounts that a handle can take, which stand for what is hardly told from them. steps, other: of each
        network; none if it has no axis.
    """
    shared = _each_once(transform, handle, _shared(transform, steps, other))
    chosen = _spread(shared, AT_MOST)
    between = _each_once(transform, handle, transform.curve_amounts, chosen)
    missing = AT_MOST - len(chosen)
    added = _spread(between, missing + 2)[1:-1] if chosen else _spread(between, missing)
    return tuple(sorted([*chosen, *added]))


def _each_once(
    transform: Transform, handle: Sequence[float], amounts: Sequence[float], met: Sequence[float] = ()
) -> list[float]:
    """Those that change something and are not met before, as the handle can take them."""
    found = list[float]()
    for amount in amounts:
        near = transform.nearest(handle, amount)
        kept = near if transform.distance(near, amount) <= transform.alike else round(amount, 4)
        if all(transform.distance(kept, each) > transform.alike for each in (transform.identity, *met, *found)):
            found.append(kept)
    return found


def _spread(amounts: Sequence[float], most: int) -> list[float]:
    """So many of them, evenly from the first to the last."""
    places = np.linspace(0, len(amounts) - 1, min(most, len(amounts))).round().astype(int)
    return [amounts[place] for place in places]


def _shared(transform: Transform, one: Sequence[float], other: Sequence[float]) -> Sequence[float]:
    """Steps of both networks, or of the only one that has some."""
    if not (one and other):
        return one or other
    return [step for step in one if any(transform.distance(step, each) <= transform.alike for each in other)]
