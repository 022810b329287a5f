"""Does a network commute with a change of scale? The action on features, the error and its floor."""

from core.equivariance.action import scale_images, scaled_canvas, transform
from core.equivariance.measure import drawing, map_resampler, measure
from core.equivariance.report import EquivarianceReport, LayerErrors, RotationReport
from core.equivariance.rotation import measure_rotation, turn
from core.equivariance.square import CommutingSquare, commuting_square
from core.equivariance.sweep import LayerSweep, Sweep, sweep, sweep_layer

__all__ = [
    "CommutingSquare",
    "EquivarianceReport",
    "LayerErrors",
    "LayerSweep",
    "RotationReport",
    "Sweep",
    "commuting_square",
    "drawing",
    "map_resampler",
    "measure",
    "measure_rotation",
    "scale_images",
    "scaled_canvas",
    "sweep",
    "sweep_layer",
    "transform",
    "turn",
]
