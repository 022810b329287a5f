"""MNIST-Scale: every digit at one random size on the same 28×28 canvas.

Protocol of Sosnovik et al., "Scale-Equivariant Steerable Networks": the 70,000 digits of MNIST in one pool,
a stratified split into 10,000 for training, 2,000 for validation and 50,000 for the test (8,000 are left
over), each digit shrunk about the canvas centre by one factor uniform in [0.3, 1], bicubic without
anti-aliasing, background 0, 8-bit. Six realisations, 0 to 5.

Where we differ: the published script draws and resamples with a library whose conventions have moved since,
so its files cannot be made again. Ours come out the same on every machine:

- all draws are `random_sample` of `numpy.random.RandomState`, whose stream NumPy keeps frozen, which it does
  not promise for its newer generators;
- a factor is a multiple of 2⁻¹⁶, drawn as a whole number;
- the 1-D weights are rounded to multiples of 2⁻²⁰ and used as whole numbers. A row of |weights| sums to at
  most 1.25 (Keys' kernel), so A x Aᵀ stays below 255 · (1.25 · 2²⁰)² < 2⁴⁹: float64 holds every partial sum
  exactly, and neither the order of summation nor the number of threads can change a pixel. What
  remains is a last bit of a weight before its rounding; a test pins the digest of the result.
"""

import hashlib
import io
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float64, Int64, UInt8
from torch import Tensor

from core import files
from core.data.mnist import LabelledImages, all_of_mnist, cache_folder
from core.resampling import resampling_matrices

SPLITS: dict[str, int] = {"train": 10_000, "validation": 2_000, "test": 50_000}
REALISATIONS = 6
SCALE_RANGE = (0.3, 1.0)

_VERSION = 1  # of the recipe: raise it when a pixel changes, so that no cached file of the old one is read
_FACTOR_STEPS = 1 << 16
_WEIGHT_STEPS = 1 << 20
_CHUNK = 512  # images; their matrices take some 4 MB


@dataclass(frozen=True, eq=False)
class ScaledDigits(LabelledImages):
    """Digits with the factor by which each was scaled, without unit."""

    scale_factors: Float64[Tensor, " n"]


def mnist_scale(split: str, realisation: int = 0, folder: Path | None = None) -> ScaledDigits:
    """One split of one realisation; made on first use, then kept in the user's cache folder.

    Args: split: `train`, `validation` or `test`; no digit is in two of them.
          realisation: 0 to 5, the seed of the split and of the factors.
          folder: where MNIST lies, as for `load_mnist`; not needed once the split is in the cache.
    Raises: ValueError for an unknown split or realisation; MnistMissing and ValueError as `load_mnist`.
    """
    _check(split, realisation)
    path = cache_folder().parent / "mnist-scale" / f"mnist-scale-v{_VERSION}-{realisation}-{split}.npz"
    kept = _read(path, split)
    if kept is not None:
        return kept
    digits = generate(split, realisation, folder)
    with suppress(OSError):  # a cache that cannot be written costs time, nothing else
        _write(path, digits)
    return digits


def generate(split: str, realisation: int = 0, folder: Path | None = None) -> ScaledDigits:
    """As `mnist_scale`, always made anew, without the cache."""
    _check(split, realisation)
    whole = all_of_mnist(folder)
    indices = split_indices(whole.labels, realisation, SPLITS)[split]
    factors = draw_scale_factors(len(whole), realisation)[indices]
    return ScaledDigits(scale_digits(whole.images[indices], factors), whole.labels[indices], factors)


def unscaled(split: str, realisation: int = 0, count: int | None = None, folder: Path | None = None) -> LabelledImages:
    """The digits of a split as MNIST has them.

    Args: count: only the first so many, which are in random order. Others and errors: as `mnist_scale`.
    """
    _check(split, realisation)
    whole = all_of_mnist(folder)
    chosen = split_indices(whole.labels, realisation, SPLITS)[split][:count]
    return LabelledImages(whole.images[chosen], whole.labels[chosen])


def split_indices(
    labels: Int64[Tensor, " n"], realisation: int, sizes: Mapping[str, int] = SPLITS
) -> dict[str, Int64[Tensor, " m"]]:
    """Which images make up each split: disjoint, in random order, every class in its share of the pool.

    A split takes from each class its proportional number, rounded so that the split has exactly its size
    (largest remainders first); so a class is never off by a whole image.
    Raises: ValueError if the splits ask for more images than a class has.
    """
    pool = labels.numpy()
    order = np.argsort(_random(realisation).random_sample(len(pool)), kind="stable")
    classes, counts = np.unique(pool, return_counts=True)
    queues = {c: order[pool[order] == c] for c in classes}
    rank = np.argsort(order, kind="stable")  # image → its place in the random order
    splits = {}
    for name, size in sizes.items():
        taken = []
        for c, quota in zip(classes, _quotas(counts, size), strict=True):
            if quota > len(queues[c]):
                raise ValueError(f"class {c} has {len(queues[c])} images left, but {name} needs {quota}")
            taken.append(queues[c][:quota])
            queues[c] = queues[c][quota:]
        members = np.concatenate(taken)
        splits[name] = torch.from_numpy(members[np.argsort(rank[members], kind="stable")].astype(np.int64))
    return splits


