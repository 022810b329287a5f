"""Filter bases: functions sampled at every internal scale, of which a kernel is a weighted sum."""

from core.bases.circular_harmonics import CircularHarmonics, circular_harmonics
from core.bases.hermite import HermiteBasis, hermite_basis_a, hermite_basis_b, published_supports
from core.bases.learnable_hermite import learnable_hermite_a, learnable_hermite_b
from core.bases.log_radial import LogRadialBasis, log_radial_basis
from core.bases.sampled import SampledBasis
from core.bases.scale_space import discrete_gaussian

__all__ = [
    "CircularHarmonics",
    "HermiteBasis",
    "LogRadialBasis",
    "SampledBasis",
    "circular_harmonics",
    "discrete_gaussian",
    "hermite_basis_a",
    "hermite_basis_b",
    "learnable_hermite_a",
    "learnable_hermite_b",
    "log_radial_basis",
    "published_supports",
]
