"""Photographs in a row as one picture, before or after they are normalised."""

import numpy as np
from jaxtyping import Float, UInt8
from torch import Tensor

_MOST = 2.2  # deviations from the mean colour that become black and white; 1/deviation of STL-10's channels is below it


def photograph_row(
    images: Float[Tensor, "b 3 h w"], has_mean_0: bool, gap: int = 4
) -> UInt8[np.ndarray, "h width channel"]:
    """Images side by side, transparent between them, RGBA.

    Args: has_mean_0: whether they are normalised: 0 is then middle grey, and 2.2 deviations are black or white, in
              every picture alike. Else values in [0, 1] are shown as they are.
    Raises: ValueError if there is no image.
    """
    if not len(images):
        raise ValueError("a row needs at least one photograph")
    shown = images / (2 * _MOST) + 0.5 if has_mean_0 else images
    pixels = (255 * shown.clamp(0, 1)).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    opaque = np.concatenate([pixels, np.full((*pixels.shape[:3], 1), 255, np.uint8)], axis=-1)
    between = np.zeros((opaque.shape[1], gap, 4), np.uint8)
    return np.concatenate([part for image in opaque for part in (between, image)][1:], axis=1)
