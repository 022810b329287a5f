"""The pictures that a foreign network is shown: vector digits, or photographs."""

import torch
from jaxtyping import Float
from torch import Tensor

from core.data.glyphs import GLYPHS, SizedGlyph
from core.data.grey import LUMA
from core.foreign.question import LARGEST_CANVAS, Question
from core.resampling import resize

USUAL_CANVASES = {"digits": 28, "photographs": 96}  # a photograph of 28 pixels shows little
_DIGITS = 10
BYTES = 3 * LARGEST_CANVAS**2  # of a picture of one's own on its way to another process


def digits(question: Question, canvas: int, channels: int) -> tuple[Float[Tensor, "b c h w"], Tensor]:
    """The vector digits 0, 1, 2, … as large on the canvas as they are on 28 pixels, and what they show."""
    hands = len(GLYPHS) // _DIGITS
    order = [GLYPHS[digit * hands + hand] for hand in range(hands) for digit in range(_DIGITS)]
    chosen = order[: question.digits]
    size = question.data_scale * canvas / USUAL_CANVASES["digits"]
    ink = torch.cat([SizedGlyph(each, size).render(1.0, canvas) for each in chosen])
    images = question.low + (question.high - question.low) * ink
    return images.expand(-1, channels, -1, -1).contiguous(), torch.tensor([each.digit for each in chosen])


def pack(images: Float[Tensor, "n c h w"]) -> bytes:
    """Pictures on the largest canvas, in [0, 1], in 256 levels, for another process. Raises: ValueError for others."""
    if images.shape[1:] != (3, LARGEST_CANVAS, LARGEST_CANVAS):
        raise ValueError(
            f"expected pictures of 3 channels of {LARGEST_CANVAS} pixels a side, got {tuple(images.shape)}"
        )
    return (255 * images.clamp(0, 1)).round().to(torch.uint8).numpy().tobytes()


def unpack(packed: bytes) -> Float[Tensor, "n 3 side side"]:
    """The reverse of `pack`. Raises: ValueError for bytes that are no whole number of pictures."""
    if not packed or len(packed) % BYTES:
        raise ValueError("the pictures did not come whole")
    levels = torch.frombuffer(bytearray(packed), dtype=torch.uint8)
    return levels.view(-1, 3, LARGEST_CANVAS, LARGEST_CANVAS).float() / 255


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
