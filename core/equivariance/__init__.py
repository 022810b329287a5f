"""Does a network commute with a transform? The error of every layer, its cost of resampling, and what makes it."""

from core.equivariance.argmax_scale import ArgmaxScale, argmax_scale
from core.equivariance.budget import Budget, budget
from core.equivariance.cancelling import Cancelled, cancelled_by
from core.equivariance.comparison import Comparison, compare
from core.equivariance.controls import CONTROLS, Control, Verdict, check
from core.equivariance.edge import EDGES
from core.equivariance.exports import budget_to_csv, comparison_to_csv, lie_to_csv, snippet, to_csv, to_npz
from core.equivariance.lie_derivative import lie_derivative
from core.equivariance.measure import Pictures, measure
from core.equivariance.parts import join, measure_side_by_side
from core.equivariance.report import EquivarianceReport, LieReport
from core.equivariance.spectral import SpectralReport, measure_spectral
from core.equivariance.sweep import LayerSweep, Sweep, readings, readings_of_many, sweep, sweep_layer, undone

EXPLAINED = ("scale",)  # transforms whose errors budget, Lie derivative and winning scale explain

__all__ = [
    "CONTROLS",
    "EDGES",
    "EXPLAINED",
    "ArgmaxScale",
    "Budget",
    "Cancelled",
    "Comparison",
    "Control",
    "EquivarianceReport",
    "LayerSweep",
    "LieReport",
    "Pictures",
    "SpectralReport",
    "Sweep",
    "Verdict",
    "argmax_scale",
    "budget",
    "budget_to_csv",
    "cancelled_by",
    "check",
    "compare",
    "comparison_to_csv",
    "join",
    "lie_derivative",
    "lie_to_csv",
    "measure",
    "measure_side_by_side",
    "measure_spectral",
    "readings",
    "readings_of_many",
    "snippet",
    "sweep",
    "sweep_layer",
    "to_csv",
    "to_npz",
    "undone",
]
