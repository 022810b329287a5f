"""The four photographs that come along, in colour, for networks that take three channels.

They are CC0 or in the public domain; assets/photographs/README.md says whose. What an uploaded photograph of a written
digit becomes is in core.data.photographs.
"""

from jaxtyping import Float
from torch import Tensor

from core.data.picture_folder import FolderImages, read_folder, read_one
from core.files import ASSETS

FOLDER = ASSETS / "photographs"
NAMES = ("astronaut.jpg", "chelsea.jpg", "coffee.jpg", "rocket.jpg")
SIDE = 224  # pixels: what networks for photographs are trained on, and strides of up to 32 divide it


def colour_photographs(side: int = SIDE, channels: int = 3) -> FolderImages:
    """The photographs on a canvas of so many pixels, values in [0, 1], (n, channels, side, side).

    Args: channels: 3, red, green and blue, or 1, grey.
    Raises: ValueError, in one sentence, if a file is missing or damaged, or for other channels.
    """
    return read_folder(FOLDER, side, channels)


def colour_photograph(file: str, side: int = SIDE, channels: int = 3) -> Float[Tensor, "1 channels side side"]:
    """One of them by the name of its file. Raises: ValueError as `colour_photographs`, or for another name."""
    if file not in NAMES:
        raise ValueError(f"a photograph is one of {', '.join(NAMES)}, got {file!r}")
    return read_one(FOLDER / file, side, channels)
