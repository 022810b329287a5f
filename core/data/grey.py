"""Pictures of every mode as grey values: transparent parts become paper, colours their luma."""

import math

import numpy as np
from jaxtyping import Float
from PIL import Image

from core.data.border import border_of

LUMA = (0.299, 0.587, 0.114)  # of red, green and blue, Rec. 601, as Pillow's "L"
Plane = Float[np.ndarray, "h w"]


def grey_of(picture: Image.Image, longest: int) -> tuple[Plane, tuple[str, ...]]:
    """Grey values (h, w) from 0, black, to 1, white, of at most `longest` pixels a side, averaged down."""
    factor = math.ceil(max(picture.size) / longest)
    if picture.mode[0] in "IF":  # 16 and 32 bits: Pillow's own conversion would clip them
        levels = np.nan_to_num(np.asarray(picture).astype(np.float64), posinf=0.0, neginf=0.0)
        low, high = float(levels.min()), float(levels.max())
        levels = (levels - low) / max(high - low, 1e-12)
        grey = np.asarray(Image.fromarray(levels.astype(np.float32)).reduce(factor), dtype=np.float64)
        return grey, ("More than 8 bits a pixel: scaled by the range that occurs.",)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
    elif picture.mode in ("1", "L"):
        return np.asarray(picture.convert("L").reduce(factor)) / 255, ()
    else:
        picture = picture.convert("RGB")
    channels = np.asarray(picture.reduce(factor)) / 255  # (h, w, 3 or 4)
    colours, alpha = channels[..., :3], channels[..., 3:].min(axis=2, initial=1.0)
    notes: tuple[str, ...] = ()
    if (np.ptp(colours, axis=2) * alpha).max() > 0.1:
        notes += ("Colours became grey.",)
    grey = colours @ np.array(LUMA)
    if alpha.min() < 1:
        grey, more = _on_paper(grey, alpha)
        notes += more
    return grey, notes


def _on_paper(grey: Plane, alpha: Plane) -> tuple[Plane, tuple[str, ...]]:
    """The picture on paper that its ink stands out from.

    An opaque border shows the paper itself (transparent corners, say); else all that is opaque is ink, and
    the paper is white under dark ink and black under light ink.
    """
    border = border_of(alpha)
    if np.median(border) > 0.5:
        paper = float(np.median(border_of(grey)[border > 0.5]))
        note = "Transparent parts took the tone of the border."
    else:
        ink = (grey * alpha).sum() / max(alpha.sum(), 1e-12)
        paper = 1.0 if ink < 0.5 else 0.0
        note = f"Transparent parts became {'white' if paper else 'black'} paper."
    return alpha * grey + (1 - alpha) * paper, (note,)
