"""Reading as trained and as chosen: the numbers of a slow count, stage by stage, on the same digits."""

import csv
import io
import math
from itertools import islice

import numpy as np
import pytest
import torch

from core.data.any_size import VectorDigits
from core.data.glyphs import GLYPHS
from core.models import configuration, load
from core.results.reading_by_size import (
    ReadBySize,
    Stage,
    agreement,
    read_in_stages,
    read_scales,
    reading_to_csv,
)
from core.results.statistics import over_hits
from core.tolerance import ScaleMixture

OWN = configuration("sesn_vector").internal_scales
SMALLER = (OWN[0] / 1.26, *OWN)
SIZES = (0.3, 0.6, 1.2)


@pytest.fixture(scope="module")
def found() -> ReadBySize:
    return read_scales("sesn_vector", SMALLER, "vector", sizes=SIZES)


def slow_errors(scales: tuple[float, ...]) -> list[float]:
    """In %, digit by digit."""
    network = load("sesn_vector", trained_on="one size", internal_scales=scales)
    errors = []
    for size in SIZES:
        wrong = 0
        for glyph in GLYPHS:
            image = torch.round(255 * glyph.render(size)) / 255
            wrong += int(network(image).argmax()) != glyph.digit
        errors.append(100 * wrong / len(GLYPHS))
    return errors


@pytest.mark.slow
def test_errors_are_those_of_a_slow_count(found):
    for scales, shown in ((OWN, found.trained_errors), (SMALLER, found.chosen_errors)):
        assert [each.mean for each in shown] == pytest.approx(slow_errors(scales))
        assert {(each.n, each.kind) for each in shown} == {(len(GLYPHS), "vector digits")}
    shifts = [two.mean - one.mean for one, two in zip(found.trained_errors, found.chosen_errors, strict=True)]
    assert [each.mean for each in found.differences] == pytest.approx(shifts)
    assert any(shifts)


def test_each_stage_reads_on_where_the_last_one_ended():
    truth = {size: np.random.default_rng(k).random((2, len(GLYPHS))) < 0.4 for k, size in enumerate(SIZES)}
    asked = []

    def reads(which):
        def misread(size, start, stop):
            asked.append((which, size, start, stop))
            return truth[size][which, start:stop]

        return misread

    stages = (Stage(SIZES[::2], 5), Stage(SIZES, 5), Stage(SIZES, 2_000))
    steps = list(read_in_stages(reads(0), reads(1), VectorDigits(), stages))
    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(set(shares)) == len(steps)  # so the last answer comes with the last part, not after it
    answers = list({id(step.found): step.found for step in steps if step.found}.values())
    assert [(each.sizes, each.count) for each in answers] == [(SIZES[::2], 5), (SIZES, 5), (SIZES, len(GLYPHS))]
    for each in answers:
        for k, size in enumerate(each.sizes):
            np.testing.assert_array_equal(each.trained[k], truth[size][0, : each.count])
            np.testing.assert_array_equal(each.chosen[k], truth[size][1, : each.count])
    assert len(asked) == len(set(asked)) == 2 * (2 + 1 + 3)  # nothing is read twice
    asked.clear()
    list(islice(read_in_stages(reads(0), reads(1), VectorDigits(), stages), 1))
    assert len(asked) == 2  # who stops asking has cancelled


def test_theory_agrees_where_errors_fall_and_the_mixture_grows():
    """By hand: the mixture moves from 1.2 to 0.3, so it grows at 0.3 and falls at 1.2."""
    before, after = ScaleMixture((1.2,), 0.459), ScaleMixture((0.3,), 0.459)
    none, many = np.zeros(200, dtype=bool), np.arange(200) < 80
    same = np.arange(200) < 20
    as_told = ReadBySize(SIZES, np.stack([many, same, none]), np.stack([none, same, many]), "digits")
    told = agreement(as_told, before, after)
    assert (told.agree, told.against, told.rho, told.n) == ((0.3, 1.2), (), pytest.approx(-1), 3)
    other = agreement(ReadBySize(SIZES, as_told.chosen, as_told.trained, "digits"), before, after)
    assert (other.agree, other.against, other.rho) == ((), (0.3, 1.2), pytest.approx(1))
    unmoved = agreement(as_told, before, before)
    assert (unmoved.agree, unmoved.against, unmoved.rho) == ((), (), None)


def test_the_table_holds_what_is_drawn(found):
    mixture = ScaleMixture((0.5, 1.0), 0.459)
    head, *rows = csv.reader(io.StringIO(reading_to_csv(found, mixture, mixture)))
    assert [float(row[0]) for row in rows] == list(SIZES)
    assert [float(row[head.index("error as chosen, %")]) for row in rows] == [e.mean for e in found.chosen_errors]
    assert {len(row) for row in rows} == {len(head)}


@pytest.mark.parametrize(("hits", "n"), [(0, 40), (3, 40), (20, 40), (40, 40), (123, 2000)])
def test_a_share_has_the_interval_of_wilson(hits, n):
    """Its ends are the shares p from which the found one lies 1.96 standard errors √(p (1 − p) / n) away."""
    each = over_hits(np.arange(n) < hits)
    assert each.mean == pytest.approx(100 * hits / n)
    for end in (each.low / 100, each.high / 100):
        away = abs(end - hits / n) / math.sqrt(max(end * (1 - end), 1e-12) / n)
        assert away == pytest.approx(1.959964, rel=1e-5) or (hits in (0, n) and end == pytest.approx(hits / n))
