"""Weights for the published networks by a formula, so that golden logits need no file of weights.

tests/models/published.json holds what the published code answers with them (github.com/ISosnovik/sesn at deaa16c and
github.com/ISosnovik/disco at f832fa0, run with PyTorch 2.13 on a CPU): for each network the names and shapes of its
`state_dict()` in order; the logits in eval mode of `images()`, normalised as its loaders do, after
`load_state_dict(weights(entries))`; mean and standard deviation of its `main.*` batch norms there. The basis of SESN is
a constant of the published code, and no weight: there it stays as built. That of DISCO is read from a file there, and
so is among the weights.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

GOLDEN = json.loads(Path(__file__).with_suffix("").with_name("published.json").read_text())


def images() -> Tensor:
    """Two images (2, 1, 28, 28) in [0, 1]: bright blobs on black, which reach beyond the edge here and there."""
    random = np.random.Generator(np.random.PCG64(2020))
    row, column = np.mgrid[:28, :28]
    found = np.zeros((2, 28, 28))
    for image in found:
        for y, x, width in zip(*random.uniform(4, 24, (2, 6)), random.uniform(1, 3, 6), strict=True):
            image += np.exp(-((row - y) ** 2 + (column - x) ** 2) / (2 * width**2))
    return torch.from_numpy(np.clip(found, 0, 1)[:, None]).float()


def weights(entries: Mapping[str, list[int]], seed: int = 1910) -> dict[str, Tensor]:
    """A value for every published name but the basis of SESN, drawn in the order of the names."""
    random = np.random.Generator(np.random.PCG64(seed))
    found = {}
    for name, shape in entries.items():
        values = _values(name, tuple(shape), random)
        if values is not None:
            found[name] = values
    return found


def _values(name: str, shape: tuple[int, ...], random: np.random.Generator) -> Tensor | None:
    kind = name.rpartition(".")[2]
    if kind == "num_batches_tracked":
        return torch.tensor(7)
    if name.endswith("basis.basis"):  # of DISCO: anything may stand there
        return torch.from_numpy(random.standard_normal(shape) / shape[-1]).float()
    if kind == "basis":
        return None
    if kind == "running_var":  # some of them small, so that ε counts
        return torch.from_numpy(10 ** random.uniform(-2.5, 0.5, shape)).float()
    if kind == "weight" and len(shape) > 1:
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        return torch.from_numpy(random.uniform(-bound, bound, shape)).float()
    values = random.uniform(0.15, 0.45, shape) if kind == "weight" else 0.1 * random.standard_normal(shape)
    return torch.from_numpy(values).float()
