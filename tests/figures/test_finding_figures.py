"""Charts of what was found: each mean where it belongs, its interval, every realisation, and axes with their unit."""

from dataclasses import replace

import numpy as np
import pytest

from core.figures import (
    plot_checkpoints,
    plot_payoff,
    plot_published,
    plot_readings,
    plot_size_curves,
    plot_standings,
)
from core.models import MODELS
from core.results.findings import ONE_SIZE, Payoff, read_checkpoints, readings, size_curves
from core.results.means import CONVOLUTIONS, Mean, Standing
from core.results.times import NetworkTime
from tests.results.test_findings import RUNS, SIZES


def mean(layer: str, value: float) -> Mean:
    return Mean("disco", layer, True, value, value - 0.01, value + 0.02, 0.1, 0.9, 6, 256, "", "")


STANDING = Standing("disco", mean("conv3", 0.6), mean(CONVOLUTIONS, 0.2))
TIME = NetworkTime("disco", 4.0, 3.5, 5.5, 60, 1, "", "")


def series(figure, name: str):
    (found,) = [trace for trace in figure.data if trace.name == name]
    return found


def test_readings_show_mean_interval_and_every_realisation():
    read = readings(RUNS, ONE_SIZE)
    figure = plot_readings(read)
    rings, disco = series(figure, "one realisation"), series(figure, "scale-equivariant")
    assert len(rings.x) == len(RUNS)
    assert set(zip(rings.x, rings.y, strict=True)) >= {(2.0, "DISCO"), (2.2, "DISCO")}
    assert (disco.x[0], disco.y[0]) == (pytest.approx(2.1), "DISCO")
    assert disco.error_x.array[0] == pytest.approx(read[0].error.high - 2.1)
    assert list(figure.layout.yaxis.categoryarray)[-1] == "DISCO"  # the least error above
    assert "%" in figure.layout.xaxis.title.text
    alone = plot_readings(readings(RUNS[:1], ONE_SIZE))
    assert len(series(alone, "one realisation").x) == 0
    assert np.isnan(series(alone, "plain").error_x.array[0])


def test_standings_have_two_points_with_bca_intervals():
    figure = plot_standings([STANDING])
    read, convolutions = figure.data
    assert (read.x[0], convolutions.x[0]) == (60.0, 20.0)
    assert (read.error_x.array[0], read.error_x.arrayminus[0]) == (pytest.approx(2.0), pytest.approx(1.0))
    assert read.marker.symbol != convolutions.marker.symbol


def test_error_stands_against_equivariance_parameters_or_time():
    paid = [Payoff(each, STANDING.classifier, TIME) for each in readings(RUNS, ONE_SIZE)]
    by_error, by_size, by_time = plot_payoff(paid), plot_payoff(paid, "parameters"), plot_payoff(paid, "milliseconds")
    assert [trace.x[0] for trace in by_error.data] == [60.0] * 3
    assert [trace.x[0] for trace in by_size.data] == [47_000] * 3
    assert [trace.y[0] for trace in by_size.data] == [each.reading.error.mean for each in paid]
    assert (by_error.layout.xaxis.title.text[-1], by_size.layout.xaxis.type) == ("%", "log")
    (dot, *_), axis = by_time.data, by_time.layout.xaxis
    assert (dot.x[0], dot.error_x.array[0], dot.error_x.arrayminus[0]) == (4.0, 1.5, 0.5)
    assert (axis.type, "ms" in axis.title.text) == ("log", True)
    with pytest.raises(ValueError, match="got 'price'"):
        plot_payoff(paid, "price")


def test_networks_of_one_hue_have_symbols_of_their_own():
    reading = readings(RUNS, ONE_SIZE)[0]
    trained = [key for key, spec in MODELS.items() if not spec.control]
    figure = plot_payoff([Payoff(replace(reading, network=key), STANDING.classifier, TIME) for key in trained])
    assert len({(trace.marker.color, trace.marker.symbol) for trace in figure.data}) == len(trained)


def test_curves_show_what_was_trained_on_and_intervals_of_a_few():
    curves = size_curves(RUNS, ONE_SIZE)
    figure = plot_size_curves(curves)
    disco = series(figure, "DISCO")
    assert list(disco.x) == list(SIZES)
    assert list(disco.y) == [7.5, 2.0, 4.5]
    assert disco.error_y.array[0] == pytest.approx(curves[1].errors[0].high - 7.5)
    (seen,) = figure.layout.shapes
    assert seen.x0 < 0.6 < seen.x1
    assert plot_size_curves(curves * 3).data[0].error_y.array is None
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")


def test_checkpoints_have_their_standard_error_and_published_numbers_none():
    rows, _ = read_checkpoints()
    figure = plot_checkpoints(rows)
    assert sum(len(trace.x) for trace in figure.data) == len(rows)
    ours = series(figure, "ours")
    card = next(row.card for row in rows if MODELS[row.network].group == "ours")
    assert ours.x[0] == card.test_error
    assert ours.error_x.array[0] == pytest.approx(card.standard_error)
    published = plot_published([("disco", 1.52), ("cnn", 2.02)])
    assert [trace.x[0] for trace in published.data] == [2.02, 1.52]  # by group
    assert all(np.isnan(trace.error_x.array[0]) for trace in published.data)
