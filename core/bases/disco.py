"""DISCO basis: filters whose copies at other scales minimise the equivariance error.

Made by `python -m core.bases.disco`. Source: Sosnovik, Moskalev, Smeulders, "DISCO: accurate Discrete Scale
Convolutions", arXiv:2106.02733, §3. A convolution is equivariant to shrinking L from scale j to scale i if
L(x ⋆ κ_j) = (L x) ⋆ κ_i for every image x. The filters are sums of proxies: at scale 1 a point on each cell of a small
grid; at a whole scale s the point at s times its place, which solves the equation exactly (dilation); at other scales
the least-squares solution over all pairs of scales.

Where we leave the paper: it trains the proxies by gradient descent on noise images. The squared error is quadratic, and
its mean over noise is known in closed form, so here it is solved: for uniform noise in [0, 1] and bicubic shrinking
without anti-aliasing, as published (by Keys' kernel with a = −½, as in core.resampling, where theirs has −¾). Each
proxy is the product of one solution along the height and one along the width; without that restriction the solution
is better by less than 0.003 in any pair's squared relative error (5×5 cells).
"""

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import safetensors.torch
import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from torch import Tensor

from core import files, typed_json
from core.bases.hermite import HermiteBasis, hermite_basis_b
from core.scales import ScaleSet

FOLDER = files.ASSETS / "bases"
PUBLISHED_SCALES = ScaleSet.log_uniform(1.0, 2.0, 4)  # 1, 1.26, 1.59, 2
PUBLISHED_SIZE = 7

# The images for which the error is least: uniform noise in [0, 1].
_MEAN, _VARIANCE = 0.5, 1 / 12
_ROWS = 128  # output samples over which the error is averaged: all places between two input samples
_FARTHEST = 2 + 1e-6  # ratio of the scales of a pair; beyond an octave, most of what is left would be aliasing
_RIDGE = 1e-9  # of the mean diagonal: directions that no image shows stay 0


class BasisError(ValueError):
    """A stored basis is damaged or another one; the message is one sentence."""


@dataclass(frozen=True)
class Proxies:
    """Copies of the points of a line of cells, the factors of the two-dimensional proxies.

    Attributes:
        scales: relative to the grid of cells, without unit, ascending.
        values: (cell, scale, k) float64; `cell` runs from the first to the last of the line.
        supports: odd number of pixels that each scale covers; the largest is k.
    """

    scales: tuple[float, ...]
    values: Float[Tensor, "q s k"]
    supports: tuple[int, ...]


def disco_basis(
    scales: Sequence[float],
    reference_sigma: float,
    effective_size: int = PUBLISHED_SIZE,
    num_functions: int = 49,
    max_order: int = 4,
    mult: float = 1.5,
) -> HermiteBasis:
    """Hermite–Gaussian functions of type B sampled on the cells, carried to every scale by the proxies.

    Args: scales: internal scales σ in pixels, ascending.
          reference_sigma: σ in pixels of the Hermite functions on the cells, that is where the cells are pixels.
          effective_size: cells along one axis, odd. The rest as `hermite_basis_b`.
    Raises: ValueError as `hermite_basis_b` and `proxies`.
    """
    if reference_sigma <= 0:
        raise ValueError(f"reference_sigma must be above 0 pixels, got {reference_sigma}")
    carried = proxies([s / reference_sigma for s in scales], effective_size)
    mixing = hermite_basis_b((reference_sigma,), num_functions, max_order, mult, lambda _: (effective_size,))
    functions = torch.einsum("gq,qsk->gsk", mixing.functions[:, 0], carried.values)
    return replace(mixing, internal_scales=ScaleSet(scales), functions=functions, supports=carried.supports)


