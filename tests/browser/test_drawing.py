"""A visitor draws a digit: with the mouse, a finger and the keyboard; it is read at once and lives in the link."""

import math
from urllib.parse import parse_qs, urlsplit

import pytest

from components import draw_pad
from core.data.drawing import Drawing
from tests.browser.menu import follow_menu
from tests.browser.tabs import Complaints

pytestmark = pytest.mark.browser
PAD = "canvas[aria-label='Pad to draw a digit on']"
SEVEN = Drawing((((-6.0, -9.0), (6.0, -9.0), (-1.0, 10.0)),), 2.5)
BRIGHTNESS = """(canvas, [x, y]) => {
    const at = value => Math.round((value + 14) / 28 * canvas.width);
    return canvas.getContext('2d').getImageData(at(x), at(y), 1, 1).data[0];
}"""

# The pad alone, with this test in place of Streamlit: `give` is a run, `reports` is what the server would get.
ALONE = """async ([code, html]) => {
    const module = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    const root = document.createElement('div');
    root.innerHTML = html;
    document.body.append(root);
    window.reports = [];
    window.give = data => void module.default({
        parentElement: root,
        data: { strokes: [], pen: 2.5, answers: '', picture: '', ...data },
        setStateValue: (name, report) => window.reports.push(report),
    });
    const canvas = root.querySelector('canvas');
    canvas.style = 'width: 280px; height: 280px; position: fixed; left: 0; top: 0';
    canvas.setPointerCapture = () => {};
    window.finger = (kind, pointerId, x, y) => canvas.dispatchEvent(
        new PointerEvent(kind, { pointerId, button: 0, clientX: 10 * (x + 14), clientY: 10 * (y + 14) }));
}"""


@pytest.fixture
def pad(visit):
    """A page with an empty pad, which shows no digit else, so that a stroke costs no network."""
    return at_pad(visit, "/about?source=draw")


def at_pad(visit, path: str):
    page = visit(path)
    page.locator(PAD).scroll_into_view_if_needed()
    return page


def place(page, x: float, y: float) -> tuple[float, float]:
    """Where on the screen a point of the 28×28 canvas lies, measured from its centre."""
    box = page.locator(PAD).bounding_box()
    return box["x"] + (x + 14) / 28 * box["width"], box["y"] + (y + 14) / 28 * box["height"]


