"""A visitor at the bench of scales: what the browser draws at once is what core computes, and every move is kept."""

import re

import pytest

from components.scale_axis import handles
from core.presets import PRESETS
from core.tolerance import AXIS, PUBLISHED_TAU_TOL, DataScales, ScaleMixture, ToleranceModel, dips, fit, sigma_of_unit
from pages.bench.choose import LIMITS
from tests.browser.seeing import differences, unfold, view_at_rest
from tests.browser.tabs import Complaints
from tests.thorough import rest

pytestmark = pytest.mark.browser

DATA = DataScales.log_uniform(1, 4.76)
TAU = PUBLISHED_TAU_TOL  # where the bench starts, and a fit keeps it
# The bench alone, with this test in place of Streamlit: `give` is a run, `reports` is what the server would get.
ALONE = """async code => {
    const module = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    const root = document.createElement('div');
    document.body.append(root);
    window.reports = [];
    window.give = data => void module.default({
        parentElement: root, data, setStateValue: (name, report) => reports.push(structuredClone(report)),
    });
}"""
MIXTURES = [
    ToleranceModel(1.04, 4.4, 3, 0.44), ToleranceModel(2.0, 4.0, 1, 1.2), ToleranceModel(0.1, 30.0, 8, 0.25),
    ScaleMixture((1.0, 1.1, 9.0), 0.3), ScaleMixture((3.0,), 0.1),
]  # fmt: skip
DISTRIBUTIONS = [
    DATA, DataScales.log_uniform(0.5, 17), DataScales.log_normal(2.5, 0.9), DataScales.normal(3, 1),
    DataScales.normal(2, 5), DataScales.measured([1.0, 1.3, 1.9, 2.0, 2.2, 4.1, 5.0]),
]  # fmt: skip


def bench(page):
    return page.locator(".bench[data-painted]")


def mark(page, number: int):
    """An internal scale by its place, from 0."""
    return page.locator(".bench .mark").nth(number)


def centres(page) -> list[float]:
    return [float(each) for each in page.locator(".bench .mark").evaluate_all("all => all.map(x => x.dataset.value)")]


def drawn_kl(page) -> float:
    return float(bench(page).get_attribute("data-kl"))


def served_kl(page) -> float:
    """What the server says."""
    text = page.get_by_text("KL(mixture ‖ data) =").inner_text()
    return float(re.search(r"= ([\d.]+) nats", text)[1])


def curve(page) -> str:
    return page.locator(".picture .mixture").get_attribute("d")


def hold(page, handle) -> tuple[float, float]:
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def drag(page, handle, pixels: float) -> None:
    x, y = hold(page, handle)
    page.mouse.move(x + pixels, y, steps=5)
    page.mouse.up()


@pytest.fixture
def alone(page, root):
    page.evaluate(ALONE, (root / "assets" / "components" / "scale_axis.js").read_text(encoding="utf-8"))
    return page


def give(page, data: DataScales, mixture) -> None:
    free = list(mixture.centres) if isinstance(mixture, ScaleMixture) else None
    numbers = {"reference": 1, "isr": 4, "num_scales": 3} if free else vars(mixture)
    page.evaluate(
        "data => give(data)",
        {
            "axis": AXIS, "sigma_one": 1.9, "data": handles(data, AXIS), "limits": LIMITS, "network": [], "alt": "",
            "scales": {**numbers, "tau_tol": mixture.tau_tol, "free": free}, "answers": "",
        },
    )  # fmt: skip


@pytest.mark.parametrize("data", DISTRIBUTIONS, ids=lambda data: data.name)
def test_the_browser_computes_what_core_does(alone, data):
    for mixture in MIXTURES:
        give(alone, data, mixture)
        assert drawn_kl(alone) == pytest.approx(mixture.kl(data), abs=1e-4, rel=1e-4)
        assert centres(alone) == pytest.approx(mixture.centres)
        on_axis = [dip for dip in dips(mixture, data) if dip.high > AXIS[0] and dip.low < AXIS[1]]
        assert int(bench(alone).get_attribute("data-dips")) == len(on_axis)


def test_an_older_answer_does_not_move_a_mark_back(alone):
    give(alone, DATA, MIXTURES[3])
    mark(alone, 2).press("ArrowLeft")
    moved = centres(alone)
    alone.wait_for_function("reports.length")
    give(alone, DATA, MIXTURES[3])
    assert centres(alone) == moved
    assert moved[2] < 9


