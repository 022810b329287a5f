"""The receptive field of a layer: the square of the image that one of its positions answers to.

Measured, not derived from kernel sizes: the gradient of the position in the middle with respect to a noise image. So
it holds for every network, also for one whose kernels have no edge, where it is the square beyond which the gradient
is below a thousandth of its largest value.
"""

from typing import Any

import torch

from core.models.network import Network

_SHARE = 1e-3
_SILENT, _TRIES = 0, 5  # no side; noise images that are tried in all
_PIXELS = 3 * 28  # side of the noise image: wide enough for the field of small networks
_Sides = list[int | None]


def receptive_field(network: Network, layer: str) -> tuple[int | None, ...]:
    """Side of the field in image pixels, for every position of the third axis (one for a plane); None: all of it.

    Raises: KeyError for an unknown layer.
    """
    if network.changes_canvas:  # such a network sees frequencies of the whole canvas
        return (None,)
    try:
        pixels = max(_PIXELS, network.trained_canvas)
        sides = _sides(network, layer, 0, pixels)
    except ValueError:  # a network of one's own may take images of one size alone
        pixels = network.trained_canvas
        sides = _sides(network, layer, 0, pixels)
    for seed in range(1, _TRIES):
        if _SILENT in sides:  # a rectifier that lets nothing of this noise through says nothing of what it sees
            again = _sides(network, layer, seed, pixels)
            sides = [other if side == _SILENT else side for side, other in zip(sides, again, strict=True)]
    return tuple(1 if side == _SILENT else side for side in sides)


def _sides(network: Network, layer: str, seed: int, pixels: int) -> _Sides:
    """As `receptive_field`, from one noise image; `_SILENT` for a position whose gradient is 0 everywhere."""
    noise = torch.rand(1, 1, pixels, pixels, generator=torch.Generator().manual_seed(seed))
    noise = (noise ** (1 + seed)).requires_grad_()  # sparser each time
    with torch.enable_grad():
        values = network.features(noise)[layer].values
        planes = values.unbind(2) if values.dim() == 5 else (values,)
        _leave_out_silence(values.grad_fn)
        middles = [plane[..., plane.shape[-2] // 2, plane.shape[-1] // 2].sum() for plane in planes]
        gradients = [torch.autograd.grad(m, noise, retain_graph=True, allow_unused=True)[0] for m in middles]
        return [_SILENT if gradient is None else _side(gradient[0, 0].abs()) for gradient in gradients]


def _leave_out_silence(last: Any) -> None:
    """Lets no gradient that is 0 everywhere through a convolution: those of other scales cost as much as one's own."""
    waiting, seen = [last], set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if node.name().startswith("ConvolutionBackward"):
            node.register_prehook(lambda gradients: tuple(g if g is not None and g.any() else None for g in gradients))
        waiting += [before for before, _ in node.next_functions]


def _side(gradient: torch.Tensor) -> int | None:
    seen = (gradient > _SHARE * gradient.max()).nonzero()
    if len(seen) == 0:
        return _SILENT
    sides = seen.max(0).values - seen.min(0).values + 1
    touches = bool((seen.min() == 0) and (seen.max() == len(gradient) - 1))
    return None if touches else int(sides.max())
