"""The kernels by which an image can be resampled, in the order of a menu."""

from core.resampling.bicubic import Bicubic
from core.resampling.bilinear import Bilinear
from core.resampling.ideal import Ideal
from core.resampling.kernel import Kernel
from core.resampling.nearest import Nearest

RESAMPLERS: dict[str, Kernel] = {
    "ideal": Ideal(),
    "bicubic": Bicubic(),
    "bilinear": Bilinear(),
    "nearest": Nearest(),
}


def kernel_named(resampler: str) -> Kernel:
    """An entry of RESAMPLERS. Raises: ValueError, naming the known ones."""
    if resampler not in RESAMPLERS:
        raise ValueError(f"unknown resampler {resampler!r}; known are {', '.join(RESAMPLERS)}")
    return RESAMPLERS[resampler]
