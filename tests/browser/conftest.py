"""A server of our own, a real Chromium, and a page that notices every error and every foreign request."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.running import CHROMIUM_NAMES, CHROMIUM_OPTIONS, THIS_MACHINE, Server, find_chromium, running_app
from tests.waiting import PATIENCE

# Opened at /maps, Streamlit's own script first looks for its server under /maps/, then at the root. The 404 of
# that look is in the console of every multipage app.
STREAMLIT_PROBES = re.compile(r"/\w+/_stcore/(health|host-config)")
# A run begins a moment after the move that causes it, so the page must be calm for a while, not just once: longer than
# keys rest before they report, and the longer the slower browser and server answer at this moment.
CALM_FOR_MS = 250
ANSWERS, SLOWEST_ANSWERS = 3, 4
IS_CALM = """({calmForMs, answers, slowestAnswers}) => {
    const app = document.querySelector('[data-testid=stApp]');
    const calm = app?.dataset.testScriptState === 'notRunning'
        && !document.querySelector('[data-testid=stSkeleton]')
        && [...document.images].every(image => image.complete);
    if (!calm) {
        window.calm = undefined;
        return false;
    }
    if (!window.calm) {
        const own = window.calm = {since: performance.now(), left: answers, slowestMs: 0};
        const ask = async () => {
            const asked = performance.now();
            const answered = await fetch('/_stcore/health', {cache: 'no-store'}).then(r => r.ok, () => false);
            own.slowestMs = Math.max(own.slowestMs, performance.now() - asked);
            if (answered) own.left -= 1;
            if (own.left && own === window.calm) setTimeout(ask);
        };
        ask();
    }
    const {since, left, slowestMs} = window.calm;
    return !left && performance.now() - since > calmForMs + slowestAnswers * slowestMs;
}"""
OPEN = {  # the folded parts of a page, all of them, in its link
    "/errors": "&count=8&open_budget=1&open_lie=1&open_controls=1&open_files=1",
    "/scales": "&open_fit=1&open_cost=1&open_theory=1&open_learned=1&open_live=1",
}
CALM = {"calmForMs": CALM_FOR_MS, "answers": ANSWERS, "slowestAnswers": SLOWEST_ANSWERS}


@dataclass
class Complaints:
    """What a page must not do; a test that provokes one on purpose clears the list."""

    console_errors: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)

    def note_message(self, message) -> None:
        url = message.location.get("url", "")
        if message.type == "error" and not STREAMLIT_PROBES.fullmatch(urlsplit(url).path):
            self.console_errors.append(f"{message.text} ({url})")

    def note_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in THIS_MACHINE:
            self.foreign_requests.append(url)


@pytest.fixture(scope="session")
def server(root, tmp_path_factory) -> Iterator[Server]:
    """The app as on a fresh machine: no MNIST, nothing cached, no network."""
    with running_app(root, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def fresh_server(root, tmp_path) -> Iterator[Server]:
    """A server that nobody has visited yet, for one test; ask for it before `page`, so that the page closes first."""
    with running_app(root, tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def server_with_mnist(root, tmp_path_factory) -> Iterator[Server]:
    """The app with the local MNIST folder that EQUISCOPE_MNIST names."""
    mnist = os.environ.get("EQUISCOPE_MNIST")
    if not mnist:
        pytest.skip("EQUISCOPE_MNIST names no local MNIST folder")
    folder = tmp_path_factory.mktemp("server_with_mnist")
    with running_app(root, folder, EQUISCOPE_MNIST=str(Path(mnist).resolve())) as server:
        yield server


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium. Absent, the test skips on a laptop and fails where a browser is required."""
    executable = find_chromium()
    if executable is None:
        absent = f"browser tests need Chromium: set CHROMIUM or install one of {', '.join(CHROMIUM_NAMES)}"
        if os.environ.get("EQUISCOPE_REQUIRE_BROWSER") == "1":
            pytest.fail(absent, pytrace=False)
        pytest.skip(absent)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe():
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(browser, server, complaints):
    """A page of 1440 × 900 in which `page.goto("/maps")` leads to our server; it must end without complaints."""
    with open_page(browser, server, complaints) as page:
        yield page


@contextmanager
def open_page(browser, server: Server, complaints: Complaints, **options) -> Iterator:
    """A page in a context of its own; it must end without complaints. Args: options: of the context."""
    context = browser.new_context(base_url=server.url, **{"viewport": {"width": 1440, "height": 900}, **options})
    context.set_default_timeout(1000 * PATIENCE)
    context.on("request", lambda request: complaints.note_request(request.url))
    page = context.new_page()
    page.on("websocket", lambda websocket: complaints.note_request(websocket.url))
    page.on("console", complaints.note_message)
    page.on("pageerror", lambda error: complaints.page_errors.append(str(error)))
    yield page
    context.close()
    assert complaints == Complaints()


@pytest.fixture(scope="session")
def settle() -> Callable:
    """settle(page) returns once the page is calm: no run going on or about to begin, pictures loaded."""

    def settle(page, timeout_s: float = PATIENCE):
        page.evaluate("() => { window.calm = undefined }")
        page.wait_for_function(IS_CALM, arg=CALM, timeout=1000 * timeout_s)

    return settle


@pytest.fixture
def visit(page, settle) -> Callable:
    """visit("/maps?digit=3") opens that address of our server and returns the page once it is calm."""

    def visit(path: str):
        page.goto(path)
        settle(page)
        return page

    return visit
