"""A visitor explores: drags, presses keys, shares a link, uploads."""

import io
import re

import pytest
from PIL import Image, ImageDraw

from tests.browser.menu import follow_menu
from tests.browser.seeing import pixels
from tests.browser.tabs import Complaints

pytestmark = pytest.mark.browser

TWO = "/commute?other=cnn"  # beside SESN, vector


def factor_handle(page):
    return page.get_by_role("slider", name="Scale factor s")


def viewer(page):
    return page.locator(".viewer[data-ready=true]")


def shown_factor(page) -> float:
    return float(viewer(page).get_attribute("data-s"))


def answered_factor(page) -> float:
    """Of which the sentences tell, once the handle rests."""
    return float(page.locator(".note[data-amount]").first.get_attribute("data-amount"))


def numbers(page) -> list[str]:
    """The cost of resampling and the errors that follow the handle."""
    viewer(page).wait_for()
    return page.locator(".viewer .figure").all_inner_texts()


def canvas(page, panel: str):
    return page.locator(f"canvas[data-panel={panel}]").first


def test_sesn_is_closer_to_commuting_than_the_plain_cnn(visit):
    sesn, cnn = (float(number.split()[0]) for number in numbers(visit(TWO)))
    assert sesn < cnn / 3  # conv2 at s = 0.63: 16 % against 60 %


def test_a_drag_answers_before_the_release_and_after_it(visit, settle):
    page = visit(TWO)
    viewer(page).wait_for()
    sent = []
    box = factor_handle(page).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    link, frames, painted = page.url, set(), int(viewer(page).get_attribute("data-painted"))
    for i in range(30):
        page.mouse.move(x + 10 * (i + 1), y)
        frames.add(viewer(page).get_attribute("data-frame"))
        sent.append(answered_factor(page))
    assert len(frames) >= 15
    assert int(viewer(page).get_attribute("data-painted")) >= painted + 15
    assert len(set(sent)) == 1  # what is read out waits for the release
    assert page.url == link  # and the server hears nothing of a handle that is held
    page.mouse.up()
    settle(page)
    assert answered_factor(page) == shown_factor(page) != sent[0]
    assert f"s={shown_factor(page):g}" in page.url


def test_the_numbers_after_a_release_are_those_of_core(visit, settle):
    from core.data.glyphs import SizedGlyph, glyph
    from core.equivariance import measure
    from core.models import load

    page = visit("/commute?network=sesn_vector&layer=conv3&digit=5&other=cnn")
    viewer(page).wait_for()
    factor_handle(page).focus()
    page.keyboard.press("Home")
    settle(page)
    x = SizedGlyph(glyph("5-round"), 0.7).render()
    for key in ("sesn_vector", "cnn"):
        report = measure(load(key), x, (0.5,))
        layer = report.layers.index("conv3")
        expected = report.error[layer, 0]
        told = page.locator(f".note[data-network={key}]")
        assert float(told.get_attribute("data-error")) == pytest.approx(expected, rel=1e-4)
        assert float(told.get_attribute("data-cost")) == pytest.approx(report.cost[layer, 0], rel=1e-4)
        assert f"{100 * expected:.1f} %" in numbers(page)
        cost = page.get_by_role("button", name="T x: scaled").first.get_attribute("aria-label")
        assert f"{100 * report.image_cost[0]:.1f}\N{NO-BREAK SPACE}% off" in cost


def test_keys_take_fine_steps_and_steps_of_the_scales(visit, settle):
    page = visit(TWO + "&s=1")
    viewer(page).wait_for()
    factor_handle(page).focus()
    step = 2 ** (1 / 3)
    for key, expected in (
        ("ArrowRight", 2 ** (1 / 24)), ("ArrowLeft", 1), ("Shift+ArrowRight", step), ("PageUp", step**2),
        ("Shift+ArrowLeft", step), ("PageDown", 1), ("PageDown", 1 / step), ("End", 2), ("Home", 0.5),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert shown_factor(page) == pytest.approx(expected, rel=1e-4), key
        assert factor_handle(page).get_attribute("aria-valuetext").startswith(f"{shown_factor(page):.2f}")
    settle(page)
    assert answered_factor(page) == 0.5


def test_shift_snaps_a_drag_to_the_steps(visit):
    page = visit(TWO + "&s=1&scales=chosen&isr=3")  # a step of 3^(1/3), which the usual grid does not hold
    viewer(page).wait_for()
    box = page.locator(".rail").bounding_box()
    for share, expected in ((0.5 + 0.2, 3 ** (1 / 3)), (0.5 - 0.2, 3 ** (-1 / 3)), (0.52, 1)):
        page.mouse.move(box["x"] + 2, box["y"] + 2)
        page.keyboard.down("Shift")
        page.mouse.down()
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 2)
        assert shown_factor(page) == pytest.approx(expected, rel=1e-4)
        page.mouse.up()
        page.keyboard.up("Shift")


