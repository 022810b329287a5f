"""Times of every method in the convolutions of all networks, and the constants of core.layers.methods fitted to them.

`python -m benchmarks.methods --times times.json` measures (about 15 minutes), and with the file there it only fits.
The constants hold for one kind of vector instructions and one library that multiplies matrices; ATEN_CPU_CAPABILITY and
ONEDNN_MAX_CPU_ISA can hold PyTorch to fewer instructions than the processor has.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor, nn

from core.layers import (
    KernelCopiesConv2d,
    LearnableScaleConv2d,
    LiftingConv2d,
    LiftingRotationConv2d,
    RotationConv2d,
    ScaleConv2d,
    ScaleSpaceConv2d,
    methods,
)
from core.layers.methods import Work, features
from core.matrix_products import prefer_onednn
from core.models import MODELS, build
from core.models.staged import StagedConfig

CHOOSING = (
    LiftingConv2d, ScaleConv2d, LearnableScaleConv2d, KernelCopiesConv2d, ScaleSpaceConv2d, LiftingRotationConv2d,
    RotationConv2d,
)  # fmt: skip
LONGEST = 1.5e10  # multiply-adds of the direct method beyond which a case is left out
CASES = ((1, False), (16, False), (64, True))


def layers(key: str, size: str, canvas: int) -> list[tuple[nn.Module, list]]:
    """Every convolution of a network that chooses a method, with what it is called with; one image."""
    network = build(key, size).eval()
    found: list[tuple[nn.Module, list]] = []
    hooks = [
        module.register_forward_pre_hook(lambda module, args: found.append((module, list(args))))
        for module in network.modules()
        if isinstance(module, CHOOSING)
    ]
    with torch.no_grad(), methods.fixed("direct"):
        network.features(torch.rand(1, 1, canvas, canvas))
    for hook in hooks:
        hook.remove()
    return found


def measure(module: nn.Module, args: list, batch: int, training: bool) -> tuple[Work, dict[str, float]] | None:
    """What the layer has to do for a batch, and the milliseconds of each method."""
    works: list[Work] = []
    x = torch.randn(batch, *args[0].shape[1:], requires_grad=training and args[0].shape[1] > 1)

    def noted(work: Work) -> dict[str, float]:
        works.append(work)
        return {"direct": 0.0, "spectral": 1.0}

    with patch.object(methods, "estimates", noted), torch.no_grad():
        module(args[0], *args[1:])
    work = works[-1]
    work = Work(**{**asdict(work), "batch": batch, "training": training})
    direct = sum(features(work)["direct"][:4])
    if direct > LONGEST:
        return None
    times = {}
    for method in features(work):
        if work.separable and method == "separable" and 150 * batch * work.separable[2] > 5 * direct:
            continue  # minutes, and no close call
        with methods.fixed(method), torch.set_grad_enabled(training):
            times[method] = _best_ms(lambda: _run(module, [x, *args[1:]], training))
    return work, times


def _run(module: nn.Module, args: list, training: bool) -> None:
    response: Tensor = module(*args)
    if training:
        response.sum().backward()


def _best_ms(function) -> float:  # type: ignore[no-untyped-def]
    function()
    times: list[float] = []
    while len(times) < 3 or (sum(times) < 0.06 and len(times) < 9):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * sorted(times)[len(times) // 2]


def cases() -> Iterator[dict]:
    seen = set()
    for key in MODELS:
        for size in MODELS[key].sizes:
            if not isinstance(MODELS[key].sizes[size], StagedConfig):
                continue
            for canvas in (28, 56, 84) if size == "small" else (28, 56):
                for module, args in layers(key, size, canvas):
                    for batch, training in CASES:
                        measured = measure(module, args, batch, training)
                        if measured is None or repr(measured[0]) in seen:
                            continue
                        seen.add(repr(measured[0]))
                        work, times = measured
                        yield {"layer": f"{key} {size} {canvas}", "work": asdict(work), "times": times}


def fit(rows: list[dict]) -> dict[str, list[float]]:
    """Constants of each method by least squares of relative errors, none below 0."""
    found = {}
    for training in (False, True):
        for method in methods.METHODS:
            mine = [row for row in rows if method in row["times"] and row["work"]["training"] == training]
            times = np.array([row["times"][method] for row in mine])
            matrix = np.array([features(Work(**row["work"]))[method] for row in mine])
            unit = matrix.max(axis=0).clip(min=1)
            weights = _not_negative(matrix / unit / times[:, None], np.ones(len(times)))
            found[f"{method}, training" if training else method] = list(weights / unit)
    return found


def _not_negative(matrix: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Least squares without the columns that would get a weight below 0."""
    used = list(range(matrix.shape[1]))
    while True:
        weights = np.linalg.lstsq(matrix[:, used], target, rcond=None)[0]
        if weights.min() >= 0:
            found = np.zeros(matrix.shape[1])
            found[used] = weights
            return found
        used.pop(int(weights.argmin()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=Path, required=True)
    parser.add_argument("--onednn", action="store_true", help="oneDNN multiplies matrices, where it is preferred")
    options = parser.parse_args()
    if not options.times.exists():
        if options.onednn:
            prefer_onednn()
        rows = []
        for row in cases():
            rows.append(row)
            print(row["layer"], row["work"]["batch"], row["work"]["training"], row["times"], flush=True)
        options.times.write_text(json.dumps(rows))
    rows = json.loads(options.times.read_text())
    constants = fit(rows)
    for name, values in constants.items():
        print(f"{name}: {', '.join(f'{value:.3g}' for value in values)}")
    now = "as core.layers.methods has them", methods.estimates
    for said, estimates in (("so fitted", partial(fitted, constants)), now):
        print(f"With the constants {said}:")
        for line in judge(rows, estimates):
            print(line)
    return 0


def fitted(constants: dict[str, list[float]], work: Work) -> dict[str, float]:
    return {
        method: float(np.dot(constants[f"{method}, training" if work.training else method], values))
        for method, values in features(work).items()
    }


def judge(rows: list[dict], estimates: Callable[[Work], dict[str, float]]) -> Iterator[str]:
    """The time that the choice takes, beside the fastest method and beside the rule of decision 5."""
    to_best, to_before = [], []
    for row in rows:
        work, times = Work(**row["work"]), row["times"]
        guess = {method: time for method, time in estimates(work).items() if method in times}
        taken = times[min(guess, key=guess.__getitem__)]
        to_best.append(taken / min(times.values()))
        to_before.append((taken / times[_by_decision_5(work, times)], row["layer"], work.batch, times))
    ratios = np.array([each[0] for each in to_before])
    yield f"{len(rows)} cases; within 5 % of the fastest method: {np.mean(np.array(to_best) <= 1.05):.0%}"
    yield f"time ÷ that of decision 5's rule: {np.exp(np.log(ratios).mean()):.2f} (geometric mean)"
    yield f"slower than by that rule by more than 5 %: {np.sum(ratios > 1.05)}"
    for each in sorted((each for each in to_before if each[0] > 1.05), key=lambda each: -each[0]):
        yield f"  {each[0]:.2f} times: {each[1]}, {each[2]} images, {each[3]}"


def _by_decision_5(work: Work, times: dict[str, float]) -> str:
    """Fewer multiply-adds, every number that the separable method moves counted as 150."""
    if work.separable is None or "separable" not in times or not any(work.separable[:3]):
        return "direct"
    passes, mixing, moved, *_ = (work.batch * n for n in work.separable)
    taps = sum(work.taps or [side * side for side in work.supports])
    direct = work.batch * work.interaction * work.c_in * work.c_out * math.prod(work.size) * taps
    return "separable" if passes + mixing + 150 * moved < direct else "direct"


if __name__ == "__main__":
    sys.exit(main())
