"""What a learner waits for: from one step of the lessons to the next, by key, on a warm server."""

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.timing import quantile
from core.lessons import LESSONS, Step
from tests.browser.running import CHROMIUM_OPTIONS, find_chromium, running_app

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3  # after one that warms the server up
# The step is there once its card, its figure, and whatever else the run draws are.
PRESS = """([at, chart]) => new Promise(resolve => {
    const start = performance.now();
    const within = root => [...root.querySelectorAll('*')]
        .flatMap(each => each.shadowRoot ? [each.shadowRoot, ...within(each.shadowRoot)] : []);
    const find = selector => [document, ...within(document)].map(root => root.querySelector(selector)).find(Boolean);
    const there = () => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
        && find(`.card[data-at="${at}"]`) && find(chart);
    const wait = () => there() ? resolve(performance.now() - start) : requestAnimationFrame(wait);
    document.activeElement?.blur();
    document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true, composed: true}));
    wait();
})"""
DRAWN = {"errors.curve": ".curve-pad", "sizes": ".js-plotly-plot .main-svg", "scales": ".bench[data-painted]"}
VIEWER = ".viewer[data-ready=true]"


def report() -> Iterator[str]:
    chromium = find_chromium()
    if chromium is None:
        yield "Lessons: not measured, there is no Chromium."
        return
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        running_app(ROOT, Path(folder)) as server,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        walks = [_walk(browser, server.url) for _ in range(1 + ROUNDS)]
        browser.close()
    yield f"{'Lessons: from step to step, milliseconds':<44}{'p50':>8}{'p95':>8}"
    for told, stays in (("the figure stays", True), ("the figure changes", False)):
        times = [time for walk in walks[1:] for time, same in walk if same == stays]
        yield f"{f'{told}, n = {len(times)}':<44}{quantile(times, 0.5):>8.0f}{quantile(times, 0.95):>8.0f}"


def _walk(browser, url: str) -> list[tuple[float, bool]]:  # type: ignore[no-untyped-def]
    """Through every lesson: milliseconds of each way, and whether the figure is of the kind that stood there before."""
    steps = [(f"{lesson.id}/{step.id}", step) for lesson in LESSONS.values() for step in lesson.steps]
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{url}/learn")
    page.wait_for_selector(f".card[data-at='{steps[0][0]}']", timeout=60_000)
    page.wait_for_timeout(1500)
    found = []
    for (_, before), (at, step) in pairwise(steps):
        found.append((page.evaluate(PRESS, [at, _drawn(step)]), step.figure == before.figure))
        page.wait_for_timeout(400)
    page.context.close()
    return found


def _drawn(step: Step) -> str:
    return DRAWN.get(step.figure, VIEWER)
