"""A module that tells how many images each of its forward passes takes."""

from collections.abc import Callable

from torch import Tensor, nn


class Counting(nn.Module):
    """Args: tell: gets the number of images of each pass that came to its end."""

    def __init__(self, module: nn.Module, tell: Callable[[int], object]):
        super().__init__()
        self.module, self._tell = module, tell

    def forward(self, x: Tensor) -> Tensor:
        answer = self.module(x)
        self._tell(len(x))  # with as many channels as it takes
        return answer
