"""What scale convolutions cost: by batch, canvas, scales and channels, beside our cnn and beside the direct method."""

import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch

from benchmarks.timing import median_ms
from benchmarks.visitors import memory
from core.freed_memory import tune_memory
from core.layers import methods
from core.matrix_products import prefer_onednn
from core.models import Network, build
from core.training.augment import augment
from core.training.memory import keep_freed_memory
from core.training.recipes import recipe_for

Make = Callable[[Network], Callable[[], None]]
KEY, REPEATS = "sesn_vector", 5
CANVASES, SCALES, CHANNELS = (28, 56, 84), (2, 4, 6, 8), (1, 2, 4)


def training_step(network: Network, size: str, images: int = 128) -> Callable[[], None]:
    """One step as core.training.fit takes it: augmentation, forward, backward, AdamW."""
    recipe, generator = recipe_for(size), torch.Generator().manual_seed(0)
    batch, labels = torch.rand(images, 1, 28, 28), torch.randint(0, 10, (images,))
    optimizer = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate)

    def step() -> None:
        network.train()
        loss = torch.nn.functional.cross_entropy(network(augment(batch, recipe, generator)), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return step


def inference(network: Network, images: int, canvas: int = 28) -> Callable[[], None]:
    batch = torch.rand(images, 1, canvas, canvas)
    network.eval().requires_grad_(False)

    def forward() -> None:
        with torch.inference_mode():
            network.features(batch)

    return forward


def report() -> Iterator[str]:
    """First inference, also as a server multiplies; then training, in a process that keeps the memory it frees, to its
    end."""
    tune_memory()
    yield f"{torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads"
    yield f"Convolutions of {KEY}: milliseconds, ÷ our cnn, ÷ the direct method, growth since the row above"
    yield f"{'':<42}{'ms':>9}{'/ cnn':>8}{'/ direct':>10}{'growth':>8}"
    for size, canvas in (("paper", 28), ("small", 84)):
        make = partial(inference, images=16, canvas=canvas)
        yield _measured(f"{size}, inference, 16 images, canvas {canvas}", make, size)[1]
    yield f"Matrix products by {'oneDNN' if prefer_onednn() else 'the same library'} from here on"
    for size in ("small", "paper"):
        for images in (1, 16):
            yield _measured(f"{size}, inference, {images} images", partial(inference, images=images), size)[1]
    for size, canvases in (("small", CANVASES), ("paper", CANVASES[:2])):
        makes = [partial(inference, images=16, canvas=canvas) for canvas in canvases]
        yield from _rows(f"{size}, inference, 16 images, canvas", canvases, makes, size, [{}] * len(canvases))
    yield from _by_scales_and_channels("inference, 16 images", partial(inference, images=16))
    keep_freed_memory()
    for size in ("small", "paper"):
        yield _measured(f"{size}, training step, 128 images", partial(training_step, size=size), size)[1]
    yield from _by_scales_and_channels("training step, 128 images", partial(training_step, size="small"))
    yield ""
    yield "Memory of sesn_vector, paper, above that of PyTorch and the network itself, at its peak, MB"
    for work in ("inference of 16 images", "training step of 128 images"):
        found = {method: peak_mb(work.split()[0], method) for method in ("auto", "direct")}
        ratio = found["auto"] / found["direct"] if found["direct"] else math.nan  # where the system does not tell
        yield f"{work:<42}{found['auto']:>9.0f}{'':>8}{ratio:>10.2f}"


def _by_scales_and_channels(name: str, make: Make) -> Iterator[str]:
    scales = [{"num_scales": n} for n in SCALES]
    wider = [{"channels": (16 * n, 32 * n, 48 * n)} for n in CHANNELS]
    yield from _rows(f"small, {name}, scales", SCALES, [make] * len(SCALES), "small", scales)
    yield from _rows(f"small, {name}, channels ×", CHANNELS, [make] * len(CHANNELS), "small", wider)


def _rows(
    name: str, values: Sequence[int], makes: Sequence[Make], size: str, settings: Sequence[dict[str, Any]]
) -> Iterator[str]:
    before = None
    for value, make, setting in zip(values, makes, settings, strict=True):
        ms, row = _measured(f"{name} {value}", make, size, setting)
        yield row + ("" if before is None else f"{ms / before:>8.2f}")
        before = ms


def _measured(name: str, make: Make, size: str, setting: dict[str, Any] | None = None) -> tuple[float, str]:
    """Milliseconds and the row; beside a cnn of the same channels."""
    setting = setting or {}
    network = build(KEY, size, **setting)
    ours = median_ms(make(network), REPEATS)
    with methods.fixed("direct"):
        direct = median_ms(make(network), REPEATS)
    channels = {key: value for key, value in setting.items() if key == "channels"}
    cnn = median_ms(make(build("cnn", size, **channels)), REPEATS)
    return ours, f"{name:<42}{ours:>9.1f}{ours / cnn:>8.1f}{ours / direct:>10.2f}"


def peak_mb(work: str, method: str, key: str = KEY) -> float:
    """By how much the memory of a process of its own grows at its peak."""
    code = f"from benchmarks.convolutions import grow; print(grow({work!r}, {method!r}, {key!r}))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(ended.stdout)


def grow(work: str, method: str, key: str) -> float:
    network = build(key, "paper")
    prefer_onednn()
    before = _peak_mb()
    if work == "training":
        keep_freed_memory()
    step = training_step(network, "paper") if work == "training" else inference(network, 16)
    with methods.fixed(method):
        for _ in range(2):
            step()
    return _peak_mb() - before


def _peak_mb() -> float:
    return memory(os.getpid(), "VmHWM")


def main() -> int:
    for line in report():
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
