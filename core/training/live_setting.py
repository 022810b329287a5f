"""What fixes a live run: how scales are learned, from where, on which digits."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from core import typed_json
from core.data.dynamic_scale_mnist import CANVAS, RANGES, dynamic_scale_mnist
from core.data.glyphs import GLYPHS, render_strokes
from core.data.mnist_scale import ScaledDigits
from core.layers.learnable_scales import MODES
from core.models.settings import with_settings
from core.models.toy import SIZES, Toy
from core.training.fit import Fit
from core.training.recipes import Recipe

SOURCES = ("mnist", "vector")

_SHIFT = 0.5  # pixels at data scale 1, whose digits are 20 pixels long: a largest one still fits the canvas


@dataclass(frozen=True)
class LiveSetting:
    """Everything that, with the code, fixes the scales of a live run.

    Attributes:
        mode, isr: how internal scales are learned (core.layers.LearnableScales), and the ISR they start from.
        data: a range of `RANGES`. source: `mnist`, Dynamic Scale MNIST, or `vector`, drawn digits (see `digits`).
        seed: of weights, order and data; `seed` modulo their number is the realisation of Dynamic Scale MNIST.
        epochs: passes over the training digits. images: how many digits train, and how many validate.
        canvas: side of the images in pixels, a multiple of 4.
        max_minutes: the process ends then, training or paused.
    """

    mode: str = "isr"
    isr: float | int = 1.5
    data: str = "1-8"
    source: str = "mnist"
    seed: int = 0
    epochs: int = 12
    images: tuple[int, int] = (1200, 400)
    canvas: int = 84
    max_minutes: float | int = 10

    def __post_init__(self) -> None:
        for name, value, known in (
            ("mode", self.mode, MODES), ("data", self.data, tuple(RANGES)), ("source", self.source, SOURCES),
        ):  # fmt: skip
            if value not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")
        if self.epochs < 1 or min(self.images) < 1 or not self.max_minutes > 0:
            raise ValueError(f"epochs, images and minutes must be positive, got {self}")
        if self.canvas < 4 or self.canvas % 4:
            raise ValueError(f"the canvas must be a multiple of 4 pixels, got {self.canvas}")

    @classmethod
    def from_json(cls, text: str) -> "LiveSetting":
        """The reverse of `to_json`. Raises: ValueError for what is no setting."""
        try:
            values = typed_json.loads(text)
            if values == {}:
                raise ValueError("it names nothing")
            return typed_json.build(cls, values)
        except ValueError as error:
            raise ValueError(f"this is no setting of a live run: {error}") from error

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    def network(self) -> Toy:
        """Untrained, with the weights of the seed; its scales learn twice as fast as its weights, as epochs are few.

        Raises: ValueError if scales cannot start so.
        """
        torch.manual_seed(self.seed)
        canvas = {"canvas": self.canvas, "pooling": self.canvas // 4}
        return Toy(with_settings(SIZES["small"], **canvas, mode=self.mode, isr=self.isr, scale_rate=2.0))

    def fit(self, folder: Path) -> Fit:
        """The run without its process. Raises: ValueError as `network`."""
        recipe = Recipe(self.epochs, batch_size=32, learning_rate=0.01, schedule="cosine")
        return Fit(self.network(), recipe, self.seed, folder, save_every=math.inf)

    def digits(self) -> tuple[ScaledDigits, ScaledDigits]:
        """For training and validation.

        Raises: MnistMissing.
        """
        return _DIGITS[self.source](self)


def _of_mnist(setting: LiveSetting) -> tuple[ScaledDigits, ScaledDigits]:
    first, second = (
        dynamic_scale_mnist(split, RANGES[setting.data], setting.seed % 3, canvas=setting.canvas, count=count)
        for split, count in zip(("train", "validation"), setting.images, strict=True)
    )
    return first, second


def _of_vectors(setting: LiveSetting) -> tuple[ScaledDigits, ScaledDigits]:
    """Drawn at log-uniform data scales, each a little off the centre.

    There are only so many shapes, so validation shows the same ones at other sizes and places.
    """
    numbers = np.random.RandomState(setting.seed)
    return _drawn(setting, setting.images[0], numbers), _drawn(setting, setting.images[1], numbers)


def _drawn(setting: LiveSetting, count: int, numbers: np.random.RandomState) -> ScaledDigits:
    """Vector digits of random shape, size and place; at data scale 1 as large as MNIST's."""
    low, high = RANGES[setting.data]
    glyphs = [GLYPHS[i] for i in numbers.randint(len(GLYPHS), size=count)]
    data_scales = low * (high / low) ** numbers.random_sample(count)
    shifts = torch.from_numpy(numbers.uniform(-_SHIFT, _SHIFT, (count, 2))).float()
    images = torch.empty(count, 1, setting.canvas, setting.canvas, dtype=torch.uint8)
    for i, glyph in enumerate(glyphs):
        segments, s = glyph.segments + shifts[i].repeat(2), float(data_scales[i]) * setting.canvas / CANVAS
        images[i] = (255 * render_strokes(segments, glyph.pen_width, (s,), setting.canvas)[0]).round().to(torch.uint8)
    labels = torch.tensor([glyph.digit for glyph in glyphs])
    return ScaledDigits(images, labels, torch.from_numpy(data_scales))


_DIGITS = {"mnist": _of_mnist, "vector": _of_vectors}  # of each of SOURCES
