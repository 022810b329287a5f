"""/maps in a browser: all scales in one row, and one map large, by mouse, keyboard and link."""

from collections.abc import Iterator

import pytest

from tests.browser.tabs import Complaints
from tests.waiting import until

pytestmark = pytest.mark.browser

PATH, LAYER = "/maps?s=1.2599", "conv2"
COLUMNS = 4  # of each scale, at both sizes of the window
SIGMAS = ["σ = 1.00 px", "σ = 1.26 px", "σ = 1.59 px", "σ = 2.00 px"]


@pytest.fixture(scope="module")
def maps(tabs, server, settle) -> Iterator:
    """The page, opened once; every test leaves it with no map open."""
    with tabs.open(server, Complaints()) as page:
        page.goto(PATH)
        settle(page)
        page.locator(".viewer[data-ready=true]").wait_for()
        yield page


def opened(page) -> str:
    return page.locator(".layer").get_attribute("data-open")


def mosaic(page, place: int):
    return page.locator(".mosaic button").nth(place)


def at(page, channel: int, place: int, row: int = 8, column: int = 8) -> tuple[float, float]:
    """Where on the screen a pixel of a map is."""
    canvas = mosaic(page, place).locator(".maps")
    box, (width, height) = canvas.bounding_box(), canvas.evaluate("each => [each.width, each.height]")
    side = (width + 1) // COLUMNS  # of a map and the gap beside it
    across, down = (channel % COLUMNS) * side + column + 0.5, (channel // COLUMNS) * side + row + 0.5
    return box["x"] + across / width * box["width"], box["y"] + down / height * box["height"]


def values(page) -> dict[str, float]:
    """The value under the crosshair of every picture of an open map, by its caption."""
    told = page.locator(".layer [data-value]:visible").evaluate_all(
        "all => all.map(each => [each.querySelector('b').textContent, Number(each.dataset.value)])"
    )
    return dict(told)


def test_all_scales_lie_in_one_row_on_the_first_screen(maps):
    for size in ({"width": 1920, "height": 1080}, {"width": 1440, "height": 900}):
        maps.set_viewport_size(size)
        boxes = until(lambda: in_row(maps))
        main = maps.get_by_test_id("stMain").bounding_box()
        assert boxes[-1]["x"] + boxes[-1]["width"] > main["x"] + 0.9 * main["width"]  # they fill the width
        assert max(box["y"] + box["height"] for box in boxes) < size["height"]


def in_row(page) -> list[dict] | None:
    """The boxes of T x and all scales, once they stand side by side."""
    boxes = [each.bounding_box() for each in page.locator(".layer > .image, .mosaic").all()]
    return boxes if len({round(box["y"]) for box in boxes}) == 1 and len(boxes) == 1 + len(SIGMAS) else None


def test_a_click_opens_a_map_with_its_values_and_its_kernel(maps, settle):
    from core.data.glyphs import SizedGlyph, glyph
    from core.equivariance import sweep
    from core.models import load

    channel, place, row, column = 5, 2, 6, 9
    maps.mouse.click(*at(maps, channel, place, row, column))
    assert opened(maps) == "6.3"  # at once, before the server knows
    settle(maps)
    assert "map=6.3" in maps.url
    network = load("sesn_vector")
    swept = sweep(network, SizedGlyph(glyph("3-round"), 0.7).render(), (2 ** (1 / 3),)).window(32)
    expected = swept.after[0][LAYER].values[0, channel, :, row, column].tolist()
    limit = float(maps.locator(".opened .map .maps").get_attribute("data-vmax"))
    maps.mouse.move(5, 5)  # the crosshair stays where the click was
    shown = values(maps)
    assert set(shown) == {"T x", *SIGMAS}
    assert [shown[sigma] for sigma in SIGMAS] == pytest.approx(expected, abs=1.01 * limit / 254)  # half a level
    kernel = network.kernels()[LAYER][place][channel, 0]
    canvas = maps.locator(".kernel .maps")
    assert canvas.evaluate("each => [each.width, each.height]") == list(kernel.shape)
    assert float(canvas.get_attribute("data-vmax")) == pytest.approx(float(kernel.abs().max()), rel=1e-5)
    assert f"{len(kernel)}×{len(kernel)} px" in maps.locator(".kernel .text").inner_text()
    close(maps, settle)


def close(page, settle) -> None:
    """Escape closes the map, and the link forgets it."""
    page.keyboard.press("Escape")
    assert opened(page) == ""
    settle(page)
    assert "map=" not in page.url


def test_an_open_map_follows_a_held_handle(maps, settle):
    maps.mouse.click(*at(maps, 5, 2))
    rail = maps.locator(".rail").bounding_box()
    y = rail["y"] + rail["height"] / 2
    maps.mouse.move(rail["x"] + 0.9 * rail["width"], y)
    maps.mouse.down()
    seen = set()
    for share in (0.8, 0.6, 0.4, 0.2):
        maps.mouse.move(rail["x"] + share * rail["width"], y)
        seen.add((maps.locator(".opened .map .maps").evaluate("each => each.toDataURL()"), values(maps)[SIGMAS[2]]))
    assert len({picture for picture, _ in seen}) == len({value for _, value in seen}) == 4
    maps.mouse.up()
    settle(maps)
    assert opened(maps) == "6.3"
    maps.locator(".opened .map button").focus()
    close(maps, settle)


def test_keys_open_a_map_and_lead_to_its_neighbours(maps, settle):
    frame = maps.locator(".viewer").get_attribute("data-frame")
    mosaic(maps, 1).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        maps.keyboard.press(key)
    assert opened(maps) == f"{COLUMNS + 3}.2"
    for key, expected in (("ArrowRight", "8.2"), ("ArrowUp", "8.3"), ("ArrowDown", "8.2"), ("ArrowLeft", "7.2")):
        maps.keyboard.press(key)
        assert opened(maps) == expected
    here = values(maps)
    maps.keyboard.press("Shift+ArrowRight")  # the crosshair moves, the map stays
    assert opened(maps) == "7.2"
    assert values(maps)[SIGMAS[1]] != here[SIGMAS[1]]
    close(maps, settle)
    assert mosaic(maps, 1).evaluate("each => each.matches(':focus')")
    assert maps.locator(".viewer").get_attribute("data-frame") == frame  # none of these keys moved the handle


def test_a_link_opens_the_map_again(maps, tabs, server, settle):
    maps.mouse.click(*at(maps, 9, 3))
    settle(maps)
    maps.mouse.move(5, 5)
    shown = maps.locator(".opened .map .maps").evaluate("each => each.toDataURL()")
    with tabs.open(server, Complaints()) as other:
        other.goto(maps.url)
        settle(other)
        other.locator(".viewer[data-ready=true]").wait_for()
        assert opened(other) == "10.4"
        assert other.locator(".opened .map .maps").evaluate("each => each.toDataURL()") == shown
        other.keyboard.press("Escape")  # nothing has the focus
        assert opened(other) == ""
    close(maps, settle)