def test_the_errors_of_all_layers_follow_the_handle_and_what_is_folded_its_release(visit, settle):
    page = visit("/errors?network=cnn&digits=this&s=1")  # a link to a sample opens the part that shows it
    viewer(page).wait_for()
    title, figure = page.locator("h1").bounding_box(), viewer(page).bounding_box()
    assert title["y"] < figure["y"]
    assert figure["y"] + figure["height"] < 0.9 * page.viewport_size["height"]
    shares, first = page.locator(".bars .share"), page.locator(".bars .bar-of").first
    end = float(page.locator(".along span").last.inner_text().split()[0])  # of the axis, in %
    sent, seen = answered_factor(page), set()
    assert set(shares.all_inner_texts()) == {"0.0 %"}
    box = factor_handle(page).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(10):
        page.mouse.move(x + 25 * (i + 1), y)
        seen.add(tuple(shares.all_inner_texts()))
        told = float(shares.first.inner_text().split()[0])
        assert end / 100 * first.evaluate("bar => parseFloat(bar.style.width)") == pytest.approx(told, abs=0.06)
    assert len(seen) == 10
    assert answered_factor(page) == sent == 1
    page.mouse.up()
    settle(page)
    assert answered_factor(page) == shown_factor(page) > 1
    curves = page.locator(".st-key-curves .js-plotly-plot")
    assert curves.evaluate("each => each.layout.shapes[0].x0") == pytest.approx(shown_factor(page), abs=1e-4)


def test_the_sweep_plays_and_pauses(visit, settle):
    page = visit(TWO)
    viewer(page).wait_for()
    at = shown_factor(page)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "at => [...document.querySelectorAll('*')].some(e => e.shadowRoot?.querySelector('.viewer')?.dataset.s > 1.2)",
        arg=at,
    )
    assert answered_factor(page) == at  # on its own it tells the server nothing
    page.get_by_role("button", name="Pause").click()
    settle(page)
    assert answered_factor(page) == shown_factor(page) > 1.2


def test_less_motion_stills_the_sweep(page, visit):
    page.emulate_media(reduced_motion="reduce")
    visit(TWO)
    viewer(page).wait_for()
    assert page.get_by_role("button", name="Play").is_disabled()


def test_the_crosshair_is_linked_and_tells_the_value(visit):
    page = visit("/commute?s=1&layer=conv1")
    viewer(page).wait_for()
    box = canvas(page, "after").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"] + 3, box["y"] + 0.5 * box["height"] + 3)
    told = page.locator("[data-value]").evaluate_all(
        "all => all.map(each => [each.querySelector('canvas').dataset.panel, each.dataset.value])"
    )
    values = {panel: float(value) for panel, value in told}
    assert set(values) == {"x", "tx", "before", "moved", "after", "difference"}
    assert values["x"] == values["tx"]  # at s = 1 both are the same place of the same image
    assert values["moved"] == values["after"]
    assert values["moved"] - values["after"] == pytest.approx(values["difference"], abs=1e-6)
    page.mouse.move(5, 5)
    assert page.locator("[data-value]").count() == 0


def test_at_factor_one_nothing_differs(visit):
    assert numbers(visit(TWO + "&s=1")) == ["0.0 %"] * 2


@pytest.mark.thorough
def test_a_link_reproduces_the_view(visit, settle):
    page = visit(TWO + "&network=sesn_scalar&digit=8&hand=narrow&s=1.26&layer=pool1&range=unit&resampler=exact")
    first = numbers(page), pixels(page)
    page.goto(page.url)
    settle(page)
    assert (numbers(page), pixels(page)) == first
    follow_menu(page, "About")
    settle(page)
    follow_menu(page, "Commute")
    settle(page)
    assert (numbers(page), pixels(page)) == first


def test_a_bad_link_is_said_and_survived(visit):
    page = visit(TWO + "&s=banana&network=resnet")
    assert "s = banana" in page.get_by_test_id("stAlert").inner_text()
    assert len(numbers(page)) == 2


def test_other_scales_change_the_numbers_and_say_so(visit):
    trained = numbers(visit(TWO))
    page = visit(TWO + "&scales=chosen&sigma=1.5&isr=2&n_scales=3")
    assert "trained on another set" in page.get_by_test_id("stAlert").inner_text()
    chosen = numbers(page)
    assert chosen[0] != trained[0]
    assert chosen[1] == trained[1]  # the plain CNN has none to choose


