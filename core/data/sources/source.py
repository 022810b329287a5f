"""What every source of digits knows of itself: its words, its names, loading, drawing again, its lines in a snippet.

Nothing elsewhere asks which source it has: what differs between them is here as an attribute or a method.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from core.data.glyphs import Scene, SizedGlyph
from core.data.images import WHOLE, Crop, DecodedImage
from core.resampling import resize

Store = Mapping[str, DecodedImage]  # a visitor's own pictures, by the names that the source `upload` gave them
Pictures = Tensor | list[SizedGlyph]  # what `core.equivariance.measure` takes

Progress = Callable[[float, str], None]  # share from 0 to 1, and what is done

NOTHING_KEPT: Store = {}
SIDE = 28  # pixels of the canvas on which a source has its digits


@dataclass(frozen=True)
class Options:
    """A choice of a few, as part of a name. `key` is also that of a link, in this and in the other fields."""

    key: str
    label: str
    values: tuple[str | int, ...]
    usual: str | int


@dataclass(frozen=True)
class WholeNumber:
    """A number from `low` to `high`, as part of a name."""

    key: str
    label: str
    low: int
    high: int
    usual: int = 0


@dataclass(frozen=True)
class PictureFile:
    """A file that the visitor brings, which becomes a name when it is kept."""

    key: str
    label: str
    usual: str = ""


@dataclass(frozen=True)
class Pad:
    """Strokes that the visitor draws, whose text is the name."""

    key: str
    usual: str = ""


Field = Options | WholeNumber | PictureFile | Pad


@dataclass(frozen=True)
class Code:
    """Python that makes `digits`: lines of imports, and the lines themselves."""

    imports: tuple[str, ...]
    lines: tuple[str, ...]


class Source(ABC):
    """One source of digits. A digit of it has a `name`, a text fit for a link; its size is a `data_scale`, × MNIST.

    Attributes:
        key: in SOURCES and in links. title: in a menu. title_of_many: in a menu of samples; empty if it has none.
        fields: what a visitor chooses; together they make a name.
        has_strokes: whether a digit can be drawn again at any size, so that T_s can be exact.
        count: digits of its sample, 0 if it has none.
        download_title: of the button that gets what is not on this machine; empty if there is nothing to get.
        in_colour: whether its pictures have three channels, for networks that take them.
        has_size: whether a data scale changes them.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    title_of_many: ClassVar[str] = ""
    fields: ClassVar[tuple[Field, ...]]
    has_strokes: ClassVar[bool] = False
    count: ClassVar[int] = 0
    download_title: ClassVar[str] = ""
    in_colour: ClassVar[bool] = False
    has_size: ClassVar[bool] = True

    def is_available(self) -> bool:
        """Whether its digits are on this machine."""
        return True

    def download(self, progress: Progress) -> None:
        """Gets its digits from the network, the only request of the app. Raises: OSError, ValueError if it fails."""
        raise ValueError(f"{self.title} has nothing to download")

    def keep(self, data: bytes, store: MutableMapping[str, DecodedImage], crop: Crop = WHOLE) -> str:
        """Decodes a part of a file into the store, unless it is there. Returns its name.

        Raises: ImageRefused, ValueError.
        """
        raise ValueError(f"{self.title} keeps no files")

    def name_of(self, values: Mapping[str, object]) -> str:
        """The name that values of the fields make, by their keys; not checked."""
        return str(values[self.fields[0].key])

    @abstractmethod
    def check(self, name: str) -> str:
        """The name itself. Raises: ValueError, in one sentence, if it can be no name of this source."""

    @abstractmethod
    def title_of(self, name: str) -> str:
        """One digit in a sentence: `vector digit 3, round`."""

    @abstractmethod
    def image(self, name: str, data_scale: float = 1.0, store: Store = NOTHING_KEPT) -> Float[Tensor, "1 c 28 28"]:
        """x: one digit at its size before T, values in [0, 1].

        Args: store: where a source looks for what a visitor brought; others need none.
        Raises: ValueError as `check`, or if it is not there (any more); MnistMissing.
        """

    def on_canvas(
        self, name: str, side: int, data_scale: float = 1.0, store: Store = NOTHING_KEPT
    ) -> Float[Tensor, "1 c side side"]:
        """`image` for a network of another canvas: as large a part of it as on 28 pixels. Raises: as `image`."""
        if side == SIDE:
            return self.image(name, data_scale, store)
        if self.has_strokes:
            return SizedGlyph(self.scene(name), data_scale * side / SIDE).render(1.0, side)
        return fitted(self.image(name, data_scale, store), side)

    def edge_of(self, name: str) -> str:
        """What lies beyond the edge of a picture that does not end in background, as `core.equivariance.measure`."""
        return "masked"

    def scene(self, name: str) -> Scene:
        """What draws one digit at any size. Raises: ValueError as `check`, or without `has_strokes`."""
        raise ValueError(f"a digit of {self.title} has no strokes, so it cannot be drawn again")

    def pictures(
        self, name: str, data_scale: float = 1.0, drawn: bool = False, store: Store = NOTHING_KEPT, side: int = SIDE
    ) -> Pictures:
        """One digit as a measure takes it: its image or, if it is to be drawn again, what draws it.

        Args: side: of the canvas in pixels.
        """
        if drawn:
            return [SizedGlyph(self.scene(name), data_scale * side / SIDE)]
        return self.on_canvas(name, side, data_scale, store)

    def first_on_canvas(
        self, side: int, count: int, data_scale: float = 1.0, drawn: bool = False, start: int = 0
    ) -> Pictures:
        """`first` for a network of another canvas, as `on_canvas`. Raises: as `first`."""
        if side == SIDE:
            return self.first(count, data_scale, drawn, start)
        if self.has_strokes:
            found = self.first(count, data_scale * side / SIDE, True, start)
            return found if drawn else torch.cat([each.render(1.0, side) for each in found])
        found = self.first(count, data_scale, drawn, start)
        assert isinstance(found, Tensor)  # without strokes nothing is drawn
        return fitted(found, side)

    def first(self, count: int, data_scale: float = 1.0, drawn: bool = False, start: int = 0) -> Pictures:
        """The first digits of its sample, from `start` to before `count`, as `pictures`.

        Raises: ValueError if it has no sample, or, if they are to be drawn again, no strokes; MnistMissing.
        """
        raise ValueError(f"{self.title} has no sample of many digits")

    @abstractmethod
    def code_of_one(self, name: str, data_scale: float) -> Code:
        """Lines that load one digit. A name is anybody's: it stays text. Raises: ValueError as `check`, or never."""

    def code(self, name: str, count: int | None, data_scale: float, side: int = SIDE) -> Code:
        """Lines that load one digit, or where a count is given the first ones of its sample, on a canvas.

        Raises: ValueError as `code_of_one`, `code_of_first`.
        """
        size = data_scale * side / SIDE if self.has_strokes else data_scale  # what has strokes is drawn on any canvas
        code = self.code_of_one(name, size) if count is None else self.code_of_first(count, size)
        return code if side == SIDE or self.has_strokes else code_on_canvas(code, side)

    def name_at(self, place: int) -> str:
        """The name of one digit of its sample, counted from 0. Raises: ValueError if it has no sample."""
        raise ValueError(f"{self.title} has no sample of many digits")

    def label_of(self, name: str) -> int:
        """Which digit it is. Raises: ValueError as `check`, or where nobody knows; MnistMissing."""
        raise ValueError(f"nobody said which digit one of {self.title} is")

    def values_of(self, name: str) -> dict[str, str | int]:
        """The values of the fields that make a name, by their keys: the reverse of `name_of`. Raises: as `check`."""
        return {self.fields[0].key: self.check(name)}

    def code_of_first(self, count: int, data_scale: float) -> Code:
        """Lines that load the first digits of its sample. Raises: ValueError if it has none."""
        raise ValueError(f"{self.title} has no sample of many digits")


def fitted(images: Float[Tensor, "b c h w"], side: int) -> Float[Tensor, "b c side side"]:
    """Images on a canvas of so many pixels, as large a part of it as before (bicubic)."""
    return resize(images, (side, side)).clamp(0, 1)


def code_on_canvas(code: Code, side: int) -> Code:
    """Lines that bring the `digits` of others, which are images, to a canvas of so many pixels, as `fitted` does."""
    line = f"digits = resize(digits, ({side}, {side})).clamp(0, 1)"
    return Code((*code.imports, "from core.resampling import resize"), (*code.lines, line))


def sized(scenes: Sequence[Scene], data_scale: float) -> list[SizedGlyph]:
    """Each scene at its size."""
    return [SizedGlyph(scene, data_scale) for scene in scenes]
