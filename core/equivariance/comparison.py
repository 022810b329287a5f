"""Two networks on the same digits: the difference of their errors, pair by pair.

Layers are matched by name, and the maps that the two classifiers read by what they do: they may have two names.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from core.equivariance.report import EquivarianceReport, mean_over_images
from core.transforms import transform_named

READ = "read by the classifier"  # the row of what both classifiers read, where that has two names
_SAME = 1e-9  # amounts closer than this to the identity change nothing


@dataclass(frozen=True)
class Comparison:
    """What two networks A and B do to the same digits, in the order of A's layers.

    Attributes:
        layers: that both have, then `READ` if their classifiers read maps of two names.
        first, second: (layer, amount, digit) relative L2 error of A and of B, without unit; NaN where one is silent.
        amounts: of the transform. transform: its key.
        on_grid: which amounts move the axes of both by whole places and change something.
        alone: layers that only A has, and only B. read: the row of what the classifiers read; None if one does not say.
    """

    layers: tuple[str, ...]
    first: Float[np.ndarray, "layer amount digit"]
    second: Float[np.ndarray, "layer amount digit"]
    amounts: tuple[float, ...]
    transform: str
    on_grid: Bool[np.ndarray, " amount"]
    alone: tuple[tuple[str, ...], tuple[str, ...]]
    read: str | None

    @property
    def num_digits(self) -> int:
        return self.first.shape[2]

    @property
    def averaged(self) -> Bool[np.ndarray, " amount"]:
        """The amounts that a mean rests on: those on both grids or, where there is none, all that change something."""
        return self.on_grid if self.on_grid.any() else _changing(self.transform, self.amounts)

    def at(self, amount: float | None = None) -> tuple[Float[np.ndarray, "layer n"], Float[np.ndarray, "layer n"]]:
        """Errors of A and B for each layer and digit: at one amount, or their mean over `averaged`.

        A mean is over the amounts at which both can be measured on that digit. Raises: ValueError for an amount that
        was not measured.
        """
        chosen = self.averaged if amount is None else np.isin(self.amounts, (amount,))
        if not chosen.any():
            raise ValueError(f"nothing was measured at {amount}, only at {', '.join(map(str, self.amounts))}")
        unknown = np.isnan(self.first - self.second)

        def mean(errors: np.ndarray) -> np.ndarray:
            return mean_over_images(np.where(unknown, np.nan, errors)[:, chosen].swapaxes(1, 2))

        return mean(self.first), mean(self.second)


def compare(one: EquivarianceReport, other: EquivarianceReport) -> Comparison:
    """Pairs what was measured of A (`one`) and B (`other`) on the same digits.

    Raises: ValueError for reports of other transforms, amounts or numbers of digits, or without a layer in common.
    """
    if (one.transform, one.amounts, one.num_images) != (other.transform, other.amounts, other.num_images):
        raise ValueError("errors can be paired only where the same was done to the same digits")
    names = {layer: layer for layer in one.layers if layer in other.layers}
    reads = one.classifier_map, other.classifier_map
    if None not in reads and reads[0] != reads[1]:
        names[READ] = READ
    if not names:
        raise ValueError("the two networks have no layer in common")
    rows = [[each.classifier_map if layer == READ else layer for layer in names] for each in (one, other)]
    first, second = (
        each.per_image[[each.layers.index(str(layer)) for layer in of]]
        for each, of in zip((one, other), rows, strict=True)
    )
    alone = tuple(tuple(x for x in a.layers if x not in b.layers) for a, b in ((one, other), (other, one)))
    grid = one.on_grid & other.on_grid & _changing(one.transform, one.amounts)
    read = None if None in reads else READ if READ in names else reads[0]
    return Comparison(tuple(names), first, second, one.amounts, one.transform, grid, (alone[0], alone[1]), read)


def _changing(transform: str, amounts: tuple[float, ...]) -> Bool[np.ndarray, " amount"]:
    known = transform_named(transform)
    return np.array([known.distance(amount, known.identity) > _SAME for amount in amounts])
