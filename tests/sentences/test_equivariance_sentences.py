"""The sentences say what the numbers say."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core.equivariance import ArgmaxScale, EquivarianceReport
from core.sentences import (
    describe_error,
    explain_argmax_scale,
    explain_curves,
    explain_difference,
    explain_heatmap,
    plain,
    tell_layers,
    tell_network,
)
from core.sentences.equivariance import counted_amounts, explain_cell
from core.transforms import TRANSFORMS


def report(errors, factors=(0.5, 1.0, 2.0), costs=None):
    """Four images that all have the given (layer, factor) errors and costs of resampling."""
    errors = np.asarray(errors, dtype=float)
    per_image = np.repeat(errors[..., None], 4, axis=2)
    names = tuple(f"conv{i + 1}" for i in range(len(errors)))
    none = np.zeros(errors.shape)
    image_costs = np.full((len(factors), 4), 0.33)
    found = EquivarianceReport(names, tuple(factors), "bicubic", per_image, image_costs, none, none + 1)
    if costs is None:
        return found
    return replace(found, cost_per_image=np.repeat(np.asarray(costs, dtype=float)[..., None], 4, axis=2))


def test_the_worst_and_the_best_layer_are_named():
    errors = [[0.02, 0, 0.06], [0.3, 0, 0.9], [0.1, 0, 0.2]]
    text = explain_heatmap(report(errors, costs=[[0.4, 0, 0.5], [0.1, 0, 0.08], [0.2, 0, 0.3]]), "The network")
    assert "conv2 commutes least: it differs by 60 % on average, by 90 % at s = 2" in text
    assert "conv1 commutes best, with 4 %" in text
    assert text.endswith(". Resampling conv2 there and back costs up to 10 %.")


def test_a_cost_that_is_not_known_is_not_told():
    errors = [[0.02, 0, 0.06], [0.3, 0, 0.9]]
    nowhere, where_nothing_changes = [np.nan] * 3, [np.nan, 0, np.nan]
    for costs in (None, [[0.4, 0, 0.5], nowhere], [[0.4, 0, 0.5], where_nothing_changes]):
        text = explain_heatmap(report(errors, costs=costs), "The network")
        assert "Resampling" not in text
        assert text.endswith("conv1 commutes best, with 4 %.")
    assert "costs up to 7 %" in explain_heatmap(report(errors, costs=[[0.4, 0, 0.5], [0.07, 0, np.nan]]), "It")


def test_perfect_and_unmeasured_networks_are_called_so():
    assert "commutes: no layer" in explain_heatmap(report([[1e-7, 0, 1e-7]]), "It")
    assert "Nothing of It" in explain_heatmap(report([[np.nan] * 3]), "It")


def test_two_networks_are_compared_where_both_can_be():
    one, other = report([[0.1, 0, 0.3]]), report([[0.2, 0, np.nan]])
    text = explain_curves({"A": one, "B": other}, {"A": "conv1", "B": "conv1"})
    assert "lower at 1 of 1 scale factor and" in text
    assert "part at 1 of them" in text
    wide = replace(other, per_image=other.per_image * np.array([0.1, 0.5, 1.5, 2.0]))
    assert "part at 0 of them" in explain_curves({"A": one, "B": wide}, {"A": "conv1", "B": "conv1"})
    silent = report([[np.nan] * 3])
    assert "no amount" in explain_curves({"A": one, "B": silent}, {"A": "conv1", "B": "conv1"})


def test_the_difference_names_its_largest_cell():
    one, other = report([[0.1, 0, 0.3], [0.5, 0, 0.5]]), report([[0.2, 0, 0.9], [0.4, 0, 0.6]])
    text = explain_difference(one, other, ("A", "B"))
    assert re.search(r"A commutes better than B in 3 of 4 cells; ", text)
    assert "conv1 at s = 2, by -60 points" in text
    assert "no layer" in explain_difference(report([[np.nan] * 3]), other, ("A", "B"))


@pytest.mark.parametrize("errors", [[[0.02, 0, 0.06]], [[np.nan, 0, 0.5], [np.nan, np.nan, np.nan]]])
def test_a_single_or_silent_layer_still_gives_a_sentence(errors):
    assert explain_heatmap(report(errors), "It").endswith(".")


def test_the_slope_of_the_winning_scale_is_told():
    factors = (0.5, 1.0, 2.0)
    per_image = np.log2(factors)[:, None] * 0.75 + np.zeros((3, 2))
    found = ArgmaxScale(
        "conv1", (1.0, 2.0), factors, "bicubic", per_image, np.zeros(2), 0.4, np.array([True, True, False])
    )
    text = explain_argmax_scale(found, "It")
    assert "moves by 0.75 octaves" in text
    assert "1 scale factor beside s = 1 and 40 %" in text
    three = replace(found, scale_factors=(0.5, 0.9, 2.0), used=np.array([True, True, True]))
    assert "rests on 3 scale factors and" in explain_argmax_scale(three, "It")
    per_image[2] = np.nan  # nothing counts at the last factor, so the slope does not rest on it either
    assert "rests on 2 scale factors and" in explain_argmax_scale(three, "It")
    assert "cannot be followed" in explain_argmax_scale(replace(found, used=np.zeros(3, dtype=bool)), "It")


AMOUNTS = {"scale": (0.5, 0.8, 2.0), "rotation": (-45.0, 22.5, 90.0), "translation": (-4.0, 0.5, 3.0)}
ERRORS, OTHERS = [[0.02, 0.04, 0.06], [0.3, np.nan, 0.9]], [[0.04, 0.01, 0.02], [0.7, 0.1, 0.2]]


def told(one, other):
    """Every sentence that counts cells or amounts, or takes a mean or a largest of them."""
    return {
        "map": describe_error(one, "A"),
        "heat map": explain_heatmap(one, "A"),
        "curves": explain_curves({"A": one, "B": other}, {"A": "conv1", "B": "conv1"}),
        "difference": explain_difference(one, other, ("A", "B")),
    }


def with_column(errors, *columns):
    return np.hstack([errors, *([[column]] * len(errors) for column in columns)])


@pytest.mark.parametrize("key", AMOUNTS)
@pytest.mark.parametrize("at_identity", [0.0, 1e-7, np.nan])
def test_the_amount_that_changes_nothing_is_in_no_count_and_no_mean(key, at_identity):
    """Beside it every sentence says what it says without it, and that it does not count it."""
    trivial = [TRANSFORMS[key].identity] + [360.0, -360.0] * (key == "rotation")
    without = told(*(replace(report(each, AMOUNTS[key]), transform=key) for each in (ERRORS, OTHERS)))
    amounts = (*AMOUNTS[key], *trivial)
    beside = told(
        *(
            replace(report(with_column(each, *[at_identity] * len(trivial)), amounts), transform=key)
            for each in (ERRORS, OTHERS)
        )
    )
    names = ", ".join(TRANSFORMS[key].name(amount) for amount in trivial)
    assert without["heat map"] == beside["heat map"]
    for which in ("map", "curves", "difference"):
        assert "Not counted" not in without[which]
        assert plain(beside[which]) == f"{without[which]} Not counted: {names} (nothing changes)."
    assert f" at 3 {TRANSFORMS[key].noun}s from " in without["map"]
    assert " of 3 " in without["curves"]
    assert " of 5 cells" in without["difference"]


def test_a_turn_that_is_there_twice_is_counted_once():
    assert counted_amounts("rotation", (-180.0, -90.0, 0.0, 90.0, 180.0, 270.0)).tolist() == [1, 1, 0, 1, 0, 0]
    assert counted_amounts("scale", (0.5, 0.999, 1.0, 2.0)).tolist() == [1, 1, 0, 1]
    turns = [
        replace(report([errors], (-180.0, 90.0, 180.0)), transform="rotation") for errors in ([1, 0, 1], [0, 1, 0])
    ]
    assert "B in 1 of 2 cells" in explain_difference(*turns, ("A", "B"))
    assert "differs by 50 % on average" in explain_curves(
        dict(zip("AB", turns, strict=True)), dict.fromkeys("AB", "conv1")
    )
    assert describe_error(turns[0], "It").endswith("Not counted: 180° (this turn is counted already).")


def test_amounts_at_which_nothing_is_known_are_not_counted():
    factors = (0.5, 1.0, 2.0, 4.0)
    one, other = (report(with_column(each, np.nan), factors) for each in ([[0.1, 0, 0.3]] * 2, [[0.2, 0, 0.1]] * 2))
    found = told(one, other)
    assert "at 2 scale factors from s = 0.5 to s = 2," in found["map"]
    assert "cell" not in found["map"]
    assert found["map"].endswith("Not counted: s = 1 (nothing changes); s = 4 (nothing could be measured).")
    assert "lower at 1 of 2 scale factors and" in found["curves"]
    assert "in 2 of 4 cells" in found["difference"]
    for which in ("curves", "difference"):
        assert found[which].endswith("Not counted: s = 1 (nothing changes); s = 4 (nothing to compare).")


def test_a_report_of_nothing_but_the_identity_says_nothing():
    """Its 0 is no sign that a network commutes."""
    found = told(*[report([[np.nan, 0, np.nan]], costs=[[np.nan, 0, np.nan]])] * 2)
    assert "Nothing could be measured" in found["map"]
    assert "could be measured" in found["heat map"]
    assert "no amount" in found["curves"]
    assert "no layer" in found["difference"]


def test_of_equal_errors_neither_is_lower():
    one, other = report([[1e-8, 0, 0.3]]), report([[2e-8, 0, 0.4]])
    found = told(one, other)
    assert "A is lower at 1 of 2 scale factors, both are equal at 1 and the bands part at 1 of them" in found["curves"]
    assert "better than B in 1 of 2 cells, as well in 1;" in found["difference"]


def test_a_clicked_cell_names_its_mean_and_the_error_of_the_digit_that_opens():
    def said(errors, own):
        return explain_cell(("conv2", "s = 2"), "A", np.array(errors), "vector digit 3", own)

    text = said([0.5, 1.54], 1.384)
    assert "conv2 of A at s = 2. Its cell is the mean of 2 digits, 102.0 %" in text
    assert "one digit alone, vector digit 3, which has 138.4 % there" in text
    assert "the mean of 2 of 3 digits, 102.0 %" in said([0.5, np.nan, 1.54], 1.384)
    assert "Its cell has no number; " in said([np.nan, np.nan], 0.1)
    assert said([0.5], np.nan).endswith("vector digit 3, which cannot be measured there.")


def test_the_layer_that_differs_most_is_named_and_the_one_that_is_read():
    found = replace(report([[0.1, 0, 0.3], [0.2, 0, np.nan], [0.4, 0, 0.1]]), classifier_map="conv2")
    assert tell_layers(found, 0, "It") == (
        "conv3 of It differs most, by 40.0 %; conv2, which the classifier reads, by 20.0 %."
    )
    assert tell_layers(found, 1, "It") == "no layer of It differs."
    assert tell_layers(found, 2, "It").endswith("conv2, which the classifier reads, cannot be measured.")
    assert tell_layers(replace(found, classifier_map="conv3"), 0, "It").endswith(
        "by 40.0 %, and the classifier reads it."
    )
    assert tell_layers(replace(found, classifier_map=None), 0, "It").endswith("most, by 40.0 %.")
    assert tell_layers(report([[np.nan] * 3]), 0, "It") == "no layer of It can be measured."


@pytest.mark.parametrize(
    ("key", "steps", "told"),
    [
        ("scale", (), ""),  # has no axis of its own
        ("scale", (0.5, 0.63, 0.7937, 1.2599, 1.5874, 2.0), ""),
        ("scale", (0.5, 2.0), "all but s = 0.5, s = 1, s = 2."),
        (
            "rotation",
            tuple(45.0 * k for k in range(-3, 5)),
            "-157.5°, -112.5°, -67.5°, -22.5°, 22.5°, 67.5°, 112.5°, 157.5°.",
        ),
        ("translation", (-4.0, 4.0), "all but -4 px, 0 px, 4 px."),
    ],
)
def test_amounts_off_the_networks_own_grid_are_named(key, steps, told):
    amounts = TRANSFORMS[key].curve_amounts
    found = replace(report([[0.1] * len(amounts)], amounts), transform=key, steps=steps, classifier_map="conv1")
    said = "The classifier reads conv1."
    expected = f"{said} Between or beyond the steps of the network's own grid: {told}" if told else said
    assert tell_network(found) == expected
