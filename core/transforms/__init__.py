"""T and T': what can be done to an image, and how it acts on feature maps. One file each, one line in the table."""

from core.transforms.rotation import Rotation
from core.transforms.scale import Scale
from core.transforms.transform import EXACT, Affine, Drawable, Transform
from core.transforms.translation import Translation

TRANSFORMS: dict[str, Transform] = {
    "scale": Scale(),
    "rotation": Rotation(),
    "translation": Translation(),
}


def transform_named(key: str) -> Transform:
    """An entry of TRANSFORMS. Raises: ValueError, naming the known ones."""
    if key not in TRANSFORMS:
        raise ValueError(f"unknown transform {key!r}; known are {', '.join(TRANSFORMS)}")
    return TRANSFORMS[key]


__all__ = [
    "EXACT",
    "TRANSFORMS",
    "Affine",
    "Drawable",
    "Rotation",
    "Scale",
    "Transform",
    "Translation",
    "transform_named",
]
