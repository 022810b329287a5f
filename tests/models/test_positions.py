"""Positions that are followed through operations, against those that a NaN in the image shows."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.models import wrap
from core.models.positions import Positions
from core.models.recording import Recorder

CANVAS = 32


class Of(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def fields(module: nn.Module, axis: int) -> list[tuple[float, float]]:
    """First and last row (or column) of the image that each of a map's reads: a NaN there becomes one of the map."""
    low: dict[int, int] = {}
    high: dict[int, int] = {}
    for place in range(CANVAS):
        image = torch.full((1, 1, CANVAS, CANVAS), 0.5, dtype=torch.float64)
        image.select(axis, place).fill_(torch.nan)
        read = module(image).isnan().flatten(0, 1).any(0).any(-1 if axis == -2 else -2)
        for sample in read.nonzero().flatten().tolist():
            low.setdefault(sample, place)
            high[sample] = place
    return [(low[sample], high[sample]) for sample in sorted(low)]


def seen_positions(module: nn.Module, axis: int) -> dict[int, float]:
    """The middle of the field of every sample that no border cuts."""
    found = fields(module.double(), axis)
    widest = max(high - low for low, high in found)
    inner = {i: (low + high) / 2 for i, (low, high) in enumerate(found) if low > 0 and high < CANVAS - 1}
    return {i: at for i, at in inner.items() if found[i][1] - found[i][0] >= widest - 1}


CASES = {
    "even kernel": lambda: nn.Conv2d(1, 2, 4, padding=1),
    "stride": lambda: nn.Conv2d(1, 2, 5, 3, 1),
    "dilated": lambda: nn.Conv2d(1, 2, 3, 2, 2, dilation=2),
    "even and dilated": lambda: nn.Conv2d(1, 2, (4, 4), dilation=3),
    "depthwise": lambda: nn.Sequential(nn.Conv2d(1, 4, 2, 2), nn.Conv2d(4, 4, 3, 1, 1, groups=4)),
    "max pooling": lambda: nn.MaxPool2d(3, 2, 1),
    "dilated pooling": lambda: nn.MaxPool2d(2, 1, dilation=3),
    "mean pooling": lambda: nn.AvgPool2d(4, 2, 1),
    "adaptive pooling": lambda: nn.AdaptiveAvgPool2d(8),
    "adaptive maximum": lambda: nn.AdaptiveMaxPool2d(16),
    "three steps": lambda: nn.Sequential(nn.Conv2d(1, 2, 4, 2, 1), nn.MaxPool2d(2, 2), nn.Conv2d(2, 2, 2)),
    "upsampling and convolution": lambda: nn.Sequential(
        nn.AvgPool2d(2), nn.Upsample(scale_factor=2), nn.AvgPool2d(2, 2), nn.Conv2d(1, 1, 3)
    ),
    "same, even": lambda: nn.Conv2d(1, 2, 4, padding="same"),
    "padding of one side": lambda: nn.Sequential(nn.ZeroPad2d((2, 0, 2, 0)), nn.Conv2d(1, 2, 3)),
    "reflection": lambda: nn.Conv2d(1, 2, 5, padding=2, padding_mode="reflect"),
    "slices": lambda: Of(lambda x: x[..., 1::2, 1::2] + x[..., 1::2, 1::2]),
    "a crop": lambda: Of(lambda x: F.pad(x, (-3, -1, -3, -1))),
    "windows": lambda: Of(lambda x: x.unfold(2, 4, 2).unfold(3, 4, 2).mean((-1, -2))),
    "columns and back": lambda: Of(lambda x: F.unfold(x, 3, stride=2, padding=1).mean(1).view(-1, 1, 16, 16)),
    "pixels into channels": lambda: nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(4, 2, 1)),
    "means of an axis": lambda: Of(lambda x: x.reshape(-1, 1, 16, 2, 16, 2).mean((3, 5))),
    "whole numbers of rows": lambda: Of(lambda x: F.interpolate(x, size=(16, 16), mode="nearest")),
    "in place": lambda: Of(lambda x: F.relu_(x.mul_(2)[:, :, ::2, ::2].add_(1))),
    "written into another": lambda: Of(written),
}


def written(x: Tensor) -> Tensor:
    out = torch.zeros(len(x), 2, 16, 16, dtype=x.dtype)
    out[:, :1] = x[..., ::2, ::2]
    out[:, 1:] = F.avg_pool2d(x[..., ::2, ::2], 3, 1, 1)
    return out


@pytest.mark.parametrize("name", CASES)
def test_positions_are_the_middles_of_what_is_read(name):
    torch.manual_seed(0)
    module = CASES[name]()
    last = [f"{len(module) - 1}"] if isinstance(module, nn.Sequential) else None
    network = wrap(module, last, canvas=CANVAS)
    found = network.features(torch.rand(1, 1, CANVAS, CANVAS))[network.layers[-1]]
    for axis, centre in zip((-2, -1), found.centre, strict=True):
        seen = seen_positions(module, axis)
        m = found.values.shape[axis]
        assert len(seen) >= 4
        for i, at in seen.items():
            place = (i - (m - 1) / 2 - centre) * found.stride + (CANVAS - 1) / 2
            assert abs(place - at) <= 1e-6


