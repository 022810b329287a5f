"""What is taken away of a figure, read from the files: pictures that are whole and opaque, a view without a server."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.tabs import Complaints

pytestmark = pytest.mark.browser

SLIDE = (1920, 1080)
MOVES, LEAST_FRAMES = 30, 20
TEXTS = """() => [...document.querySelectorAll('text')].filter(each => each.textContent.trim()).map(each => {
    const { left, top, right, bottom } = each.getBoundingClientRect();
    return [each.textContent, left, top, right, bottom];
})"""
PICTURES = "[...document.querySelectorAll('canvas.maps')].map(each => each.toDataURL()).join()"


@dataclass
class Taken:
    """Files by name, and what the page said of the same figures."""

    folder: Path
    errors: dict[str, str] = field(default_factory=dict)
    kl: str = ""

    def path(self, name: str) -> Path:
        return self.folder / name

    def text(self, name: str) -> str:
        return self.path(name).read_text("utf-8")


@pytest.fixture(scope="module")
def taken(tabs, server, tmp_path_factory) -> Taken:
    """Each page is opened once, and all its files are taken at once."""
    found = Taken(tmp_path_factory.mktemp("taken"))
    with tabs.open(server, Complaints()) as page:
        page.goto("/commute?network=sesn_vector&other=cnn&s=0.63")
        page.locator(".viewer[data-ready=true]").wait_for()
        numbers = page.locator(".note[data-network]").all()
        found.errors = {each.get_attribute("data-network"): each.get_attribute("data-error") for each in numbers}
        open_menu(page, "viewer")
        for button in ("Picture, PNG", "Picture, SVG", "Interactive, HTML", "Data, CSV"):
            take(page, found, button)
    with tabs.open(server, Complaints()) as page:
        page.goto("/scales?open_theory=1")
        page.locator(".bench[data-painted]").wait_for()
        found.kl = page.locator(".bench").get_attribute("data-kl")
        open_menu(page, "scale_axis")
        take(page, found, "Interactive, HTML")
        page.keyboard.press("Escape")
        page.locator(".st-key-measured_isr .js-plotly-plot .legend").wait_for()
        open_menu(page, "measured_isr")
        take(page, found, "Picture, SVG")
        page.get_by_label("Ground", exact=True).select_option("dark")
        take(page, found, "Picture, PNG")
        page.get_by_label("Size", exact=True).select_option("column")
        page.get_by_label("Ground", exact=True).select_option("none")
        take(page, found, "Picture, PNG")
    return found


def open_menu(page, figure: str) -> None:
    page.locator(f".st-key-take_{figure}").get_by_role("button").first.click()
    page.get_by_role("button", name="Picture, PNG").wait_for()


def take(page, found: Taken, button: str) -> None:
    for _ in range(3):  # without a window Chromium cancels a download at times, whoever offers it (chromium-bidi, 3711)
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        if download.value.failure() != "canceled":
            break
    download.value.save_as(found.path(download.value.suggested_filename))


@pytest.mark.parametrize(
    ("name", "ground"),
    [("equiscope-viewer-slide.png", (255, 255, 255)), ("equiscope-measured_isr-slide.png", (0x14, 0x19, 0x1E))],
)
def test_a_picture_fills_a_slide_and_nothing_shines_through_or_is_cut_off(taken, name, ground):
    picture = Image.open(taken.path(name))
    assert picture.size == SLIDE
    assert picture.convert("RGBA").getchannel("A").getextrema() == (255, 255)
    whole, (right, bottom) = picture.convert("RGB"), SLIDE
    for edge in ((0, 0, right, 2), (0, bottom - 2, right, bottom), (0, 0, 2, bottom), (right - 2, 0, right, bottom)):
        assert whole.crop(edge).getcolors() == [((edge[2] - edge[0]) * (edge[3] - edge[1]), ground)]
    assert len(whole.getcolors(2**24)) > 50


def test_a_picture_is_transparent_only_when_that_was_asked_for(taken):
    picture = Image.open(taken.path("equiscope-measured_isr-column.png"))
    assert picture.width == 1050
    assert picture.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "equiscope-viewer-slide.svg",
            ["conv2 of SESN, vector and Plain CNN", "resampler bicubic", "T x is read as 3"],
        ),
        ("equiscope-measured_isr-slide.svg", ["Test error against the ISR", "n = 2 seeds", "data scales 1 to 4.76"]),
    ],
)
def test_a_drawing_has_all_its_words_on_the_sheet_and_its_letters_with_it(taken, page, name, said):
    page.set_viewport_size(dict(zip(("width", "height"), SLIDE, strict=True)))
    page.goto(taken.path(name).as_uri())
    texts = page.evaluate(TEXTS)
    for words in (*said, "revision", "s = 0.63" if "viewer" in name else "test error, %"):
        assert any(words in text for text, *_ in texts), words
    for text, left, top, right, bottom in texts:
        assert 0 <= left < right <= SLIDE[0], text
        assert 0 <= top < bottom <= SLIDE[1], text
    drawing = taken.text(name)
    assert re.search(r"@font-face \{ font-family: \"?Source Sans\"?;.*data:font/woff2;base64,", drawing)
    assert "foreignObject" not in drawing
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", drawing)


@pytest.fixture
def alone(browser) -> Iterator:
    """A page of a browser without any network; it must end without complaints."""
    context, complaints = browser.new_context(offline=True, viewport={"width": 1440, "height": 900}), Complaints()
    page = context.new_page()
    context.on("request", lambda request: complaints.note_request(request.url))
    page.on("console", complaints.note_message)
    page.on("pageerror", lambda error: complaints.page_errors.append(str(error)))
    yield page
    context.close()
    assert complaints == Complaints()


def test_a_view_opens_from_disk_and_follows_the_handle_with_the_numbers_of_the_page(taken, alone):
    alone.goto(taken.path("equiscope-view-sesn_vector.html").as_uri())
    viewer = alone.locator(".viewer[data-ready=true]")
    viewer.wait_for()
    rows = csv.DictReader(io.StringIO(taken.text("equiscope-view-sesn_vector.csv")))
    errors = {(row["network"], float(row["amount"])): row["error"] for row in rows}
    networks = list(taken.errors)

    def shown() -> dict[str, str]:
        notes = alone.locator(".note[data-network]").all()
        return {note.get_attribute("data-network"): note.get_attribute("data-error") for note in notes}

    assert shown() == taken.errors
    alone.get_by_role("slider", name="Scale factor s").focus()
    frames = set()
    for _ in range(MOVES):
        alone.keyboard.press("ArrowRight")
        s = float(viewer.get_attribute("data-s"))
        alone.locator(".viewer[data-settled=true]").wait_for()  # the sentences are told where the handle rests
        assert shown() == {network: errors[network, s] for network in networks}
        percents = [f"{100 * float(errors[network, s]):.1f} %" for network in networks]
        assert alone.locator(".viewer .figure").all_inner_texts() == percents
        frames.add(alone.evaluate(PICTURES))
    assert len(frames) >= LEAST_FRAMES
    painted = int(viewer.get_attribute("data-painted"))
    alone.get_by_role("button", name="Play").click()
    alone.wait_for_function("n => +document.querySelector('.viewer').dataset.painted > n + 3", arg=painted)


def test_a_bench_opens_from_disk_and_its_divergence_follows_the_marks(taken, alone):
    alone.goto(taken.path("equiscope-bench.html").as_uri())
    bench = alone.locator(".bench[data-painted]")
    bench.wait_for()
    assert bench.get_attribute("data-kl") == taken.kl
    alone.get_by_role("slider", name="Internal scale 1 of 3").focus()
    told = [taken.kl]
    for _ in range(5):
        alone.keyboard.press("ArrowLeft")
        told.append(bench.get_attribute("data-kl"))
    assert [float(kl) for kl in told] == sorted({float(kl) for kl in told})  # ever farther from the data
