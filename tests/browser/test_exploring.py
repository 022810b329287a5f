"""A visitor explores: drags, presses keys, shares a link, uploads."""

import io
import re

import pytest
from PIL import Image, ImageDraw

pytestmark = pytest.mark.browser
FACTOR = "[data-scale-factor]"


def factor_slider(page):
    return page.get_by_test_id("stMain").get_by_role("slider").first


def shown_factor(page) -> float:
    return float(page.locator(FACTOR).first.get_attribute("data-scale-factor"))


def numbers(page) -> list[str]:
    return page.locator(".eq-figure").all_inner_texts()


def pictures(page) -> list[str]:
    return [image.get_attribute("src") for image in page.locator(f"{FACTOR} img").all()]


def test_the_first_view_needs_no_choice(visit):
    page = visit("/")
    assert len(pictures(page)) == 2 + 4 + 4
    assert all(re.fullmatch(r"\d+\.\d %", number) for number in numbers(page))
    widths = page.locator(f"{FACTOR} img").evaluate_all("images => images.map(image => image.naturalWidth)")
    assert min(widths) >= 28


def test_sesn_is_closer_to_commuting_than_the_plain_cnn(visit):
    _, sesn, cnn = (float(number.split()[0]) for number in numbers(visit("/")))
    assert sesn < cnn / 2  # conv2 at s = 0.63: 8 % against 60 % and more


def test_an_arrow_key_moves_the_picture_and_the_link(visit, settle):
    page = visit("/")
    before, at = pictures(page), shown_factor(page)
    factor_slider(page).focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert shown_factor(page) == pytest.approx(at * 2 ** (1 / 24), rel=1e-3)
    assert pictures(page)[0] == before[0]  # x stays
    assert all(new != old for new, old in zip(pictures(page)[1:2], before[1:2], strict=True))  # T x moves
    assert f"s={shown_factor(page):g}" in page.url


def test_dragging_the_slider_to_its_end(visit, settle):
    page = visit("/")
    box = factor_slider(page).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(3000, box["y"] + 5, steps=5)
    page.mouse.up()
    settle(page)
    assert shown_factor(page) == 2


def test_at_factor_one_nothing_differs(visit):
    assert numbers(visit("/?s=1")) == ["0.0 %"] * 3


def test_a_link_reproduces_the_view(visit, settle):
    page = visit("/?network=sesn_scalar&digit=8&hand=narrow&s=1.26&layer=pool1&range=unit&resampler=exact")
    first = numbers(page), pictures(page)
    page.goto(page.url)
    settle(page)
    assert (numbers(page), pictures(page)) == first
    page.get_by_role("link", name="About").first.click()
    settle(page)
    page.get_by_role("link", name="Start").first.click()
    settle(page)
    assert (numbers(page), pictures(page)) == first


def test_a_bad_link_is_said_and_survived(visit):
    page = visit("/?s=banana&network=resnet")
    assert "s = banana" in page.get_by_test_id("stAlert").inner_text()
    assert len(pictures(page)) == 10


def test_other_scales_change_the_numbers_and_say_so(visit):
    trained = numbers(visit("/"))
    page = visit("/?scales=chosen&sigma=1.5&isr=2&n_scales=3")
    assert "trained on another set" in page.get_by_test_id("stAlert").inner_text()
    assert numbers(page)[1] != trained[1]
    assert numbers(page)[2] == trained[2]  # the plain CNN has none to choose


def upload(page, settle, data: bytes) -> None:
    page.set_input_files("input[type=file]", {"name": "digit.png", "mimeType": "image/png", "buffer": data})
    settle(page)


def test_uploads_good_and_bad(visit, settle):
    page = visit("/?source=upload")
    drawing = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(drawing).line([(150, 40), (150, 260)], fill="black", width=30)
    buffer = io.BytesIO()
    drawing.save(buffer, format="PNG")
    upload(page, settle, b"not a picture at all")
    assert "vector digit is shown instead" in page.get_by_test_id("stAlert").inner_text()
    upload(page, settle, buffer.getvalue())
    assert page.get_by_test_id("stAlert").count() == 0
    assert page.locator(f'{FACTOR} img[alt="x, your picture"]').count() == 1
    assert len(pictures(page)) == 10


def test_dark_theme_has_dark_maps(browser, server, settle):
    darkness = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(base_url=server.url, color_scheme=scheme)
        page = context.new_page()
        page.goto("/")
        settle(page)
        darkness[scheme] = pictures(page)[-1]
        context.close()
    assert darkness["light"] != darkness["dark"]


def test_every_picture_is_a_png_with_a_text(visit):
    for path in ("/", "/maps"):
        page = visit(path)
        assert all(source.startswith("data:image/png;base64,") for source in pictures(page))
        texts = page.locator(f"{FACTOR} img").evaluate_all("images => images.map(image => image.alt)")
        assert all(len(text) > 3 for text in texts)


def test_compared_maps_share_one_range(visit):
    for colour_range in ("layer", "global"):
        page = visit(f"/?range={colour_range}")
        ranges = page.locator(f"{FACTOR} img").evaluate_all(
            "images => images.map(image => image.dataset.vmin + ' ' + image.dataset.vmax)"
        )
        assert len(set(ranges[2:6])) == len(set(ranges[6:10])) == 1
        low, high = map(float, ranges[2].split())
        assert low == -high


def test_every_chart_says_what_it_shows(visit):
    for path in ("/errors", "/scales"):
        page = visit(path)
        page.wait_for_selector(".js-plotly-plot .main-svg")
        for chart in page.locator(".js-plotly-plot").all():
            titles = chart.locator(".xtitle, .ytitle").all_text_contents()
            assert len(titles) >= 2
            assert all(titles)
