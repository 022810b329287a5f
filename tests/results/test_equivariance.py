"""The table of results that is kept: what it says is what the present checkpoints do."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.checkpoints import read_card
from core.data.glyphs import GLYPHS
from core.data.mnist import MnistMissing, is_available, load_mnist
from core.equivariance import measure
from core.models import MODELS, build, load
from core.resampling import rescale
from core.results import equivariance as results
from core.results.equivariance import FACTORS, Result, measure_in_parts, read, results_of, write
from tests.formulas import all_glyphs

needs_mnist = pytest.mark.skipif(not is_available(), reason="needs MNIST; name a folder by EQUISCOPE_MNIST")


@pytest.fixture(scope="module")
def digits():
    return all_glyphs(0.7)[::8]


def test_the_table_holds_every_network_as_it_is_now():
    """Each with its present checkpoint, its layers in order and its groups, at every factor, on 256 digits."""
    expected = []
    for key, spec in MODELS.items():
        checkpoint = "" if spec.control else read_card(key).sha256[:12]
        features = build(key).eval().features(GLYPHS[0].render())
        expected += [
            (key, layer, found.group, round(s, 5), 256, checkpoint)
            for layer, found in features.items()
            for s in FACTORS
        ]
    kept = [(r.network, r.layer, r.group, r.s, r.images, r.checkpoint) for r in read()]
    assert kept == expected
    assert sorted(FACTORS) == pytest.approx([0.5, 0.62996, 0.7937, 1.25992, 1.5874, 2.0], abs=1e-5)


def test_the_numbers_of_the_table_are_possible():
    for result in read():
        if not math.isnan(result.mean):
            assert 0 <= result.low <= result.high, result
            assert 0 < result.known <= 1
            assert result.known < 1 or result.cost > 0, result
        assert result.cost >= 0 or math.isnan(result.cost)
        assert 0 <= result.silent <= 1
        assert result.image_cost > 0
        assert result.mean <= 1e-5 or result.network != "identity"


def test_the_table_marks_the_map_that_each_classifier_reads():
    marked = dict.fromkeys((result.network, result.layer) for result in read() if result.classifier)
    assert list(marked) == [(key, build(key).classifier_map) for key in MODELS]


@pytest.mark.slow
@needs_mnist
@pytest.mark.parametrize(
    ("key", "factors"),
    [("cnn", (0, 3)), pytest.param("sesn_vector", (3,), marks=pytest.mark.thorough), ("fourier", (1,))],
)
def test_cells_of_the_table_are_measured_again(key, factors):
    images = rescale(load_mnist("test").images[:256].float() / 255, 0.7)
    report = measure_in_parts(load(key), images, [FACTORS[k] for k in factors])
    kept = {(r.layer, r.s): r for r in read() if r.network == key}
    for i, layer in enumerate(report.layers):
        for column, k in enumerate(factors):
            cell = kept[layer, round(FACTORS[k], 5)]
            costs = report.cost[i, column], report.image_cost[column]
            found = (report.error[i, column], *report.spread[i, column], *costs, report.known[i, column])
            # Sums of another machine end in other last bits.
            numbers = cell.mean, cell.low, cell.high, cell.cost, cell.image_cost, cell.known
            assert numbers == pytest.approx(found, abs=5e-4, nan_ok=True)
            assert cell.classifier == (layer == report.classifier_map)


@pytest.mark.slow
def test_a_few_images_at_a_time_are_all_of_them(digits):
    blank = torch.cat([digits, torch.zeros(1, 1, 28, 28)])
    parts, whole = (
        measure_in_parts(load("random_cnn"), blank, (0.8, 1.2), 2),
        measure(load("random_cnn"), blank, (0.8, 1.2)),
    )
    assert (parts.layers, parts.scale_factors, parts.num_images) == (whole.layers, whole.scale_factors, len(blank))
    for name in ("per_image", "cost_per_image", "image_cost_per_image", "silent", "known"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-4, atol=1e-7)
    assert parts.silent[0, 0] == pytest.approx(1 / len(blank))


@pytest.mark.slow
def test_a_row_says_what_the_report_says(digits):
    network, factors = load("random_sesn"), (0.8, 3.0)
    report = measure(network, digits, factors)
    rows, _ = results_of("random_sesn", "small", digits, factors)
    assert [(r.layer, r.s) for r in rows] == [(layer, s) for layer in report.layers for s in factors]
    for n, row in enumerate(rows):
        i, k = divmod(n, 2)
        shares = report.silent[i, k], report.known[i, k]
        expected = (report.error[i, k], *report.spread[i, k], report.cost[i, k], report.image_cost[k], *shares)
        found = (row.mean, row.low, row.high, row.cost, row.image_cost, row.silent, row.known)
        assert found == pytest.approx(expected, rel=1e-4, nan_ok=True)
    assert math.isnan(rows[1].mean)  # at 3 no scale is known
    assert {row.group for row in rows} == {"scale", "plane"}
    assert {row.layer for row in rows if row.classifier} == {"projection3"}
    assert rows[0].cost != rows[0].image_cost
    assert [row.on_grid for row in rows[:2]] == [False, False]
    assert results_of("random_sesn", "small", digits[:1], (0.5,))[0][0].on_grid
    assert results_of("random_cnn", "small", digits[:1], (0.8,))[0][0].on_grid  # it has no grid
    assert {(row.checkpoint, row.torch) for row in rows} == {("", torch.__version__)}
    assert results_of("cnn", "small", digits[:1], (0.8,))[0][0].checkpoint == read_card("cnn").sha256[:12]


def row(network="net", layer="conv1", s=0.5, mean=0.25, **other):
    found = Result(network, layer, "plane", s, mean, 0.2, 0.3, 0.1, 0.4, 0.0, 0.5, False, True, 256, "abc", "2.0")
    return replace(found, **other)


def test_what_is_written_comes_back_to_five_decimals(tmp_path):
    rows = (
        row(),
        row(
            s=2 ** (1 / 3),
            mean=math.nan,
            low=math.nan,
            high=math.nan,
            cost=math.nan,
            classifier=True,
            checkpoint="",
            on_grid=False,
        ),
    )
    path = write(rows, "small", tmp_path)
    assert path.name == "equivariance-small.csv"
    text = path.read_text()
    assert text.splitlines()[1:] == [
        "net,conv1,plane,0.5,0.25,0.2,0.3,0.1,0.4,0.0,0.5,false,true,256,abc,2.0",
        "net,conv1,plane,1.25992,,,,,0.4,0.0,0.5,true,false,256,,2.0",
    ]
    found = read("small", tmp_path)
    assert found[0] == rows[0]
    assert math.isnan(found[1].mean)
    assert math.isnan(found[1].cost)
    assert (found[1].classifier, found[1].on_grid) == (True, False)
    write(found, "small", tmp_path)
    assert path.read_text() == text


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="There are no results of size small"):
        read("small", tmp_path)
    for text in ("", "network,layer\na,b\n"):
        (tmp_path / "equivariance-small.csv").write_text(text)
        with pytest.raises(ValueError, match=r"equivariance-small\.csv must have the columns network, layer, group, s"):
            read("small", tmp_path)
    path = write([row(), row()], "small", tmp_path)
    path.write_text(path.read_text().replace("0.25", "a quarter"))
    with pytest.raises(ValueError, match=r"^equivariance-small\.csv is damaged in line 2: mean must be a number, got"):
        read("small", tmp_path)


def test_the_command_writes_a_table_twice_the_same(monkeypatch, tmp_path, digits, capsys):
    monkeypatch.setattr(results, "FOLDER", tmp_path)  # where the means go too
    monkeypatch.setattr(results, "is_ready", lambda key, size: key in ("random_cnn", "identity"))
    monkeypatch.setattr(results, "sample", lambda: digits)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)  # of this process, not for the tests after
    written = []
    for _ in range(2):
        assert results.main([]) == 0
        written.append([path.read_text() for path in sorted(tmp_path.iterdir())])
    assert written[0] == written[1]
    over_all, by_factor = ([line.split(",")[0] for line in text.splitlines()[1:]] for text in written[0])
    assert by_factor == ["identity"] * 6 + ["random_cnn"] * 7 * 6
    assert over_all == ["identity"] + ["random_cnn"] * 8
    captured = capsys.readouterr()
    assert "2 of 2: random_cnn" in captured.err
    assert captured.out == ""
    names = ["equivariance-small-means.csv", "equivariance-small.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.mark.slow
def test_what_is_there_of_the_present_weights_can_be_kept(monkeypatch, tmp_path, digits):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    monkeypatch.setattr(results, "is_ready", lambda key, size: key in ("random_cnn", "identity"))
    monkeypatch.setattr(results, "sample", lambda: digits)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    assert results.main(["--missing"]) == 0  # nothing is there
    first = [path.read_text() for path in sorted(tmp_path.iterdir())]
    measured = []
    monkeypatch.setattr(results, "results_of", lambda key, *_: measured.append(key) or results_of(key, "small", digits))
    assert results.main(["--missing"]) == 0
    assert (measured, [path.read_text() for path in sorted(tmp_path.iterdir())]) == ([], first)
    table = tmp_path / "equivariance-small.csv"
    table.write_text(table.read_text().replace(f",,{torch.__version__}", f",abc,{torch.__version__}"))  # other weights
    assert results.main(["--missing"]) == 0
    assert (measured, [path.read_text() for path in sorted(tmp_path.iterdir())]) == (["identity", "random_cnn"], first)
    table.write_text("damaged")
    assert results.main(["--missing"]) == 0
    assert results.main([]) == 0
    assert measured == ["identity", "random_cnn"] * 3


def test_without_mnist_it_says_so_in_one_sentence(monkeypatch, capsys):
    def missing(*_):
        raise MnistMissing("There is no MNIST here.")

    monkeypatch.setattr(results, "sample", missing)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: None)
    assert results.main([]) == 2
    assert capsys.readouterr().err.strip() == "There is no MNIST here."
