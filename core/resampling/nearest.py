"""The nearest sample as it is."""

import torch
from jaxtyping import Float
from torch import Tensor

from core.resampling.kernel import Kernel, nearest_sample, on_canvas


class Nearest(Kernel):
    """Takes the sample whose cell holds the position. It jumps between cells, so it has no slope."""

    def rows(
        self, source: Float[Tensor, " n_out"], n: int, scale_factor: Float[Tensor, ""], antialias: bool
    ) -> Float[Tensor, "n_out n"]:
        chosen = torch.arange(n)[None] == nearest_sample(source, n)[:, None]
        return chosen.to(torch.float64) * on_canvas(source, n)[:, None]
