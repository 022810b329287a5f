"""Small modules of one's own with a catch each: groups, casts, work in place, frequencies, gates."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Turns(nn.Module):
    """A lifting convolution over quarter turns and one on the group, as escnn has them: maps (b, c, turn, h, w)."""

    def __init__(self) -> None:
        super().__init__()
        self.lift, self.group = Lifting(), OnGroup()

    def forward(self, x: Tensor) -> Tensor:
        return self.group(self.lift(x)).amax(2)


class Lifting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 1, 5, 5) / 5)

    def forward(self, x: Tensor) -> Tensor:
        kernels = torch.stack([torch.rot90(self.weight, turn, (-2, -1)) for turn in range(4)], 1)
        return F.conv2d(x, kernels.flatten(0, 1), padding=2).unflatten(1, (4, 4)).relu()


class OnGroup(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 4, 4, 3, 3) / 12)

    def forward(self, x: Tensor) -> Tensor:
        kernels = [torch.rot90(self.weight.roll(turn, 2), turn, (-2, -1)) for turn in range(4)]
        out = F.conv2d(x.flatten(1, 2), torch.stack(kernels, 1).flatten(0, 1).flatten(1, 2), padding=1)
        return out.unflatten(1, (3, 4))


def upscaling() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 8, 5, padding=2), nn.Tanh(), nn.Conv2d(8, 4, 3, padding=1), nn.PixelShuffle(2))


class Standardised(nn.Conv2d):
    """A subclass whose weights are made anew in every pass."""

    def forward(self, x: Tensor) -> Tensor:
        mean = self.weight.mean((1, 2, 3), keepdim=True)
        weight = (self.weight - mean) / (self.weight.std((1, 2, 3), keepdim=True) + 1e-5)
        return self._conv_forward(x, weight, self.bias)


class Blur(nn.Module):
    """Reflection padding and a fixed kernel, with a stride."""

    def __init__(self, c: int):
        super().__init__()
        taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
        self.register_buffer("kernel", (taps[:, None] * taps).expand(c, 1, 4, 4).clone())

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), self.kernel, stride=2, groups=x.shape[1])


class Spectral(nn.Module):
    """A Fourier layer beside a convolution of one pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.lift, self.beside = nn.Conv2d(1, 4, 1), nn.Conv2d(4, 4, 1)
        self.weight = nn.Parameter(torch.randn(4, 32, 17, dtype=torch.cfloat))

    def forward(self, x: Tensor) -> Tensor:
        x = self.lift(x)
        return F.gelu(torch.fft.irfft2(torch.fft.rfft2(x) * self.weight, s=x.shape[-2:]) + self.beside(x))


class Functional(nn.Module):
    """LeNet as in tutorials: everything but the weights is a function."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.fc = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Linear(400, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(torch.tanh(self.conv2(x)), 2)
        return F.log_softmax(self.fc(F.dropout(x.flatten(1), training=self.training)), 1)


class InPlace(nn.Module):
    """Its first step writes into its input."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x.mul_(2).sub_(0.5)
        return F.relu_(self.conv(x))


class Keeping(nn.Module):
    """Keeps a tensor of its pass, counts its passes, and has weights of the old normalisations."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.utils.spectral_norm(nn.Conv2d(1, 4, 3, padding=1))
        self.two = nn.utils.weight_norm(nn.Conv2d(4, 4, 3, padding=1))
        self.register_buffer("passes", torch.zeros(()))
        self.forward(torch.rand(1, 1, 8, 8))

    def forward(self, x: Tensor) -> Tensor:
        self.passes += 1
        self.kept = self.one(x)
        return self.two(self.kept.relu())


class Casting(nn.Module):
    """Half precision inside, whatever comes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, 2, 1).half()

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.half()).float().relu()


class Normalised(nn.Module):
    """Subtracts the mean of its channels first, and appends where it is."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406])[:, None, None])
        self.conv = nn.Conv2d(5, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        b, _, h, w = x.shape
        rows, columns = torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w), indexing="ij")
        return self.conv(torch.cat([x - self.mean, torch.stack([rows, columns]).expand(b, -1, -1, -1)], 1)).relu()


class Mixer(nn.Module):
    """Mixes its tokens by a matrix over all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.patch, self.tokens, self.channels = nn.Conv2d(3, 8, 4, 4), nn.Linear(64, 64), nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patch(x).flatten(2)
        x = x + self.tokens(x)
        return (x.transpose(1, 2) + self.channels(x.transpose(1, 2))).mean(1)


class Transformed(nn.Module):
    """Bends its map before it goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.after = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        turn = torch.tensor([[[0.8, -0.6, 0.0], [0.6, 0.8, 0.0]]]).expand(len(x), -1, -1)
        return self.after(F.grid_sample(x, F.affine_grid(turn, list(x.shape), False), align_corners=False))


class ComplexGate(nn.Module):
    """Gates of rows and of columns, as coordinate attention has them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.rows, self.columns = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x * self.rows(x.mean(3, keepdim=True)).sigmoid() * self.columns(x.mean(2, keepdim=True)).sigmoid()


def lazy() -> nn.Module:
    return nn.Sequential(nn.LazyConv2d(4, 3, padding=1), nn.ReLU(), nn.LazyConv2d(4, 3, 2, 1))
