"""The controls hold, and each fails where what makes it hold is taken away."""

from dataclasses import replace

import pytest
import torch

from core.equivariance import measure
from core.equivariance.controls import CONTROLS, check
from core.models import load
from tests.formulas import all_glyphs


@pytest.fixture(scope="module")
def digits():
    return all_glyphs(0.7)[::10]


@pytest.mark.slow
def test_all_hold_on_trained_networks(digits):
    verdicts = [check(control, load(control.network), digits) for control in CONTROLS]
    assert [verdict.control for verdict in verdicts] == list(CONTROLS)
    assert all(verdict.holds for verdict in verdicts), verdicts
    for verdict in verdicts:
        control = verdict.control
        how = (control.amount,), control.resampler, control.transform
        report = measure(load(control.network), digits, *how)
        assert verdict.measured == pytest.approx(float(report.error.max()), rel=1e-5, abs=1e-7)
        assert verdict.layer in report.layers
    assert [control.expected for control in CONTROLS] == ["0 %", "0 %", "at most 0.1 %", "0 %", "at least 30 %"]
    assert CONTROLS[3].told == "t = 4.00 px"


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (0, {"network": "random_cnn"}),
        (1, {"amount": 1.1}),
        (2, {"resampler": "bicubic"}),
        (3, {"amount": 3.0}),
        (4, {"amount": 1.0}),
    ],
)
def test_each_can_fail(number, change, digits):
    control = replace(CONTROLS[number], **change)
    assert not check(control, load(control.network), digits).holds


def test_an_error_of_the_measure_would_show(digits, monkeypatch):
    """T' that forgets a map's stride moves pooled maps too far."""
    from core.transforms import TRANSFORMS

    translation = TRANSFORMS["translation"]
    act = type(translation).act
    monkeypatch.setattr(
        type(translation), "act", lambda self, found, amount, *how: act(self, replace(found, stride=1.0), amount, *how)
    )
    assert not check(CONTROLS[3], load("cnn"), digits).holds
    assert torch.isfinite(digits).all()
