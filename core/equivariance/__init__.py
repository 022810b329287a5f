"""Does a network commute with a change of scale? The action on features, the error and its floor."""

from core.equivariance.action import transform
from core.equivariance.measure import EquivarianceReport, map_resampler, measure
from core.equivariance.square import CommutingSquare, commuting_square

__all__ = [
    "CommutingSquare",
    "EquivarianceReport",
    "commuting_square",
    "map_resampler",
    "measure",
    "transform",
]
