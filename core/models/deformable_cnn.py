"""Deformable CNN: the layout of the plain CNN, its second and third convolution deformable (DCN v2).

Sources: Dai et al., "Deformable Convolutional Networks", arXiv:1703.06211; Zhu et al., "Deformable ConvNets v2",
arXiv:1811.11168. A side branch displaces and weighs every tap of a kernel at every position, so the network can learn
to follow the size of what it sees; nothing makes it do so in the same way at every size. As published, only later
layers are deformable (the first sees no more than edges), kernels are 3×3 (5×5 at size `paper`, which brings it to the
parameters of the networks beside it), the branch starts at 0 and learns at a tenth of the pace. Where we leave the
papers: activations and norms keep the background at 0 (core.layers.background).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor, nn

from core.layers import DeformableConv2d
from core.models.network import ParameterGroup
from core.models.staged import PAPER_LAYOUT, StagedConfig, StagedNetwork


@dataclass(frozen=True)
class DeformableCnnConfig(StagedConfig):
    """Configuration.

    Attributes:
        kernel: side of the first kernel in pixels, odd.
        deformable_kernel: side of the two deformable kernels and of their branches in pixels, odd.
        branch_rate: share of the learning rate at which the branches learn.
    """

    kernel: int = 7
    deformable_kernel: int = 3
    branch_rate: float = 0.1


_LAYOUT: dict[str, Any] = PAPER_LAYOUT
SMALL = DeformableCnnConfig()
PAPER = DeformableCnnConfig(deformable_kernel=5, **_LAYOUT)  # 480,705 parameters


class DeformableCnn(StagedNetwork):
    """Every map is a plane. Shape: as StagedNetwork.

    Raises: ValueError for an even kernel.
    """

    config: DeformableCnnConfig

    def __init__(self, config: DeformableCnnConfig):
        if config.kernel % 2 == 0 or config.deformable_kernel % 2 == 0:
            raise ValueError(f"kernels must be odd, got {config.kernel} and {config.deformable_kernel}")
        first, second, third = config.channels
        convs = [
            nn.Conv2d(1, first, config.kernel, padding="same", bias=False),
            DeformableConv2d(first, second, config.deformable_kernel, bias=False),
            DeformableConv2d(second, third, config.deformable_kernel, bias=False),
        ]
        super().__init__(config, convs)

    def kernels(self, inputs: slice = slice(None)) -> dict[str, list[Float[Tensor, "o i k k"]]]:
        """The weights of the taps, drawn where they lie without an offset."""
        convs = cast(Iterable[nn.Conv2d | DeformableConv2d], self.convs)
        return {f"conv{number}": [conv.weight[:, inputs]] for number, conv in enumerate(convs, start=1)}

    def parameter_groups(self) -> list[ParameterGroup]:
        branches = [p for name, p in self.named_parameters() if ".branch." in name]
        others = [p for name, p in self.named_parameters() if ".branch." not in name]
        return [ParameterGroup(others), ParameterGroup(branches, rate=self.config.branch_rate)]
