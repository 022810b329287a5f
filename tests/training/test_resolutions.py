"""One head for all resolutions: its loss is the published one, and a network learns to read digits of every size."""

import math
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F

from core import checkpoints
from core.data.mnist import LabelledImages
from core.models import build
from core.models.fourier import Fourier, FourierConfig
from core.resampling import resize
from core.training import resolutions
from core.training.recipes import Recipe
from core.training.resolutions import (
    RESOLUTIONS,
    ResolutionFit,
    errors_by_resolution,
    mean_error,
    of_sides,
    shifted_around,
)
from core.training.shared_head import CONSISTENCY, shared_head_loss
from tests.formulas import drawn_digits, relative

TINY = FourierConfig(channels=(6, 8, 12), kernel=5, hidden=32, dropout=0.0)


def published_loss(logits, labels):
    """With loops: Σ_r CE_r and Σ_r max(0, CE_r − CE_{r−1}), for images that have all resolutions."""
    each = [float(F.cross_entropy(logits[:, r], labels)) for r in range(logits.shape[1])]
    return sum(each), sum(max(0.0, after - before) for before, after in pairwise(each))


def test_both_terms_are_the_published_ones():
    logits, labels = torch.randn(5, 7, 10, dtype=torch.float64), torch.arange(5)
    entropy, consistency = published_loss(logits, labels)
    found = shared_head_loss(logits, labels)
    assert float(found.cross_entropy) == pytest.approx(entropy)
    assert float(found.consistency) == pytest.approx(consistency)
    assert consistency > 0.1
    assert float(found.total) == pytest.approx(entropy + 0.001 * consistency)
    assert CONSISTENCY == 0.001


def sure_of(label, confidences):
    """Logits (1, r, 10) of which each resolution is more or less sure of the label."""
    return torch.stack([F.one_hot(torch.tensor([label]), 10) * each for each in confidences], dim=1).double()


def test_consistency_is_0_where_every_resolution_is_at_least_as_good_as_the_one_below():
    labels = torch.tensor([3])
    assert float(shared_head_loss(sure_of(3, [1.0, 2.0, 2.0, 4.0]), labels).consistency) == 0
    assert float(shared_head_loss(sure_of(3, [1.0]), labels).consistency) == 0
    falls = shared_head_loss(sure_of(3, [1.0, 3.0, 2.0, 4.0]), labels)
    cross = [math.log(9 + math.exp(c)) - c for c in (3.0, 2.0)]
    assert float(falls.consistency) == pytest.approx(cross[1] - cross[0])


def test_the_gradient_of_consistency_reaches_both_sides_of_a_rise_and_nothing_else():
    logits = sure_of(3, [1.0, 3.0, 2.0, 4.0]).requires_grad_()
    shared_head_loss(logits, torch.tensor([3])).consistency.backward()
    by_resolution = logits.grad[0, :, 3]
    assert by_resolution[1] > 0 > by_resolution[2]
    assert by_resolution[0] == by_resolution[3] == 0


def test_images_count_where_they_have_the_resolution():
    """Two images, one of a single resolution: the second mean is the other's alone, compared with its own first."""
    logits, labels = torch.randn(2, 2, 10, dtype=torch.float64), torch.tensor([1, 2])
    found = shared_head_loss(logits, labels, torch.tensor([[True, True], [True, False]]))
    ce = F.cross_entropy(logits.flatten(0, 1), labels.repeat_interleave(2), reduction="none").view(2, 2)
    assert float(found.cross_entropy) == pytest.approx(float(ce[:, 0].mean() + ce[0, 1]))
    assert float(found.consistency) == pytest.approx(max(0.0, float(ce[0, 1] - ce[0, 0])))
    for wrong in ([[True, True], [False, False]], [[False, True], [True, True]]):
        with pytest.raises(ValueError, match="every image must have the first resolution"):
            shared_head_loss(logits, labels, torch.tensor(wrong))


@pytest.fixture(scope="module")
def digits():
    found = drawn_digits(64)
    return found.images, found.labels


def test_an_image_of_fewer_samples_is_its_modes_on_the_grid_that_it_came_on(digits):
    images = digits[0][:4].double() / 255
    found = of_sides(images, torch.tensor([28, 8, 17, 17]))
    for image, after, side in zip(images, found, (28, 8, 17, 17), strict=True):
        there = resize(image[None], (side, side), "ideal")
        small = resize(after[None], (side, side), "ideal")
        if side % 2:  # an even canvas keeps half of a mode that the layers drop
            assert relative(small, there) < 1e-12
        assert relative(resize(small, (28, 28), "ideal"), after[None]) < 1e-12
    network = build("fourier").eval()
    with torch.no_grad():
        together = network.logits_by_resolution(found.float(), (8,))[:, 0]
        alone = network(resize(images.float(), (8, 8), "ideal"))
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)


