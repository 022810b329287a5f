"""Scores, measured on every image that is given."""

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from core.data.glyphs import GLYPHS
from core.models import Network


def as_images(pixels: UInt8[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """Stored pixels as values in [0, 1]."""
    return pixels.float() / 255


@torch.no_grad()
def error_rate(
    network: Network, pixels: UInt8[Tensor, "n c h w"], labels: Int[Tensor, " n"], batch_size: int = 500
) -> float:
    """Share of wrongly read images, %, in eval mode; the mode is restored afterwards."""
    was_training, device = network.training, next(network.parameters()).device
    network.eval()
    wrong = 0
    for images, expected in zip(pixels.split(batch_size), labels.split(batch_size), strict=True):
        wrong += int((network(as_images(images.to(device))).argmax(1) != expected.to(device)).sum())
    network.train(was_training)
    return 100 * wrong / len(labels)


@torch.no_grad()
def glyph_error_rate(network: Network) -> float:
    """Share of wrongly read vector digits at scale 1, %, over all hands."""
    device = next(network.parameters()).device
    images = torch.cat([glyph.render() for glyph in GLYPHS]).to(device)
    labels = torch.tensor([glyph.digit for glyph in GLYPHS], device=device)
    return 100 * float((network.eval()(images).argmax(1) != labels).float().mean())
