"""What is taken away says the same as what was shown: tables, arrays, and Python that computes a number again."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.drawing import Drawing
from core.data.glyphs import GLYPHS, SizedGlyph, glyph
from core.equivariance import (
    budget,
    budget_to_csv,
    lie_derivative,
    lie_to_csv,
    measure,
    snippet,
    to_csv,
    to_npz,
)
from core.models import FeatureMap, Shown, load
from core.scales import ScaleSet
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
DRAWN = Drawing((((-3.0, -8.0), (2.0, -2.0), (-1.0, 7.0)), ((4.0, 0.0), (5.0, 6.0))), 2.5).to_text()
CHOSEN, UNEQUAL = ScaleSet.log_uniform(1.2, 2.5, 3), ScaleSet((1, 1.2, 2.5))


def shown(key, pictures, layer, amount, resampler="bicubic", transform="scale", **settings):
    # As on a page, beside another amount.
    report = measure(load(key, **settings), pictures, [0.8, amount], resampler, transform)
    return report.error[report.layers.index(layer), 1]


CASES = {
    "a vector digit on chosen scales": (
        snippet(Shown("sesn_vector", CHOSEN), "conv2", 0.75, source="vector", name="3-round", data_scale=0.8),
        lambda: shown(
            "sesn_vector", glyph("3-round").render(0.8), "conv2", 0.75, sigma_basis=1.2, isr=2.5, num_scales=3
        ),
    ),
    "a vector digit on scales in unequal steps": (
        snippet(Shown("disco", UNEQUAL), "conv2", 1.5, source="vector", name="3-round"),
        lambda: shown("disco", glyph("3-round").render(1.0), "conv2", 1.5, internal_scales=UNEQUAL),
    ),
    "a sample, drawn again": (
        snippet(Shown("cnn"), "conv3", 1.26, source="vector", num_images=6, data_scale=0.7, resampler="exact"),
        lambda: shown("cnn", [SizedGlyph(each, 0.7) for each in GLYPHS[:6]], "conv3", 1.26, "exact"),
    ),
    "weights of one size": (
        snippet(Shown("cnn", None, "one size"), "pool1", 0.7, source="vector", name="5-round"),
        lambda: shown("cnn", glyph("5-round").render(1.0), "pool1", 0.7, trained_on="one size"),
    ),
    "a shift": (
        snippet(Shown("cnn"), "pool1", 1.5, source="vector", name="5-round", data_scale=0.8, transform="translation"),
        lambda: shown("cnn", glyph("5-round").render(0.8), "pool1", 1.5, transform="translation"),
    ),
    "a visitor's drawing": (
        snippet(Shown("random_sesn"), "conv2", 0.7937, source="draw", name=DRAWN, resampler="ideal"),
        lambda: shown("random_sesn", Drawing.from_text(DRAWN).render(), "conv2", 0.7937, "ideal"),
    ),
}


# Each in a namespace of its own, so that it brings all it needs; torch is imported once for all of them.
RUN_ALL = """
import contextlib, io, json, sys
printed = {}
for case, text in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(compile(text, case, "exec"), {"__name__": "__main__"})
    printed[case] = said.getvalue()
print(json.dumps(printed))
"""


@pytest.mark.slow
def test_a_snippet_prints_the_number_that_was_shown():
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    texts = json.dumps({case: text for case, (text, _) in CASES.items()})
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL], input=texts, capture_output=True, text=True, env=environment, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert list(printed) == list(CASES)
    numbers = [expected() for _, expected in CASES.values()]
    assert [float(text) for text in printed.values()] == pytest.approx(numbers, abs=1e-4)
    assert min(numbers) > 0.005  # so that 1e-4 tells them apart from 0 and, with the next line, from each other
    assert min(np.diff(sorted(numbers))) > 0.005


def test_a_snippet_says_which_file_and_which_mnist_digit_it_needs(tmp_path):
    upload = snippet(Shown("cnn"), "conv1", 0.5, source="upload", name="0123456789ab")
    assert "whose SHA-256 starts with 0123456789ab" in upload
    one, many = (
        snippet(Shown("cnn"), "conv1", 0.5, source="mnist", **which) for which in ({"name": "7"}, {"num_images": 64})
    )
    assert "images[7][None]" in one
    assert "images[:64]" in many
    for text in (upload, one, many):
        compile(text, "snippet", "exec")


def test_what_a_link_holds_stays_text():
    """A name in an address is anybody's: it must not become code."""
    name = "x'); import os; ('\n"
    for source in ("vector", "draw"):
        text = snippet(Shown("cnn"), "conv1", 0.5, source=source, name=name)
        assert repr(name) in text
        assert len(text.splitlines()) == len(snippet(Shown("cnn"), "conv1", 0.5, source=source, name="a").splitlines())
    for refused, how in [
        ("SHA-256", {"source": "upload", "name": "ab\nimport os"}),
        ("a number from 0 to 9999, got '1]; import os'", {"source": "mnist", "name": "1]; import os"}),
        ("source must be one of vector, mnist, upload, draw, photograph, got 'photo'", {"source": "photo"}),
        ("Draw has no sample of many digits", {"source": "draw", "num_images": 3}),
    ]:
        with pytest.raises(ValueError, match=refused):
            snippet(Shown("cnn"), "conv1", 0.5, **how)


