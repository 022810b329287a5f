"""Equivariance of deep scale-spaces with random weights, as on their poster: `python -m core.results.dss_residual`.

Source: the poster of Worrall & Welling, "Deep Scale-spaces: Equivariance Over Scale" (NeurIPS 2019, in
github.com/deworrall92/deep-scale-spaces), figure "Equivariance error (normalized L2)". For one to three scale
correlations it draws a residual over the factor 2^−ℓ by which the image is made smaller, a curve for each level k:

    ‖[Φ(T_ℓ x)]_k − T_ℓ [Φ(x)]_{k + ℓ}‖₂ / ‖T_ℓ [Φ(x)]_{k + ℓ}‖₂

T_ℓ of an image is the papers' own action: a discrete Gaussian of variance σ₀² (4^ℓ − 1), then every 2^ℓ-th pixel; of a
level, which is that blurred already, every 2^ℓ-th pixel alone. A filter spans two levels, so that each correlation
leaves one level more at the end of the axis without its input; where the residual jumps tells how many there are:
eight levels of base 2. The poster says neither which images nor how many channels, whether the border counts, nor
what stands between the correlations. Here: four photographs of 256 pixels, eight channels, σ₀ = ½ and 3×3 taps as in
the published code, zeros beyond the border, ReLU between, several seeds; the whole map, and the middle half alone.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from core import files
from core.bases.scale_space import discrete_gaussian
from core.checkout import git_commit, output_folder
from core.data.colour_photographs import colour_photographs
from core.layers.scale_space import ScaleSpaceConv2d, ScaleSpaceLifting, blur
from core.models.feature_map import middle
from core.results import codec
from core.results.by_size import DECIMALS, FOLDER

NAME = "dss-residual.csv"
WHOLE, MIDDLE = POSITIONS = ("whole map", "middle half")
BASE, ZERO_SCALE, NUM_LEVELS = 2, 0.5, 8
CORRELATIONS, SHOWN_LEVELS, INTERACTION, KERNEL, CHANNELS = 3, 5, 2, 3, 8
SIDE, SEEDS = 256, 5
_LEAST = 4  # samples of a side: of a smaller map there is no middle half


@dataclass(frozen=True)
class ResidualLine:
    """One point of one curve.

    Attributes:
        correlations: how many, the panel of the poster. level: k, the curve. halvings: ℓ, the image is 2^−ℓ as large.
        positions: one of `POSITIONS`. mean, low, high: of the residual over photographs and seeds, with their 16 % and
            84 % quantiles; without unit. photographs, seeds: how many. side: of the photographs in pixels.
        torch, commit: that computed it.
    Raises: ValueError for other positions.
    """

    correlations: int
    level: int
    halvings: int
    positions: str
    mean: float
    low: float
    high: float
    photographs: int
    seeds: int
    side: int
    torch: str
    commit: str

    def __post_init__(self) -> None:
        if self.positions not in POSITIONS:
            raise ValueError(f"positions are {' or '.join(POSITIONS)}, got {self.positions!r}")

    @property
    def lacks_input(self) -> bool:
        """Whether level k + ℓ has read beyond the last level, directly or through the correlations before."""
        return self.level + self.halvings + self.correlations * (INTERACTION - 1) >= NUM_LEVELS


def read_residuals(folder: Path = FOLDER) -> list[ResidualLine]:
    """The table that is kept. Raises: OSError; ValueError, in one sentence, if it is damaged."""
    return codec.parse(ResidualLine, (folder / NAME).read_bytes(), NAME)


class RandomScaleSpace(nn.Module):
    """Lifting and scale correlations with He's random weights, ReLU between them. Args: seed: of the weights."""

    def __init__(self, seed: int, c_in: int = 3, channels: int = CHANNELS, correlations: int = CORRELATIONS):
        super().__init__()
        scales = [ZERO_SCALE * BASE**k for k in range(NUM_LEVELS)]
        how = {"kernel": KERNEL, "interaction": INTERACTION}
        self.lifting = ScaleSpaceLifting(scales, ZERO_SCALE)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            wide = (c_in, *[channels] * correlations)
            self.convs = nn.ModuleList(ScaleSpaceConv2d(*pair, scales, ZERO_SCALE, **how) for pair in pairwise(wide))

    def forward(self, images: Float[Tensor, "b c h w"]) -> list[Float[Tensor, "b _ s h w"]]:
        """The response of every correlation."""
        found: list[Tensor] = []
        x = self.lifting(images)
        for conv in self.convs:
            x = conv(x if not found else x.relu())
            found.append(x)
        return found


def made_smaller(images: Float[Tensor, "b c h w"], halvings: int) -> Float[Tensor, "b c _ _"]:
    """T_ℓ: blurred as the lifting blurs, then every 2^ℓ-th pixel."""
    step = BASE**halvings
    return blur(images, discrete_gaussian(ZERO_SCALE**2 * (step**2 - 1)))[..., ::step, ::step]


@torch.no_grad()
def residuals(
    network: RandomScaleSpace, images: Float[Tensor, "b c h w"]
) -> dict[tuple[int, int, int, str], Float[np.ndarray, " b"]]:
    """(correlations, level, halvings, positions) → the residual of each image, where level k + ℓ exists."""
    whole, found = network(images), {}
    for halvings in range(NUM_LEVELS):
        step = BASE**halvings
        small = network(made_smaller(images, halvings))
        for number, (large, little) in enumerate(zip(whole, small, strict=True), start=1):
            for level in range(min(SHOWN_LEVELS, NUM_LEVELS - halvings)):
                expected, got = large[:, :, level + halvings, ::step, ::step], little[:, :, level]
                found[number, level, halvings, WHOLE] = _residual(expected, got)
                if (side := got.shape[-1]) >= _LEAST:
                    halves = middle(expected, side / 2), middle(got, side / 2)
                    found[number, level, halvings, MIDDLE] = _residual(*halves)
    return found


def lines_of(images: Float[Tensor, "b c h w"], seeds: Sequence[int]) -> Iterator[ResidualLine]:
    """The residuals of several random networks on the same images."""
    each = [residuals(RandomScaleSpace(seed, images.shape[1]), images) for seed in seeds]
    about = len(images), len(seeds), images.shape[-1], str(torch.__version__), git_commit()
    for key in each[0]:
        values = np.concatenate([found[key] for found in each])
        low, high = map(_rounded, np.quantile(values, (0.16, 0.84)))
        number, level, halvings, positions = key
        yield ResidualLine(number, level, halvings, positions, _rounded(values.mean()), low, high, *about)


def _residual(expected: Tensor, got: Tensor) -> Float[np.ndarray, " b"]:
    difference, size = (torch.linalg.vector_norm(each.flatten(1), dim=1) for each in (got - expected, expected))
    return (difference / size).double().numpy()


def _rounded(number: float) -> float:
    return round(float(number), DECIMALS)


def main(arguments: list[str] | None = None) -> int:
    argparse.ArgumentParser(prog="python -m core.results.dss_residual", description=__doc__).parse_args(arguments)
    torch.set_num_threads(1)  # sums in a fixed order, so that the same machine gives the same digits
    path = output_folder(FOLDER) / NAME
    try:
        found = list(lines_of(colour_photographs(SIDE).images, range(SEEDS)))
        files.write(path, codec.to_text(ResidualLine, found))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(path, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