def upload(page, settle, data: bytes) -> None:
    page.set_input_files("input[type=file]", {"name": "digit.png", "mimeType": "image/png", "buffer": data})
    settle(page)


def test_uploads_good_and_bad(visit, settle):
    page = visit(TWO + "&source=upload")
    drawing = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(drawing).line([(150, 40), (150, 260)], fill="black", width=30)
    buffer = io.BytesIO()
    drawing.save(buffer, format="PNG")
    upload(page, settle, b"not a picture at all")
    assert "vector digit is shown instead" in page.get_by_test_id("stAlert").inner_text()
    upload(page, settle, buffer.getvalue())
    assert page.get_by_test_id("stAlert").count() == 0
    assert page.get_by_role("button", name="x: the image, your picture").count() == 2
    assert len(numbers(page)) == 2


def test_an_uploaded_picture_is_cropped_by_hand_and_by_keys(visit, settle):
    page = visit("/about?source=upload")
    pair = Image.new("L", (300, 150), 255)
    ImageDraw.Draw(pair).line([(75, 30), (75, 120)], fill=0, width=14)
    ImageDraw.Draw(pair).line([(205, 30), (245, 120)], fill=0, width=14)
    buffer = io.BytesIO()
    pair.save(buffer, format="PNG")
    upload(page, settle, buffer.getvalue())
    frame = page.locator(".frame")
    frame.scroll_into_view_if_needed()
    corner = page.get_by_role("button", name="Upper left corner")
    box, place = frame.bounding_box(), corner.bounding_box()
    page.mouse.move(place["x"] + 12, place["y"] + 12)
    page.mouse.down()
    page.mouse.move(place["x"] + 12 + box["width"] / 4, place["y"] + 12, steps=5)
    page.mouse.move(place["x"] + 12 + box["width"] / 2, place["y"] + 12, steps=5)
    page.mouse.up()
    page.wait_for_url(re.compile(r"upload=[0-9a-f]{12}-(49|50|51)-0-100-100"))
    settle(page)
    whole = page.get_by_role("button", name=re.compile("^Crop: from (49|50|51) to 100 % across"))
    whole.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url(re.compile(r"upload=[0-9a-f]{12}-(38|39|40)-0-(88|89|90)-100"))
    settle(page)
    assert page.get_by_role("button", name=re.compile("^Crop: from (38|39|40) to (88|89|90) % across")).count() == 1


def test_dark_theme_has_dark_maps(tabs, server):
    darkness = {}
    for scheme in ("light", "dark"):
        with tabs.open(server, Complaints(), color_scheme=scheme) as page:
            page.goto("/commute")
            viewer(page).wait_for()
            corner = "each => [...each.getContext('2d').getImageData(0, 0, 1, 1).data]"
            darkness[scheme] = canvas(page, "before").evaluate(corner)
    assert min(darkness["light"][:3]) > 200
    assert max(darkness["dark"][:3]) < 80


def test_every_picture_has_a_name(visit):
    for path in ("/", "/commute", "/maps"):
        page = visit(path)
        viewer(page).wait_for()
        names = page.locator("button.picture:visible").evaluate_all("all => all.map(each => each.ariaLabel)")
        assert all(len(name) > 12 for name in names)
        texts = page.locator("main img, [data-testid=stMain] img").evaluate_all("all => all.map(each => each.alt)")
        assert all(len(text) > 3 for text in texts)


def test_compared_maps_share_one_range(visit):
    for colour_range in ("layer", "global"):
        page = visit(f"{TWO}&range={colour_range}")
        viewer(page).wait_for()
        for square in page.locator(".square").all():
            canvases = square.locator("canvas[data-panel]:not([data-panel=x]):not([data-panel=tx])")
            ranges = canvases.evaluate_all("all => all.map(each => [each.dataset.vmin, each.dataset.vmax])")
            assert len(ranges) >= 3
            assert len({tuple(each) for each in ranges}) == 1


def test_every_chart_says_what_it_shows(visit):
    for path in ("/errors?count=8&open_budget=1&open_lie=1", "/scales?open_theory=1&open_learned=1"):
        page = visit(path)
        page.wait_for_selector(".js-plotly-plot .main-svg")
        for chart in page.locator(".js-plotly-plot").all():
            titles = chart.locator("text[class$='title']").all_text_contents()  # of any panel
            assert len(titles) >= 2
            assert all(titles)
