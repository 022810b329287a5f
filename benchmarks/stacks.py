"""What a visitor waits for when a layer or a square is opened: its maps at every amount, for every network of digits.

`python -m benchmarks.stacks [network …]`, in the process and with the memory of a server, on one core.
"""

import logging
import os
import sys
from collections.abc import Iterable, Iterator

import torch

from benchmarks.timing import median_ms
from benchmarks.visitors import memory
from core.freed_memory import tune_memory
from core.models import MODELS, Shown, build
from core.transforms import TRANSFORMS
from pages.results.numbers import digits_read
from pages.results.stacks import layer_stack, square_stack
from pages.state.view import Digit, View

DIGIT = Digit("vector", "3-round", 0.7)
AMOUNTS = tuple(TRANSFORMS["scale"].handle_amounts)
PLACES = ("first", View.layer, "last")  # the first layer, that which a page opens with, the last map
REPEATS = 3


def report(keys: Iterable[str] = ()) -> Iterator[str]:
    tune_memory()
    logging.getLogger("streamlit").setLevel(logging.ERROR)  # there is no server to keep what is computed
    torch.set_num_threads(1)
    yield f"Stacks of the viewer, one digit at {len(AMOUNTS)} amounts: milliseconds of one core, ÷ those of cnn"
    yield f"{'':<28}" + "".join(f"{f'{stack}, {place}':>16}" for stack in ("layer", "square") for place in PLACES)
    ours = _times("cnn")
    for key in keys or [key for key, spec in MODELS.items() if spec.reads_digits and not spec.is_own]:
        pairs = zip(_times(key) if key != "cnn" else ours, ours, strict=True)
        yield f"{key:<28}" + "".join(f"{ms:>9.0f}{ms / one:>7.1f}" for ms, one in pairs)
    yield f"{'MB, at the peak of the process':<28}{memory(os.getpid(), 'VmHWM'):>9.0f}"


def _times(key: str) -> list[float]:
    layers = list(build(key, "small").features(torch.zeros(1, 1, 28, 28)))
    shown = (layers[0], View.layer, layers[-1])
    return [_ms(stack, key, layer) for stack in (layer_stack, square_stack) for layer in shown]


def _ms(stack, key: str, layer: str) -> float:  # type: ignore[no-untyped-def]
    def made() -> None:
        stack.clear()
        digits_read.clear()
        stack(Shown(key, None), DIGIT, "bicubic", layer, "layer", AMOUNTS, "scale")

    return median_ms(made, REPEATS)


if __name__ == "__main__":
    for line in report(sys.argv[1:]):
        print(line, flush=True)
