"""An image on a wide canvas is background but for its middle, and a convolution answers background with 0.

So it need only be computed as far as its kernels reach from the ink; that takes as long as on a narrow canvas, whatever
the width of this one (docs/decisions/0012-wide-canvas.md).
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd import forward_ad

_WIDE = 40  # samples of a side: on a narrower grid the search takes as long as it saves
_STEP = 16  # pixels: what is kept for each side, such as spectra of kernels, is then kept for few of them


@dataclass(frozen=True)
class Ink:
    """The square in the middle of a grid that holds all that is not 0.

    Attributes: grid: side of the grid in samples. margin: samples on each side of it that are 0.
    """

    grid: int
    margin: int

    @property
    def side(self) -> int:
        return self.grid - 2 * self.margin

    @property
    def slice(self) -> slice:
        return slice(self.margin, self.grid - self.margin)

    def spread(self, reach: int) -> "Ink":
        """Of what kernels answer that reach so far from their centre."""
        return Ink(self.grid, max(0, self.margin - reach))

    def of(self, planes: Float[Tensor, "*batch h w"]) -> Float[Tensor, "*batch _ _"]:
        return planes[..., self.slice, self.slice]


def ink_by_scale(features: Float[Tensor, "b c s h w"]) -> list[Ink] | None:
    """Of the planes of each scale; None where there is nothing to save: on a narrow grid, on one that is not square, or
    where every scale has ink up to the edge.

    Where a derivative may be wanted all of a map counts, also what is 0.
    """
    h, w = features.shape[-2:]
    if h != w or h < _WIDE or features.shape[0] == 0 or _is_followed(features):
        return None
    inked = features.amax((0, 1)).ne(0) | features.amin((0, 1)).ne(0)  # (s, h, w), with no copy of the map
    inks = [Ink(h, min(_free(plane.any(1)), _free(plane.any(0)))) for plane in inked]
    return inks if any(ink.margin for ink in inks) else None


def respond_around_ink(
    respond: Callable[[Tensor], Tensor], image: Float[Tensor, "b c h w"], reach: int
) -> Float[Tensor, "b *axes h w"]:
    """`respond(image)`, computed in the middle of the canvas alone where the rest of the answer is known to be 0.

    Args: respond: keeps height and width, and answers with 0 beyond `reach` pixels from what is not 0 in its image.
    """
    margin = margin_around_ink(image, reach)
    return respond(image) if margin == 0 else widened(respond(cut(image, margin)), margin)


def reach_of(conv: nn.Module) -> int | None:
    """Pixels beyond what is not 0 in its image at which a convolution may answer; None where that is not known."""
    if isinstance(conv, nn.Sequential):
        each = [reach_of(layer) for layer in conv]
        return None if None in each else sum(reach for reach in each if reach is not None)
    if isinstance(conv, nn.Conv2d):
        plain = conv.padding == "same" and conv.padding_mode == "zeros" and conv.bias is None
        spans = (dilation * (side - 1) + 1 for dilation, side in zip(conv.dilation, conv.kernel_size, strict=True))
        return max(spans) // 2 if plain else None
    return getattr(conv, "reach", None)


def cut(image: Float[Tensor, "*batch h w"], margin: int) -> Float[Tensor, "*batch _ _"]:
    """Without so many samples on each side."""
    h, w = image.shape[-2:]
    return image[..., margin : h - margin, margin : w - margin]


def widened(response: Float[Tensor, "*batch h w"], margin: int) -> Float[Tensor, "*batch _ _"]:
    """With so many samples of 0 more on each side."""
    return F.pad(response, [margin] * 4) if margin else response


def _is_followed(image: Tensor) -> bool:
    """Whether a derivative with respect to the image may be wanted, also where it is 0."""
    return torch.is_grad_enabled() or forward_ad.unpack_dual(image).tangent is not None


def margin_around_ink(image: Float[Tensor, "*batch h w"], reach: int) -> int:
    """Samples on each side of the canvas that no answer of kernels of this reach meets, in whole steps; 0 where a
    derivative may be wanted, and on a canvas where there is nothing to save."""
    side = min(image.shape[-2:])
    if side <= 2 * (reach + _STEP) or image.numel() == 0 or _is_followed(image):
        return 0
    axes = tuple(range(image.dim() - 2))
    inked = image.amax(axes).ne(0) | image.amin(axes).ne(0)  # with no copy of the map
    free = min(_free(inked.any(1)), _free(inked.any(0))) - reach
    return max(0, free // (_STEP // 2) * (_STEP // 2))


def _free(inked: Tensor) -> int:
    """Samples before the first and behind the last that is inked, the smaller number; half of all if none is."""
    places = inked.nonzero().flatten()
    if not len(places):
        return len(inked) // 2 - 1
    return min(int(places[0]), len(inked) - 1 - int(places[-1]))
