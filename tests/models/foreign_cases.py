"""Foreign networks and what is known of each: NETWORKS."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn

from core.models import Grid
from tests.models.foreign_modules import (
    Blur,
    Casting,
    ComplexGate,
    Functional,
    InPlace,
    Keeping,
    Mixer,
    Normalised,
    Spectral,
    Standardised,
    Transformed,
    Turns,
    lazy,
    upscaling,
)
from tests.models.foreign_networks import (
    Basic,
    Bottleneck,
    DeepLab,
    Inception,
    PlainViT,
    Pyramid,
    ResNet,
    Shuffle,
    Swin,
    UNet,
    ViT,
    autoencoder,
    convnext,
    densenet,
    mobile,
    squeezenet,
    vgg,
)
from tests.models.foreign_oddities import (
    ByName,
    ChannelsLast,
    Checkpointed,
    Complex,
    Cropping,
    Enlarging,
    Hooked,
    Listed,
    Mirrored,
    Recurrent,
    Shared,
    Unfolded,
)


@dataclass(frozen=True)
class Case:
    """A network and what is known of it.

    Attributes:
        make: the module. canvas: side of an image that it takes.
        strides: of some of its maps. left_out: of others, what the reason says.
        circular: whether a shift by whole strides moves its maps, if every padding goes round the canvas.
        grids: what must be declared.
    """

    make: Callable[[], nn.Module]
    strides: dict[str, float]
    left_out: dict[str, str] = field(default_factory=dict)
    circular: bool = True
    canvas: int = 32
    grids: dict[str, Grid] | None = None


ALL = "reads the whole image"
SMALL = "fewer than 4 a side"
NETWORKS: dict[str, Case] = {
    "vgg": Case(vgg, {"0.0": 1, "0.2": 2, "0.8": 8}, {"1": SMALL}),
    "resnet": Case(
        lambda: ResNet(Basic(8, 8, 1), Basic(8, 16, 2)),
        {"conv1": 2, "maxpool": 4, "layers.0.relu#2": 4, "layers.1.add()": 8, "layers.1.relu#2": 8},
        {"adaptive_avg_pool2d()": ALL},
        canvas=64,
    ),
    "resnet, bottlenecks": Case(
        lambda: ResNet(Bottleneck(8, 1), Bottleneck(16, 2)), {"layers.1.body.2": 8, "layers.1.relu()": 8}, canvas=64
    ),
    "resnet, averages": Case(
        lambda: ResNet(Bottleneck(8, 1, average=True), Bottleneck(16, 2, average=True)),
        {"layers.1.short.1": 8},
        canvas=64,
    ),
    "resnext": Case(lambda: ResNet(Bottleneck(8, 1, 4), Bottleneck(16, 2, 4)), {"layers.1.add()": 8}, canvas=64),
    "mobilenet v2": Case(lambda: mobile(nn.ReLU6, None), {"1.block.1.0": 2, "3.add()": 4}),
    "mobilenet v3": Case(
        lambda: mobile(nn.Hardswish, F.hardsigmoid),
        {"1.block.2.mul()": 2, "3.add()": 4},
        {"1.block.2.fc1": ALL, "3.block.2.hardsigmoid()": ALL},
    ),
    "efficientnet": Case(
        lambda: mobile(nn.SiLU, torch.sigmoid, 5), {"0.2": 2, "3.block.2.mul()": 4}, {"1.block.2.fc2": ALL}
    ),
    "squeezenet": Case(squeezenet, {"0": 2, "2": 4, "4.cat()": 4, "6.three": 8}, canvas=63, circular=False),
    "densenet": Case(densenet, {"2.cat()": 4, "3.3": 8, "4.cat()": 8}, canvas=64),
    "convnext": Case(convnext, {"0": 4, "2.pwconv1": 4, "2.add()": 4, "3.1": 8, "4.pwconv2": 8}),
    "u-net": Case(UNet, {"up2": 2, "up1": 1, "cat()": 2, "cat()#2": 1, "head": 1}),
    "u-net, bilinear": Case(lambda: UNet(True), {"up2": 2, "up1.0": 1, "head": 1}),
    "vit": Case(ViT, {"patch": 4, "encoder.layers.0.self_attn": 4, "encoder.layers.1.add()#2": 4}, circular=False),
    "vit of products": Case(lambda: PlainViT(False), {"embed": 4, "attention.proj": 4, "mlp.3": 4, "add()#2": 4}),
    "vit of einsum": Case(lambda: PlainViT(True), {"attention.proj": 4, "add()": 4}),
    "swin": Case(
        Swin,
        {"patch": 2, "one.add()": 2, "two.add()#2": 2, "merge": 4, "three.mlp.3": 4},
        {"one.attention.qkv": "batch", "cat()": "different grids"},
        circular=False,  # windows stay where they are
    ),
    "inception": Case(Inception, {"cat()": 2, "cat()#2": 4}),
    "shufflenet": Case(Shuffle, {"cat()": 2, "branch.1.0": 2}),
    "deeplab": Case(
        DeepLab, {"rates.2.0": 4, "last.0": 4, "interpolate()#2": 1}, {"image.1": ALL, "cat()": "have no place"}
    ),
    "autoencoder": Case(autoencoder, {"0": 2, "2": 4, "4": 2, "6": 1, "7": 1}),
    "feature pyramid": Case(Pyramid, {"lateral.2": 8, "interpolate()": 4, "add()": 4, "smooth": 2}),
    "turns": Case(
        Turns, {"lift": 1, "group": 1}, grids={"lift": Grid(group="rotation"), "group": Grid(1.0, group="rotation")}
    ),
    "turns, undeclared": Case(Turns, {"lift.conv2d()": 1}, {"lift": "declare", "group": "declare"}),
    "pixel shuffle": Case(upscaling, {"2": 1, "3": 0.5}),
    "standardised weights": Case(
        lambda: nn.Sequential(Standardised(3, 8, 3, 2, 1), nn.GroupNorm(2, 8), nn.ReLU(), Standardised(8, 8, 3)),
        {"0": 2, "2": 2, "3": 2},
        circular=False,  # one convolution without padding
    ),
    "parametrised": Case(
        lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(1, 4, 3, padding=1)), nn.ELU()),
        {"0": 1, "1": 1},
    ),
    "old normalisations": Case(Keeping, {"one": 1, "relu()": 1, "two": 1}),
    "compiled": Case(
        lambda: torch.compile(nn.Sequential(torch.compile(nn.Conv2d(1, 4, 3, 2, 1)), nn.ReLU())), {"0": 2, "1": 2}
    ),
    "half": Case(lambda: nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.MaxPool2d(2)).half(), {"0": 2, "2": 4}),
    "bfloat16": Case(lambda: nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU()).bfloat16(), {"0": 1}),
    "double": Case(lambda: nn.Sequential(nn.Conv2d(2, 8, 3, padding=1), nn.ReLU()).double(), {"0": 1}),
    "half inside": Case(Casting, {"conv": 2, "relu()": 2}),
    "functional": Case(
        Functional,
        {"conv1": 1, "relu()": 1, "max_pool2d()": 2, "conv2": 2, "tanh()": 2, "max_pool2d()#2": 4},
        circular=False,
    ),
    "in place": Case(InPlace, {"conv": 1, "relu()": 1}),
    "blurred pooling": Case(
        lambda: nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 1), Blur(4)),
        {"3": 2},
        circular=False,
    ),
    "fourier layer": Case(Spectral, {"fft_irfft2()": 1, "add()": 1, "beside": 1}),
    "coordinates": Case(Normalised, {"conv": 1}, circular=False),
    "mixer": Case(Mixer, {"patch": 4, "add()": 4, "channels": 4}, {"tokens": ALL}, circular=False),
    "bent": Case(Transformed, {"conv": 1}, {"after": "cannot be followed through grid_sample"}, circular=False),
    "gates of rows": Case(ComplexGate, {"conv": 2, "mul()#2": 2}, {"rows": "whole image"}),
    "lazy": Case(lazy, {"0": 1, "2": 2}),
    "maps by name": Case(ByName, {"one": 2, "relu()": 2, "two": 4}),
    "recurrent": Case(Recurrent, {"enter": 1, "again#4": 1, "tanh()#4": 1}),
    "kept corners": Case(Enlarging, {"conv": 1}, circular=False),
    "a cut skip": Case(Cropping, {"wide": 1, "inner": 1, "cat()": 1}, circular=False),
    "mirrored": Case(Mirrored, {"conv": 1, "add()": 1}, {"conv#2": "not evenly spaced"}),
    "checkpointed": Case(Checkpointed, {"body.0": 1, "body.1": 1, "last": 2}),
    "channels last": Case(ChannelsLast, {"patch": 4, "up": 4, "down": 4, "add()": 4}),
    "unfolded": Case(Unfolded, {"product": 1}, circular=False),
    "complex": Case(Complex, {"real": 1, "abs()": 1}),
    "one convolution at three strides": Case(Shared, {"conv": 1, "conv#2": 2, "pool#2": 4, "conv#3": 4}),
    "a hook of its own": Case(Hooked, {"conv": 1}),
    "a list": Case(Listed, {"conv": 1}),
}  # fmt: skip


def trained_looking(module: nn.Module) -> nn.Module:
    """Statistics and biases as after training: none is 0 or 1, and what convolutions make small grows again."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            with torch.no_grad():
                part.running_mean.normal_(0, 0.1)
                part.running_var.uniform_(0.02, 0.1)
                part.bias.normal_(0, 0.1)
    return module
