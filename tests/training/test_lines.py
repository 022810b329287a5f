"""The example in one dimension: lines of one kind at every rate, a network that commutes, and its training."""

import numpy as np
import pytest
import torch

from core.data.lines import KINDS, lines
from core.layers.fourier import limit_band
from core.models.fourier_lines import FourierLines, LineConfig
from core.training.lines import READ, TRAINED, errors_by_rate, train_on_lines
from tests.formulas import relative


def test_lines_at_another_rate_are_the_same_lines_resized():
    fine, kinds = lines(12, 64)
    for n in (16, 21, 40):
        coarse, same = lines(12, n)
        assert torch.equal(kinds, same)
        assert relative(coarse, limit_band(fine, (n,), n)) < 1e-6
    assert set(kinds.tolist()) == set(range(len(KINDS)))


def test_the_kinds_have_their_harmonics():
    """Sizes of the modes of a line, the first harmonic 1: 1/k of a saw, odd ones of a square, all alike of pulses."""
    found, kinds = lines(40, 127)
    sizes = np.abs(np.fft.rfft(found[:, 0].double().numpy())) * 2 / 127
    for line, kind in zip(sizes, kinds.tolist(), strict=True):
        tone = int(np.argmax(line > 1e-3))
        first, second, third = (line[tone * number] for number in (1, 2, 3))
        expected = {"saw": (1, 1 / 2, 1 / 3), "square": (1, 0, 1 / 3), "pulses": (0.3, 0.3, 0.3)}[KINDS[kind]]
        assert (first, second, third) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("points", ["full", "band"])
def test_its_maps_commute_and_its_head_reads_each_rate_as_if_the_line_came_so(points):
    torch.manual_seed(0)
    network, (fine, _) = FourierLines(LineConfig(points=points)), lines(4, 64)
    with torch.no_grad():
        together = network.logits_by_rate(fine, READ)
        for number, n in enumerate(READ):
            coarse = limit_band(fine, (n,), n)
            assert relative(network.features(coarse), limit_band(network.features(fine), (n,), n)) < 1e-5
            torch.testing.assert_close(together[:, number], network(coarse), rtol=0, atol=1e-5)


def test_training_on_some_rates_teaches_others():
    """48 lines, 40 steps, some seconds; chance is two in three wrong."""
    losses = []
    network = train_on_lines(LineConfig(channels=(4, 8)), 48, 40, progress=lambda step, loss: losses.append(loss))
    assert losses[-1] < 0.3 * losses[0]
    errors = errors_by_rate(network)
    assert set(errors) - set(TRAINED)
    assert max(errors.values()) < 20


def test_a_head_that_reads_samples_instead_would_not_be_shared():
    """Mutation: a ReLU on each sample in place of the nested one; answers then depend on the rate."""
    torch.manual_seed(0)
    network, (fine, _) = FourierLines(LineConfig()), lines(4, 64)
    network.activations = torch.nn.ModuleList(torch.nn.ReLU() for _ in network.activations)
    with torch.no_grad():
        coarse = network.features(limit_band(fine, (16,), 16))
        assert relative(coarse, limit_band(network.features(fine), (16,), 16)) > 1e-2


def test_wrong_lines_are_refused():
    network = FourierLines(LineConfig())
    for shape in ((1, 2, 32), (1, 1, 15), (1, 1, 65)):
        with pytest.raises(ValueError, match=r"^expected lines \(b, 1, n\) of 16 to 64 samples, got \(1, \d, \d\d\)$"):
            network(torch.zeros(shape))
    with pytest.raises(ValueError, match=r"^expected at least one line and one sample, got 0 and 8$"):
        lines(0, 8)
