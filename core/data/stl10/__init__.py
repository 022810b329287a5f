"""STL-10: photographs of ten kinds of things in colour, 96×96 pixels, from its binary files.

Source: Coates, Lee, Ng, "An Analysis of Single-Layer Networks in Unsupervised Feature Learning", AISTATS 2011;
ai.stanford.edu/~acoates/stl10. `python -m core.data.stl10.download` fetches them; nothing else ever does.
"""

from core.data.stl10.binary_files import (
    SIDE,
    SPLITS,
    ColourImages,
    Stl10Damaged,
    Stl10Missing,
    is_available,
    load_stl10,
)

__all__ = ["SIDE", "SPLITS", "ColourImages", "Stl10Damaged", "Stl10Missing", "is_available", "load_stl10"]
