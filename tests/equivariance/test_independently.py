"""The whole measure once more in NumPy, from the definitions alone: own matrices, own shift, own norms."""

import numpy as np
import pytest
import torch

from core.equivariance import measure
from core.models import load
from core.models.measurable import background_margin
from tests.formulas import all_glyphs
from tests.thorough import rest

FACTORS = (0.5, 0.7, 2 ** (1 / 3), 2.0)


def keys(x):
    """The cubic convolution kernel of Keys (1981), a = −1/2."""
    x = np.abs(x)
    near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def matrix(n_out, n_in, s):
    """Output i reads at (i − middle) / s; shrinking widens the kernel. Rows sum to 1 over the endless grid."""
    reads = (np.arange(n_out) - (n_out - 1) / 2) / s + (n_in - 1) / 2
    width = max(1.0, 1 / s)
    endless = np.arange(-8 * n_in, 9 * n_in)
    total = keys((reads[:, None] - endless) / width).sum(1)
    return keys((reads[:, None] - np.arange(n_in)) / width) / total[:, None]


def resized(planes, s):
    a = matrix(planes.shape[-2], planes.shape[-2], s)
    return a @ planes @ matrix(planes.shape[-1], planes.shape[-1], s).T


def there_and_back(planes, s):
    n = planes.shape[-1]
    large = n + 2 * (n + 8)  # holds all that is enlarged by 2
    both = matrix(n, large, 1 / s) @ matrix(large, n, s)
    return both @ planes @ both.T


def weights(scales, sigma):
    """Of the scales around σ, linear in log σ; None beyond the ends."""
    logs, at = np.log2(scales), np.log2(sigma)
    if not logs[0] - 1e-3 < at < logs[-1] + 1e-3:
        return None
    return np.array([np.interp(at, logs, row) for row in np.eye(len(logs))])


def moved(values, scales, s):
    """T' of a map, and the places of its scale axis that are known."""
    if not scales:
        return resized(values, s), ...
    rows = [weights(scales, sigma / s) for sigma in scales]
    known = [i for i, row in enumerate(rows) if row is not None]
    blended = np.stack([np.tensordot(values, rows[i], (2, 0)) for i in known], axis=2)
    return resized(blended, s), (slice(None), slice(None), known)


def relative(a, b):
    axes = tuple(range(1, a.ndim))
    return np.sqrt(((a - b) ** 2).sum(axes) / (a**2).sum(axes))


def maps(network, images):
    with torch.no_grad():
        found = network.features(torch.from_numpy(images))
    return {layer: (each.values.numpy(), each.internal_scales) for layer, each in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("key", rest(["cnn", "sesn_vector", "dss"], "cnn", "sesn_vector"))
def test_error_and_cost_are_those_of_the_definitions_in_every_layer(key):
    network, digits = load(key).double(), all_glyphs(0.7)[[4, 27]].double()
    report = measure(network, digits, FACTORS)
    margin = background_margin(network)
    x = np.pad(digits.numpy(), [(0, 0), (0, 0), (margin, margin), (margin, margin)])
    before = maps(network, x)
    compared = 0
    for k, s in enumerate(FACTORS):
        after = maps(network, resized(x, s))
        np.testing.assert_allclose(report.image_cost_per_image[k], relative(x, there_and_back(x, s)), atol=1e-8)
        for i, layer in enumerate(report.layers):
            values, scales = before[layer]
            if scales and all(weights(scales, sigma / s) is None for sigma in scales):
                assert np.isnan(report.per_image[i, k]).all()
                continue
            a, known = moved(values, scales, s)
            np.testing.assert_allclose(report.per_image[i, k], relative(a, after[layer][0][known]), atol=1e-8)
            if not scales:
                expected = relative(values, there_and_back(values, s))
                np.testing.assert_allclose(report.cost_per_image[i, k], expected, atol=1e-8)
            compared += 1
    assert compared > 20
