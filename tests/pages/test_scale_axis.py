"""What the browser reports of the axis is taken over or refused in a sentence; data scales survive their link."""

import math

import pytest
import streamlit as st

from components import scale_axis
from core.scales import SCALE_LIMITS
from core.sentences import describe_bench
from core.tolerance import AXIS, DataScales
from pages.bench import scale_list
from pages.bench.axis import take_report
from pages.bench.choose import Chosen
from pages.bench.data import OWN, described, usual_unit

SCALES = {"reference": 1.1, "isr": 4.0, "num_scales": 3, "tau_tol": 0.4, "free": None}
RANGE = {"kind": "log-uniform", "low": 1.5, "high": 6.25}


@pytest.fixture
def state(monkeypatch) -> dict:
    state = {"tol_data": "1 to 8", "tol_range": (1.0, 4.0)}
    monkeypatch.setattr(st, "session_state", state)
    return state


def take(sent: object) -> None:
    """What becomes of a report of the browser."""
    take_report(scale_axis.read_report(sent))


def report(*moved: str, scales: object = SCALES, data: object = RANGE) -> dict:
    return {"id": "a-1", "moved": list(moved), "scales": scales, "data": data}


def test_only_what_was_moved_is_taken_over(state):
    take(report("scales"))
    assert state["tol_data"] == "1 to 8"
    assert (state["tol_ref"], state["tol_isr"], state["tol_n"], state["tol_tau"]) == (1.1, 4.0, 3, 0.4)
    take(report("data", scales=SCALES | {"reference": 7.0}))
    assert (state["tol_data"], state["tol_range"]) == (OWN, (1.5, 6.25))
    assert state["tol_ref"] == 1.1


def test_marks_become_a_free_set_and_equal_steps_end_it(state):
    take(report("scales", scales=SCALES | {"free": [1, 2.5, 2.70004]}))
    assert state["tol_scales"] == (1.0, 2.5, 2.7)
    take(report("scales"))
    assert state["tol_scales"] == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"kind": "log-normal", "median": 2.5, "std": 0.6}, DataScales.log_normal(2.5, 0.6)),
        ({"kind": "normal", "mean": 4.0, "std": 1.5}, DataScales.normal(4.0, 1.5)),
        (RANGE, DataScales.log_uniform(1.5, 6.25)),
    ],
)
def test_handles_become_the_distribution_they_show(state, data, expected):
    take(report("data", data=data))
    kind = OWN if data["kind"] == "log-uniform" else data["kind"]
    assert described(kind) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        None, "scales", {}, {"id": "a", "moved": "scales"},
        report("scales", scales=None), report("scales", scales={}), report("scales", scales=SCALES | {"isr": "4"}),
        report("scales", scales=SCALES | {"reference": math.nan}), report("scales", scales=SCALES | {"tau_tol": 1e300}),
        report("scales", scales=SCALES | {"free": []}), report("scales", scales=SCALES | {"free": [1, None]}),
        report("scales", scales=SCALES | {"free": "1-2"}),
        report("data", data=None), report("data", data={"kind": "cauchy"}), report("data", data={"kind": "normal"}),
        report("data", data=RANGE | {"high": math.inf}), report("data", data={"kind": ["log-uniform"]}),
    ],
)  # fmt: skip
def test_nonsense_from_the_browser_is_refused_in_a_sentence_and_changes_nothing(state, wrong):
    before = dict(state)
    with pytest.raises(ValueError, match=r"^The browser sent .+\.$"):
        take(wrong)
    assert state == before


def test_a_set_of_centres_survives_its_link():
    parameter = scale_list.centres("tol_scales", SCALE_LIMITS.num_scales[1])
    for centres in [(1.0,), (1.1, 2.0, 4.3), (0.125, 99.999), (0.0501, 0.2, 3.001, 4.5, 17.0, 17.001, 50.5, 100.0)]:
        assert parameter.parse(parameter.text(centres)) == centres == parameter.fit(centres)
    assert parameter.parse("4.3-1.1-2") == (1.1, 2.0, 4.3)


@pytest.mark.parametrize("text", ["", "-", "1--2", "-1", "1-nan", "1-1e999", "0-1", "1,2", "<b>", "-".join("1" * 9)])
def test_a_set_that_is_none_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011, the page names it
        scale_list.centres("tol_scales", SCALE_LIMITS.num_scales[1]).parse(text)


def test_centres_and_ends_come_within_their_limits():
    assert scale_list.centres("tol_scales", 3).fit((1e9, 2, 1e-9, 3)) == (0.05, 2.0, 3.0)
    ends = scale_list.ends("tol_range", (1.0, 4.0))
    assert ends.fit((20.0, 0.1)) == AXIS
    for low in (0.1, 3.0, 17.0, 400.0):
        lowest, highest = ends.fit((low, low))
        assert DataScales.log_uniform(lowest, highest).low == lowest
    assert ends.fit("1-4") == ends.fit(None) == ends.fit((1,)) == (1.0, 4.0)


def test_the_unit_leaves_a_twentieth_of_the_objects_below_it():
    sizes = [float(size) for size in range(100, 300)]
    unit = usual_unit(sizes)
    assert sum(size < unit for size in sizes) == 10
    assert usual_unit([0.01, 0.02]) == 1.0
    assert usual_unit([1e7, 2e7]) == 9999.0


def test_the_picture_in_words_names_data_scales_and_dips():
    text = describe_bench(Chosen(1.0, 8.0, 2, 0.45).mixture, DataScales.log_uniform(1, 8))
    assert "2 internal scales centred at 1.00, 8.00" in text
    assert "log-uniform on [1, 8]" in text
    assert "It has 1 dip." in text
    one = describe_bench(Chosen(3.0, 4.0, 1, 0.6).mixture, DataScales.normal(3, 1))
    assert "1 internal scale centred at 3.00" in one
    assert "It has no dip." in one