def test_a_report_as_csv():
    digits = torch.cat([*[each.render(0.7) for each in GLYPHS[:3]], torch.zeros(1, 1, 28, 28)])
    report = measure(load("random_sesn"), digits, (0.8, 3.0))
    rows = list(csv.DictReader(io.StringIO(to_csv(report))))
    assert [(row["layer"], float(row["amount"])) for row in rows] == [
        (layer, s) for layer in report.layers for s in (0.8, 3.0)
    ]
    for n, row in enumerate(rows):
        i, k = divmod(n, 2)
        costs = report.cost[i, k], report.image_cost[k]
        values = (report.error[i, k], *report.spread[i, k], *costs, report.silent[i, k], report.known[i, k])
        names = ("mean", "low", "high", "cost", "image_cost", "silent", "known")
        for name, value in zip(names, values, strict=True):
            assert row[name] == "" if np.isnan(value) else float(row[name]) == pytest.approx(value, rel=1e-5)
        assert row["images"] == "4"
    assert rows[1]["mean"] == ""  # at 3 no scale is known
    assert rows[0]["silent"] == "0.25"  # the blank image
    for transform, amount in (("rotation", 90.0), ("translation", -1.5)):
        table = to_csv(measure(load("random_cnn"), digits[:1], (amount,), transform=transform))
        assert table.splitlines()[1].startswith(f"conv1,{amount},")


def test_maps_as_an_archive_with_their_axes():
    features = load("random_sesn").features(GLYPHS[0].render(0.7))
    data = to_npz(features)
    assert data == to_npz(features)
    with np.load(io.BytesIO(data)) as archive:
        assert archive.files == [*features, "about"]
        about = json.loads(str(archive["about"]))
        for name, found in features.items():
            np.testing.assert_array_equal(archive[name], found.values.numpy())
            assert about[name]["group"] == found.group
            assert len(about[name]["axes"]) == found.values.dim()
            assert about[name]["internal_scales"] == list(found.internal_scales)
            assert (about[name]["stride"], about[name]["centre"]) == (found.stride, list(found.centre))
    turned = to_npz({"turned": FeatureMap(torch.rand(1, 2, 4, 5, 5), "rotation"), "bare": torch.ones(2)})
    with np.load(io.BytesIO(turned)) as archive:
        assert json.loads(str(archive["about"]))["turned"]["axes"][2] == "turn"
        assert archive["bare"].tolist() == [1, 1]
    for refused in ({}, {"about": torch.ones(1)}, {"file": torch.ones(1)}):
        with pytest.raises(ValueError, match="expected maps"):
            to_npz(refused)


def test_budget_and_lie_derivative_as_tables():
    network, digits = load("random_sesn"), GLYPHS[0].render(0.7)
    parts, local = budget(network, digits, 0.7), lie_derivative(network, digits)
    rows = list(csv.DictReader(io.StringIO(budget_to_csv(parts))))
    assert [row["cause"] for row in rows[:6]] == ["total", *parts.causes]
    for i, layer in enumerate(parts.layers):
        told = {row["cause"]: row["part"] for row in rows if row["layer"] == layer}
        for cause, part in zip(parts.causes, parts.parts[:, i], strict=True):
            value = float(told[cause] or "nan")
            assert value == pytest.approx(float(part), rel=1e-5, abs=1e-9, nan_ok=True)
    found = list(csv.DictReader(io.StringIO(lie_to_csv(local))))
    assert [row["layer"] for row in found] == list(local.layers)
    np.testing.assert_allclose([float(row["mean"]) for row in found], local.error, rtol=1e-5)


def test_a_snippet_names_scales_by_three_numbers_where_they_make_just_these():
    def line(scales):
        text = snippet(Shown("disco", scales), "conv1", 1.2, source="vector", name="3-round")
        assert ("from core.scales import ScaleSet\n" in text) == ("ScaleSet((" in text)
        return next(each for each in text.splitlines() if each.startswith("network"))

    assert line(None) == "network = load('disco', 'small')"
    assert line(CHOSEN) == "network = load('disco', 'small', sigma_basis=1.2, isr=2.5, num_scales=3)"
    assert line(UNEQUAL) == "network = load('disco', 'small', internal_scales=ScaleSet((1.0, 1.2, 2.5)))"
    assert line(ScaleSet((1.3,))) == "network = load('disco', 'small', internal_scales=ScaleSet((1.3,)))"
    printed = ScaleSet((1, 1.26, 1.5874))  # equal steps within 1e-4, but not these numbers
    assert "ScaleSet((1.0, 1.26, 1.5874))" in line(printed)
