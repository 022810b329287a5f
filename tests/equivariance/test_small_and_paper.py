"""Why the small SESN commutes better than the published one: its functions, and then how far its kernels reach."""

import torch

from core.data.glyphs import glyph
from core.equivariance import measure
from core.models import build

FACTORS = (0.5, 2 ** (-1 / 3))


def error_of_lifting(size, **settings):
    """Of random weights, mean over factors and two digits; the first convolution of few channels is enough for it."""
    torch.manual_seed(0)
    network = build("sesn_vector", size, channels=(16, 2, 2), hidden=2, **settings).eval()
    digits = torch.cat([glyph(name).render(0.7) for name in ("3-round", "7-slanted")])
    report = measure(network, digits, FACTORS)
    return report.error[report.layers.index("conv1")].mean()


def test_functions_matter_more_than_the_reach_of_kernels():
    paper, small = error_of_lifting("paper"), error_of_lifting("small")
    few, far = error_of_lifting("paper", num_functions=10, max_order=3), error_of_lifting("paper", filter_side=None)
    both = error_of_lifting("paper", num_functions=10, max_order=3, filter_side=None)
    assert paper > 5 * small
    assert few < 0.7 * paper
    assert 0.75 * paper < far < paper
    assert both < 0.8 * few
    assert error_of_lifting("small", num_functions=49, max_order=4) > 5 * small
    assert small < error_of_lifting("small", filter_side=7)