@pytest.mark.parametrize(
    ("up", "stride", "first"),
    [  # where a sample lies between those that it is made of: half-pixel centres, or the corners of both
        (nn.ConvTranspose2d(1, 1, 2, 2), 0.5, -0.25),
        (nn.ConvTranspose2d(1, 1, 4, 2, 1), 0.5, -0.25),
        (nn.ConvTranspose2d(1, 1, 3, 2, 1, output_padding=1), 0.5, 0.0),
        (nn.ConvTranspose2d(1, 1, 3, 1, 1, dilation=1), 1.0, 0.0),
        (nn.Upsample(scale_factor=2), 0.5, -0.25),
        (nn.Upsample(scale_factor=4, mode="bilinear"), 0.25, -0.375),
        (nn.Upsample(size=(63, 63), mode="bilinear", align_corners=True), 0.5, 0.0),
        (nn.Upsample(scale_factor=2, mode="bicubic"), 0.5, -0.25),
        (nn.PixelShuffle(2), 0.5, -0.25),
    ],
)
def test_what_makes_more_samples_places_them_between(up, stride, first):
    module = nn.Sequential(nn.Conv2d(1, 4, 1), up) if isinstance(up, nn.PixelShuffle) else nn.Sequential(up)
    name = str(len(module) - 1)
    found = wrap(module, [name], canvas=CANVAS).features(torch.rand(1, 1, CANVAS, CANVAS))[name]
    m = found.values.shape[-1]
    assert found.stride == stride
    assert found.centre[0] == pytest.approx(((CANVAS - 1) / 2 - first) / stride - (m - 1) / 2, abs=1e-6)


def test_places_of_many_channels_stay_a_row_and_a_column():
    """They take the memory of one side of the map, whatever is padded, pooled or convolved."""
    module = nn.Sequential(
        nn.ZeroPad2d(1), nn.Conv2d(1, 64, 3, 2), nn.ReLU(), nn.ZeroPad2d((0, 1, 0, 1)),
        nn.Conv2d(64, 64, 3, 2, groups=64), nn.Conv2d(64, 32, 1), nn.MaxPool2d(2), nn.Upsample(scale_factor=2),
    ).eval()  # fmt: skip
    image = torch.rand(1, 1, CANVAS, CANVAS)
    with Recorder(positions=Positions(image)) as recorder:
        module(image)
    assert recorder.found
    for name, found in recorder.found.items():
        for places in found.places:
            assert places.untyped_storage().nbytes() <= places.element_size() * (CANVAS + 4), name


def test_a_smooth_image_is_upsampled_where_the_grid_says():
    """The values agree with the positions: x itself, sampled again, is what upsampling makes of a ramp."""
    ramp = torch.arange(CANVAS, dtype=torch.float32)[:, None].expand(1, 1, CANVAS, CANVAS)
    network = wrap(nn.Sequential(nn.Upsample(scale_factor=4, mode="bilinear")), canvas=CANVAS)
    found = network.features(ramp)["0"]
    m = found.values.shape[-2]
    places = (torch.arange(m) - (m - 1) / 2 - found.centre[0]) * found.stride + (CANVAS - 1) / 2
    torch.testing.assert_close(found.values[0, 0, 8:-8, 0], places[8:-8])


def test_tokens_are_read_out_row_by_row():
    """A map of tokens is the map that they were made of, whatever their order."""
    order = torch.randperm(64, generator=torch.Generator().manual_seed(0))
    patch = nn.Conv2d(1, 3, 4, 4)
    module = nn.Sequential(patch, Of(lambda x: torch.cat([x[:, :, :1, 0] * 0, x.flatten(2)[:, :, order]], 2)))
    network = wrap(module, canvas=CANVAS)
    maps = network.features(torch.rand(2, 1, CANVAS, CANVAS))
    torch.testing.assert_close(maps["1"].values, maps["0"].values)
    assert (maps["1"].stride, maps["1"].centre) == (maps["0"].stride, maps["0"].centre)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda x: x.flip(-1), "not evenly spaced"),
        (lambda x: x.roll(3, -1), "not evenly spaced"),
        (lambda x: x[..., ::2, :], "its stride is 2 down and 1 across"),
        (lambda x: torch.cat([x[..., ::2, ::2], x[..., 1::2, 1::2]], 1), "different grids"),
        (
            lambda x: torch.cat([x[..., :31, :31], x[..., :31, :31] + F.avg_pool2d(x, 2, 1)], 1),
            "different grids",
        ),  # ¼ px
        (lambda x: x.mean((2, 3), keepdim=True).expand_as(x), "reads the whole image"),
        (lambda x: x.reshape(-1, 1, 16, 16), "its batch is not that of the images"),
        (lambda x: F.grid_sample(x, torch.zeros(len(x), 8, 8, 2), align_corners=False), "followed through grid_sample"),
        (lambda x: x.flatten(2).sort(-1)[0].view(-1, 1, 32, 32), "followed through sort"),
        (lambda x: torch.jit.script(cubed)(x), "followed through 1"),
    ],
)
def test_what_has_no_grid_says_why(function, reason):
    module = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), Of(function))
    network = wrap(module, canvas=CANVAS)
    assert network.layers == ("0",)
    assert reason in network.left_out["1"]
    with pytest.raises(ValueError, match="the grid of layer '1'"):
        wrap(module, ["1"], canvas=CANVAS)


def cubed(x: Tensor) -> Tensor:
    return x * x * x
