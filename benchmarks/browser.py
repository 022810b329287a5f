"""What a visitor waits for, measured in headless Chromium: the first picture, and a move of the scale slider."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import quantile
from tests.browser.running import CHROMIUM_OPTIONS, find_chromium, running_app

ROOT = Path(__file__).resolve().parents[1]
MOVES = 30
FIRST_PICTURE = "[data-scale-factor] img"

# The clock starts when the button of the mouse goes up and stops when the pictures of the new factor are decoded.
WATCH = """() => {
    window.moves = [];
    let released = null;
    addEventListener('pointerup', () => { released = performance.now(); }, true);
    const shown = () => document.querySelector('[data-scale-factor]')?.dataset.scaleFactor;
    let last = shown();
    new MutationObserver(async () => {
        if (released === null || shown() === undefined || shown() === last) return;
        const start = released;
        released = null;
        last = shown();
        await Promise.all([...document.querySelectorAll('[data-scale-factor] img')].map(image => image.decode()));
        requestAnimationFrame(() => window.moves.push(performance.now() - start));
    }).observe(document.body, {subtree: true, childList: true, attributes: true});
}"""


def report() -> Iterator[str]:
    chromium = find_chromium()
    if chromium is None:
        yield "In the browser: not measured, there is no Chromium."
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        started = time.perf_counter()
        with running_app(ROOT, Path(folder)) as server:
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
            yield "In the browser (1440×900), milliseconds"
            _first_picture(browser, server.url)
            yield f"{'first picture after process start':<44}{1000 * (time.perf_counter() - started):>8.0f}"
            times = [_first_picture(browser, server.url) for _ in range(5)]
            yield f"{'first picture on a warm server, median of 5':<44}{sorted(times)[2]:>8.0f}"
            yield f"{'slider release to new picture, of ' + str(MOVES):<44}{'p50':>8}{'p95':>8}"
            for path in ("/", "/maps", "/errors"):
                moves = _moves(browser, server.url + path)
                yield f"{'  ' + path:<44}{quantile(moves, 0.5):>8.0f}{quantile(moves, 0.95):>8.0f}"
            browser.close()


def _first_picture(browser, url: str) -> float:  # type: ignore[no-untyped-def]
    """Milliseconds from the request to the first picture, in an empty browser."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    start = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(FIRST_PICTURE, timeout=60_000)
    elapsed = time.perf_counter() - start
    context.close()
    return 1000 * elapsed


def _moves(browser, url: str) -> list[float]:  # type: ignore[no-untyped-def]
    """Milliseconds of each of `MOVES` drags of the scale slider, every one to a factor not seen before."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("[data-scale-factor]", timeout=60_000)
    page.wait_for_timeout(2000)
    page.evaluate(f"({WATCH})();1")
    slider = page.get_by_test_id("stMain").get_by_test_id("stSlider").first
    track, thumb = slider.locator("[role=group], div").first.bounding_box(), slider.get_by_role("slider").first
    for i in range(MOVES):
        at = thumb.bounding_box()
        target = track["x"] + track["width"] * (0.05 + 0.9 * ((i * 11 + 3) % MOVES) / MOVES)
        page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
        page.mouse.down()
        page.mouse.move(target, at["y"] + at["height"] / 2, steps=4)
        page.mouse.up()
        page.wait_for_function("count => window.moves.length >= count", arg=i + 1, timeout=15_000)
        page.wait_for_timeout(100)
    moves = list(page.evaluate("window.moves"))
    context.close()
    return moves
