"""What was found: rows in their order, differences of the same realisations only, and no number that is not there."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.results.findings import (
    ALL_SIZES,
    BASELINE,
    ONE_SIZE,
    gain_over_baseline,
    in_groups,
    payoffs,
    rank_correlation,
    read_checkpoints,
    readings,
    size_curves,
)
from core.results.means import read, standings
from core.results.study import RunLine
from core.results.times import read_times

SIZES = (0.3, 0.6, 1.2)


def run(network: str, seed: int, test_error: float, errors=(9.0, 2.0, 6.0), part: str = ONE_SIZE) -> RunLine:
    return RunLine(
        part, network, "one-size", seed, "small", {}, {"epochs": 12}, (None, None, None), 2000, 12, 3.0, 10_000,
        test_error, SIZES, errors, 47_000, 1.0, 1.0, 1, "cpu", "2.13.0", "abc",
    )  # fmt: skip


RUNS = [
    run(BASELINE, 0, 3.0), run(BASELINE, 1, 3.4), run(BASELINE, 2, 3.2),
    run("disco", 1, 2.2, (8.0, 3.0, 4.0)), run("disco", 0, 2.0, (7.0, 1.0, 5.0)),
    run("sicnn", 0, 2.5, (9.0, 1.0, 9.0)), run("sicnn", 1, 2.5, (8.0, 1.0, 6.0)),
]  # fmt: skip


def test_readings_are_means_over_realisations_the_least_first():
    found = readings(RUNS, ONE_SIZE)
    assert [each.network for each in found] == ["disco", "sicnn", BASELINE]
    assert [run.seed for run in found[0].runs] == [0, 1]
    assert (found[0].error.mean, found[0].error.n) == (pytest.approx(2.1), 2)
    assert found[0].error.low == pytest.approx(2.1 - 12.706 * 0.1)  # s = 0.1414, over √2
    assert not readings(RUNS[:1], ONE_SIZE)[0].error.has_interval
    assert readings(RUNS, ALL_SIZES) == ()
    assert [each.network for each in in_groups(found, ["plain"])] == [BASELINE]


def test_a_study_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"realisation 0 of cnn_small .* twice"):
        readings([*RUNS, RUNS[0]], ONE_SIZE)
    with pytest.raises(ValueError, match="'vgg' that is not in the registry"):
        readings([replace(RUNS[0], network="vgg")], ONE_SIZE)
    with pytest.raises(ValueError, match="different sizes"):
        size_curves([*RUNS, replace(RUNS[3], seed=5, data_scales=(0.3, 0.5, 1.2))], ONE_SIZE)


def test_a_curve_has_the_errors_of_its_realisations_at_each_size():
    curve = size_curves(RUNS, ONE_SIZE)[1]
    assert (curve.network, curve.data_scales) == ("disco", SIZES)
    assert [error.mean for error in curve.errors] == [7.5, 2.0, 4.5]
    assert [curve.is_seen(size) for size in SIZES] == [False, True, False]


def test_a_gain_pairs_the_realisations_that_all_have_and_leaves_out_the_trained_size():
    gain = gain_over_baseline(RUNS, ONE_SIZE)
    assert gain.networks == ("disco", "sicnn")
    assert (gain.overall.n, gain.overall.mean) == (2, 0.5)  # realisation 0: 2, 1, 0, −3; realisation 1: 1, 2, 1, 0
    assert {size: error.mean for size, error in gain.at_sizes.items()} == {0.3: 1.0, 1.2: 0.0}
    assert gain_over_baseline([each for each in RUNS if each.network != BASELINE], ONE_SIZE) is None
    assert gain_over_baseline(RUNS[:3], ONE_SIZE) is None


def test_ranks_are_compared_and_ties_share_theirs():
    """Against the textbook: 1 − 6 Σ d² / (n (n² − 1)) without ties, Pearson's of the ranks with them."""
    found = rank_correlation([1, 20, 3, 400, 5], [1, 2, 3, 5, 4])
    assert found.rho == pytest.approx(1 - 6 * (0 + 4 + 1 + 0 + 1) / 120)
    assert -1 < found.low < found.rho < found.high < 1
    assert not found.is_found
    assert rank_correlation([1, 1, 2], [3, 4, 5]).rho == pytest.approx(np.corrcoef([1.5, 1.5, 3], [1, 2, 3])[0, 1])
    assert math.isnan(rank_correlation([1, 2, 3], [1, 2, 3]).low)
    assert rank_correlation(range(5), range(5)).is_found
    assert rank_correlation(range(5), range(5)[::-1]).is_found
    with pytest.raises(ValueError, match="three networks that differ"):
        rank_correlation([1, 1, 1], [1, 2, 3])


def test_the_error_of_the_classifiers_map_stands_beside_the_test_error():
    ranked = {each.network: each.classifier for each in standings(read())}
    times = read_times()
    found = payoffs(readings(RUNS, ONE_SIZE), standings(read()), times)
    assert [each.equivariance for each in found] == [ranked[each.network] for each in found]
    assert len(found) == 3
    assert [each.time.network for each in found] == [each.network for each in found]
    (first,) = [each.time.network for each in payoffs(readings(RUNS, ONE_SIZE), standings(read()), [found[1].time])]
    assert first == found[1].network


def test_unseen_sizes_are_those_that_training_did_not_show():
    """Trained on 0.6; read at 0.3, 0.6 and 1.2 with errors of 9, 2 and 6 %."""
    curve = size_curves([run("disco", 0, 2.0)], ONE_SIZE)[0]
    assert curve.unseen_error == pytest.approx(7.5)
    seen = curve.only_seen()
    assert (seen.data_scales, [error.mean for error in seen.errors]) == ((0.6,), [2.0])
    assert math.isnan(seen.unseen_error)


def test_cards_are_in_the_order_of_their_error_and_a_damaged_one_is_a_sentence(tmp_path):
    rows, complaints = read_checkpoints()
    errors = [row.card.test_error for row in rows if row.card.size == "small"]
    assert errors == sorted(errors)
    assert len(errors) == 18
    assert complaints == ()
    for ending in ("json", "safetensors"):
        (tmp_path / f"cnn-small.{ending}").write_text("{", encoding="utf-8")
    rows, complaints = read_checkpoints(tmp_path)
    assert rows == ()
    assert complaints[0].startswith("The card cnn-small.json cannot be read")
