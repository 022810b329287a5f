"""The digits that a foreign network is shown."""

import torch
from jaxtyping import Float
from torch import Tensor

from core.data.glyphs import GLYPHS, SizedGlyph
from core.foreign.question import Question

USUAL_CANVAS = 28
_DIGITS = 10


def digits(question: Question, canvas: int, channels: int) -> tuple[Float[Tensor, "b c h w"], Tensor]:
    """The vector digits 0, 1, 2, … as large on the canvas as they are on 28 pixels, and what they show."""
    hands = len(GLYPHS) // _DIGITS
    order = [GLYPHS[digit * hands + hand] for hand in range(hands) for digit in range(_DIGITS)]
    chosen = order[: question.digits]
    size = question.data_scale * canvas / USUAL_CANVAS
    ink = torch.cat([SizedGlyph(each, size).render(1.0, canvas) for each in chosen])
    images = question.low + (question.high - question.low) * ink
    return images.expand(-1, channels, -1, -1).contiguous(), torch.tensor([each.digit for each in chosen])
