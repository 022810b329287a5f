"""An image on a wide canvas is background but for its middle, and a convolution answers background with 0.

So it need only be computed as far as its kernels reach from the ink; that takes as long as on a narrow canvas, whatever
the width of this one (docs/decisions/0012-wide-canvas.md).
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.autograd import forward_ad

_STEP = 16  # pixels: what is kept for each side, such as spectra of kernels, is then kept for few of them


def respond_around_ink(
    respond: Callable[[Tensor], Tensor], image: Float[Tensor, "b c h w"], reach: int
) -> Float[Tensor, "b *axes h w"]:
    """`respond(image)`, computed in the middle of the canvas alone where the rest of the answer is known to be 0.

    Args: respond: keeps height and width, and answers with 0 beyond `reach` pixels from what is not 0 in its image.
    """
    margin = 0 if _is_followed(image) else _margin(image, reach)
    return respond(image) if margin <= 0 else F.pad(respond(F.pad(image, [-margin] * 4)), [margin] * 4)


def _is_followed(image: Tensor) -> bool:
    """Whether a derivative with respect to the image may be wanted, also where it is 0."""
    return torch.is_grad_enabled() or forward_ad.unpack_dual(image).tangent is not None


def _margin(image: Tensor, reach: int) -> int:
    """Pixels on each side of the canvas that no answer reaches, in whole steps."""
    side = min(image.shape[-2:])
    if side <= 2 * (reach + _STEP):
        return 0
    inked = image.ne(0).flatten(0, -3).any(0)
    free = min(_free(inked.any(1)), _free(inked.any(0))) - reach
    return (free // (_STEP // 2)) * (_STEP // 2)


def _free(inked: Tensor) -> int:
    """Samples before the first and behind the last that is inked, the smaller number; half of all if none is."""
    places = inked.nonzero().flatten()
    if not len(places):
        return len(inked) // 2 - 1
    return min(int(places[0]), len(inked) - 1 - int(places[-1]))
