"""The page of internal scales: the fit finds the least KL, and no input breaks the page."""

import pytest
from streamlit.testing.v1 import AppTest

from core.tolerance import DataScales, fit
from pages.shared.server import ENTERED

DATA = DataScales.log_uniform(1, 4.76)


@pytest.fixture
def open_page(root):
    """open_page(tol_n="5") opens the page by a link with these parameters, which must not end in an exception."""

    def open_page(**parameters: str) -> AppTest:
        app = AppTest.from_file(str(root / "app.py"), default_timeout=60)
        app.switch_page("pages/scales.py")
        for name, text in parameters.items():
            app.query_params[name] = text
        app.run()
        assert not app.exception
        return app

    return open_page


def run(app: AppTest) -> AppTest:
    """The next run of the page. AppTest takes the folder pages/ for pages of the old kind before each run, so the
    session must enter through app.py again (pages/shared/server.py)."""
    del app.session_state[ENTERED]
    app.run()
    assert not app.exception
    return app


def kl(app: AppTest) -> float:
    (metric,) = app.metric
    assert metric.label == "KL, nats"
    return float(metric.value)


def move(app: AppTest, **values) -> AppTest:
    for name, value in values.items():
        app.session_state[f"tol_{name}"] = value
    return run(app)


def press(app: AppTest, name: str) -> AppTest:
    app.button(key=f"tol_{name}").click()
    return run(app)


def test_a_visitor_finds_the_fit_of_three_scales_already_drawn(open_page):
    app = open_page()
    assert app.title[0].value == "Internal scales"
    assert app.selectbox(key="tol_data").value == "1 to 4.76"
    assert app.slider(key="tol_n").value == 3
    assert kl(app) == pytest.approx(fit(DATA, 3).kl(DATA), abs=2e-4)
    assert len(app.get("plotly_chart")) == 1


@pytest.mark.parametrize("away", [{"tau": 0.9}, {"tau": 0.15, "n": 5}, {"data": "1 to 8"}, {"n": 1}])
def test_the_fit_button_finds_the_least_kl(open_page, away):
    app = move(open_page(), **away)
    before = kl(app)
    after = kl(press(app, "fit"))
    ends = {"1 to 8": (1, 8)}.get(away.get("data"), (1, 4.76))
    data = DataScales.log_uniform(*ends)
    assert after < before
    assert after == pytest.approx(fit(data, away.get("n", 3)).kl(data), abs=2e-4)  # the sliders' steps


def test_the_fit_at_the_published_tolerance_keeps_it(open_page):
    app = press(move(open_page(), tau=0.2, data="1 to 2.83"), "fit_at")
    assert app.slider(key="tol_tau").value == 0.459
    data = DataScales.log_uniform(1, 2.83)
    assert kl(app) == pytest.approx(fit(data, 3, 0.459).kl(data), abs=2e-4)


def test_the_joint_fit_shows_one_tolerance_for_three_ranges(open_page):
    app = open_page()
    tables = len(app.table)
    press(app, "joint")
    assert any("τ_tol = 0.459 octaves" in each.value for each in app.markdown)
    assert len(app.table) == tables + 1
    assert list(app.table[0].value["Data scales, ×"]) == ["1 to 2.83", "1 to 4.76", "1 to 8"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"tol_tau": "a lot", "tol_n": "2.5", "tol_ref": "nan", "tol_isr": "1e999"},
        {"tol_data": "<script>", "tol_range": "4"},
        {"tol_range": "1-2-3", "tol_n": "", "tol_joint": "perhaps"},
    ],
)
def test_nonsense_in_the_link_leaves_the_usual_values_and_says_so(open_page, parameters):
    app = open_page(**parameters)
    assert app.slider(key="tol_n").value == 3
    assert 0 < kl(app) < 0.1
    (warning,) = [each.value for each in app.warning]
    assert "the usual value is shown instead" in warning
    for name, text in parameters.items():
        assert f"{name} = {text}" in warning
    assert not run(app).warning


