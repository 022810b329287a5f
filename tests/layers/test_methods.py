"""Which method a convolution takes: by the estimate, by the layer's own wish, by a setting."""

import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from core.bases import hermite_basis_b
from core.layers import LiftingConv2d, ScaleConv2d, methods
from core.layers.frequency_grid import grids_of
from core.layers.methods import METHODS, Work, estimates, method_for, spectra_numbers

WORK = Work(
    batch=16, c_in=32, c_out=63, size=(28, 28), supports=(7, 9, 11, 15), planes=4, separable=(10**9, 10**9, 10**7, 0, 0)
)
BASIS = hermite_basis_b((1.0, 1.5), 6, 2, 1.5)


def methods_run(layer, x, monkeypatch):
    """The method that a layer takes, seen at what it calls."""
    called = []
    nothing = torch.zeros(2, 3, 2, 9, 9)
    monkeypatch.setattr("core.layers.scale_conv.filter_scales", lambda *_: called.append("direct") or nothing)
    monkeypatch.setattr("core.layers.spectral.correlate", lambda *_: called.append("spectral") or nothing)
    layer._separable = lambda *_: called.append("separable") or nothing
    layer(x)
    return called


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("by", ["layer", "setting"])
def test_what_is_wanted_is_what_runs(method, by, monkeypatch):
    layer = ScaleConv2d(2, 3, BASIS, bias=False, method=method if by == "layer" else "auto")
    cost = layer._separable.cost
    monkeypatch.setattr(type(layer), "_work", lambda self, x: replace(WORK, separable=cost(2, 3, 9, 9)))
    with methods.fixed(method if by == "setting" else "auto"):
        assert methods_run(layer, torch.randn(2, 2, 2, 9, 9), monkeypatch) == [method]


def test_a_layer_goes_before_the_setting_and_the_setting_ends_with_its_block():
    with methods.fixed("spectral"):
        assert method_for(WORK) == "spectral"
        assert method_for(WORK, "direct") == "direct"
        with methods.fixed("direct"):
            assert method_for(WORK) == "direct"
        assert method_for(WORK) == "spectral"
    assert method_for(WORK) == min(estimates(WORK), key=estimates(WORK).get)


def test_without_the_method_that_is_wanted_a_layer_is_direct():
    with methods.fixed("separable"):
        assert method_for(WORK) == "separable"
        assert method_for(replace(WORK, separable=None)) == "direct"
    layer = LiftingConv2d(1, 2, BASIS, stride=2)
    with methods.fixed("spectral"):  # which has stride 1 only
        strided = layer(torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(0)))
    assert torch.equal(strided, layer(torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))))


def test_an_unknown_method_is_refused_wherever_it_is_named():
    words = r"one of \('auto', 'direct', 'separable', 'spectral'\), got 'fft'"
    with pytest.raises(ValueError, match=words), methods.fixed("fft"):
        pass
    with pytest.raises(ValueError, match=words):
        LiftingConv2d(1, 1, BASIS, method="fft")


@pytest.mark.slow
@pytest.mark.parametrize(("value", "expected"), [("direct", "direct"), ("spectral", "spectral"), ("fft", "got 'fft'")])
def test_a_variable_holds_a_whole_process_to_one_method(value, expected, root):
    code = "from core.layers.methods import *; print(method_for(Work(16, 32, 63, (28, 28), (7, 15), 2)))"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, env={"EQUISCOPE_CONVOLUTION": value}
    )
    assert expected in (ended.stdout + ended.stderr).splitlines()[-1]


@pytest.mark.usefixtures("estimated_for")
def test_a_shape_has_one_method_and_wide_kernels_of_many_channels_have_spectra():
    for training in (False, True):
        work = replace(WORK, training=training, batch=128, functions=49)
        assert method_for(work) == method_for(replace(work)) == "spectral"
        narrow = replace(work, c_in=1, c_out=4, supports=(3, 3), planes=1, size=(28, 28))
        assert method_for(narrow) == "direct"


def test_spectra_are_counted_as_they_are_and_too_many_are_not_kept():
    layer = ScaleConv2d(32, 63, hermite_basis_b((2.0, 4.0), 6, 2, 1.5, lambda scales: (7, 15)))
    x = torch.randn(1, 32, 2, 28, 28)
    for interaction, planes in ((1, x), (2, x)):
        conv = ScaleConv2d(32, 63, layer.basis, interaction=interaction)
        on = grids_of(planes, layer.basis.supports, interaction)
        assert sum(each.numel() for each in conv.spectra(on)) == spectra_numbers(conv._work(planes))
    many = replace(WORK, batch=64, c_in=184, c_out=32, supports=(7,) * 8, planes=1, separable=None)
    assert spectra_numbers(many) * 4 > 128 * 2**20
    assert method_for(many) == "direct"
    assert method_for(replace(many, training=True)) == "spectral"


def test_each_kind_of_instructions_and_each_library_has_its_estimate(monkeypatch):
    found = []
    kinds = ("AVX512", True), ("AVX512", False), ("AVX2", False), ("AVX2", True), ("DEFAULT", False)
    for capability, onednn in kinds:
        monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda capability=capability: capability)
        monkeypatch.setattr(methods, "by_onednn", lambda onednn=onednn: onednn)
        found.append(estimates(WORK)["spectral"])
    assert found[2] == found[3] == found[4]  # others are taken for the least
    assert found[0] < found[1] != found[2]


@pytest.mark.parametrize("training", [False, True])
def test_an_estimate_grows_with_everything_that_takes_time(training):
    less = replace(WORK, training=training, functions=10)
    more = [
        replace(less, batch=32),
        replace(less, c_in=64),
        replace(less, c_out=126),
        replace(less, size=(56, 56)),
        replace(less, interaction=2),
        replace(less, supports=(7, 9, 11, 15, 17), planes=5),
    ]
    for work in more:
        for method in ("direct", "spectral"):
            assert estimates(work)[method] > estimates(less)[method], (method, work)
    more_separable = replace(less, separable=(2 * 10**9, 2 * 10**9, 2 * 10**7, 0, 0))
    assert estimates(more_separable)["separable"] > estimates(less)["separable"]
    assert estimates(replace(less, taps=(49, 49, 49, 49)))["direct"] < estimates(less)["direct"]  # dilated
