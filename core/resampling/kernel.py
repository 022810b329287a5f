"""What a resampler is: how much each input sample counts for an output sample that reads between them."""

import math
from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor


class Kernel(ABC):
    """The weights of one axis. Positions and distances are in input samples; sample j of n lies at j.

    Attributes:
        reach: how far from a position it reads, in samples of the coarser grid; None if it reads one sample, or all
            as of a periodic signal: it knows a position if the sample nearest to it is known.
        at_once: whether `rows` takes many scale factors at once.
        smooth: whether it has a slope at every whole distance.
    """

    reach: ClassVar[float | None] = None
    at_once: ClassVar[bool] = False
    smooth: ClassVar[bool] = False

    @abstractmethod
    def rows(
        self, source: Float[Tensor, "*batch n_out"], n: int, scale_factor: Float[Tensor, "*batch"], antialias: bool
    ) -> Float[Tensor, "*batch n_out n"]:
        """One row of weights over n samples for each position in `source`.

        Args: antialias: whether shrinking takes away what the coarser grid cannot hold, where that is a choice.
        """

    def slope(self, distance: Float[Tensor, "*shape"], n: int) -> Float[Tensor, "*shape"]:
        """Derivative of the weights at whole distances and scale 1. Raises: TypeError unless `smooth`."""
        raise TypeError(f"{type(self).__name__} has no slope")


class LocalKernel(Kernel):
    """A kernel of finite reach, given by one function, and widened by 1/s when shrinking."""

    at_once = True

    @abstractmethod
    def weights(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The weight of a sample at a distance, in samples of the coarser grid."""

    def rows(
        self, source: Float[Tensor, "*batch n_out"], n: int, scale_factor: Float[Tensor, "*batch"], antialias: bool
    ) -> Float[Tensor, "*batch n_out n"]:
        width = (1 / scale_factor).clamp_min(1.0) if antialias else torch.ones_like(scale_factor)
        # Rows are normalised over the unbounded grid, so that the border fades into the background. A row that
        # touches the canvas lies at most 2 · width outside it, and reads as far again.
        margin = math.ceil(4 * float(width.max()))
        unbounded = source[..., None] - torch.arange(-margin, n + margin, dtype=torch.float64)
        weights = self.weights(unbounded / width[..., None, None])
        total = weights.sum(-1, keepdim=True)
        return weights[..., margin : margin + n] / torch.where(total.abs() < 1e-9, 1.0, total)


def on_canvas(source: Float[Tensor, " n_out"], n: int) -> Tensor:
    """Whether each position lies in the cell of one of n samples."""
    return (source >= -0.5 - 1e-9) & (source <= n - 0.5 + 1e-9)


def nearest_sample(source: Float[Tensor, " n_out"], n: int) -> Tensor:
    """Index of the sample whose cell holds each position; of two equally near ones the first."""
    return torch.floor(source + 0.5 - 1e-9).clamp(0, n - 1).long()