def draw(page, *points: tuple[float, float], steps: int = 10) -> None:
    page.mouse.move(*place(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*place(page, *point), steps=steps)
    page.mouse.up()


def in_link(page) -> Drawing | None:
    """The drawing in the address: what the server has."""
    texts = parse_qs(urlsplit(page.evaluate("location.href")).query).get("drawn")
    return Drawing.from_text(texts[0]) if texts else None


def brightness(page, x: float, y: float) -> int:
    """Of the pad at a point, 0 to 255."""
    return page.locator(PAD).evaluate(BRIGHTNESS, [x, y])


def seen(page) -> str:
    return page.locator("#seen img").get_attribute("src")


def press(page, settle, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settle(page)


def distance(stroke, point) -> float:
    return min(math.dist(each, point) for each in stroke)


def test_a_drawn_seven_is_read_as_seven(visit, settle):
    pad = at_pad(visit, "/?source=draw")
    assert in_link(pad) is None
    assert pad.get_by_text("Nothing is drawn yet").count() == 1
    draw(pad, *SEVEN.strokes[0])
    settle(pad)
    (stroke,) = in_link(pad).strokes
    for corner in SEVEN.strokes[0]:
        assert distance(stroke, corner) < 0.8  # pixels; a corner is rounded a little
    assert pad.get_by_text("Nothing is drawn yet").count() == 0
    pad.get_by_text("reads a 7").first.wait_for(state="attached")
    assert seen(pad).startswith("data:image/png")


def test_strokes_in_quick_succession_are_all_kept(pad, settle):
    for x in (-8, -4, 0, 4, 8):
        draw(pad, (x, -5), (x, 5), steps=3)
    settle(pad)
    assert [round(stroke[0][0]) for stroke in in_link(pad).strokes] == [-8, -4, 0, 4, 8]
    assert all(brightness(pad, x, 0) > 200 for x in (-8, -4, 0, 4, 8))


def test_undo_and_clear(pad, settle):
    draw(pad, (-6, -6), (-6, 6))
    settle(pad)
    one = in_link(pad)
    draw(pad, (6, -6), (6, 6))
    settle(pad)
    assert len(in_link(pad).strokes) == 2
    press(pad, settle, "Undo")
    assert in_link(pad) == one
    assert brightness(pad, 6, 0) < 128 < brightness(pad, -6, 0)
    press(pad, settle, "Clear")
    assert in_link(pad) is None
    assert brightness(pad, -6, 0) < 128
    assert pad.get_by_text("Nothing is drawn yet").count() == 1
    press(pad, settle, "Undo")
    assert in_link(pad) == one


def test_centre_moves_the_ink_and_goes_on_from_there(pad, settle):
    draw(pad, (8, -5), (8, 5))
    settle(pad)
    press(pad, settle, "Centre")
    assert abs(in_link(pad).strokes[0][0][0]) < 0.2
    assert brightness(pad, 8, 0) < 128 < brightness(pad, 0, 0)
    draw(pad, (-9, -5), (-9, 5))
    settle(pad)
    assert [round(stroke[0][0]) for stroke in in_link(pad).strokes] == [0, -9]
    press(pad, settle, "Undo")
    press(pad, settle, "Undo")
    assert [round(stroke[0][0]) for stroke in in_link(pad).strokes] == [8]


def test_the_pen_width_belongs_to_the_drawing(pad, settle):
    draw(pad, (0, -5), (0, 5))
    pad.get_by_role("slider", name="Pen width").focus()
    pad.keyboard.press("ArrowRight")
    settle(pad)
    assert in_link(pad).pen_width == 2.75
    pad.keyboard.press("End")
    settle(pad)
    assert in_link(pad).pen_width == 6
    assert brightness(pad, 2.5, 0) > 200


def test_the_keyboard_draws(pad, settle):
    pad.locator(PAD).focus()
    for key in ("ArrowUp", "ArrowUp", "Space", "ArrowRight", "ArrowRight", "Shift+ArrowDown", "Enter"):
        pad.keyboard.press(key)
    settle(pad)
    (stroke,) = in_link(pad).strokes
    assert (stroke[0], stroke[-1]) == ((0.0, -2.0), (2.0, -1.75))
    pad.keyboard.press("Control+z")
    settle(pad)
    assert in_link(pad) is None


def test_a_link_gives_the_same_picture_again(pad, settle):
    draw(pad, *SEVEN.strokes[0])
    draw(pad, (-3, 1), (5, 1))
    settle(pad)
    before, address = (seen(pad), in_link(pad)), pad.evaluate("location.href")
    pad.goto("about:blank")
    pad.goto(address)
    settle(pad)
    assert (seen(pad), in_link(pad)) == before
    assert brightness(pad, 0, -9) > 200
    press(pad, settle, "Undo")  # strokes of a link can be taken back too
    assert len(in_link(pad).strokes) == 1


@pytest.mark.thorough
def test_the_drawing_outlives_another_source_and_another_page(visit, settle):
    pad = at_pad(visit, "/?source=draw")
    draw(pad, *SEVEN.strokes[0])
    settle(pad)
    before = in_link(pad)
    for source in ("Vector", "Draw"):
        pad.get_by_role("radio", name=source, exact=True).click()
        settle(pad)
    assert brightness(pad, 0, -9) > 200
    follow_menu(pad, "About")
    settle(pad)
    follow_menu(pad, "Start")
    settle(pad)
    assert brightness(pad, 0, -9) > 200
    assert in_link(pad) == before
    pad.get_by_text("reads a 7").first.wait_for(state="attached")


@pytest.mark.thorough
def test_a_tap_of_a_finger_is_a_dot(tabs, server, settle):
    with tabs.open(server, Complaints(), viewport={"width": 390, "height": 844}, has_touch=True) as page:
        page.goto("/?source=draw")
        settle(page)
        if not page.locator(PAD).is_visible() or page.locator(PAD).bounding_box()["x"] < 0:
            page.get_by_test_id("stExpandSidebarButton").click()
            settle(page)
        page.locator(PAD).scroll_into_view_if_needed()
        box = page.locator(PAD).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["width"] == pytest.approx(box["height"], abs=1)
        page.touchscreen.tap(*place(page, 3, -4))
        settle(page)
        ((dot,),) = in_link(page).strokes
        assert dot == pytest.approx((3, -4), abs=0.2)
        assert brightness(page, 3, -4) > 200


@pytest.fixture
def alone(page, root):
    code = (root / "assets" / "components" / "draw_pad.js").read_text(encoding="utf-8")
    page.evaluate(ALONE, [code, draw_pad._HTML])
    return page


def reported(page) -> list:
    return page.evaluate("reports.map(report => report.strokes)")


def test_an_answer_to_an_older_report_does_not_undo_a_newer_stroke(alone):
    alone.evaluate("give({ strokes: [[[8, 0]]] })")
    alone.evaluate("document.querySelector('#centre').click()")
    alone.evaluate("[['pointerdown', 1, 3, 3], ['pointerup', 1, 3, 3]].forEach(each => finger(...each))")
    alone.evaluate("give({ strokes: [[[0, 0]]], answers: reports[0].id })")
    alone.evaluate("document.querySelector('#undo').click()")
    assert reported(alone) == [[[[8, 0]]], [[[8, 0]], [[3, 3]]], [[[8, 0]]]]


def test_an_answer_is_taken_over_once(alone):
    alone.evaluate("give({ strokes: [[[8, 0]]] })")
    alone.evaluate("document.querySelector('#centre').click()")
    for _ in range(2):  # later runs bring it again
        alone.evaluate("give({ strokes: [[[0, 0]]], answers: reports[0].id })")
    alone.evaluate("document.querySelector('#undo').click()")
    assert reported(alone)[-1] == [[[8, 0]]]


def test_a_run_with_older_strokes_leaves_the_pad_as_it_is(alone):
    alone.evaluate("give({ strokes: [[[8, 0]]] })")
    alone.evaluate("[['pointerdown', 1, 3, 3], ['pointerup', 1, 3, 3]].forEach(each => finger(...each))")
    alone.evaluate("give({ strokes: [[[8, 0]]] })")
    alone.evaluate("[['pointerdown', 1, -5, 3], ['pointerup', 1, -5, 3]].forEach(each => finger(...each))")
    assert reported(alone)[-1] == [[[8, 0]], [[3, 3]], [[-5, 3]]]


def test_a_second_finger_draws_nothing(alone):
    alone.evaluate("give({})")
    for event in (("down", 1, 0), ("down", 2, 9), ("move", 2, 12), ("up", 2, 12), ("move", 1, 4), ("up", 1, 4)):
        alone.evaluate("([kind, id, x]) => finger('pointer' + kind, id, x, 0)", list(event))
    assert reported(alone) == [[[[0, 0], [4, 0]]]]


def test_a_stroke_that_leaves_the_canvas_ends_at_its_edge(alone):
    alone.evaluate("give({})")
    for kind, x in (("down", 0), ("up", 99)):
        alone.evaluate("([kind, x]) => finger('pointer' + kind, 1, x, 0)", [kind, x])
    assert reported(alone) == [[[[0, 0], [14, 0]]]]
