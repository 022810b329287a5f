"""Forward time of every network beside a plain convolutional network of the same multiply-adds."""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor, nn

from benchmarks.timing import median_ms
from core.data.glyphs import GLYPHS
from core.equivariance import measure
from core.models import MODELS, Network, build

SWEEP = tuple(2 ** (i / 16) for i in range(-16, 17))  # 33 factors, 0.5 to 2
FACTORS = tuple(2 ** (i / 4) for i in range(-4, 5))


def multiply_adds(network: Network) -> int:
    """Of one image, all convolutions by the direct method: every tap of every kernel at every position."""
    with torch.no_grad():
        maps = network.features(torch.zeros(1, 1, network.trained_canvas, network.trained_canvas))
        return sum(
            kernel.numel() * maps[layer].values.shape[-2] * maps[layer].values.shape[-1]
            for layer, kernels in network.kernels().items()
            for kernel in kernels
        )


def plain(wanted: int) -> nn.Sequential:
    """Three 7×7 convolutions with pooling between them, as wide as `wanted` multiply-adds allow."""

    def cost(width: int) -> int:
        return 49 * (784 * width + 196 * width * 2 * width + 49 * 2 * width * 3 * width)

    width = next(w for w in range(1, 10_000) if cost(w + 1) > wanted)
    return nn.Sequential(
        nn.Conv2d(1, width, 7, padding=3), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(width, 2 * width, 7, padding=3), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(2 * width, 3 * width, 7, padding=3),
    ).eval()  # fmt: skip


def report() -> Iterator[str]:
    for size in ("small", "paper"):
        yield f"Forward time, size {size}, beside our cnn and a plain conv2d network of the same multiply-adds"
        ratios = f"{'/ cnn':>8}{'/ plain':>8}"
        yield f"{'':<26}{'multiply-adds':>14}{'1 image':>12}{ratios}{'16 images':>12}{ratios}"
        cnn = build("cnn", size).eval().requires_grad_(False)
        for key in (key for key, spec in MODELS.items() if size in spec.sizes and key != "identity"):
            yield f"{key:<26}" + _row(build(key, size).eval().requires_grad_(False), cnn)
        yield ""
    yield "A sweep of 33 scale factors of one digit as one batch, and measure on 16 images × 9 factors"
    yield f"{'network':<26}{'sweep':>12}{'measure':>12}"
    images = torch.cat([glyph.render(0.7) for glyph in GLYPHS[:16]])
    for key in MODELS:
        network = build(key).eval().requires_grad_(False)
        batch = GLYPHS[12].render_sweep([0.7 * s for s in SWEEP])
        sweep = _forward_ms(network, batch)
        measured = median_ms(partial(measure, network, images, FACTORS), repeats=3)
        yield f"{key:<26}{sweep:>9.0f} ms{measured:>9.0f} ms"


def _row(network: Network, cnn: Network) -> str:
    wanted = multiply_adds(network)
    beside = plain(wanted)
    row = f"{wanted / 1e6:>12.1f} M"
    for images in (1, 16):
        time = _forward_ms(network, images)
        row += f"{time:>9.1f} ms{time / _forward_ms(cnn, images):>8.1f}"
        row += f"{time / _forward_ms(beside, images):>8.1f}"
    return row


def _forward_ms(network: nn.Module, images: int | Tensor) -> float:
    batch = torch.rand(images, 1, 28, 28) if isinstance(images, int) else images
    forward = network.features if isinstance(network, Network) else network
    with torch.inference_mode():
        return median_ms(lambda: forward(batch))
