"""T_s: every change of scale (and shift), as one separable linear operator, T_s x = A x Aᵀ. A kernel to each file.

The 1-D matrix A has half-pixel centres (align_corners=False): sample i of n lies at i + ½ − n/2 − centre,
measured from the canvas centre, and output sample u reads the input at u / s; under a shift by t it reads at u − t.
What lies outside the canvas is background, 0. The same matrices act on images, on feature maps and on their validity
masks.
"""

from core.resampling.cubic_zoom import cubic_zoom
from core.resampling.kernel import Kernel
from core.resampling.matrices import (
    known_samples,
    resampling_generator,
    resampling_matrices,
    resampling_matrix,
    valid_samples,
)
from core.resampling.planes import resample, resample_and_back, rescale, resize, shift_along_rows
from core.resampling.table import RESAMPLERS, kernel_named

__all__ = [
    "RESAMPLERS",
    "Kernel",
    "cubic_zoom",
    "kernel_named",
    "known_samples",
    "resample",
    "resample_and_back",
    "resampling_generator",
    "resampling_matrices",
    "resampling_matrix",
    "rescale",
    "resize",
    "shift_along_rows",
    "valid_samples",
]
