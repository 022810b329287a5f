"""Prints what `wrap` does with each of the foreign networks: `python -m tests.models.wrapped_table`."""

import time
import warnings
from collections.abc import Callable

import numpy as np
import torch

from core.equivariance import measure
from core.models import wrap
from tests.models.foreign_cases import NETWORKS, trained_looking


def quickest(what: Callable[[], object], times: int) -> float:
    """Seconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        what()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def main() -> None:
    warnings.simplefilter("ignore")
    print("| network | placed | left out | error at s = 1 | wrap, ms | forward passes |\n|---|---|---|---|---|---|")
    for name, case in NETWORKS.items():
        torch.manual_seed(1)
        module = trained_looking(case.make())
        network = wrap(module, canvas=case.canvas, grids=case.grids)
        images = torch.rand(2, network.channels, case.canvas, case.canvas)
        error = np.nanmax(measure(network, images, (1.0,), canvas="image", costs=False).error)
        with torch.no_grad():
            forward = quickest(lambda net=network, x=images[:1]: net(x), 20)
        whole = quickest(lambda m=module, c=case: wrap(m, canvas=c.canvas, grids=c.grids), 3)
        counts = f"{len(network.layers)} | {len(network.left_out)}"
        print(f"| {name} | {counts} | {error:.0e} | {1000 * whole:.0f} | {whole / forward:.0f} |")


if __name__ == "__main__":
    main()
