"""A run that is killed anywhere ends with the very weights and history of one that was not."""

import json
import math
import os
from dataclasses import replace

import pytest
import safetensors
import safetensors.torch
import torch

from core import files
from core.data.mnist_scale import ScaledDigits
from core.layers.methods import METHODS, fixed
from core.models import build
from core.training import Fit, Recipe, error_rate, recipe_for
from core.training import fit as fit_module
from core.training.augment import augment
from core.training.evaluate import as_images, glyph_error_rate
from core.training.fit import schedule
from tests.formulas import centred, drawn_digits

TRAINING, VALIDATION = drawn_digits(36), drawn_digits(20, first=36)
RECIPE = Recipe(3, 16, 0.01, 0.01, "cosine", scales=(0.8, 1.25), rotation=8.0, shift=1.0)  # 3 steps an epoch
TINY = {"cnn": {"channels": (3, 4, 5)}, "sesn_vector": {"channels": (2, 3, 4), "num_scales": 2}}


class Killed(Exception):
    pass


def new_fit(folder, key="cnn", recipe=RECIPE, seed=0, save_every=60.0):
    """The weights start from one seed; the rest of the world's random state differs every time."""
    torch.manual_seed(11)
    network = build(key, hidden=8, **TINY[key])
    torch.seed()
    return Fit(network, recipe, seed, folder, save_every=save_every)


def outcome(fit):
    return {name: tensor.clone() for name, tensor in fit.network.state_dict().items()}, fit.history, fit.best_error


def assert_same(found, expected):
    weights, history, best = found
    assert history == expected[1]
    assert best == expected[2]
    assert all(torch.equal(weights[name], tensor) for name, tensor in expected[0].items())


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    def run(key):
        fit = new_fit(tmp_path_factory.mktemp(key), key)
        assert fit.run(TRAINING, VALIDATION)
        return outcome(fit)

    return {key: run(key) for key in TINY}


@pytest.mark.parametrize("key", TINY)
def test_a_run_stopped_after_every_step_ends_as_if_it_had_not_been(key, tmp_path, uninterrupted):
    places = []
    for _ in range(10):
        fit = new_fit(tmp_path, key)
        assert fit.resume() == bool(places)
        if fit.run(TRAINING, VALIDATION, max_minutes=0.0):
            break
        places.append((fit.epoch, fit.step))
    assert places == [(epoch, step) for epoch in range(3) for step in (1, 2, 3)]
    assert fit.finished
    assert_same(outcome(fit), uninterrupted[key])


@pytest.mark.parametrize("method", METHODS)
def test_by_every_method_of_convolution_a_run_ends_in_the_same_bits_stopped_or_not(method, tmp_path):
    with fixed(method):
        whole = new_fit(tmp_path / "whole", "sesn_vector")
        assert whole.run(TRAINING, VALIDATION)
        for _ in range(10):
            stopped = new_fit(tmp_path / "stopped", "sesn_vector")
            stopped.resume()
            if stopped.run(TRAINING, VALIDATION, max_minutes=0.0):
                break
    assert_same(outcome(stopped), outcome(whole))


@pytest.mark.parametrize("save_every", [0.0, 60.0])
@pytest.mark.parametrize("steps", [(1,), (3,), (4,), (2, 5, 1)])
def test_a_run_killed_between_saves_ends_as_if_it_had_not_been(steps, save_every, tmp_path, uninterrupted):
    """Saved after every step, or at the end of an epoch only: what was not saved is done again, identically."""
    for allowed in steps:
        calls = 0

        def kill(epoch, step, loss):
            nonlocal calls
            calls += 1
            if calls == allowed:  # noqa: B023 (called within this turn of the loop)
                raise Killed

        fit = new_fit(tmp_path, save_every=save_every)
        fit.resume()
        with pytest.raises(Killed):
            fit.run(TRAINING, VALIDATION, progress=kill)
    fit = new_fit(tmp_path)
    fit.resume()
    assert fit.run(TRAINING, VALIDATION)
    assert_same(outcome(fit), uninterrupted["cnn"])


