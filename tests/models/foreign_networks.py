"""The layouts of well-known networks as people build them, with a few channels. None knows anything of `core`."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv_bn(c_in: int, c_out: int, k: int = 3, stride: int = 1, act: type = nn.ReLU, **how) -> nn.Sequential:
    conv = nn.Conv2d(c_in, c_out, k, stride, how.pop("padding", k // 2), bias=False, **how)
    return nn.Sequential(conv, nn.BatchNorm2d(c_out), act())


def vgg() -> nn.Module:
    layers: list[nn.Module] = []
    for c_in, c_out in ((3, 8), (8, 16), (16, 16)):
        layers += [nn.Conv2d(c_in, c_out, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2)]
    return nn.Sequential(nn.Sequential(*layers), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(), nn.Linear(64, 10))


class Basic(nn.Module):
    def __init__(self, c_in: int, c_out: int, stride: int):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False), nn.BatchNorm2d(c_out)
        self.conv2, self.bn2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False), nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride > 1 or c_in != c_out:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    def __init__(self, c: int, stride: int, groups: int = 1, average: bool = False):
        super().__init__()
        self.body = nn.Sequential(
            conv_bn(c, 8, 1), conv_bn(8, 8, 3, stride, groups=groups), nn.Conv2d(8, 16, 1), nn.BatchNorm2d(16)
        )
        if average:
            self.short = nn.Sequential(nn.AvgPool2d(stride, stride, ceil_mode=True), nn.Conv2d(c, 16, 1))
        else:
            self.short = nn.Conv2d(c, 16, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.body(x) + self.short(x))


class ResNet(nn.Module):
    def __init__(self, *blocks: nn.Module):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8)
        self.relu, self.maxpool = nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        self.layers, self.fc = nn.Sequential(*blocks), nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers(self.maxpool(self.relu(self.bn1(self.conv1(x)))))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class Squeeze(nn.Module):
    """Squeeze-and-excitation."""

    def __init__(self, c: int, scale: Callable[[Tensor], Tensor] = torch.sigmoid):
        super().__init__()
        self.fc1, self.fc2, self.scale = nn.Conv2d(c, 4, 1), nn.Conv2d(4, c, 1), scale

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale(self.fc2(F.relu(self.fc1(x.mean((2, 3), keepdim=True)))))


class Inverted(nn.Module):
    """The block of MobileNet v2 and v3 and of EfficientNet."""

    def __init__(self, c_in: int, c_out: int, k: int, stride: int, act: type, gate: Callable | None = None):
        super().__init__()
        wide = 2 * c_in
        self.block = nn.Sequential(
            conv_bn(c_in, wide, 1, act=act),
            conv_bn(wide, wide, k, stride, act, groups=wide),
            nn.Identity() if gate is None else Squeeze(wide, gate),
            nn.Conv2d(wide, c_out, 1, bias=False),
            nn.BatchNorm2d(c_out),
        )
        self.same = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x) if self.same else self.block(x)


def mobile(act: type, gate: Callable | None, k: int = 3) -> nn.Module:
    blocks = [Inverted(8, 8, k, 1, act, gate), Inverted(8, 12, k, 2, act, gate), Inverted(12, 12, 5, 1, act, gate)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(12, 10)]
    return nn.Sequential(conv_bn(3, 8, 3, 2, act), *blocks, *head)


class Fire(nn.Module):
    def __init__(self, c_in: int):
        super().__init__()
        self.squeeze, self.act = nn.Conv2d(c_in, 4, 1), nn.ReLU(inplace=True)
        self.one, self.three = nn.Conv2d(4, 8, 1), nn.Conv2d(4, 8, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.squeeze(x))
        return torch.cat([self.act(self.one(x)), self.act(self.three(x))], 1)


def squeezenet() -> nn.Module:
    pool = partial(nn.MaxPool2d, kernel_size=3, stride=2, ceil_mode=True)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(inplace=True), pool(), Fire(8), Fire(16), pool(), Fire(16),
        nn.Dropout(), nn.Conv2d(16, 10, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


class Dense(nn.Module):
    def __init__(self, c: int, count: int):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(c + 4 * i), nn.ReLU(), nn.Conv2d(c + 4 * i, 4, 3, padding=1, bias=False))
            for i in range(count)
        )

    def forward(self, x: Tensor) -> Tensor:
        features = [x]
        for layer in self.layers:
            features.append(layer(torch.cat(features, 1)))
        return torch.cat(features, 1)


def densenet() -> nn.Module:
    transition = nn.Sequential(nn.BatchNorm2d(20), nn.ReLU(), nn.Conv2d(20, 8, 1), nn.AvgPool2d(2, 2))
    return nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3), nn.MaxPool2d(3, 2, 1), Dense(8, 3), transition, Dense(8, 2))


class ConvNeXtBlock(nn.Module):
    def __init__(self, c: int):
        super().__init__()
        self.dwconv, self.norm = nn.Conv2d(c, c, 7, padding=3, groups=c), nn.LayerNorm(c)
        self.pwconv1, self.act, self.pwconv2 = nn.Linear(c, 4 * c), nn.GELU(), nn.Linear(4 * c, c)
        self.gamma = nn.Parameter(torch.full((c,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        return x + (self.gamma * self.pwconv2(self.act(self.pwconv1(y)))).permute(0, 3, 1, 2)


class ChannelNorm(nn.Module):
    def __init__(self, c: int):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(c)), nn.Parameter(torch.zeros(c))

    def forward(self, x: Tensor) -> Tensor:
        u = x.mean(1, keepdim=True)
        s = (x - u).pow(2).mean(1, keepdim=True)
        return self.weight[:, None, None] * ((x - u) / torch.sqrt(s + 1e-6)) + self.bias[:, None, None]


def convnext() -> nn.Module:
    down = nn.Sequential(ChannelNorm(8), nn.Conv2d(8, 16, 2, 2))
    return nn.Sequential(nn.Conv2d(3, 8, 4, 4), ChannelNorm(8), ConvNeXtBlock(8), down, ConvNeXtBlock(16))


class UNet(nn.Module):
    """The head is defined first; up by transposed convolution, or bilinear."""

    def __init__(self, bilinear: bool = False):
        super().__init__()
        self.head = nn.Conv2d(8, 2, 1)
        self.down1, self.down2, self.middle = conv_bn(3, 8), conv_bn(8, 16), conv_bn(16, 16)
        self.pool = nn.MaxPool2d(2)
        self.up2: nn.Module = nn.ConvTranspose2d(16, 16, 2, 2)
        self.up1: nn.Module = nn.ConvTranspose2d(16, 8, 4, 2, 1)
        if bilinear:
            self.up2 = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
            self.up1 = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(16, 8, 1))
        self.join2, self.join1 = conv_bn(32, 16), conv_bn(16, 8)

    def forward(self, x: Tensor) -> Tensor:
        one = self.down1(x)
        two = self.down2(self.pool(one))
        up = self.up2(self.middle(self.pool(two)))
        up = self.up1(self.join2(torch.cat([two, up], 1)))
        return self.head(self.join1(torch.cat([one, up], 1)))


class ViT(nn.Module):
    """Patches of 4, a class token, learned positions, encoder layers of torch."""

    def __init__(self, canvas: int = 32, dim: int = 16):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 4, 4)
        self.cls = nn.Parameter(torch.randn(1, 1, dim))
        self.place = nn.Parameter(torch.randn(1, (canvas // 4) ** 2 + 1, dim))
        layer = nn.TransformerEncoderLayer(dim, 2, 32, 0.1, "gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(dim, 10)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.patch(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls.expand(len(x), -1, -1), tokens], 1) + self.place
        return self.head(self.encoder(tokens)[:, 0])


class Attention(nn.Module):
    """By matrix products or by einsum, over (b, n, c)."""

    def __init__(self, dim: int, by_einsum: bool = False):
        super().__init__()
        self.qkv, self.proj, self.by_einsum = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim), by_einsum

    def forward(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, 2, c // 2).permute(2, 0, 3, 1, 4)
        if self.by_einsum:
            weights = torch.einsum("bhid,bhjd->bhij", q, k).softmax(-1)
            out = torch.einsum("bhij,bhjd->bhid", weights, v)
        else:
            out = (q @ k.transpose(-2, -1) * (c // 2) ** -0.5).softmax(-1) @ v
        return self.proj(out.transpose(1, 2).reshape(b, n, c))


class PlainViT(nn.Module):
    """No class token and no positions; patches by F.unfold."""

    def __init__(self, by_einsum: bool):
        super().__init__()
        self.embed, self.attention = nn.Linear(48, 16), Attention(16, by_einsum)
        self.mlp = nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.embed(F.unfold(x, 4, stride=4).transpose(1, 2))
        tokens = tokens + self.attention(tokens)
        return tokens + self.mlp(tokens)


class SwinBlock(nn.Module):
    """Attention in windows of 4, which are shifted or not, on (b, h, w, c)."""

    def __init__(self, dim: int, shift: int):
        super().__init__()
        self.norm, self.attention, self.shift = nn.LayerNorm(dim), Attention(dim), shift
        self.mlp = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        b, h, w, c = x.shape
        y = torch.roll(self.norm(x), (-self.shift, -self.shift), (1, 2))
        y = y.view(b, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, c)
        y = self.attention(y).view(b, h // 4, w // 4, 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)
        x = x + torch.roll(y, (self.shift, self.shift), (1, 2))
        return x + self.mlp(x)


class Swin(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patch, self.one, self.two = nn.Conv2d(3, 8, 2, 2), SwinBlock(8, 0), SwinBlock(8, 2)
        self.merge, self.three = nn.Linear(32, 16), SwinBlock(16, 0)

    def forward(self, x: Tensor) -> Tensor:
        x = self.two(self.one(self.patch(x).permute(0, 2, 3, 1)))
        parts = [x[:, i::2, j::2] for j in (0, 1) for i in (0, 1)]
        return self.three(self.merge(torch.cat(parts, -1)))


class Inception(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = conv_bn(3, 8, 3, 2)
        self.b1, self.b3, self.b5 = conv_bn(8, 4, 1), conv_bn(8, 4, 3), conv_bn(8, 4, 5)
        self.down3, self.pool = conv_bn(20, 8, 3, 2), nn.MaxPool2d(3, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        pooled = F.avg_pool2d(x, 3, 1, 1)
        x = torch.cat([self.b1(x), self.b3(x), self.b5(x), pooled], 1)
        return torch.cat([self.down3(x), self.pool(x)], 1)


class Shuffle(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = conv_bn(3, 8, 3, 2)
        self.branch = nn.Sequential(conv_bn(4, 4, 1), conv_bn(4, 4, 3, groups=4))

    def forward(self, x: Tensor) -> Tensor:
        left, right = self.stem(x).chunk(2, dim=1)
        y = torch.cat((left, self.branch(right)), dim=1)
        b, c, h, w = y.shape
        return y.view(b, 2, c // 2, h, w).transpose(1, 2).reshape(b, c, h, w)


class DeepLab(nn.Module):
    """Dilated convolutions, and the mean of the image beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(conv_bn(3, 8, 3, 2), conv_bn(8, 8, 3, 2))
        self.rates = nn.ModuleList(conv_bn(8, 4, 3, padding=r, dilation=r) for r in (1, 2, 3))
        self.image, self.last = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 4, 1)), conv_bn(16, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[-2:]
        x = self.stem(x)
        whole = F.interpolate(self.image(x), x.shape[-2:], mode="bilinear", align_corners=False)
        x = self.last(torch.cat([*(rate(x) for rate in self.rates), whole], 1))
        return F.interpolate(x, size, mode="bilinear", align_corners=False)


def autoencoder() -> nn.Module:
    down = [nn.Conv2d(1, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(8, 8, 4, 2, 1), nn.LeakyReLU(0.2)]
    up = [
        nn.ConvTranspose2d(8, 8, 4, 2, 1),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 3, 2, 1, output_padding=1),
        nn.Sigmoid(),
    ]
    return nn.Sequential(*down, *up)


class Pyramid(nn.Module):
    """A feature pyramid: nearest upsampling and sums; answers a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.c2, self.c3, self.c4 = conv_bn(3, 8, 3, 2), conv_bn(8, 16, 3, 2), conv_bn(16, 16, 3, 2)
        self.lateral = nn.ModuleList(nn.Conv2d(c, 8, 1) for c in (8, 16, 16))
        self.smooth = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        c2 = self.c2(x)
        c3 = self.c3(c2)
        p4 = self.lateral[2](self.c4(c3))
        p3 = self.lateral[1](c3) + F.interpolate(p4, scale_factor=2.0)
        p2 = self.lateral[0](c2) + F.interpolate(p3, size=c2.shape[-2:])
        return {"p4": p4, "p3": p3, "p2": self.smooth(p2)}
