"""Vector fields over scale: what is larger turns the vectors, and turned vectors are found at a larger scale."""

import math

import pytest
import torch
import torch.nn.functional as F

from core.layers import RescaledConv2d, VectorFieldConv2d, VectorPool, VectorProjection, magnitude
from core.layers.vector_field import scale_angles
from tests.formulas import blobs, relative

SCALES = (0.5, 1.0, 2.0)
PER_OCTAVE = 0.7


def turn(field, angle):
    u, v = field.unbind(2)
    return torch.stack([math.cos(angle) * u - math.sin(angle) * v, math.sin(angle) * u + math.cos(angle) * v], 2)


def field_of(scale_factor, angle=0.0):
    """A smooth vector field by formula, two channels, enlarged and turned."""
    planes = blobs(3, 121, scale_factor, width=4.0, spread=6.0, channels=4)
    return turn(planes.unflatten(1, (2, 2)), angle)


@pytest.mark.parametrize("low", [0, 1])
def test_a_field_that_is_enlarged_and_turned_answers_one_scale_up(low):
    layer = VectorFieldConv2d(2, 3, SCALES, kernel=5, per_octave=PER_OCTAVE).double()

    def error(angle):
        with torch.no_grad():
            small, large = layer(field_of(1.0)), layer(field_of(2.0, angle))
        return relative(large[:, :, low + 1, 10:111:2, 10:111:2], small[:, :, low, 35:86, 35:86])

    assert error(PER_OCTAVE) < 1e-3  # 3e-4 is reached: the resampler
    assert error(0.0) > 0.3  # mutations: the field does not turn, or the other way
    assert error(-PER_OCTAVE) > 0.3


def test_the_projection_turns_with_the_size_of_what_it_sees():
    """First layer to field: an image twice as large gives the same vectors, turned by α, at places twice as far."""
    scales = (0.5, 1.0, 2.0, 4.0)
    conv = RescaledConv2d(1, 2, scales, kernel=5).double()
    project = VectorProjection(scales, per_octave=PER_OCTAVE)

    def field(image, scales_used):
        largest, direction = VectorProjection(scales[scales_used], 1.0, PER_OCTAVE)(conv(image)[:, :, scales_used])
        return largest[:, :, None] * direction

    with torch.no_grad():
        small = field(blobs(0, 121, 1.0, width=4.0, spread=6.0), slice(0, 3))[..., 35:86, 35:86]
        large = field(blobs(0, 121, 2.0, width=4.0, spread=6.0), slice(1, 4))[..., 10:111:2, 10:111:2]
        assert project(conv(torch.zeros(1, 1, 8, 8).double()))[0].abs().max() == 0
    # Where two scales tie, the resampler decides, so the error is that of a few places: 0.05 is reached.
    assert relative(large, turn(small, PER_OCTAVE)) < 0.1
    assert relative(large, small) > 0.3
    assert relative(magnitude(large), magnitude(small)) < 0.02


def test_the_convolution_is_a_scalar_product_with_the_turned_weight():
    layer = VectorFieldConv2d(2, 3, (0.5, 1.0), kernel=3, per_octave=PER_OCTAVE).double()
    field = torch.randn(2, 2, 2, 6, 7, dtype=torch.float64)
    with torch.no_grad():
        found = layer(field)
        assert found.shape == (2, 3, 2, 6, 7)
        padded, weight = F.pad(field, (1, 1, 1, 1)), layer.turned_weights()[1]
        torch.testing.assert_close(weight, layer.weight)  # at the reference nothing turns
        for o in range(3):
            expected = sum(
                weight[o, i, part, row, column] * padded[:, i, part, row : row + 6, column : column + 7]
                for i in range(2) for part in range(2) for row in range(3) for column in range(3)
            )  # fmt: skip
            torch.testing.assert_close(found[:, o, 1], expected, rtol=0, atol=1e-12)
        back = turn(layer.turned_weights()[0], PER_OCTAVE)
    torch.testing.assert_close(back, layer.weight.detach())


def test_angles_grow_with_the_logarithm_of_the_scale_whatever_else_is_in_the_set():
    assert scale_angles((1.0, 2.0, 8.0), 2.0, 0.5) == pytest.approx((-0.5, 0.0, 1.0))
    assert scale_angles((8.0,), 2.0, 0.5) == pytest.approx((1.0,))


def test_the_projection_keeps_the_largest_response_and_its_scale():
    responses = torch.randn(2, 3, 3, 4, 5)
    largest, direction = VectorProjection(SCALES, per_octave=PER_OCTAVE)(responses)
    for place in torch.cartesian_prod(*map(torch.arange, largest.shape)).tolist():
        b, c, i, j = place
        values = responses[b, c, :, i, j].tolist()
        angle = PER_OCTAVE * (values.index(max(values)) - 1)
        assert float(largest[b, c, i, j]) == max(values)
        assert direction[b, c, :, i, j].tolist() == pytest.approx([math.cos(angle), math.sin(angle)])


def test_pooling_keeps_the_longest_vector_or_the_average():
    field = torch.randn(2, 3, 2, 4, 6)
    longest, average = VectorPool("max")(field), VectorPool("average")(field)
    for i in range(2):
        for j in range(3):
            window = field[..., 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].flatten(-2)  # (2, 3, 2, 4)
            torch.testing.assert_close(average[..., i, j], window.mean(-1))
            for b in range(2):
                for c in range(3):
                    best = max(window[b, c].T.tolist(), key=lambda v: math.hypot(*v))
                    assert longest[b, c, :, i, j].tolist() == best
    turned = VectorPool("max")(turn(field, 1.0))
    torch.testing.assert_close(turned, turn(longest, 1.0))  # turning the field turns what is kept


def test_a_vector_of_no_length_has_a_gradient_of_0():
    field = torch.zeros(1, 1, 2, 1, 2)
    field[0, 0, :, 0, 0] = torch.tensor([3.0, 4.0])
    field.requires_grad_()
    length = magnitude(field)
    assert length.tolist() == [[[[5.0, 0.0]]]]
    length.sum().backward()
    assert field.grad[0, 0, :, 0].T.tolist() == [pytest.approx([0.6, 0.8]), [0.0, 0.0]]


def test_wrong_input_is_refused_with_what_came():
    with pytest.raises(ValueError, match="expected 2 channels of vectors, got 3"):
        VectorFieldConv2d(2, 1, SCALES)(torch.zeros(1, 3, 2, 8, 8))
    with pytest.raises(ValueError, match="odd number of pixels, got 2"):
        VectorFieldConv2d(2, 1, SCALES, kernel=2)
    with pytest.raises(ValueError, match=r"positive and ascending, got \(-1.0, 1.0\)"):
        VectorFieldConv2d(2, 1, (-1.0, 1.0))
    with pytest.raises(ValueError, match="expected 3 scales, got 2"):
        VectorProjection(SCALES)(torch.zeros(1, 1, 2, 4, 4))
    with pytest.raises(ValueError, match="'max' or 'average', got 'median'"):
        VectorPool("median")
    with pytest.raises(ValueError, match="even canvas, got 3×4"):
        VectorPool()(torch.zeros(1, 1, 2, 3, 4))