def test_a_run_killed_while_it_validates_or_saves_keeps_its_last_state(tmp_path, monkeypatch, uninterrupted):
    def die(*args, **kwargs):
        raise Killed

    def die_half_way(path, data):
        path.write_bytes(data[:100])
        raise Killed

    for owner, name, death in (
        (fit_module, "error_rate", die),
        (files, "_put", die_half_way),
        (files.os, "replace", die),
    ):
        fit = new_fit(tmp_path, save_every=0.0 if name == "error_rate" else 60.0)
        fit.resume()
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, death)
            with pytest.raises(Killed):
                fit.run(TRAINING, VALIDATION)
        fit = new_fit(tmp_path)
        assert fit.resume()
        assert (fit.epoch, fit.step) == (0, 3)
    assert fit.run(TRAINING, VALIDATION)
    assert_same(outcome(fit), uninterrupted["cnn"])


def test_another_seed_gives_another_run(tmp_path, uninterrupted):
    fit = new_fit(tmp_path, seed=1)
    fit.run(TRAINING, VALIDATION)
    assert fit.history != uninterrupted["cnn"][1]


def test_a_finished_run_holds_the_best_epoch_and_stays_finished(tmp_path, uninterrupted):
    fit = new_fit(tmp_path)
    fit.run(TRAINING, VALIDATION)
    errors = [entry["validation_error"] for entry in fit.history]
    assert [entry["epoch"] for entry in fit.history] == [1, 2, 3]
    assert fit.best_error == pytest.approx(min(errors), abs=1e-3)  # the history has three decimals
    assert error_rate(fit.network, VALIDATION.images, VALIDATION.labels) == fit.best_error
    again = new_fit(tmp_path)
    assert again.resume()
    assert again.finished
    assert_same(outcome(again), uninterrupted["cnn"])
    assert again.run(TRAINING, VALIDATION)
    assert_same(outcome(again), uninterrupted["cnn"])
    assert [path.name for path in tmp_path.iterdir()] == ["state.safetensors"]


def test_a_state_of_another_run_is_refused(tmp_path):
    assert new_fit(tmp_path).resume() is False
    new_fit(tmp_path).run(TRAINING, VALIDATION, max_minutes=0.0)
    assert new_fit(tmp_path).resume() is True
    others = {"recipe": replace(RECIPE, epochs=4), "seed": 1, "key": "sesn_vector"}
    for name, value in others.items():
        with pytest.raises(ValueError, match=r"holds another run: .*, expected"):
            new_fit(tmp_path, **{name: value}).resume()


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def cut_in_the_header(path):
    path.write_bytes(path.read_bytes()[:100])


def without_metadata(path):
    safetensors.torch.save_file(safetensors.torch.load_file(path), path)


def without_a_counter(path):
    counters = {"identity": new_fit(path.parent).identity, "epoch": 0}
    safetensors.torch.save_file(safetensors.torch.load_file(path), path, {"state": json.dumps(counters)})


def nested(path):
    safetensors.torch.save_file(safetensors.torch.load_file(path), path, {"state": 100_000 * "["})


def without_tensors(path):
    with safetensors.safe_open(path, framework="pt") as state:
        metadata = state.metadata()
    safetensors.torch.save_file({}, path, metadata)


@pytest.mark.parametrize(
    "damage", [cut, cut_in_the_header, without_metadata, without_a_counter, nested, without_tensors]
)
def test_a_damaged_state_is_refused_in_one_sentence_with_its_name(damage, tmp_path):
    new_fit(tmp_path).run(TRAINING, VALIDATION, max_minutes=0.0)
    damage(tmp_path / "state.safetensors")
    with pytest.raises(ValueError, match=r"state\.safetensors is damaged: .") as refusal:
        new_fit(tmp_path).resume()
    assert "\n" not in str(refusal.value)


def test_a_second_run_in_the_same_folder_is_told_who_is_there(tmp_path, uninterrupted):
    """Both are of this process here; locks are of a call, not of a process."""
    first, second = new_fit(tmp_path), new_fit(tmp_path)
    refused = []

    def intrude(*_):
        with pytest.raises(files.InUse, match=rf"state\.safetensors is in use by process {os.getpid()} on ") as busy:
            second.run(TRAINING, VALIDATION)
        refused.append(str(busy.value))

    with first.alone():  # and `run` within it
        assert first.run(TRAINING, VALIDATION, progress=intrude)
    assert len(refused) == 9
    assert_same(outcome(first), uninterrupted["cnn"])
    assert [path.name for path in tmp_path.iterdir()] == ["state.safetensors"]


