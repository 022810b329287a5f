"""`python -m core.training.stl10`: ten steps lower the loss, and a checkpoint says how it was made."""

import pytest
import torch

from core import checkpoints
from core.data.stl10 import load_stl10
from core.models.as_published import WideConfig, WideResidual
from core.training import error_rate
from core.training.recipes import PhotographRecipe
from core.training.stl10 import __main__ as command
from core.training.stl10.fit import PhotographFit
from tests.data.stl10.made import believe, write_files
from tests.thorough import rest

NARROW = {"widen": 1, "blocks": 1}
VARIANTS = {
    "plain": WideConfig(**NARROW),
    "a": WideConfig((0.9, 1.27, 1.79), **NARROW),
    "b": WideConfig((0.9, 1.27, 1.79), lifts_again=(2, 3), **NARROW),
    "c": WideConfig((1.1, 1.55, 2.19), interaction=2, **NARROW),
}


@pytest.fixture
def folder(monkeypatch, tmp_path):
    folder = write_files(tmp_path / "stl10")
    believe(monkeypatch, folder)
    monkeypatch.setenv("EQUISCOPE_STL10", str(folder))
    return folder


def narrow(name):
    torch.manual_seed(0)
    return WideResidual(VARIANTS[name])


@pytest.mark.parametrize("name", rest(VARIANTS, "b"))
def test_ten_steps_lower_the_loss(name, folder, tmp_path):
    """Six pictures, one batch: the last three losses against the first three, below 0.85 of them."""
    recipe = PhotographRecipe(epochs=10, batch_size=6, learning_rate=0.02, milestones=())
    fit = PhotographFit(narrow(name), recipe, 0, tmp_path / "run")
    losses = []
    assert fit.run(load_stl10("train"), None, progress=lambda epoch, step, loss: losses.append(loss))
    assert len(losses) == 10
    assert sum(losses[-3:]) < 0.85 * sum(losses[:3])
    assert [entry["epoch"] for entry in fit.history] == list(range(1, 11))
    assert all("validation_error" not in entry for entry in fit.history)


def test_a_stopped_run_ends_with_the_weights_of_one_that_was_not(folder, tmp_path):
    def fit(place):
        return PhotographFit(narrow("plain"), PhotographRecipe(epochs=2, batch_size=3), 4, tmp_path / place)

    straight, training = fit("straight"), load_stl10("train")
    assert straight.run(training, None)
    for _ in range(3):
        stopped = fit("stopped")
        stopped.resume()
        assert not stopped.run(training, None, max_minutes=0.0)
    goes_on = fit("stopped")
    assert goes_on.resume()
    assert (goes_on.epoch, goes_on.step) == (1, 1)
    assert goes_on.run(training, None)
    for name, value in straight.network.state_dict().items():
        assert torch.equal(goes_on.network.state_dict()[name], value), name


def test_the_recipe_is_the_published_one():
    """github.com/ISosnovik/sesn (deaa16c), experiments_stl.sh: rates ×0.2 at 300, 400, 600 and 800 of 1,000 epochs."""
    recipe = PhotographRecipe.for_batches_of(128)
    assert (recipe.epochs, recipe.batch_size, recipe.momentum, recipe.weight_decay) == (1000, 128, 0.9, 0.0005)
    steps = {0: 0.1, 299: 0.1, 300: 0.02, 399: 0.02, 400: 0.004, 599: 0.004, 600: 8e-4, 799: 8e-4, 800: 1.6e-4}
    assert {epoch: pytest.approx(rate) for epoch, rate in steps.items()} == {e: recipe.rate_after(e) for e in steps}
    assert PhotographRecipe.for_batches_of(64).learning_rate == 0.05
    for wrong in ({"epochs": 0}, {"batch_size": -1}):
        with pytest.raises(ValueError, match="must be a whole number of at least 1, got"):
            PhotographRecipe(**wrong)


def test_training_steps_with_nesterovs_momentum(tmp_path):
    fit = PhotographFit(narrow("plain"), PhotographRecipe(), 0, tmp_path)
    (group,) = fit.optimizer.param_groups
    assert isinstance(fit.optimizer, torch.optim.SGD)
    assert (group["nesterov"], group["momentum"], group["weight_decay"]) == (True, 0.9, 0.0005)


def test_the_command_ends_in_a_checkpoint_with_a_card(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "published_wide", lambda name: WideResidual(VARIANTS["b"]))
    options = ["wrn_16_8_ses_b", "--epochs", "2", "--batch-size", "6", "--seed", "3", "--device", "cpu"]
    options += ["--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out")]
    assert command.main([*options, "--max-minutes", "0"]) == 3
    assert command.main(options) == 0
    captured = capsys.readouterr()
    assert "0 of 2 epochs are done" in captured.err
    card = checkpoints.read_card("wrn_16_8_ses_b", "published", tmp_path / "out")
    network = WideResidual(VARIANTS["b"])
    checkpoints.load_weights(network, "wrn_16_8_ses_b", "published", tmp_path / "out")
    test = load_stl10("test")
    assert card.test_error == pytest.approx(error_rate(network.eval(), test.images, test.labels), abs=1e-3)
    assert f"test error {card.test_error:.2f} %" in captured.out
    assert (card.epochs, card.test_images, card.data["training_images"], len(card.history)) == (2, 4, 6, 2)
    assert card.recipe["learning_rate"] == pytest.approx(0.1 * 6 / 128)
    assert card.command == "python -m core.training.stl10 wrn_16_8_ses_b --seed 3 --batch-size 6 --epochs 2"


def test_without_photographs_nothing_is_fetched_and_a_sentence_says_so(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EQUISCOPE_STL10", str(tmp_path / "none"))
    assert command.main(["wrn_16_8", "--runs", str(tmp_path), "--out", str(tmp_path), "--device", "cpu"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"EQUISCOPE_STL10 names {tmp_path / 'none'}, which has no train_X.bin")
    assert len(said.splitlines()) == 1
