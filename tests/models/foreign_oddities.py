"""Foreign networks of unusual make: what they answer, how they call their parts, what is done to their axes."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


def conv(c_in: int, c_out: int, side: int = 3, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(c_in, c_out, side, stride, side // 2)


class ByName(nn.Module):
    """Answers with maps by name."""

    def __init__(self):
        super().__init__()
        self.one, self.two = conv(3, 8, 3, 2), conv(8, 8, 3, 2)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        first = self.one(x).relu()
        return {"p1": first, "p2": self.two(first)}


class Recurrent(nn.Module):
    """One convolution four times over."""

    def __init__(self):
        super().__init__()
        self.enter, self.again = conv(1, 6), conv(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        found = self.enter(x)
        for _ in range(4):
            found = torch.tanh(self.again(found) + found)
        return found


class Enlarging(nn.Module):
    """Everything by keyword, and corners that keep their places."""

    def __init__(self):
        super().__init__()
        self.conv = conv(1, 4)

    def forward(self, x: Tensor, factor: int = 2) -> Tensor:
        return F.interpolate(input=self.conv(x), scale_factor=factor, mode="bilinear", align_corners=True)


class Cropping(nn.Module):
    """A skip that is cut to the size of what it joins."""

    def __init__(self):
        super().__init__()
        self.wide, self.inner = nn.Conv2d(1, 4, 5), conv(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        cut = self.wide(x)[:, :, 1:-1, 1:-1]
        return torch.cat([cut, self.inner(cut)], 1)


class Mirrored(nn.Module):
    """Adds what it answers to the mirror image, turned back."""

    def __init__(self):
        super().__init__()
        self.conv = conv(1, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x) + self.conv(x.flip(-1)).flip(-1)


class Checkpointed(nn.Module):
    """Keeps no activations for a gradient."""

    def __init__(self):
        super().__init__()
        self.body, self.last = nn.Sequential(conv(1, 4), nn.ReLU()), conv(4, 4, 3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(checkpoint(self.body, x, use_reentrant=False))


class ChannelsLast(nn.Module):
    """A block on (b, h, w, c)."""

    def __init__(self):
        super().__init__()
        self.patch, self.norm = nn.Conv2d(3, 8, 4, 4), nn.LayerNorm(8)
        self.up, self.down = nn.Linear(8, 16), nn.Linear(16, 8)

    def forward(self, x: Tensor) -> Tensor:
        found = self.patch(x).permute(0, 2, 3, 1)
        return (found + self.down(F.gelu(self.up(self.norm(found))))).permute(0, 3, 1, 2)


class Unfolded(nn.Module):
    """A convolution as a matrix product."""

    def __init__(self):
        super().__init__()
        self.product = nn.Linear(9, 4)

    def forward(self, x: Tensor) -> Tensor:
        columns = F.unfold(x, 3, padding=1).transpose(1, 2)
        return self.product(columns).transpose(1, 2).reshape(len(x), 4, *x.shape[-2:])


class Complex(nn.Module):
    """Modulus of a complex map."""

    def __init__(self):
        super().__init__()
        self.real, self.imaginary = conv(1, 4), conv(1, 4)

    def forward(self, x: Tensor) -> Tensor:
        return torch.complex(self.real(x), self.imaginary(x)).abs()


class Shared(nn.Module):
    """One convolution at three strides."""

    def __init__(self):
        super().__init__()
        self.conv, self.pool = conv(3, 3), nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.pool(self.conv(self.pool(self.conv(x)))))


class Hooked(nn.Module):
    """A hook of its own changes what a part answers."""

    def __init__(self):
        super().__init__()
        self.conv = conv(1, 4)
        self.conv.register_forward_hook(lambda part, given, answer: 2 * answer)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Listed(nn.Module):
    """Answers with a list of unlike things."""

    def __init__(self):
        super().__init__()
        self.conv = conv(1, 4)

    def forward(self, x: Tensor) -> list[Tensor]:
        found = self.conv(x)
        return [found, found.mean((2, 3))]
