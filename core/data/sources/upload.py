"""A picture that a visitor brings. It stays in the visitor's store; its name is the start of the file's SHA-256."""

import hashlib
import re
from collections.abc import MutableMapping, Sequence
from dataclasses import replace

from jaxtyping import Float
from torch import Tensor

from core.data.images import WHOLE, Crop, DecodedImage, decode_image
from core.data.sources.source import NOTHING_KEPT, Code, PictureFile, Source, Store
from core.resampling import rescale

_DIGITS = 12  # of the SHA-256
_PERCENT = r"(?:100|[1-9]?[0-9])"
_NAME = re.compile(rf"([0-9a-f]{{{_DIGITS}}})(?:-({_PERCENT})-({_PERCENT})-({_PERCENT})-({_PERCENT}))?")


class Upload(Source):
    """Uploaded pictures, found in a store by the start of their SHA-256 and what was cropped of them, in percent.

    So 0123456789ab is a whole picture and 0123456789ab-10-20-90-80 its part from 10 to 90 % of the width and from 20 to
    80 % of the height. Sizes are changed by resampling (bicubic).
    """

    key, title = "upload", "Upload"
    fields = (PictureFile("upload", "A picture of one digit"),)

    def check(self, name: str) -> str:
        found = _NAME.fullmatch(name)
        if not found:
            raise ValueError(f"the name of an upload is the first {_DIGITS} digits of a SHA-256, got {name!r}")
        left, top, right, bottom = crop_of(name)
        if not (left < right and top < bottom):
            raise ValueError(f"the crop of an upload goes from left to right and from top to bottom, got {name!r}")
        return name

    def title_of(self, name: str) -> str:
        return "your picture"

    def keep(self, data: bytes, store: MutableMapping[str, DecodedImage], crop: Crop = WHOLE) -> str:
        """Decodes a part of a file into the store, unless it is there. Returns its name. Raises: ImageRefused.

        Args: crop: is rounded to percent.
        """
        file = name_of_file(data)
        name = name_of_crop(file, [round(100 * share) for share in crop])
        if name not in store:
            decoded = decode_image(data, crop=crop_of(name))
            same = next((each for key, each in store.items() if key.startswith(file)), decoded)
            store[name] = replace(decoded, original=same.original)  # kept once for all its crops
        return name

    def image(self, name: str, data_scale: float = 1.0, store: Store = NOTHING_KEPT) -> Float[Tensor, "1 1 28 28"]:
        if name not in store:
            raise ValueError("The uploaded picture is gone; please upload it again.")
        return rescale(store[name].image, data_scale)

    def code_of_one(self, name: str, data_scale: float) -> Code:
        crop = crop_of(self.check(name))
        part = "" if crop == WHOLE else f", crop={crop}"
        return Code(
            (
                "from pathlib import Path",
                "from core.data.images import decode_image",
                "from core.resampling import rescale",
            ),
            (
                f"# digit.png stands for the uploaded file, whose SHA-256 starts with {name[:_DIGITS]}",
                f"digits = rescale(decode_image(Path('digit.png').read_bytes(){part}).image, {data_scale!r})",
            ),
        )


def name_of_file(data: bytes) -> str:
    """What the names of all crops of a picture begin with."""
    return hashlib.sha256(data).hexdigest()[:_DIGITS]


def name_of_crop(file: str, percent: Sequence[int]) -> str:
    """The name of a part of a picture. Args: file: its own name. percent: left, top, right and bottom, 0 to 100."""
    return file if list(percent) == [0, 0, 100, 100] else "-".join((file, *map(str, percent)))


def crop_of(name: str) -> Crop:
    """What a name of the source `upload` shows of its picture."""
    found = _NAME.fullmatch(name)
    if not found or found[2] is None:
        return WHOLE
    left, top, right, bottom = (int(percent) / 100 for percent in found.groups()[1:])
    return left, top, right, bottom
