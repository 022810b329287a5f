"""Images in a row as one picture, in their own colours: what was measured, for a reader to see."""

import numpy as np
from jaxtyping import Float, UInt8

Array = np.ndarray


def strip(images: Float[Array, "n c h w"], gap: int = 4) -> UInt8[Array, "h width 4"]:
    """Images of three channels as red, green and blue, of one as grey, 0 black and 1 full, side by side.

    Args: gap: transparent pixels between neighbours.
    Returns: RGBA; image k begins at column k · (w + gap).
    Raises: ValueError if there is no image, or one of other channels.
    """
    n, c, h, w = images.shape
    if min(n, h, w) < 1 or c not in (1, 3):
        raise ValueError(f"expected images of 1 or 3 channels, got shape {images.shape}")
    levels = np.rint(255 * np.clip(images, 0, 1)).astype(np.uint8)
    row = np.zeros((h, n * (w + gap) - gap, 4), dtype=np.uint8)
    for k, image in enumerate(levels):
        left = k * (w + gap)
        row[:, left : left + w, :3] = image.transpose(1, 2, 0)  # grey goes into all three
        row[:, left : left + w, 3] = 255
    return row
