"""Random affine changes of training images, drawn from a given generator."""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from core.training.recipes import Recipe


def augment(images: Float[Tensor, "b 1 h w"], recipe: Recipe, generator: torch.Generator) -> Float[Tensor, "b 1 h w"]:
    """Each image scaled, turned and shifted about the canvas centre as the recipe says; the background is 0."""
    if recipe.scales == (1.0, 1.0) and recipe.rotation == 0 and recipe.shift == 0:
        return images
    b, _, h, w = images.shape
    unit = torch.rand(b, 4, generator=generator)
    inverse = _inverse_sizes(unit[:, 0], recipe)
    angle = math.radians(recipe.rotation) * (2 * unit[:, 1] - 1)
    # affine_grid counts in half canvases: −1 to 1 spans the canvas
    x, y = (2 * recipe.shift * (2 * unit[:, i] - 1) / n for i, n in ((2, w), (3, h)))
    cos, sin = inverse * torch.cos(angle), inverse * torch.sin(angle)
    rows = (torch.stack((cos, -sin, x), dim=1), torch.stack((sin, cos, y), dim=1))
    grid = F.affine_grid(torch.stack(rows, dim=1).to(images), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, mode=recipe.resampling, padding_mode="zeros", align_corners=False)


def _inverse_sizes(unit: Float[Tensor, " b"], recipe: Recipe) -> Float[Tensor, " b"]:
    """Numbers of [0, 1) as 1 over sizes of the recipe's range."""
    low, high = recipe.scales
    if recipe.draws == "uniform":
        return 1 / (low + (high - low) * unit)
    low, high = math.log(low), math.log(high)
    return torch.exp(-(low + (high - low) * unit))