@pytest.mark.parametrize(
    ("name", "asked", "shown", "value"),
    [
        ("tol_n", "-3", "1", 1), ("tol_n", "99", "8", 8), ("tol_tau", "0", "0.1", 0.1), ("tol_tau", "7", "2", 2.0),
        ("tol_ref", "0.1", "0.5", 0.5), ("tol_isr", "1000", "34", 34.0), ("tol_range", "0.1-4", "0.5-4", (0.5, 4.0)),
    ],
)  # fmt: skip
def test_a_number_out_of_range_becomes_the_nearest_and_says_so(open_page, name, asked, shown, value):
    app = open_page(**{name: asked, "tol_data": "own range"})
    assert app.session_state[name] == pytest.approx(value)
    (warning,) = [each.value for each in app.warning]
    assert f"`{name} = {asked}` → `{name} = {shown}`" in warning
    assert app.query_params[name] in (shown, [shown])


def test_a_link_reproduces_the_sliders(open_page):
    app = open_page(tol_n="5", tol_tau="0.3", tol_data="1 to 8", tol_joint="1")
    assert (app.slider(key="tol_n").value, app.slider(key="tol_tau").value) == (5, 0.3)
    assert app.selectbox(key="tol_data").value == "1 to 8"
    assert any("τ_tol = 0.459 octaves" in each.value for each in app.markdown)


def test_the_link_of_a_page_opens_it_as_it_is(open_page):
    app = move(open_page(), n=5, tau=0.3, data="own range", range=(0.71, 5.82), ref=2.0, isr=8.0)
    press(app, "joint")
    link = {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}
    again = open_page(**link)
    for name in ("n", "tau", "data", "range", "ref", "isr", "joint_shown"):
        assert again.session_state[f"tol_{name}"] == app.session_state[f"tol_{name}"], name
    assert kl(again) == kl(app)


@pytest.mark.parametrize("extreme", [(0.5, 16.0), (0.5, 0.51), (15.65, 16.0)])
@pytest.mark.parametrize("n", [1, 8])
def test_extreme_ranges_can_be_shown_and_fitted(open_page, extreme, n):
    app = press(move(open_page(), data="own range", range=extreme, n=n), "fit")
    assert kl(app) >= 0
    assert not app.warning


def test_an_empty_range_is_answered_by_one_sentence(open_page):
    app = move(open_page(), data="own range", range=(4.0, 4.0))
    (warning,) = [each.value for each in app.warning]
    assert "0 < low < high" in warning
    move(app, range=(1.0, 4.0))
    assert not app.warning
    assert kl(app) > 0


def test_the_network_takes_the_scales_over(open_page):
    app = press(move(open_page(), n=5), "use")
    wanted, now = app.table[0].value, app.table[1].value
    assert list(wanted["σ, pixels"]) == list(now["σ, pixels"])
    assert len(now) == 5
    assert app.session_state["scales"] == "chosen"


def test_wider_kernels_cost_more(open_page):
    table = move(open_page(), isr=8.0).table[0].value
    sides = [int(side) for side in table["Kernel side, pixels"]]
    costs = [float(cost) for cost in table["Multiply-adds per position, × first"]]
    assert sides == sorted(sides)
    assert all(side % 2 for side in sides)
    assert costs == pytest.approx([(side / sides[0]) ** 2 for side in sides], abs=0.01)


def test_a_network_without_internal_scales_says_so(open_page):
    app = open_page(network="cnn")
    assert any("no internal scales" in each.value for each in app.markdown)
    assert not app.table


def test_the_sliders_are_kept_over_a_visit_to_another_page(open_page):
    app = move(open_page(), n=6, tau=0.6)
    run(app.switch_page("pages/about.py"))
    assert app.title[0].value == "About"
    run(app.switch_page("pages/scales.py"))
    assert (app.slider(key="tol_n").value, app.slider(key="tol_tau").value) == (6, 0.6)
