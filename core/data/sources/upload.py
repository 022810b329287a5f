"""A picture that a visitor brings. It stays in the visitor's store; its name is the start of the file's SHA-256."""

import hashlib
import re
from collections.abc import MutableMapping

from jaxtyping import Float
from torch import Tensor

from core.data.images import DecodedImage, decode_image
from core.data.sources.source import NOTHING_KEPT, Code, PictureFile, Source, Store
from core.resampling import rescale

_DIGITS = 12  # of the SHA-256


class Upload(Source):
    """Uploaded pictures, found in a store by the start of their SHA-256; sizes are changed by resampling (bicubic)."""

    key, title = "upload", "Upload"
    fields = (PictureFile("upload", "A picture of one digit"),)

    def check(self, name: str) -> str:
        if not re.fullmatch(f"[0-9a-f]{{{_DIGITS}}}", name):
            raise ValueError(f"the name of an upload is the first {_DIGITS} digits of a SHA-256, got {name!r}")
        return name

    def title_of(self, name: str) -> str:
        return "your picture"

    def keep(self, data: bytes, store: MutableMapping[str, DecodedImage]) -> str:
        """Decodes a file into the store, unless it is there. Returns its name. Raises: ImageRefused."""
        name = hashlib.sha256(data).hexdigest()[:_DIGITS]
        if name not in store:
            store[name] = decode_image(data)
        return name

    def image(self, name: str, data_scale: float = 1.0, store: Store = NOTHING_KEPT) -> Float[Tensor, "1 1 28 28"]:
        if name not in store:
            raise ValueError("The uploaded picture is gone; please upload it again.")
        return rescale(store[name].image, data_scale)

    def code_of_one(self, name: str, data_scale: float) -> Code:
        return Code(
            (
                "from pathlib import Path",
                "from core.data.images import decode_image",
                "from core.resampling import rescale",
            ),
            (
                f"# digit.png stands for the uploaded file, whose SHA-256 starts with {self.check(name)}",
                f"digits = rescale(decode_image(Path('digit.png').read_bytes()).image, {data_scale!r})",
            ),
        )
