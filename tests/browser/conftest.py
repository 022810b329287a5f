"""A server of our own, a real Chromium, and a page at rest."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.running import CHROMIUM_NAMES, CHROMIUM_OPTIONS, Server, find_chromium, running_app
from tests.browser.sharing import shared_app
from tests.browser.tabs import Complaints, Tabs
from tests.waiting import PATIENCE

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
    "/compare": "&count=8&other=sesn_vector&open_cells=1&open_test_sizes=1&open_disagree=1&open_price=1",
    "/scales": "&open_reading=1&open_fit=1&open_cost=1&open_theory=1&open_learned=1&open_live=1",
    "/results": "&see_equivariance=table&see_paying=sources&part=all+sizes&toy=learned&see_checkpoints=share"
    "&shrunk=spectral&open_deep=1&publication=study",
}
# What runs often V8 compiles once more, which pays in a page that stays; here none does. Without its two optimising
# compilers a page, and axe's look at it, cost a fifth less. The benchmark, which measures pages, keeps them.
SHORT_LIVED = "--js-flags=--no-opt --no-maglev --always-sparkplug"
CALM = {"calmForMs": CALM_FOR_MS, "answers": ANSWERS, "slowestAnswers": SLOWEST_ANSWERS}


@pytest.fixture(scope="session")
def server(root, tmp_path_factory) -> Iterator[Server]:
    """The app as on a fresh machine: no MNIST, nothing cached, no network; other workers visit it too."""
    with shared_app(root, tmp_path_factory, "server") as server:
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
def mounting_server(root, tmp_path_factory) -> Iterator[Server]:
    """Streamlit with a page of its own that holds nothing but the browser components (mounting_app.py)."""
    page = "tests/browser/mounting_app.py"
    with shared_app(root, tmp_path_factory, "mounting", script=page, PYTHONPATH=str(root)) as server:
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
        browser = playwright.chromium.launch(executable_path=executable, args=[*CHROMIUM_OPTIONS, SHORT_LIVED])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def tabs(browser) -> Tabs:
    return Tabs(browser)


@pytest.fixture(scope="session")
def axe():
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(tabs, server, complaints, request):
    """A page of 1440 × 900 in which `page.goto("/maps")` leads to our server; it must end without complaints."""
    with tabs.open(server, complaints, own=request.node.get_closest_marker("own_tab") is not None) as page:
        yield page


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