def test_digits_are_shifted_around_by_a_quarter_at_most():
    mark = torch.zeros(4000, 1, 28, 28)
    mark[:, 0, 14, 14] = 1.0
    moved = shifted_around(mark, torch.Generator().manual_seed(0))
    assert (moved.flatten(1).sum(1) == 1).all()
    place = moved.flatten(1).argmax(1)
    down, across = place // 28 - 14, place % 28 - 14
    assert (int(down.min()), int(down.max()), int(across.min()), int(across.max())) == (-7, 7, -7, 7)
    still = ((down == 0) & (across == 0)).float().mean().item()
    assert still == pytest.approx(0.3 + 0.7 / 225, abs=0.04)  # five standard deviations


def test_a_digit_is_trained_at_its_own_size_and_those_below(digits, tmp_path):
    """The loss of a step against every digit on a canvas of its own size, in eval mode, where norms are fixed."""
    fit = ResolutionFit(build("fourier"), Recipe(), 0, tmp_path)
    network, labels = fit.network.eval(), digits[1][:12]
    images = resize(digits[0][:12].double() / 255, (27, 27), "ideal")  # an odd canvas has no mode of its own to lose
    images = resize(images, (28, 28), "ideal").float()
    sides = torch.randint(8, 29, (12,), generator=torch.Generator().manual_seed(5)).tolist()
    assert min(sides) < 12
    assert max(sides) > 24
    padded = torch.zeros(12, 21, 10)
    with torch.no_grad():
        for row, image, side in zip(padded, images, sides, strict=True):
            small = resize(image[None], (side, side), "ideal")
            row[: side - 7] = network.logits_by_resolution(small, range(8, side + 1))[0]
        found = fit.loss(images, labels, torch.Generator().manual_seed(5))
    present = torch.tensor([[r <= side for r in range(8, 29)] for side in sides])
    assert float(found) == pytest.approx(float(shared_head_loss(padded, labels, present).total), rel=1e-5)


def test_training_lowers_the_error_at_every_size(digits, tmp_path):
    """64 drawn digits, tiny, some seconds: sizes below 11 pixels are hard, chance is 90 %."""
    torch.manual_seed(0)
    data = LabelledImages(*digits)
    network = Fourier(TINY)
    before = mean_error(errors_by_resolution(network, *digits))
    fit = ResolutionFit(network, Recipe(epochs=40, batch_size=32), 0, tmp_path)
    losses = []
    assert fit.run(data, data, progress=lambda epoch, step, loss: losses.append(loss))
    after = mean_error(errors_by_resolution(network, *digits))
    assert before > 70
    assert after < 50
    assert after == pytest.approx(min(entry["validation_error"] for entry in fit.history), abs=1e-3)
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])


def test_every_digit_has_one_size_and_every_size_its_digits(digits):
    network = build("fourier").eval()
    errors = errors_by_resolution(network, *digits)
    assert list(errors) == list(RESOLUTIONS) == list(range(8, 29))
    images, labels = (part[3::21] for part in digits)
    with torch.no_grad():
        wrong = network(resize(images.float() / 255, (11, 11), "ideal")).argmax(1) != labels
    assert errors[11] == pytest.approx(100 * wrong.float().mean().item(), abs=1e-4)


def test_the_command_writes_a_card_with_the_error_of_every_size(monkeypatch, tmp_path, capsys, digits):
    monkeypatch.setattr(resolutions, "unscaled", lambda split: LabelledImages(*digits))
    options = ["--points", "band", "--epochs", "1", "--device", "cpu"]
    options += ["--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out")]
    assert resolutions.main(options) == 0
    card = checkpoints.read_card("fourier", "small", tmp_path / "out")
    assert card.config["points"] == "band"
    assert [side for side, _ in card.data["errors_by_resolution"]] == list(RESOLUTIONS)
    assert card.test_error == pytest.approx(sum(e for _, e in card.data["errors_by_resolution"]) / 21, abs=1e-2)
    assert card.command == "python -m core.training.resolutions --size small --points band --seed 0 --epochs 1"
    assert f"test error {card.test_error:.2f} %" in capsys.readouterr().out


def test_the_recipe_is_the_published_one():
    """train_mnist.py of github.com/ashiq24/Scale_Equivarinat_Fourier_Layer (6ed59da)."""
    recipe = resolutions.PUBLISHED
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (60, 128, 0.01)
    assert (recipe.weight_decay, recipe.schedule) == (0.03, "steps")