def draw_scale_factors(num_images: int, realisation: int) -> Float64[Tensor, " n"]:
    """One factor for each image of the pool, uniform over the multiples of 2⁻¹⁶ in [0.3, 1]."""
    random = _random(realisation)
    random.random_sample(num_images)  # the order of the split comes first in the stream
    low, high = math.ceil(SCALE_RANGE[0] * _FACTOR_STEPS), math.floor(SCALE_RANGE[1] * _FACTOR_STEPS)
    steps = low + np.floor(random.random_sample(num_images) * (high - low + 1))
    return torch.from_numpy(steps / _FACTOR_STEPS)


def scale_digits(
    images: UInt8[Tensor, "n 1 h w"],
    scale_factors: Float64[Tensor, " n"],
    canvas: tuple[int, int] | None = None,
    antialias: bool = False,
) -> UInt8[Tensor, "n 1 h_out w_out"]:
    """Each image resampled about the canvas centre by its own factor, bicubic.

    Half a grey level rounds up; what overshoots is cut to 0 … 255. Factor 1 gives back the image.
    Args: canvas: (height, width) of the result, by default that of the images. antialias: whether the kernel widens
              where an image shrinks; not by default, as published.
    Raises: ValueError if a factor is not positive and finite.
    """
    h, w = images.shape[-2:]
    h_out, w_out = canvas or (h, w)
    scaled = images.new_empty(len(images), 1, h_out, w_out)
    for start in range(0, len(images), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        rows = _whole_weights(h_out, h, scale_factors[chunk], antialias)
        square = (h_out, h) == (w_out, w)
        columns = rows if square else _whole_weights(w_out, w, scale_factors[chunk], antialias)
        exact = rows @ images[chunk, 0].to(torch.float64) @ columns.mT  # whole numbers below 2⁴⁹
        grey = torch.floor(exact / _WEIGHT_STEPS**2 + 0.5)
        scaled[chunk, 0] = grey.clamp(0, 255).to(torch.uint8)
    return scaled


def _whole_weights(n_out: int, n_in: int, scale_factors: Tensor, antialias: bool) -> Float64[Tensor, "batch o n"]:
    matrices = resampling_matrices(n_out, n_in, scale_factors, "bicubic", antialias=antialias)
    return torch.floor(matrices * _WEIGHT_STEPS + 0.5)


def _check(split: str, realisation: int) -> None:
    if split not in SPLITS:
        raise ValueError(f"unknown split {split!r}; known are {', '.join(SPLITS)}")
    if not 0 <= realisation < REALISATIONS:
        raise ValueError(f"realisation must be 0 to {REALISATIONS - 1}, got {realisation}")


def _random(realisation: int) -> np.random.RandomState:
    return np.random.RandomState(realisation)  # legacy on purpose: its stream is frozen


def _quotas(counts: np.ndarray, size: int) -> np.ndarray:
    """`size` shared out in proportion to `counts`, largest remainders first; whole-number arithmetic."""
    total = int(counts.sum())
    quotas, remainders = np.divmod(counts.astype(np.int64) * size, total)
    quotas[np.argsort(-remainders, kind="stable")[: size - int(quotas.sum())]] += 1
    return quotas


def _digest(images: np.ndarray, labels: np.ndarray, scale_factors: np.ndarray) -> str:
    sha = hashlib.sha256()
    for array, kind in ((images, "u1"), (labels, "<i8"), (scale_factors, "<f8")):
        sha.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return sha.hexdigest()


def digest(digits: ScaledDigits) -> str:
    """SHA-256 over pixels, labels and factors, the same on every machine."""
    return _digest(digits.images.numpy(), digits.labels.numpy(), digits.scale_factors.numpy())


def _write(path: Path, digits: ScaledDigits) -> None:
    out = io.BytesIO()
    np.savez_compressed(
        out,
        images=digits.images.numpy(),
        labels=digits.labels.numpy(),
        scale_factors=digits.scale_factors.numpy(),
        sha256=np.array(digest(digits)),
    )
    files.write(path, out.getvalue())


def _read(path: Path, split: str) -> ScaledDigits | None:
    """The kept split, or None if there is none or it is not what was written."""
    try:
        with np.load(path, allow_pickle=False) as file:
            images, labels, factors = file["images"], file["labels"], file["scale_factors"]
            sound = str(file["sha256"]) == _digest(images, labels, factors) and len(labels) == SPLITS[split]
    except Exception:  # whatever a damaged archive raises, the cure is to make it anew
        return None
    if not sound:
        return None
    return ScaledDigits(torch.from_numpy(images), torch.from_numpy(labels), torch.from_numpy(factors))