@pytest.mark.parametrize(
    ("part", "value"),
    [("epochs", 0), ("epochs", -1), ("batch_size", 0), ("learning_rate", math.nan), ("weight_decay", -0.1)],
)
def test_a_recipe_that_trains_nothing_is_refused(part, value):
    with pytest.raises(ValueError, match=rf"^{part} must be "):
        replace(RECIPE, **{part: value})


def test_the_loss_falls_and_the_digits_are_learned(tmp_path):
    digits = drawn_digits(30)  # each of 30 digits once, small enough to be known by heart
    recipe = Recipe(40, 15, 0.01, 0.0, "cosine")
    torch.manual_seed(0)
    fit = Fit(build("cnn", channels=(6, 8, 10), dropout=0.0), recipe, 0, tmp_path)
    fit.run(digits, digits)
    losses = [entry["loss"] for entry in fit.history]
    assert 1.5 < losses[0] < 4  # log 10 = 2.3 is to know nothing
    assert losses[-1] < 0.1
    assert error_rate(fit.network, digits.images, digits.labels) == 0


@pytest.mark.parametrize("epochs", [3, 10, 60, 61])
def test_the_published_schedule_falls_by_ten_at_one_and_two_thirds(epochs):
    recipe = Recipe(epochs=epochs)
    assert [schedule(recipe, epochs * x) for x in (0.0, 0.33, 0.34, 0.66, 0.67, 0.99, 1.0)] == pytest.approx(
        [1, 1, 0.1, 0.1, 0.01, 0.01, 0.01]
    )
    if epochs == 60:
        assert [schedule(recipe, float(x)) for x in (19.99, 20, 39.99, 40)] == pytest.approx([1, 0.1, 0.1, 0.01])


def test_the_cosine_warms_up_for_an_epoch_and_ends_at_0():
    recipe = Recipe(epochs=9, schedule="cosine")
    assert [schedule(recipe, x) for x in (0.0, 0.5, 1.0, 5.0, 9.0)] == pytest.approx([0.1, 0.55, 1, 0.5, 0])
    falling = [schedule(recipe, 1 + i / 10) for i in range(81)]
    assert falling == sorted(falling, reverse=True)
    with pytest.raises(ValueError, match="'steps' or 'cosine', got 'linear'"):
        schedule(Recipe(schedule="linear"), 0.0)


def test_the_optimizer_gets_the_scheduled_rate(tmp_path):
    fit, rates = new_fit(tmp_path), []
    fit.run(TRAINING, VALIDATION, progress=lambda *_: rates.append(fit.optimizer.param_groups[0]["lr"]))
    assert rates == pytest.approx([0.01 * schedule(RECIPE, step / 3) for step in range(9)])


def test_every_image_is_seen_once_an_epoch_in_a_new_order(tmp_path):
    """Every pixel of image k is k, so a batch tells which images it holds."""
    marks = torch.arange(36, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, 28, 28).contiguous()
    training, seen = ScaledDigits(marks, TRAINING.labels, TRAINING.scale_factors), []
    fit = new_fit(tmp_path, recipe=Recipe(epochs=2, batch_size=16))

    def note(network, arguments):
        if network.training:
            seen.extend(arguments[0][:, 0, 0, 0].tolist())

    fit.network.register_forward_pre_hook(note)
    fit.run(training, VALIDATION)
    order = [round(255 * value) for value in seen]
    assert sorted(order[:36]) == sorted(order[36:]) == list(range(36))
    assert order[:36] != order[36:]
    assert order[:36] != list(range(36))


def test_error_rate_counts_wrong_digits_and_restores_the_mode(tmp_path):
    network = build("cnn", channels=(2, 2, 2)).train()
    rate = error_rate(network, TRAINING.images, TRAINING.labels, batch_size=7)
    assert network.training
    network.eval()
    with torch.no_grad():
        answers = network(as_images(TRAINING.images)).argmax(1)
    assert rate == pytest.approx(100 * float((answers != TRAINING.labels).double().mean()))
    assert 0 <= glyph_error_rate(network) <= 100


def test_there_is_a_recipe_for_each_size():
    assert recipe_for("paper") == Recipe(epochs=60, batch_size=128, learning_rate=0.01, schedule="steps")
    assert recipe_for("small").epochs < 60
    with pytest.raises(ValueError, match="no recipe for size 'huge'; there are small, paper"):
        recipe_for("huge")


