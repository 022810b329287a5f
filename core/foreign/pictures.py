"""The pictures that a foreign network is shown: vector digits, or photographs."""

import torch
from jaxtyping import Float
from torch import Tensor

from core.data.glyphs import GLYPHS, SizedGlyph
from core.data.grey import LUMA
from core.foreign.question import Question
from core.resampling import resize

USUAL_CANVASES = {"digits": 28, "photographs": 96}  # a photograph of 28 pixels shows little
_DIGITS = 10


def digits(question: Question, canvas: int, channels: int) -> tuple[Float[Tensor, "b c h w"], Tensor]:
    """The vector digits 0, 1, 2, … as large on the canvas as they are on 28 pixels, and what they show."""
    hands = len(GLYPHS) // _DIGITS
    order = [GLYPHS[digit * hands + hand] for hand in range(hands) for digit in range(_DIGITS)]
    chosen = order[: question.digits]
    size = question.data_scale * canvas / USUAL_CANVASES["digits"]
    ink = torch.cat([SizedGlyph(each, size).render(1.0, canvas) for each in chosen])
    images = question.low + (question.high - question.low) * ink
    return images.expand(-1, channels, -1, -1).contiguous(), torch.tensor([each.digit for each in chosen])


def seen(
    photographs: Float[Tensor, "n 3 h w"], question: Question, canvas: int, channels: int
) -> Float[Tensor, "n c canvas canvas"]:
    """Photographs as a network takes them. Raises: ValueError for other channels than 1 and 3."""
    if channels not in (1, 3):
        raise ValueError(f"its images have {channels} channels, photographs have 3, or 1 in grey")
    images = resize(photographs, (canvas, canvas)).clamp(0, 1)
    if channels == 1:
        images = (images * torch.tensor(LUMA)[:, None, None]).sum(1, keepdim=True)
    return question.low + (question.high - question.low) * images