def proxies(scales: Sequence[float], effective_size: int) -> Proxies:
    """The stored proxies where these are the published scales and size, else solved anew.

    Raises: ValueError as `solve`; BasisError if the stored ones are damaged.
    """
    wanted = tuple(float(s) for s in scales)
    usual = len(wanted) == len(PUBLISHED_SCALES) and torch.allclose(
        torch.tensor(wanted), torch.tensor(PUBLISHED_SCALES)
    )
    if usual and effective_size == PUBLISHED_SIZE and (FOLDER / _name(effective_size)).is_file():
        return read(FOLDER / _name(effective_size))
    return solve(wanted, effective_size)


@lru_cache(maxsize=32)
def solve(scales: tuple[float, ...], effective_size: int) -> Proxies:
    """The proxies of least mean squared error over all pairs of scales within an octave.

    To the pairs belong the exact solutions at the whole scales on both sides of each scale.
    Below ½ the points lie closer than pixels can tell, and the solution is no more than the best there is.
    Args: scales: relative to the cells, without unit, ascending. effective_size: cells along the line, odd.
    Raises: ValueError if the scales do not ascend or the size is not odd.
    """
    if not scales or any(a >= b for a, b in zip((0.0, *scales), scales, strict=False)):
        raise ValueError(f"scales must be positive and ascending, got {scales}")
    if effective_size < 1 or effective_size % 2 == 0:
        raise ValueError(f"effective_size must be odd and at least 1, got {effective_size}")
    members = tuple(float(round(s)) if abs(s - round(s)) < 1e-6 else s for s in scales)
    whole = {float(n) for s in members for n in (math.floor(s), math.ceil(s)) if n >= 1}
    together = sorted({*whole, *members})
    half = effective_size // 2
    reaches = {s: half * int(s) if s.is_integer() else math.ceil(half * s) + 1 for s in together}
    found = {s: _dilated(int(s), half) for s in together if s.is_integer()}
    found |= _least_squares(together, reaches, found, effective_size)
    size = 2 * max(reaches[s] for s in members) + 1
    values = torch.zeros(effective_size, len(members), size, dtype=torch.float64)
    for i, s in enumerate(members):
        values[:, i, size // 2 - reaches[s] : size // 2 + reaches[s] + 1] = found[s]
    return Proxies(scales, values, tuple(2 * reaches[s] + 1 for s in members))


def _dilated(scale: int, half: int) -> Float[Tensor, "q k"]:
    """A point for each cell, at a whole number of times its place."""
    points = torch.zeros(2 * half + 1, 2 * half * scale + 1, dtype=torch.float64)
    points[:, ::scale] = torch.eye(2 * half + 1, dtype=torch.float64)
    return points


def _least_squares(
    together: Sequence[float], reaches: dict[float, int], fixed: dict[float, Tensor], cells: int
) -> dict[float, Float[Tensor, "q k"]]:
    """Sets the gradient of the summed errors to 0: one linear system for all scales that are not whole."""
    free = [s for s in together if s not in fixed]
    if not free:
        return {}
    lengths = [2 * reaches[s] + 1 for s in free]
    starts = dict(zip(free, [sum(lengths[:i]) for i in range(len(free))], strict=True))
    spans = {s: slice(starts[s], starts[s] + length) for s, length in zip(free, lengths, strict=True)}
    matrix = torch.zeros(sum(lengths), sum(lengths), dtype=torch.float64)
    right = torch.zeros(sum(lengths), cells, dtype=torch.float64)
    for small, large in combinations(together, 2):
        if large > _FARTHEST * small and not (large == 1 and small < 1 / _FARTHEST):
            continue
        n = 2 * reaches[large] + 1
        products = _products(large / small, reaches[small], reaches[large])
        blocks = {
            (large, large): products[:n, :n], (large, small): -products[:n, n:],
            (small, large): -products[n:, :n], (small, small): products[n:, n:],
        }  # fmt: skip
        for (a, b), block in blocks.items():
            if a in spans and b in spans:
                matrix[spans[a], spans[b]] += block
            elif a in spans:
                right[spans[a]] -= block @ fixed[b].T
    matrix += _RIDGE * matrix.diagonal().mean() * torch.eye(len(matrix), dtype=torch.float64)
    solution = torch.linalg.solve(matrix, right)
    return {s: solution[spans[s]].T for s in free}


def _products(ratio: float, small: int, large: int) -> Float[Tensor, "n n"]:
    """Mean products, over noise and places, of what the taps read: those of the larger filter, then of the smaller.

    Sample i of the shrunken line lies at p = (i + ½) ratio − ½ of the full one. Tap a of the larger filter reads the
    full line there, at p + a; tap b of the smaller reads b samples on in the shrunken line, which is at p + b · ratio.
    """
    place = (torch.arange(_ROWS, dtype=torch.float64) - _ROWS // 2 + 0.5) * ratio - 0.5
    place = place - place.floor()
    taps = [torch.arange(-reach, reach + 1, dtype=torch.float64) for reach in (small, large)]
    offsets = torch.cat([taps[1], taps[0] * ratio])
    far = math.ceil(max(large, small * ratio)) + 3
    samples = torch.arange(-far, far + 1, dtype=torch.float64)
    read = _cubic(samples - place[:, None, None] - offsets[:, None]).transpose(0, 1).flatten(1)  # (tap, place · sample)
    # A tap's weights add up to 1, so noise of mean μ adds μ² to every product.
    return _VARIANCE * (read @ read.T) / _ROWS + _MEAN**2


def _cubic(x: Tensor) -> Tensor:
    """Keys' kernel with a = −½, as core.resampling reads between samples."""
    x = x.abs()
    near = 1 + x**2 * (1.5 * x - 2.5)
    far = 2 + x * (-4 + x * (2.5 - 0.5 * x))
    return torch.where(x < 1, near, torch.where(x < 2, far, 0.0))


def write(folder: Path = FOLDER) -> Path:
    """Solves for the published scales and size and stores the result; the same bytes for the same numbers."""
    solved = solve(PUBLISHED_SCALES, PUBLISHED_SIZE)
    path = folder / _name(PUBLISHED_SIZE)
    card = {"scales": solved.scales, "supports": solved.supports, "sha256": _digest(solved.values)}
    data = safetensors.torch.save({"values": solved.values}, {"basis": json.dumps(card, sort_keys=True)})
    files.write(path, data)
    return path


def read(path: Path) -> Proxies:
    """Raises: BasisError if the file cannot be read, or its numbers do not match their hash and supports."""
    try:
        with safe_open(path, framework="pt") as stored:
            card, values = typed_json.loads((stored.metadata() or {})["basis"]), stored.get_tensor("values")
        scales, supports, expected = tuple(card["scales"]), tuple(card["supports"]), str(card["sha256"])
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise BasisError(f"The basis {path.name} cannot be read: {error}.") from None
    if (got := _digest(values)) != expected:
        raise BasisError(f"The basis {path.name} is damaged: SHA-256 {got[:12]}…, expected {expected[:12]}….")
    if values.shape[1:] != (len(scales), max(supports, default=0)):
        shape, wanted = tuple(values.shape[1:]), (len(scales), max(supports, default=0))
        raise BasisError(f"The basis {path.name} holds (scales, pixels) = {shape}, its card says {wanted}.")
    return Proxies(scales, values, supports)


def _digest(values: Tensor) -> str:
    return hashlib.sha256(values.contiguous().numpy().tobytes()).hexdigest()


def _name(effective_size: int) -> str:
    return f"disco-{effective_size}.safetensors"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m core.bases.disco", description="Solves and stores the DISCO basis."
    )
    parser.add_argument("--out", default=str(FOLDER), help="folder of the basis")
    path = write(Path(parser.parse_args(arguments).out))
    print(f"{path}: scales {', '.join(f'{s:.2f}' for s in read(path).scales)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