def ellipse(n=300):
    """Gaussians of σ = 2.5 pixels down and 3.5 across, on the canvas centre."""
    rows, columns = (torch.exp(-(centred(28) ** 2) / (2 * sigma**2)) for sigma in (2.5, 3.5))
    return (rows[:, None] * columns[None]).float().expand(n, 1, 28, 28)


def moments(images):
    """Size relative to `ellipse` and turn in degrees (towards +y), from second moments; shift (x, y) in pixels."""
    weight = images[:, 0].double() / images.sum((1, 2, 3), dtype=torch.float64)[:, None, None]
    y, x = torch.meshgrid(centred(28), centred(28), indexing="ij")
    mean_x, mean_y = ((weight * axis).sum((1, 2)) for axis in (x, y))
    xx, yy, xy = ((weight * axis).sum((1, 2)) for axis in (x * x, y * y, x * y))
    xx, yy, xy = xx - mean_x**2, yy - mean_y**2, xy - mean_x * mean_y
    size = (xx * yy - xy**2) ** 0.25 / math.sqrt(2.5 * 3.5)
    return size, torch.rad2deg(torch.atan2(2 * xy, xx - yy) / 2), mean_x, mean_y


@pytest.mark.parametrize("kind", ["scales", "rotation", "shift"])
def test_augmentation_fills_its_range_and_touches_nothing_else(kind):
    ranges = {"scales": (0.7, 1.2), "rotation": 8.0, "shift": 1.5}
    recipe = Recipe(**{kind: ranges[kind]})
    size, turn, x, y = moments(augment(ellipse(), recipe, torch.Generator().manual_seed(0)))
    # 300 draws come within 2 % of the ends of a range; bilinear interpolation widens a blob by up to 1.5 %.
    low, high = ranges["scales"] if kind == "scales" else (1.0, 1.0)
    assert float(size.min()) == pytest.approx(low, abs=0.03)
    assert float(size.max()) == pytest.approx(high, abs=0.03)
    if kind == "scales":  # log-uniform: half lies below the geometric mean
        assert float((size < math.sqrt(low * high)).double().mean()) == pytest.approx(0.5, abs=0.1)
    for found, largest, slack in ((turn, 8.0, 0.3), (x, 1.5, 0.05), (y, 1.5, 0.05)):
        allowed = largest if kind == ("rotation" if largest == 8 else "shift") else 0.0
        assert float(found.max()) == pytest.approx(allowed, abs=slack)
        assert float(found.min()) == pytest.approx(-allowed, abs=slack)


def test_sizes_are_drawn_uniformly_as_published():
    recipe = Recipe(scales=(0.5, 1.1), draws="uniform", resampling="bicubic")
    size, *_ = moments(augment(ellipse(), recipe, torch.Generator().manual_seed(0)))
    assert [float(size.min()), float(size.max())] == pytest.approx([0.5, 1.1], abs=0.03)
    assert float(size.mean()) == pytest.approx(0.8, abs=0.03)  # log-uniform would be 0.76
    assert float((size < 0.8).double().mean()) == pytest.approx(0.5, abs=0.1)


def test_bicubic_keeps_more_of_a_fine_pattern_than_bilinear():
    fine = torch.zeros(8, 1, 28, 28)
    fine[..., 4:24:2] = 1.0
    variance = {
        kind: float(augment(fine, Recipe(shift=0.5, resampling=kind), torch.Generator().manual_seed(0)).var())
        for kind in ("bilinear", "bicubic")
    }
    assert variance["bicubic"] > 1.05 * variance["bilinear"]


@pytest.mark.parametrize("values", [{"draws": "normal"}, {"resampling": "nearest"}])
def test_an_unknown_way_to_augment_is_refused(values):
    with pytest.raises(ValueError, match=f"{next(iter(values))} must be "):
        Recipe(**values)


def test_augmentation_follows_its_generator_and_may_be_none():
    images = as_images(TRAINING.images)
    first, again, other = (augment(images, RECIPE, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    assert first.shape == images.shape
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert (first.min(), first.max() <= 1) == (0, True)
    assert augment(images, Recipe(), torch.Generator()) is images