def test_a_drag_moves_the_curve_before_the_release_and_the_numbers_after_it(visit, settle):
    page = visit("/scales")
    bench(page).wait_for()
    assert drawn_kl(page) == pytest.approx(fit(DATA, 3, TAU).kl(DATA), abs=1e-5)
    before, said = curve(page), served_kl(page)
    curves = set()
    x, y = hold(page, mark(page, 1))
    for i in range(10):
        page.mouse.move(x + 12 * (i + 1), y)
        curves.add(curve(page))
    assert len(curves - {before}) == 10
    assert served_kl(page) == said  # the server hears nothing of a mark that is held
    page.mouse.up()
    settle(page)
    free = ScaleMixture(tuple(centres(page)), TAU)
    assert centres(page)[1] > 2.5
    assert served_kl(page) == pytest.approx(free.kl(DATA), abs=1e-4)
    assert served_kl(page) == pytest.approx(drawn_kl(page), abs=1e-4) != said
    assert "tol_scales=" in page.url


def test_the_keyboard_adds_moves_and_removes_marks(visit, settle):
    page = visit("/scales")
    bench(page).wait_for()
    first = mark(page, 0)
    first.focus()
    page.keyboard.press("Enter")
    settle(page)
    assert len(centres(page)) == 4
    focused = "document.activeElement.shadowRoot.activeElement?.getAttribute('aria-label')"
    assert page.evaluate(focused) == "Internal scale 2 of 4"
    before = centres(page)[1]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    settle(page)
    assert centres(page)[1] == pytest.approx(before * 2 ** (1 / 12 + 1 / 120), abs=2e-4)
    page.keyboard.press("End")  # beyond all others
    settle(page)
    assert page.evaluate(focused) == "Internal scale 4 of 4"
    assert centres(page)[3] == AXIS[1]
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    settle(page)
    assert len(centres(page)) == 2
    assert served_kl(page) == pytest.approx(ScaleMixture(tuple(centres(page)), TAU).kl(DATA), abs=1e-4)
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    settle(page)
    assert len(centres(page)) == 1  # a last one stays


def test_a_double_click_adds_and_removes(visit, settle):
    page = visit("/scales?tol_scales=1-8")
    bench(page).wait_for()
    box = page.locator(".bench .plot").bounding_box()
    page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + 100)
    settle(page)
    assert len(centres(page)) == 3
    assert page.url.count("-") == 2
    mark(page, 1).dblclick()
    settle(page)
    assert centres(page) == [1, 8]


def test_equal_steps_come_back(visit, settle):
    page = visit("/scales?tol_scales=1-1.5-8")
    bench(page).wait_for()
    page.get_by_role("button", name="Equal steps").click()
    settle(page)
    assert centres(page) == pytest.approx([1, 8**0.5, 8])
    assert "tol_scales" not in page.url


def test_the_handles_of_the_data_move_the_data(visit, settle):
    page = visit("/scales?tol_data=log-normal")
    bench(page).wait_for()
    median = page.get_by_role("slider", name="Median data scale")
    drag(page, median, 120)
    settle(page)
    shown = float(median.get_attribute("data-value"))
    assert shown > 2.5
    assert f"tol_median={shown:g}" in page.url
    data = DataScales.log_normal(shown, 0.8)
    best = fit(DATA, 3, TAU)
    model = ToleranceModel(round(best.reference, 4), round(best.isr, 4), 3, TAU)
    assert served_kl(page) == pytest.approx(model.kl(data), abs=1e-4)
    assert served_kl(page) == pytest.approx(drawn_kl(page), abs=1e-4)


def test_a_published_range_becomes_one_of_ones_own_when_it_is_moved(visit, settle):
    page = visit("/scales")
    bench(page).wait_for()
    end = page.get_by_role("slider", name="Largest data scale")
    end.focus()
    page.keyboard.press("PageUp")
    page.wait_for_url("**tol_range=**")
    settle(page)
    assert float(end.get_attribute("data-value")) == pytest.approx(4.76 * 2 ** (1 / 3), abs=1e-4)
    assert page.get_by_role("combobox", name="Sizes in the data").input_value() == "Log-uniform, ends of your own"


def test_a_slider_draws_at_once_and_reports_once_it_rests(visit, settle):
    page = visit("/scales")
    bench(page).wait_for()
    before = curve(page)
    slider = page.get_by_role("slider", name="ISR")
    slider.focus()
    page.keyboard.press("PageUp")
    assert curve(page) != before
    assert "tol_isr" not in page.url
    page.wait_for_url("**tol_isr**")
    settle(page)
    assert served_kl(page) == pytest.approx(drawn_kl(page), abs=1e-4)
    assert slider.get_attribute("aria-valuetext") == f"{float(slider.get_attribute('data-value')):.2f}"


