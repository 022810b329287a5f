"""A network as a value: it loads the weights it names, and a reader hears which they are."""

import pytest
import torch

from core.checkpoints import FOLDERS
from core.models import MODELS, Shown, load, trainings
from core.scales import ScaleSet

SCALES = ScaleSet((1.0, 1.4, 2.4))


@pytest.mark.parametrize("scales", [None, SCALES])
def test_it_loads_the_weights_that_it_names(scales):
    settings = {} if scales is None else {"internal_scales": scales}
    torch.manual_seed(0)
    image = torch.rand(1, 1, 28, 28)
    answers = [Shown("sesn_vector", scales, digits).load()(image) for digits in FOLDERS]
    expected = [load("sesn_vector", trained_on=digits, **settings)(image) for digits in FOLDERS]
    assert all(torch.equal(*pair) for pair in zip(answers, expected, strict=True))
    assert not torch.allclose(*answers)


def test_only_unusual_digits_are_named_unless_digits_are_compared():
    usual, single, control = Shown("cnn"), Shown("cnn", trained_on="one size"), Shown("identity", trained_on="one size")
    assert (usual.title, usual.title_with_digits) == ("Plain CNN", "Plain CNN, trained on all sizes")
    assert single.title == single.title_with_digits == "Plain CNN, trained on one size"
    assert control.title == MODELS["identity"].title


def test_trainings_are_those_whose_weights_are_there(monkeypatch, tmp_path):
    assert trainings("cnn") == ("all sizes", "one size")
    assert trainings("random_cnn") == ()
    assert trainings("cnn", "paper") == ("all sizes",)
    monkeypatch.setitem(FOLDERS, "one size", tmp_path)
    assert trainings("cnn") == ("all sizes",)
