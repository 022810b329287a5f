"""The edge of a photograph, masked or mirrored: what is compared, what is read there, and what the report says."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.data.colour_photographs import FOLDER, colour_photographs
from core.data.glyphs import GLYPHS
from core.equivariance import EDGES, join, measure, readings, readings_of_many, sweep, sweep_layer
from core.equivariance.edge import mirror_for, mirrored
from core.equivariance.measure import Pictures
from core.models import load, wrap
from core.transforms import TRANSFORMS

SIDE = 48


@pytest.fixture(scope="module")
def photographs():
    return colour_photographs(SIDE).images


def conv(**more) -> nn.Conv2d:
    torch.manual_seed(0)
    return nn.Conv2d(3, 4, 5, padding=2, bias=False, **more)


@pytest.fixture(scope="module")
def network():
    return wrap(nn.Sequential(conv(), nn.ReLU(), nn.MaxPool2d(2)), canvas=SIDE)


def test_the_photographs_are_there_in_colour_with_their_licence(photographs):
    found = colour_photographs(SIDE)
    assert found.names == ("astronaut.jpg", "chelsea.jpg", "coffee.jpg", "rocket.jpg")
    assert found.images.shape == (4, 3, SIDE, SIDE)
    assert (found.images.amax(1) - found.images.amin(1)).flatten(1).mean(1).min() > 0.05  # no grey ones
    told = (FOLDER / "README.md").read_text("utf-8")
    for name in found.names:
        line = next(line for line in told.splitlines() if name in line)
        assert "CC0" in line or "public domain" in line
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 150_000


@pytest.mark.parametrize("margin", [0, 3, 5, 13])
def test_a_mirrored_picture_goes_on_as_its_reflection(margin):
    picture = torch.arange(5.0).expand(1, 2, 4, 5)
    found = mirrored(picture, margin)
    assert found.shape == (1, 2, 4 + 2 * margin, 5 + 2 * margin)
    row = [*range(5), *range(5)[::-1]] * 6
    assert found[0, 0, 0].tolist() == (row[30 - margin : 30 + 5 + margin])
    assert torch.equal(mirrored(picture.mT, margin), found.mT)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_nothing_changes_where_nothing_is_done(edge, transform, network, photographs):
    report = measure(network, photographs, (TRANSFORMS[transform].identity,), transform=transform, edge=edge)
    assert (report.edge, report.transform) == (edge, transform)
    assert np.nanmax(report.error) == 0
    assert report.known.min() == 1


@pytest.mark.parametrize("shift", [-6.0, 2.0, 4.0])
def test_a_convolution_commutes_with_whole_pixels_up_to_the_edge_of_a_mirrored_picture(shift, network, photographs):
    """Float32 sums in another order are what is left; masked, the padding at the edge is an error of its own."""
    report = measure(network, photographs, (shift,), transform="translation", edge="mirrored")
    assert report.error.max() < 1e-6
    assert report.known.min() == 1
    masked = measure(network, photographs, (shift,), transform="translation", edge="masked")
    assert masked.error[0, 0] > 0.05
    assert masked.known[0, 0] == pytest.approx(1 - abs(shift) / SIDE)
    assert masked.side is None


@pytest.mark.parametrize(
    ("transform", "amount"), [("scale", 0.5), ("scale", 2.0), ("rotation", 45.0), ("translation", -5.0)]
)
def test_what_is_read_is_real_content(transform, amount, network):
    """An even picture stays even as far as a layer sees around it, whatever is done; masked, black comes in."""
    even = torch.full((1, 3, SIDE, SIDE), 0.5)
    seen = {
        edge: Pictures(network, even, "bicubic", transform=transform, edge=edge, amounts=(amount,)) for edge in EDGES
    }
    margin = (seen["mirrored"].side - SIDE) // 2
    inner = seen["mirrored"].at(amount)[..., margin - 12 : margin + SIDE + 12, margin - 12 : margin + SIDE + 12]
    assert float((inner - 0.5).abs().max()) < 1e-5
    if amount != 2.0:
        assert float(seen["masked"].at(amount).min()) < 0.05


@pytest.mark.slow
def test_mirrored_nothing_is_masked_and_the_share_that_is_kept_is_told(network, photographs):
    amounts = (0.5, 0.79, 1.26, 2.0)
    masked, whole = (measure(network, photographs, amounts, edge=edge) for edge in EDGES)
    assert whole.known.min() == 1
    assert whole.side > SIDE
    assert masked.known[0, 0] == pytest.approx((0.5 - 4 / SIDE) ** 2)  # half of each side, less what bicubic reads
    assert masked.known[0, 3] == 1
    assert not np.isnan(whole.error).any()
    assert (whole.image_cost > 0).all()


def test_the_margin_holds_whole_places_of_every_map(network, photographs):
    mirror = mirror_for(network, photographs, TRANSFORMS["scale"], (0.53,))
    assert all(mirror.margin % stride == 0 for stride in mirror.strides.values())
    assert mirror.grids["2"] == (SIDE // 2, SIDE // 2)
    less, more = (mirror_for(network, photographs, TRANSFORMS["scale"], (s,)).margin for s in (0.9, 0.5))
    assert less < mirror.margin <= more


@pytest.mark.slow
def test_registered_networks_may_be_shown_mirrored_photographs():
    grey, network = colour_photographs(28, 1).images, load("sesn_vector")
    report = measure(network, grey, (0.79,), edge="mirrored")
    assert report.edge == "mirrored"
    assert measure(network, grey, (0.79,)).edge == "masked"
    digit = torch.zeros(1, 1, 28, 28)
    digit[..., 10:18, 10:18] = 1.0
    assert measure(network, digit, (0.79,)).edge == "background"


def test_what_cannot_be_mirrored_is_refused(network, photographs):
    with pytest.raises(ValueError, match="edge must be one of masked, mirrored, got 'wrapped'"):
        measure(network, photographs, (0.5,), edge="wrapped")
    placed = wrap(AtItsPlace(), canvas=SIDE)
    with pytest.raises(
        ValueError, match=r"a mirrored edge needs a canvas of \d+ pixels, which the network does not take"
    ):
        measure(placed, photographs, (0.5,), edge="mirrored")
    with pytest.raises(ValueError, match="the canvas of this network changes"):
        measure(load("fourier"), torch.rand(1, 1, 28, 28), (0.5,), "ideal", edge="mirrored")
    with pytest.raises(ValueError, match="vector digits end in background"):
        measure(load("cnn"), GLYPHS[:1], (0.5,), edge="mirrored")


class AtItsPlace(nn.Module):
    """Adds something learned to every pixel, so no pixel may be missing or more."""

    def __init__(self):
        super().__init__()
        self.there, self.conv = nn.Parameter(torch.zeros(1, 3, SIDE, SIDE)), conv()

    def forward(self, x):
        return self.conv(x + self.there)


@pytest.mark.slow
@pytest.mark.parametrize("head", ["flat", "pooled"])
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_head_that_reads_one_size_alone_is_no_hindrance(head, transform, network, photographs):
    """Its maps are those of the network without it; what it says is read from the picture's own canvas."""
    flat = [nn.Flatten(), nn.Linear(4 * (SIDE // 2) ** 2, 10)]
    rest = flat if head == "flat" else [nn.AvgPool2d(SIDE // 2), nn.Flatten(), nn.Linear(4, 10)]
    headed = wrap(nn.Sequential(conv(), nn.ReLU(), nn.MaxPool2d(2), *rest), layers=network.layers, canvas=SIDE)
    amounts = (TRANSFORMS[transform].handle_amounts[3], TRANSFORMS[transform].handle_amounts[-5])
    how = {"transform": transform, "edge": "mirrored"}
    found, expected = (measure(each, photographs, amounts, **how) for each in (headed, network))
    assert found.known.min() == 1
    np.testing.assert_array_equal(found.error, expected.error)
    swept = sweep(headed, photographs[:1], amounts, **how)
    read = readings(headed, swept)
    torch.testing.assert_close(read[:1], headed(photographs[:1]).softmax(1))
    assert read.shape == (3, 10)


@pytest.mark.parametrize("edge", EDGES)
def test_a_sweep_of_a_photograph_is_the_measure_in_colour(edge, network, photographs):
    amounts = (0.63, 1.0, 1.59)
    found = sweep(network, photographs[:1], amounts, edge=edge)
    report = measure(network, photographs[:1], amounts, edge=edge)
    np.testing.assert_allclose(found.image_costs, report.image_cost, atol=1e-6)
    for i, layer in enumerate(report.layers):
        both = sweep_layer(found, layer)
        np.testing.assert_allclose(both.errors, report.error[i], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(both.costs, report.cost[i], rtol=1e-4, atol=1e-6)
        if found.mirror:
            assert (
                both.on_picture(found.mirror, layer).moved[0].values.shape
                == network.features(photographs[:1])[layer].values.shape
            )
    shown = found.window(32)
    torch.testing.assert_close(shown.original, photographs[:1])
    assert all(image.shape == photographs[:1].shape for image in shown.images)
    assert float(shown.images[0][0, :, 0, 0].sum() > 0) == (edge == "mirrored")  # black comes in where it is masked


@pytest.mark.parametrize("edge", EDGES)
def test_a_wrapped_network_reads_the_whole_picture_whatever_canvas_it_was_tried_on(edge, photographs):
    """Its answer is that of the module to x and T x, not one made of its maps, which lack the answer to blank."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 4, 5, padding=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    head = nn.Linear(4, 10)
    head.weight.data *= 50
    network = wrap(nn.Sequential(module, head), canvas=32)
    found = sweep(network, photographs[:1], (0.63, 1.0, 1.59), edge=edge)
    seen = found.window(32)
    with torch.no_grad():
        expected = network.module(torch.cat([photographs[:1], *seen.images])).softmax(1)
    assert float((expected[0] - expected[1]).abs().max()) > 1e-3
    torch.testing.assert_close(readings(network, found), expected)
    if edge == "masked":
        torch.testing.assert_close(readings_of_many(network, photographs[:1], found.amounts)[:, 0], expected[1:])


def test_what_is_kept_of_a_sweep_is_what_was_asked_for(network, photographs):
    found = sweep(network, photographs[:1], (0.63,), kept=lambda maps: {"0": maps["0"]})
    assert [list(maps) for maps in (found.before, *found.after)] == [["0"], ["0"]]


def test_reports_of_different_edges_are_not_joined(network, photographs):
    report = measure(network, photographs[:1], (2.0,))
    assert join([report, report]).edge == "masked"
    with pytest.raises(ValueError, match="cannot be joined"):
        join([report, replace(report, edge="mirrored")])
