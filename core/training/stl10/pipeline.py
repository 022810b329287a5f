"""From photographs of STL-10 to what the network is trained on: pad and crop, flip, normalise, cut out.

Source: `utils/loaders.py` and `utils/cutout.py` of github.com/ISosnovik/sesn (deaa16c); DeVries and Taylor, "Improved
Regularization of Convolutional Neural Networks with Cutout", arXiv:1708.04552. The order matters: what is padded is
black, and is normalised with the rest, far below 0; what is cut out afterwards is 0, the mean colour.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from core.models.as_published.wide import normalise

PADDING, CROP, HOLE = 12, 96, 32  # pixels
Images = Float[Tensor, "b c h w"]


class Step(NamedTuple):
    """One step: its name, what it does for a reader, the function of images and a seed, and whether 0 is then the mean
    colour instead of black."""

    name: str
    told: str
    apply: Callable[[Tensor, int], Tensor]
    has_mean_0: bool = False


def pad(images: Images, seed: int) -> Float[Tensor, "b c h2 w2"]:
    """Black, 0, around each image, `PADDING` pixels wide; nothing is drawn from the seed."""
    return F.pad(images, (PADDING,) * 4)


def crop(images: Images, seed: int) -> Float[Tensor, "b c h2 w2"]:
    """A window of `CROP`×`CROP` pixels, every place equally likely, of each image on its own.

    Raises: ValueError for images with less than that on a side.
    """
    b, _, h, w = images.shape
    if min(h, w) < CROP:
        raise ValueError(f"expected images of {CROP}×{CROP} pixels or more, got {h}×{w}")
    generator = _generator(seed)
    down, across = (torch.randint(n - CROP + 1, (b,), generator=generator).tolist() for n in (h, w))
    windows = zip(images, down, across, strict=True)
    return torch.stack([image[:, y : y + CROP, x : x + CROP] for image, y, x in windows])


def flip(images: Images, seed: int) -> Images:
    """Each image mirrored left to right, or not, equally likely."""
    mirrored = torch.rand(len(images), generator=_generator(seed)) < 0.5
    return torch.where(mirrored.to(images.device)[:, None, None, None], images.flip(-1), images)


def standardise(images: Float[Tensor, "b 3 h w"], seed: int) -> Float[Tensor, "b 3 h w"]:
    """(x − mean) / deviation of each colour over STL-10; nothing is drawn from the seed."""
    return normalise(images)


def cut_out(images: Images, seed: int) -> Images:
    """A square of `HOLE`×`HOLE` pixels set to 0, its middle anywhere on the image; the edge may cut it off."""
    b, _, h, w = images.shape
    generator = _generator(seed)
    rows, columns = (_in_hole(torch.randint(n, (b, 1), generator=generator), n) for n in (h, w))
    hole = rows[:, None, :, None] & columns[:, None, None, :]
    return images.masked_fill(hole.to(images.device), 0.0)


STEPS: tuple[Step, ...] = (
    Step("pad", f"{PADDING} black pixels are added on every side", pad),
    Step("crop", f"a window of {CROP}×{CROP} pixels is taken at a random place", crop),
    Step("flip", "each image is mirrored left to right with probability ½", flip),
    Step("normalise", "the mean of each colour is subtracted, and its deviation divided out", standardise, True),
    Step(
        "cut out", f"a square of {HOLE}×{HOLE} pixels around a random place is set to 0, the mean colour", cut_out, True
    ),
)


def steps(images: Float[Tensor, "b 3 h w"], seed: int) -> Iterator[tuple[Step, Tensor]]:
    """Every step with what it leaves; each draws from a seed of its own, which follows from `seed`."""
    for number, step in enumerate(STEPS):
        images = step.apply(images, (seed * 1_000_003 + number) % 2**63)
        yield step, images


def augmented(images: Float[Tensor, "b 3 h w"], seed: int) -> Float[Tensor, "b 3 96 96"]:
    """Images, values in [0, 1], after all steps, as `WideResidual.of_normalised` takes them."""
    *_, (_, last) = steps(images, seed)
    return last


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _in_hole(centre: Tensor, samples: int) -> Tensor:
    """(b, samples): from half a hole before the centre to half a hole after it, that end excluded."""
    place = torch.arange(samples)
    return (place >= centre - HOLE // 2) & (place < centre + HOLE // 2)
