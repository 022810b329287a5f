"""Internal scale tolerance: which range of data scales a set of internal scales serves.

Each internal scale serves the data scales around it, as a Gaussian of std τ_tol on the log2 axis; together
they form an equal-weight mixture, and KL(mixture ‖ data) says how well it matches what the data hold.
Source: Basting, "Scale Learning in Scale-Equivariant Convolutional Networks", tolerance model.

Every density is per octave, that is on the log2 axis. The divergence is taken on that axis cut to
[log2 0.5, log2 17], where both densities are normalised again, in nats. This reading gives τ_tol = 0.459 for
the three published ranges, as printed there.
"""

from core.tolerance.axis import AXIS, ScaleDensity
from core.tolerance.data_scales import DataScales, LogNormal, LogUniform, Measured, TruncatedNormal
from core.tolerance.dips import Dip, dips
from core.tolerance.fitting import MIN_ISR, MIN_TAU_TOL, fit, fit_jointly
from core.tolerance.mixture import Mixture, ScaleMixture, ToleranceModel
from core.tolerance.published import (
    PUBLISHED_ISRS,
    PUBLISHED_RANGES,
    PUBLISHED_TAU_TOL,
    TOY_SIGMA_BASIS,
    published_fit,
    sigma_of_unit,
)
from core.tolerance.selection import Candidate, choose_num_scales

__all__ = [
    "AXIS",
    "MIN_ISR",
    "MIN_TAU_TOL",
    "PUBLISHED_ISRS",
    "PUBLISHED_RANGES",
    "PUBLISHED_TAU_TOL",
    "TOY_SIGMA_BASIS",
    "Candidate",
    "DataScales",
    "Dip",
    "LogNormal",
    "LogUniform",
    "Measured",
    "Mixture",
    "ScaleDensity",
    "ScaleMixture",
    "ToleranceModel",
    "TruncatedNormal",
    "choose_num_scales",
    "dips",
    "fit",
    "fit_jointly",
    "published_fit",
    "sigma_of_unit",
]
