"""What the thesis says of its tolerance model, its joint fit, and the size in pixels that it gives an internal scale.

Source: Basting, "Scale Learning in Scale-Equivariant Convolutional Networks", toy network and tolerance model.
"""

import math
from functools import lru_cache

from core.tolerance.data_scales import DataScales
from core.tolerance.fitting import fit_jointly
from core.tolerance.mixture import ToleranceModel

PUBLISHED_RANGES = ((1.0, 2.83), (1.0, 4.76), (1.0, 8.0))  # data scales (×) of Dynamic Scale MNIST
PUBLISHED_TAU_TOL = 0.459  # octaves, as printed; `published_fit` finds it again
PUBLISHED_ISRS = (2.34, 4.76, 5.35)  # as printed for these ranges; `published_fit` finds others
TOY_SIGMA_BASIS = 2.0  # pixels, the smallest internal scale of the network trained on them
_DIGIT = 20.0  # pixels: the longer side of the ink of an MNIST digit, at data scale 1


@lru_cache(maxsize=1)
def published_fit() -> tuple[ToleranceModel, ...]:
    """Three scales for each published range, all with one τ_tol."""
    return tuple(fit_jointly([DataScales.log_uniform(*ends) for ends in PUBLISHED_RANGES], num_scales=3))


def sigma_of_unit(object_size_px: float | int = _DIGIT) -> float:
    """The internal scale σ in pixels that serves objects of this size best.

    In the joint fit the smallest scale of the toy network, σ = 2 pixels, serves the data scale `reference` best; so a
    digit of data scale 1, whose ink is 20 pixels long, is served by 2 / reference. The three ranges have a reference
    each, of which this takes the geometric mean, and σ grows in proportion to the object.

    Args: object_size_px: longer side of the object in pixels, positive.
    Raises: ValueError if it is not.
    """
    if not (0 < object_size_px < math.inf):
        raise ValueError(f"an object's size must be a positive number of pixels, got {object_size_px}")
    references = [model.reference for model in published_fit()]
    mean = math.prod(references) ** (1 / len(references))
    return TOY_SIGMA_BASIS / mean * object_size_px / _DIGIT