def test_a_published_set_comes_onto_the_axis_and_into_the_network(visit, settle):
    page = visit("/scales?open_cost=1")
    bench(page).wait_for()
    toy = next(preset for preset in PRESETS if preset.name == "SESN, vector")
    page.get_by_role("button", name="Scales of a published network").click()
    page.get_by_role("option", name=toy.name, exact=True).or_(page.get_by_text(toy.name, exact=True)).last.click()
    settle(page)
    assert [each * sigma_of_unit() for each in centres(page)] == pytest.approx(toy.internal_scales, rel=2e-3)
    page.get_by_role("slider", name="ISR").press("PageUp")
    settle(page)
    page.get_by_role("button", name="Use these scales in the network").click()
    settle(page)
    unfold(page)
    assert page.get_by_role("radio", name="Equal steps", exact=True).is_checked()
    assert "scales=chosen" in page.url


@pytest.mark.parametrize(
    ("name", "content"), [("sizes.csv", b"size\n1\nfour\n"), ("digit.png", b"none"), ("all.zip", b"PK\x03\x04")]
)
def test_a_wrong_file_is_one_sentence_and_the_picture_stays(visit, settle, name, content):
    page = visit("/scales?tol_data=measured")
    bench(page).wait_for()
    before = curve(page)
    page.set_input_files("input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": content})
    alert = page.get_by_test_id("stAlert")
    alert.wait_for()
    assert alert.inner_text().strip().endswith("The chart goes on with the data before.")
    assert curve(page) == before


def test_measured_sizes_are_drawn(visit, settle):
    page = visit("/scales?tol_data=measured&open_fit=1")
    bench(page).wait_for()
    sizes = [20.0 * 1.01**i for i in range(200)]
    content = "\n".join(map(str, sizes)).encode()
    page.set_input_files("input[type=file]", {"name": "s.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_text("200 sizes from").wait_for()
    settle(page)
    page.get_by_role("button", name="Fit", exact=True).click()
    settle(page)
    data = DataScales.measured([size / 22 for size in sizes])
    assert served_kl(page) == pytest.approx(fit(data, 3, TAU).kl(data), abs=1e-4)
    assert served_kl(page) == pytest.approx(drawn_kl(page), abs=1e-4)
    page.get_by_test_id("stFileUploader").get_by_role("button", name="Remove").click()
    page.get_by_text("Until sizes are here").wait_for()
    settle(page)
    assert "tol_sizes" not in page.url


def test_the_page_asks_which_column_holds_the_sizes(visit, settle):
    page = visit("/scales?tol_data=measured")
    bench(page).wait_for()
    content = b" ,Area,Feret,MinFeret\n1,78.54,12.25,9\n2,314.2,22.25,19\n3,95,60,11\n"
    page.set_input_files("input[type=file]", {"name": "Results.csv", "mimeType": "text/csv", "buffer": content})
    question = page.get_by_role("combobox", name="Sizes in Results.csv")
    question.wait_for()
    settle(page)
    assert "tol_sizes" not in page.url
    question.click()
    page.get_by_role("option", name="column Feret: 3 values, 12.25 to 60").click()
    page.get_by_text("3 sizes from column Feret of Results.csv").wait_for()
    settle(page)
    page.wait_for_url("**tol_sizes=*")


LINKS = ["?tol_data=normal&tol_mean=4.5&tol_scales=1.1-2-4.3", "?tol_data=own+range&tol_range=0.7-9&tol_n=5"]


@pytest.mark.parametrize("query", rest(LINKS, LINKS[0]))
def test_a_link_gives_the_bench_again(visit, settle, query):
    page = visit(f"/scales{query}")
    bench(page).wait_for()
    mark(page, 0).focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    page.get_by_role("slider", name="τ_tol").press("PageDown")
    settle(page)
    page.evaluate("document.activeElement?.blur()")
    shown, lines = view_at_rest(page, settle), curve(page)
    page.goto("about:blank")
    page.go_back()
    again = view_at_rest(page, settle, shown)
    assert again == shown, differences(shown, again)
    assert curve(page) == lines


def test_a_finger_drags_a_mark_on_a_phone(tabs, server, settle):
    with tabs.open(server, Complaints(), viewport={"width": 390, "height": 844}, has_touch=True) as page:
        page.goto("/scales")
        bench(page).wait_for()
        settle(page)
        handle = mark(page, 2)
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        assert min(box["width"], box["height"]) >= 24  # WCAG 2.2, target size
        before = centres(page)[2]
        touch = page.context.new_cdp_session(page)
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for kind, dx in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40), ("touchEnd", None)):
            points = [] if dx is None else [{"x": x + dx, "y": y}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        settle(page)
        assert centres(page)[2] > 1.3 * before
        assert "tol_scales=" in page.url
