"""The scale bench: the fit finds the least KL, and no input breaks the page."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.cost import TimeComparison
from core.models import configuration, kernel_sides
from core.presets import PRESETS
from core.scales import ScaleSet, kernel_size
from core.tolerance import DataScales, ScaleMixture, choose_num_scales, fit, sigma_of_unit
from pages.bench import choose, cost, learning, live, measured
from tests.pages.scales_bench import DATA, SIZES, axis, csv, kl, move, press, run, said, table, upload, warnings

FIT, COST = {"open_fit": "1"}, {"open_cost": "1"}
PARTS = ("reading", "fit", "cost", "theory", "learned", "live")


def test_at_first_there_is_the_bench_and_nothing_else_is_computed(open_scales_page, monkeypatch):
    def computed(*_, **__):
        raise AssertionError("a folded part was computed")

    for module, name in (
        (choose, "candidates"), (cost, "cost"), (cost, "compared_milliseconds"), (measured, "published_fit"),
        (measured, "_errors"), (learning, "_runs"), (live, "pool"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, computed)
    app = open_scales_page()
    assert len(app.main.expander) == len(PARTS)
    assert not app.table
    assert not app.get("plotly_chart")
    assert not app.query_params
    assert kl(app) > 0


def test_a_visitor_finds_the_fit_of_three_scales_already_drawn(open_scales_page):
    app = open_scales_page(**FIT)
    assert app.title[0].value == "Internal scales"
    assert not app.warning
    given = axis(app)
    assert given["data"] == {"kind": "log-uniform", "low": 1.0, "high": 4.76}
    best = fit(DATA, 3, 0.459)
    assert given["scales"]["tau_tol"] == 0.459
    assert given["scales"]["reference"] == pytest.approx(best.reference, abs=6e-4)
    assert kl(app) == pytest.approx(best.kl(DATA), abs=1e-4)
    assert "This is the best fit" in said(app)
    assert "no dip" in said(app)


@pytest.mark.parametrize(
    "away", [{"tau": 0.9}, {"tau": 0.15, "n": 5}, {"data": "1 to 8"}, {"n": 1}, {"scales": (1.0, 1.2, 9.0)}]
)
@pytest.mark.parametrize("with_tau", [True, False])
def test_the_fit_button_finds_the_least_kl(open_scales_page, away, with_tau):
    app = move(open_scales_page(**FIT), **away, fit_tau=with_tau)
    before, tau = kl(app), app.session_state["tol_tau"]
    assert "A fit would do better" in said(app)
    after = kl(press(app, "fit"))
    data = DataScales.log_uniform(*{"1 to 8": (1, 8)}.get(away.get("data"), (1, 4.76)))
    assert after < before
    assert after == pytest.approx(fit(data, away.get("n", 3), None if with_tau else tau).kl(data), abs=1e-4)
    assert with_tau or app.session_state["tol_tau"] == tau
    assert app.session_state["tol_scales"] == ()
    assert "This is the best fit" in said(app)


def test_the_tolerance_stays_unless_asked_for_and_the_page_says_why(open_scales_page):
    app = move(open_scales_page(**FIT), data="1 to 8")
    assert not app.toggle(key="tol_fit_tau").value
    assert "belongs to the network (0.459 by the joint fit of the thesis), not to the data" in said(app)
    assert press(app, "fit").session_state["tol_tau"] == 0.459


def test_a_free_set_may_do_better_than_equal_steps(open_scales_page):
    two_groups = np.concatenate([SIZES, SIZES, 12 * SIZES])  # equal steps put a scale between the groups
    app = upload(open_scales_page(**FIT, tol_data="measured", tol_tau="0.4"), "sizes.csv", csv(two_groups))
    middle = float(np.median(SIZES)) / app.session_state["tol_unit"]
    move(app, scales=(middle / 1.4, middle * 1.4, middle * 12))
    assert "No equal steps do better" in said(app)
    assert "A fit would do better" in said(move(app, scales=(1.0, 1.1, 1.2)))


def test_the_number_of_scales_can_be_chosen_by_the_criterion(open_scales_page):
    app = press(move(open_scales_page(**FIT), data="1 to 8", tau=0.3, fit_tau=False, fit_n=True, n=1), "fit")
    scores = {each.model.num_scales: each.score for each in choose_num_scales(DataScales.log_uniform(1, 8), 0.3)}
    assert app.session_state["tol_n"] == min(scores, key=scores.get) not in (1, 8)
    rows = table(app, "BIC")
    assert [float(score) for score in rows["BIC"]] == pytest.approx(list(scores.values()), abs=0.06)


def test_the_criterion_keeps_the_tolerance_even_by_a_link_that_fits_it(open_scales_page):
    sizes = np.round(20 * 2 ** np.random.default_rng(0).normal(1.3, 0.8, 500), 2)  # one hump
    app = open_scales_page(tol_data="measured", tol_fit_tau="1", tol_fit_n="1")
    upload(app, "sizes.csv", csv(sizes))
    assert app.toggle(key="tol_fit_tau").disabled
    assert app.query_params["tol_fit_tau"] in ("1", ["1"])
    assert "BIC compares numbers of scales at the slider's 0.459 octaves" in said(app)
    press(app, "fit")
    assert app.session_state["tol_n"] in (3, 4)
    assert app.session_state["tol_tau"] == 0.459
    assert set(table(app, "BIC")["τ_tol, octaves"]) == {"0.459"}
    assert "a tolerance of 0.459 octaves as given" in said(app)
    assert not move(app, fit_n=False).toggle(key="tol_fit_tau").disabled


def test_one_scale_for_wide_data_is_not_recommended_without_its_price(open_scales_page):
    app = open_scales_page(**FIT, tol_data="log-normal", tol_median="2.5", tol_n="1")
    assert "middle 90 % of the data span 2.6 octaves, and 57 % of the data lie more than 0.459 octaves" in said(app)
    assert "leaves out" in said(move(app, fit_tau=True))
    assert "leaves out" not in said(move(app, n=2))


@pytest.mark.parametrize(
    "parameters",
    [
        {"tol_tau": "a lot", "tol_n": "2.5", "tol_ref": "nan", "tol_isr": "1e999"},
        {"tol_data": "<script>", "tol_range": "4", "tol_scales": "1-two"},
        {"tol_range": "1-2-3", "tol_n": "", "tol_fit_n": "perhaps", "tol_scales": "-1", "tol_sizes": "../etc"},
        {"tol_scales": "1-2-3-4-5-6-7-8-9", "tol_unit": "inf", "tol_median": "", "tol_std": "x", "tol_from": "url"},
    ],
)
def test_nonsense_in_the_link_leaves_the_usual_values_and_says_so(open_scales_page, parameters):
    app = open_scales_page(**parameters)
    assert len(axis(app)["scales"]) == 5
    assert axis(app)["scales"]["free"] is None
    assert 0 < kl(app) < 0.1
    (warning,) = warnings(app)
    assert "the usual value is shown instead" in warning
    for name, text in parameters.items():
        assert f"{name} = {text}" in warning
    assert not run(app).warning


@pytest.mark.parametrize(
    ("name", "asked", "shown", "value"),
    [
        ("tol_n", "-3", "1", 1), ("tol_n", "99", "8", 8), ("tol_tau", "0", "0.1", 0.1), ("tol_tau", "7", "2", 2.0),
        ("tol_ref", "0.01", "0.05", 0.05), ("tol_isr", "1000", "34", 34.0), ("tol_range", "0.1-4", "0.5-4", (0.5, 4.0)),
        ("tol_range", "4-4", "4-4.08", (4.0, 4.08)), ("tol_scales", "1-2000", "1-100", (1.0, 100.0)),
        ("tol_unit", "0", "1", 1.0),
    ],
)  # fmt: skip
def test_a_number_out_of_range_becomes_the_nearest_and_says_so(open_scales_page, name, asked, shown, value):
    app = open_scales_page(**{name: asked, "tol_data": "own range"})
    assert app.session_state[name] == pytest.approx(value)
    (warning,) = warnings(app)
    assert f"`{name} = {asked}` → `{name} = {shown}`" in warning
    assert app.query_params[name] in (shown, [shown])


@pytest.mark.parametrize(
    "state",
    [
        {"n": 5, "tau": 0.3, "data": "own range", "range": (0.71, 5.82), "ref": 2.0, "isr": 8.0, "fit_n": True},
        {"data": "log-normal", "median": 2.345, "spread": 0.55, "scales": (0.9, 2.004, 7.5), "unit": 31.5},
        {"data": "normal", "mean": 5.5, "std": 1.25, "scales": (0.3, 40.0), "fit_tau": True},
    ],
)
def test_the_link_of_a_page_opens_it_as_it_is(open_scales_page, state):
    app = move(open_scales_page(), **state)
    link = {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}
    again = open_scales_page(**link)
    for name, value in state.items():
        assert again.session_state[f"tol_{name}"] == value, name
    assert axis(again) == axis(app)
    assert said(again) == said(app)


def test_a_free_set_is_drawn_and_measured_as_it_is(open_scales_page):
    app = open_scales_page(**COST, tol_scales="1.1-2-4.3", tol_tau="0.3")
    mixture = ScaleMixture((1.1, 2.0, 4.3), 0.3)
    assert axis(app)["scales"]["free"] == [1.1, 2.0, 4.3]
    assert kl(app) == pytest.approx(mixture.kl(DATA), abs=6e-5)
    handed = press(app, "use").session_state["scale_set"]
    one = sigma_of_unit(app.session_state["tol_unit"])
    assert ScaleSet.from_text(handed) == pytest.approx([one * centre for centre in mixture.centres], rel=1e-5)
    assert app.session_state["view"].scales == ScaleSet.from_text(handed)


def test_dips_are_told_in_words(open_scales_page):
    app = open_scales_page(tol_scales="1-8", tol_tau="0.3", tol_data="1 to 8")
    assert len(re.findall(r"\*\*Dip from 1\.\d\d× to [4-7]\.\d\d×\*\*, between two scales", said(app))) == 1
    assert "beyond the scales" in said(move(app, scales=(2.0, 3.0)))


@pytest.mark.parametrize("extreme", [(0.5, 17.0), (0.5, 0.51), (16.66, 17.0)])
@pytest.mark.parametrize("n", [1, 8])
def test_extreme_ranges_can_be_shown_and_fitted(open_scales_page, extreme, n):
    app = press(move(open_scales_page(**FIT), data="own range", range=extreme, n=n), "fit")
    assert kl(app) >= 0
    assert not app.warning
    assert "This is the best fit" in said(app)


def test_data_beyond_the_axis_are_answered_by_a_sentence(open_scales_page):
    app = open_scales_page(tol_data="log-normal", tol_median="17", tol_spread="3")
    assert any("KL cannot be given" in each and "0.5 and 17" in each for each in warnings(app))
    move(app, median=2.0, spread=0.5)
    assert not app.warning


def test_the_unit_ties_data_scales_to_pixels(open_scales_page):
    app = open_scales_page(**COST, tol_unit="50", tol_scales="1-3")
    assert axis(app)["sigma_one"] == pytest.approx(sigma_of_unit(50))
    assert table(app, "σ, pixels")["σ, pixels"][0] == f"{sigma_of_unit(50):.2f}"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_comes_onto_the_axis(open_scales_page, preset):
    app = open_scales_page()
    app.menu_button(key="tol_preset").click(preset)
    run(app)
    given = axis(app)
    one = sigma_of_unit()
    chosen = given["scales"]
    centres = chosen["free"] or [
        chosen["reference"] * chosen["isr"] ** (i / max(1, chosen["num_scales"] - 1))
        for i in range(chosen["num_scales"])
    ]
    assert [one * centre for centre in centres] == pytest.approx(preset.internal_scales, rel=2e-3)  # 4 decimals
    assert preset.name in said(app)
    move(app, tau=0.7)
    assert preset.name in said(app)


def test_the_network_takes_the_scales_over(open_scales_page):
    app = press(move(open_scales_page(**COST), n=5, ref=0.7, isr=2.0), "use")
    wanted, now = (each.value for each in app.table if "σ, pixels" in each.value)
    assert [float(s) for s in wanted["σ, pixels"]] == pytest.approx([float(s) for s in now["σ, pixels"]], abs=0.02)
    assert len(now) == 5
    assert app.session_state["scales"] == "chosen"


def test_kernels_follow_equation_seven(open_scales_page):
    rows = table(open_scales_page(**COST, tol_ref="0.6", tol_isr="4", network="sesn_vector"), "σ, pixels")
    sides = [int(side) for side in rows["Kernel side, pixels"]]
    assert sides == [kernel_size(float(sigma)) for sigma in rows["σ, pixels"]]
    assert sides == sorted(sides)


@pytest.mark.parametrize("network", ["sesn_antialiased", "sevf"])
def test_other_kernels_have_a_rule_of_their_own(open_scales_page, network):
    app = open_scales_page(tol_ref="0.6", tol_isr="4", network=network, **COST)
    rows = table(app, "σ, pixels")
    sides = kernel_sides(network, ScaleSet(float(sigma) for sigma in rows["σ, pixels"]))
    assert [int(side) for side in rows["Kernel side, pixels"]] == list(sides)
    assert configuration(network).kernel_rule in said(app)
    assert "Eq. 7" not in said(app)


def test_wider_scales_cost_more(open_scales_page):
    def millions(app: AppTest) -> list[float]:
        return [float(each) for each in re.findall(r"\*\*([\d.]+) million\*\*", said(app))]

    narrow, wide = (millions(open_scales_page(**COST, tol_ref="0.6", tol_n="3", tol_isr=isr)) for isr in ("1.5", "4"))
    assert narrow[0] < wide[0]
    assert narrow[1] == wide[1]  # as the network is now


def test_what_is_too_wide_to_be_built_is_said_and_not_built(open_scales_page):
    app = open_scales_page(**COST, tol_ref="16", tol_isr="34", tol_n="8")
    assert "beyond what is built here: the largest internal scale is at most 16 pixels" in said(app)
    assert "ms** for one image as it is now" in said(app)
    assert "times** as long" not in said(app)
    assert not app.warning


@pytest.mark.parametrize("scales", [{"tol_n": "2", "tol_isr": "1.5"}, {}])  # what the bench starts with is quick too
def test_time_is_measured_for_these_scales(open_scales_page, scales):
    app = open_scales_page(**COST, **scales)
    times = (
        r"\*\*\d+\.\d ms\*\* for one image with the scales above, \*\*\d+\.\d ms\*\* as it is now, .* in turn\.\s+"
        r"With the scales above it takes \*\*\d+\.\d\d times\*\* as long as now, \d+\.\d\d to \d+\.\d\d times"
    )
    assert len(re.findall(times, said(app))) == 1
    assert "tol_time" not in [button.key for button in app.button]


def test_the_same_scales_are_timed_once_and_not_compared(open_scales_page):
    app = open_scales_page(**COST, tol_n="2", tol_ref="0.16", tol_isr="5")
    assert "times** as long" in said(app)
    press(app, "use")
    assert float(table(app, "σ, pixels")["σ, pixels"][0]) == pytest.approx(sigma_of_unit() * 0.16, abs=0.006)
    assert len(re.findall(r"\*\*\d+\.\d ms\*\* for one image with either set", said(app))) == 1
    assert "times** as long" not in said(app)
    assert "times** as long" in said(move(app, isr=5.2))


def compared_times(first_ms: float, second_ms: float, ratio: float, spread: tuple[float, float]) -> TimeComparison:
    return TimeComparison(first_ms, second_ms, ratio, spread, (first_ms, first_ms), (second_ms, second_ms), turns=20)


@pytest.mark.parametrize(("spread", "sure"), [((0.9, 1.2), False), ((1.05, 1.2), True), ((0.8, 0.95), True)])
def test_turns_that_disagree_are_told(open_scales_page, monkeypatch, spread, sure):
    monkeypatch.setattr(cost, "compared_milliseconds", lambda *_: compared_times(3.0, 2.9, 1.1, spread))
    app = open_scales_page(**COST, tol_n="2", tol_isr="1.5")
    assert f"{spread[0]:.2f} to {spread[1]:.2f} times in the middle 68 % of the turns" in said(app)
    assert ("they do not agree on which is slower" in said(app)) != sure


def test_what_is_slow_to_build_waits_for_a_button(open_scales_page, monkeypatch):
    compared = []

    def compare(*asked) -> TimeComparison:
        compared.append(asked)
        return compared_times(31.4, 2.7, 11.6, (11.1, 12.5))

    monkeypatch.setattr(cost, "compared_milliseconds", compare)
    app = open_scales_page(**COST, tol_n="3", tol_ref="2", tol_isr="3")
    assert not compared
    assert len(re.findall("million", said(app))) == 1  # of the network as it is now
    press(app, "time")
    ((key, wanted, now),) = compared
    assert wanted == pytest.approx([float(sigma) for sigma in table(app, "σ, pixels")["σ, pixels"]], abs=0.006)
    assert (key, now) == ("sesn_vector", configuration("sesn_vector").internal_scales)
    assert len(re.findall("million", said(app))) == 2
    told = (
        "**31.4 ms** for one image with the scales above, **2.7 ms** as it is now, measured just now on the machine "
        "that serves this page, in turn.\n\n"
        "With the scales above it takes **11.60 times** as long as now, 11.10 to 12.50 times"
    )
    assert told in said(app)
    assert "ms**" not in said(move(app, isr=3.1))


def test_scales_beyond_what_is_built_are_told_and_not_handed_over(open_scales_page):
    app = open_scales_page(**COST, tol_n="3", tol_ref="1.0", tol_isr="4.0")
    assert "cannot take them over" not in said(app)
    press(app, "use")
    one = sigma_of_unit(app.session_state["tol_unit"])
    assert [app.session_state[key] for key in ("sigma", "isr", "n_scales")] == [round(one, 2), 4.0, 3]
    app = move(app, n=8, isr=12.0, ref=2.0)
    assert "cannot take them over here: the largest internal scale is at most 16 pixels" in said(app)
    assert app.button(key="tol_use").disabled


def test_a_network_without_internal_scales_says_so(open_scales_page):
    app = open_scales_page(**COST, network="cnn")
    assert "no internal scales" in said(app)
    assert axis(app)["network"] == []


def test_the_bench_is_kept_over_a_visit_to_another_page(open_scales_page):
    app = move(open_scales_page(), tau=0.6, scales=(1.0, 5.0))
    before = axis(app)
    run(app.switch_page("pages/about.py"))
    assert app.title[0].value == "About"
    run(app.switch_page("pages/scales.py"))
    assert axis(app) == before
