"""Draws the pictures of the pages: `make pictures` writes assets/doors, for the start page, and docs/start.webp.

A server of its own, headless Chromium, light colours; what they show is what the app computes.
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from core.files import ASSETS
from pages import PAGES
from tests.browser.running import CHROMIUM_OPTIONS, find_chromium, running_app

ROOT = Path(__file__).resolve().parents[1]
DOORS, MOVING = ASSETS / "doors", ROOT / "docs" / "start.webp"
SCREEN = {"width": 1440, "height": 900}
DOOR, FRAME = (480, 300), (960, 600)  # pixels
EVERY, FRAME_MS = 2, 90  # every second amount of the handle
READY = ".viewer[data-ready=true], .bench[data-painted], [data-testid=stTable], [data-testid=stPlotlyChart] .main-svg"


def main() -> int:
    executable = find_chromium()
    if executable is None:
        print("There is no Chromium here, so no picture can be drawn.", file=sys.stderr)
        return 2
    DOORS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play, running_app(ROOT, Path(folder)) as server:
        browser = play.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        for page in PAGES:
            if page.url_path:
                shot = _open(browser, f"{server.url}/{page.url_path}").screenshot()
                _small(shot, DOOR).save(DOORS / f"{page.name}.webp", quality=80)
        first, *others = _frames(_open(browser, f"{server.url}/?s=0.5"))
        there_and_back = [*others, *reversed([first, *others[:-1]])]
        first.save(MOVING, save_all=True, append_images=there_and_back, duration=FRAME_MS, loop=0, quality=70, method=4)
        browser.close()
    print(f"{MOVING}: {MOVING.stat().st_size / 1e6:.2f} MB", file=sys.stderr)
    return 0


def _open(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport=SCREEN, reduced_motion="reduce").new_page()
    page.goto(url)
    page.locator(READY).first.wait_for(state="attached", timeout=120_000)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=120_000)
    page.wait_for_timeout(1500)  # charts unfold
    return page


def _frames(page: Page) -> Iterator[Image.Image]:
    """The start page at every second amount, from end to end."""
    viewer = page.locator(".viewer")
    page.get_by_role("slider", name="Scale factor s").focus()
    frames = int(viewer.get_attribute("data-frames") or 0)
    for frame in range(0, frames, EVERY):
        page.locator(f".viewer[data-frame='{frame}']").wait_for()
        yield _small(page.screenshot(), FRAME)
        for _ in range(EVERY if frame + EVERY < frames else 0):
            page.keyboard.press("ArrowRight")


def _small(shot: bytes, size: tuple[int, int]) -> Image.Image:
    return Image.open(io.BytesIO(shot)).convert("RGB").resize(size, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    sys.exit(main())
