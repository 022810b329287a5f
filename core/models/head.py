"""The classifier that all planar maps end in: pooling to 2×2, then two fully connected layers."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from core.layers import CentredReLU
from core.models.network import NUM_CLASSES


class ClassifierHead(nn.Module):
    """ReLU, max pooling to 2×2, batch norm, Linear, batch norm, ReLU, dropout, Linear (SESN repository, MNIST).

    Args: channels: of the map. map_size: its height and width on the trained canvas, from 6 on.
          hidden: units of the first layer. dropout: share of them set to 0 while training.
          activation, pool: where they are not those of our networks: a ReLU, and what leaves 2×2 of the map.
    Shape: (b, channels, map_size, map_size) → (b, 10) logits.
    """

    def __init__(
        self, channels: int, map_size: int, hidden: int, dropout: float, activation: nn.Module | None = None,
        pool: nn.Module | None = None,
    ):  # fmt: skip
        super().__init__()
        self.window = (map_size + 4) // 2 if map_size % 2 == 0 else (map_size + 1) // 2
        self.activation = activation or CentredReLU(channels)
        self.pool = pool or nn.MaxPool2d(self.window, padding=min(2, self.window // 2))
        self.norm = nn.BatchNorm2d(channels)
        self.first = nn.Linear(4 * channels, hidden, bias=False)
        self.first_norm = nn.BatchNorm1d(hidden)
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(hidden, NUM_CLASSES)

    def forward(self, planes: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 10"]:
        pooled = self.norm(self.pool(self.activation(planes)))
        hidden = F.relu(self.first_norm(self.first(pooled.flatten(1))))
        return self.last(self.dropout(hidden))
