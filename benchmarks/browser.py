"""What a visitor waits for, measured in headless Chromium: first picture, held handle, released handle, a switch."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import quantile
from tests.browser.running import CHROMIUM_OPTIONS, find_chromium, running_app

ROOT = Path(__file__).resolve().parents[1]
MOVES = 30
FIRST_PICTURE = ".viewer[data-ready=true]"
SWITCHES = ("disco", "dss", "ss_cnn", "so2_cnn", "sicnn", "sesn_scalar")

# A frame is painted once the task after its animation frame runs. Two clocks start when the button of the mouse goes
# up: one stops when sentences that tell the released factor are painted, the other when the server put it in the link.
WATCH = """(() => {
    const within = root => [...root.querySelectorAll('*')]
        .flatMap(each => each.shadowRoot ? within(each.shadowRoot) : []).concat([...root.querySelectorAll('.viewer')]);
    const viewer = within(document)[0];
    Object.assign(window, {viewer, painted: [], frames: new Set(), answers: [], links: []});
    const whenPainted = then => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = then;
        channel.port2.postMessage(0);
    });
    viewer.addEventListener('pointermove', () => {
        const start = performance.now();
        whenPainted(() => {
            window.painted.push(performance.now() - start);
            window.frames.add(viewer.dataset.frame);
        });
    }, true);
    let released = null, linked = null;
    addEventListener('pointerup', () => { released = linked = performance.now(); }, true);
    new MutationObserver(() => {
        const told = viewer.querySelector('.note[data-amount]')?.dataset.amount;
        if (released === null || Number(told) !== Number(viewer.dataset.s)) return;
        const since = released;
        released = null;
        whenPainted(() => window.answers.push(performance.now() - since));
    }).observe(viewer, {subtree: true, attributeFilter: ['data-amount', 'data-settled']});
    for (const name of ['pushState', 'replaceState']) {
        const own = history[name].bind(history);
        history[name] = (...given) => {
            own(...given);
            if (linked !== null) window.links.push(performance.now() - linked);
            linked = null;
        };
    }
})()"""

# On the empty page a key moves the slider, and the clock stops when what it says is another number.
WATCH_EMPTY = """(() => {
    window.answers = [];
    let pressed = null;
    addEventListener('keydown', () => { pressed = performance.now(); }, true);
    new MutationObserver(() => {
        if (pressed === null) return;
        window.answers.push(performance.now() - pressed);
        pressed = null;
    }).observe(document.querySelector('[data-testid=stMain]'),
        {subtree: true, childList: true, attributeFilter: ['data-amount']});
})()"""


def report() -> Iterator[str]:
    chromium = find_chromium()
    if chromium is None:
        yield "In the browser: not measured, there is no Chromium."
        return
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        started = time.perf_counter()
        (Path(folder) / "empty").mkdir()
        with running_app(ROOT, Path(folder)) as server:
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
            yield "In the browser (1440×900), milliseconds"
            _first_picture(browser, server.url)
            yield f"{'first picture after process start':<44}{1000 * (time.perf_counter() - started):>8.0f}"
            times = [_first_picture(browser, server.url) for _ in range(5)]
            yield f"{'first picture on a warm server, median of 5':<44}{sorted(times)[2]:>8.0f}"
            yield f"{str(MOVES) + ' moves of the handle':<44}{'p50':>8}{'p95':>8}"
            for path in ("/", "/commute", "/maps"):
                painted, frames, answers, links = _moves(browser, server.url + path)
                yield f"{path + ': input to paint, held':<44}{_both(painted)}   {frames} frames in one drag"
                yield f"{path + ': release to numbers':<44}{_both(answers)}"
                yield f"{path + ': release to the link':<44}{_both(links)}"
            with running_app(ROOT / "benchmarks" / "empty", Path(folder) / "empty") as empty:
                yield f"{'an empty page: key to answer':<44}{_both(_empty_answers(browser, empty.url))}"
                opened = [(_first_movement(browser, server.url), _empty_page(browser, empty.url)) for _ in range(6)]
                moving, shown = (_both(list(times[1:])) for times in zip(*opened, strict=True))  # the first warms up
                yield f"{'/: request to the first movement':<44}{moving}"
                yield f"{'an empty page: request to its slider':<44}{shown}"
            for path in ("/commute", "/maps"):
                for what, times in zip(("not cached", "cached"), _switches(browser, server.url + path), strict=True):
                    yield f"{path + ': another network, ' + what:<44}{_both(times)}"
            browser.close()


def _both(times: list[float]) -> str:
    return f"{quantile(times, 0.5):>8.0f}{quantile(times, 0.95):>8.0f}"


def _page(browser, url: str):  # type: ignore[no-untyped-def]
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    page.wait_for_selector(FIRST_PICTURE, timeout=60_000)
    return page


def _first_picture(browser, url: str) -> float:  # type: ignore[no-untyped-def]
    """Milliseconds from the request to the first picture, in an empty browser."""
    start = time.perf_counter()
    page = _page(browser, url)
    elapsed = time.perf_counter() - start
    page.context.close()
    return 1000 * elapsed


def _first_movement(browser, url: str) -> float:  # type: ignore[no-untyped-def]
    """Milliseconds from the request until the picture has moved by itself, in an empty browser."""
    start = time.perf_counter()
    page = _page(browser, url)
    first = page.locator(".viewer").first.get_attribute("data-frame")
    page.wait_for_selector(f".viewer[data-frame]:not([data-frame='{first}'])", timeout=60_000)
    elapsed = time.perf_counter() - start
    page.context.close()
    return 1000 * elapsed


def _empty_page(browser, url: str) -> float:  # type: ignore[no-untyped-def]
    """Milliseconds from the request until the page that does nothing shows its slider, in an empty browser."""
    start = time.perf_counter()
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    page.get_by_role("slider").wait_for()
    elapsed = time.perf_counter() - start
    page.context.close()
    return 1000 * elapsed


def _moves(browser, url: str) -> tuple[list[float], int, list[float], list[float]]:  # type: ignore[no-untyped-def]
    """One held drag of `MOVES` moves, input to paint and frames; then as many releases, each at another factor."""
    page = _page(browser, url)
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    rail = page.locator(".rail").bounding_box()
    y = rail["y"] + rail["height"] / 2

    def x(share: float) -> float:
        return rail["x"] + share * rail["width"]

    page.mouse.move(x(0.2), y)
    page.mouse.down()
    for i in range(MOVES):
        page.mouse.move(x(0.2 + 0.6 * i / MOVES), y)
        page.wait_for_timeout(16)
    painted, frames = page.evaluate("[window.painted, window.frames.size]")
    page.mouse.up()
    # A function, as the page lets nobody evaluate a string.
    arrived = "count => window.answers.length === count && window.links.length === count"
    page.wait_for_function(arrived, arg=1, timeout=15_000)
    for i in range(MOVES):
        page.mouse.move(x(((i * 11 + 3) % MOVES + 0.5) / MOVES), y)
        page.mouse.down()
        page.mouse.up()
        page.wait_for_function(arrived, arg=i + 2, timeout=15_000)
        page.wait_for_timeout(100)
    answers, links = page.evaluate("[window.answers, window.links]")
    page.context.close()
    return painted, frames, answers[1:], links[1:]


def _empty_answers(browser, url: str) -> list[float]:  # type: ignore[no-untyped-def]
    """Milliseconds of as many moves of the slider on the page that does nothing else."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    slider = page.get_by_role("slider")
    slider.wait_for()
    page.wait_for_timeout(1500)
    page.evaluate(WATCH_EMPTY)
    slider.focus()
    for i in range(MOVES):
        page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")
        page.wait_for_function("count => window.answers.length === count", arg=i + 1, timeout=15_000)
        page.wait_for_timeout(100)
    answers = page.evaluate("window.answers")[1:]
    page.context.close()
    return answers


def _switches(browser, url: str) -> tuple[list[float], list[float]]:  # type: ignore[no-untyped-def]
    """Milliseconds until the maps of another network are drawn, the first time round and again."""
    page = _page(browser, url)
    rounds: list[list[float]] = []
    for _ in range(2):
        times = []
        for key in SWITCHES:
            times.append(_switch(page, key))
        rounds.append(times)
    page.context.close()
    return rounds[0], rounds[1]


def _switch(page, key: str) -> float:  # type: ignore[no-untyped-def]
    from core.models import MODELS

    menu = page.get_by_role("button", name="Network:")
    if menu.get_attribute("aria-expanded") != "true":
        menu.click()
    option = page.get_by_test_id("stPopoverBody").get_by_text(MODELS[key].title, exact=True)
    option.wait_for()
    start = time.perf_counter()
    option.click()
    told = page.locator(f".viewer .note[data-network={key}]")
    told.wait_for()
    page.wait_for_selector(FIRST_PICTURE)
    elapsed = time.perf_counter() - start
    page.wait_for_timeout(400)
    return 1000 * elapsed
