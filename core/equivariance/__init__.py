"""Does a network commute with a change of scale? The action on features, the error and its floor."""

from core.equivariance.action import scale_images, scaled_canvas, transform
from core.equivariance.argmax_scale import ArgmaxScale, argmax_scale
from core.equivariance.budget import Budget, budget
from core.equivariance.exports import budget_to_csv, lie_to_csv, snippet, to_csv, to_npz
from core.equivariance.lie_derivative import lie_derivative
from core.equivariance.measure import drawing, map_resampler, measure
from core.equivariance.parts import join
from core.equivariance.report import EquivarianceReport, LayerErrors, LieReport, RotationReport
from core.equivariance.rotation import measure_rotation, turn
from core.equivariance.square import CommutingSquare, commuting_square
from core.equivariance.sweep import LayerSweep, Sweep, sweep, sweep_layer

__all__ = [
    "ArgmaxScale",
    "Budget",
    "CommutingSquare",
    "EquivarianceReport",
    "LayerErrors",
    "LayerSweep",
    "LieReport",
    "RotationReport",
    "Sweep",
    "argmax_scale",
    "budget",
    "budget_to_csv",
    "commuting_square",
    "drawing",
    "join",
    "lie_derivative",
    "lie_to_csv",
    "map_resampler",
    "measure",
    "measure_rotation",
    "scale_images",
    "scaled_canvas",
    "snippet",
    "sweep",
    "sweep_layer",
    "to_csv",
    "to_npz",
    "transform",
    "turn",
]
