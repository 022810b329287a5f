"""The pictures of a folder as images of one size, in colour or grey, as a network for photographs takes them.

Each file is read as `core.data.picture_files` reads an upload: by its first bytes, within limits, never trusted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from core.data.grey import grey_of
from core.data.picture_files import MAX_BYTES, ImageRefused, read_picture, refusing_damage

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
_KEPT = 4  # times the side is kept of the longer side of a large JPEG, so that the shorter one still has enough


@dataclass(frozen=True)
class FolderImages:
    """Pictures on one canvas. Attributes: images: values in [0, 1], 0 black. names: of their files, in that order."""

    images: Float[Tensor, "n c side side"]
    names: tuple[str, ...]


def read_folder(folder: Path, side: int, channels: int, most: int | None = None) -> FolderImages:
    """The pictures of a folder, in the order of their names; folders in it and other files are passed over.

    Args: side: of the canvas in pixels. channels: 3 for red, green and blue, 1 for grey. most: so many are read at
              most, the first ones; None for all.
    Raises: ValueError, in one sentence that names the file, if there is no such folder, no picture in it, or one that
        cannot be read.
    """
    paths = picture_paths(folder)[:most]
    images = torch.cat([read_one(path, side, channels) for path in paths])
    return FolderImages(images, tuple(path.name for path in paths))


def picture_paths(folder: Path) -> list[Path]:
    """Its picture files, by name. Raises: ValueError as `read_folder`."""
    try:
        found = sorted(each for each in folder.iterdir() if each.suffix.lower() in ENDINGS and each.is_file())
    except OSError as error:
        raise ValueError(f"the folder {folder} cannot be read: {error.strerror}") from None
    paths = [each for each in found if not each.name.startswith(".")]  # as some systems put beside every picture
    if not paths:
        raise ValueError(f"the folder {folder} has no picture: a name must end in {', '.join(ENDINGS)}")
    return paths


def picture_on_canvas(data: bytes, side: int, channels: int) -> Float[Tensor, "1 c side side"]:
    """The bytes of a picture file, upright: the square in its middle, resized to side × side, in [0, 1], 0 black.

    Nothing is inverted or stretched. Transparent parts become white, or in grey pictures the paper of their border;
    more than 8 bits a pixel are scaled by the range that occurs.
    Raises: ImageRefused if it cannot be read; ValueError for another number of channels than 1 or 3.
    """
    if channels not in (1, 3):
        raise ValueError(f"pictures have 1 channel or 3, not {channels}")
    found = read_picture(data, _KEPT * side)
    with refusing_damage():
        planes = _planes(found.picture, channels)
        return torch.stack([_fitted(plane, side) for plane in planes])[None].clamp(0, 1)


def read_one(path: Path, side: int, channels: int) -> Float[Tensor, "1 c side side"]:
    """A picture file, as `picture_on_canvas`. Raises: ValueError, in one sentence that names the file."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return picture_on_canvas(data, side, channels)
    except ImageRefused as error:
        raise ValueError(f"{path}: {error}") from error
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error


def _planes(picture: Image.Image, channels: int) -> Sequence[Image.Image]:
    """Each channel as a picture of floats, 0 to 1."""
    if channels == 1 or picture.mode[0] in "IF":
        grey, _ = grey_of(picture, max(picture.size))
        return [Image.fromarray(grey.astype(np.float32))] * channels
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    colours = np.asarray(picture.convert("RGB"), dtype=np.float32) / 255
    return [Image.fromarray(np.ascontiguousarray(colours[..., channel])) for channel in range(3)]


def _fitted(plane: Image.Image, side: int) -> Float[Tensor, "side side"]:
    """The square in the middle, by Pillow's bicubic kernel, which averages where it shrinks."""
    width, height = plane.size
    shorter = min(width, height)
    left, top = (width - shorter) // 2, (height - shorter) // 2
    box = (left, top, left + shorter, top + shorter)
    values = plane.resize((side, side), Image.Resampling.BICUBIC, box=box)
    return torch.from_numpy(np.asarray(values, dtype=np.float32).copy())
