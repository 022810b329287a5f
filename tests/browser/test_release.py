"""A component that is removed leaves nothing behind: no shadow root, no listener, no node, no timer."""

from collections.abc import Callable

import pytest

import components.bundle
from components import (
    concept_test,
    copy_link,
    crop_box,
    curve_pad,
    draw_pad,
    glossary,
    lesson_card,
    presenting,
    scale_axis,
    stack_data,
    stack_viewer,
    take_away,
)
from tests.browser import mounting_app
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.own_tab]

TIMES = 50
OUTSIDE = 3  # shadow roots outside the place of their component: sign of present mode, a definition, server away
MODULES = {
    "stack_viewer": stack_viewer, "stack_data": stack_data, "scale_axis": scale_axis, "draw_pad": draw_pad,
    "copy_link": copy_link, "presenting": presenting, "glossary": glossary, "take_away": take_away,
    "lesson_card": lesson_card, "curve_pad": curve_pad,
    "concept_test": concept_test, "crop_box": crop_box,
}  # fmt: skip
STANDING = (
    """(window.standing = [...document.querySelectorAll("*")].map(each => each.shadowRoot).filter(Boolean)).length"""
)
# This test in place of Streamlit: a component comes, gets a second run, is used, and goes.
HARNESS = """async ({code, html, data}) => {
    window.intervals = new Set();
    const [start, stop] = [window.setInterval, window.clearInterval];
    window.setInterval = (...given) => (id => window.intervals.add(id) && id)(start(...given));
    window.clearInterval = id => window.intervals.delete(id) && stop(id);
    const module = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
    const app = document.createElement('div');
    app.dataset.testid = 'stApp';
    document.body.append(app);
    window.comeAndGo = async released => {
        const host = document.createElement('div');
        document.body.append(host);
        const parentElement = host.attachShadow({ mode: 'open' });
        parentElement.innerHTML = html;
        const given = { parentElement, data, setStateValue() {}, setTriggerValue() {} };
        const overtaken = module.default(given);
        const release = module.default(given);
        overtaken();
        parentElement.querySelectorAll('button, input, [role=slider]').forEach(each => {
            each.focus();
            each.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
        });
        parentElement.querySelector('button.play')?.click();
        await new Promise(requestAnimationFrame);
        if (released) release();
        host.remove();
    };
}"""


@pytest.fixture
def cdp(page):
    session = page.context.new_cdp_session(page)
    for domain in ("HeapProfiler", "Performance", "Runtime"):
        session.send(f"{domain}.enable")
    return session


def alive(cdp) -> dict[str, int]:
    """What the page holds once all that can be forgotten is.

    Roots that stand on the page are held here: what of them no script holds would be counted at times only.
    """
    cdp.send("Runtime.evaluate", {"expression": STANDING})
    for _ in range(3):
        cdp.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: int(each["value"]) for each in cdp.send("Performance.getMetrics")["metrics"]}
    prototype = cdp.send("Runtime.evaluate", {"expression": "ShadowRoot.prototype", "objectGroup": "alive"})
    found = cdp.send(
        "Runtime.queryObjects", {"prototypeObjectId": prototype["result"]["objectId"], "objectGroup": "alive"}
    )
    length = cdp.send(
        "Runtime.callFunctionOn",
        {"objectId": found["objects"]["objectId"], "functionDeclaration": "function () { return this.length }"},
    )
    cdp.send("Runtime.releaseObjectGroup", {"objectGroup": "alive"})
    return {
        "shadow roots": length["result"]["value"], "listeners": metrics["JSEventListeners"], "nodes": metrics["Nodes"],
    }  # fmt: skip


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in before}


@pytest.fixture
def given(monkeypatch) -> dict[str, dict]:
    """What every component is given by the page of its own, by its name."""
    found: dict[str, dict] = {}
    for name, module in MODULES.items():
        monkeypatch.setattr(module, "_component", lambda name=name, **given: found.update({name: given.get("data")}))
    mounting_app.show_all()
    return found


def harness(page, name: str, data: dict) -> None:
    code = (components.bundle.BUILT / f"{name}.js").read_text("utf-8")
    html = getattr(MODULES[name], "_HTML", "")
    page.goto("about:blank")
    page.evaluate(HARNESS, {"code": code, "html": html, "data": data})
    page.evaluate("comeAndGo(true)")  # what it makes once and for all


@pytest.mark.parametrize("name", MODULES)
def test_a_component_that_went_left_nothing(page, cdp, given, name):
    harness(page, name, given[name])
    before = alive(cdp)
    for _ in range(TIMES):
        page.evaluate("comeAndGo(true)")
    after = alive(cdp)
    assert (after["shadow roots"], after["listeners"]) == (0, 0)
    assert page.evaluate("intervals.size") == 0
    assert grown(before, after)["nodes"] <= 0


def test_a_component_that_is_not_released_shows(page, cdp, given):
    harness(page, "stack_viewer", given["stack_viewer"])
    before = alive(cdp)
    for _ in range(TIMES):
        page.evaluate("comeAndGo(false)")
    left = grown(before, alive(cdp))
    assert left["shadow roots"] == TIMES
    assert left["listeners"] >= 3 * TIMES


@pytest.fixture
def toggled(page, mounting_server) -> Callable[[], None]:
    """toggled() takes every component off the page of Streamlit and brings it back."""
    page.goto(mounting_server.url)
    inside = page.locator(".viewer[data-ready=true], .bench[data-painted], .pad canvas, .link button")
    switch = page.get_by_test_id("stCheckbox").locator("label")

    def there(count: int) -> None:
        for each in inside.all():
            each.wait_for(state="attached" if count else "detached")
        page.wait_for_function(
            "n => document.querySelectorAll('[data-testid=stBidiComponentIsolated]').length === n", arg=count
        )

    def toggle() -> None:
        switch.click()
        there(0)
        page.get_by_test_id("sign").wait_for(state="detached")  # else the old one is taken for the new
        switch.click()
        there(len(MODULES))
        inside.nth(3).wait_for(state="attached")
        page.get_by_test_id("sign").wait_for(state="attached")

    there(len(MODULES))
    return toggle


def settled(cdp) -> dict[str, int]:
    """What the page holds once the components on it are all that is left, and one that went, which React may hold.

    Raises: TimeoutError if others stay.
    """
    expected = len(MODULES) + OUTSIDE
    return until(lambda: found if expected <= (found := alive(cdp))["shadow roots"] <= expected + 1 else None)


@pytest.mark.thorough
def test_streamlit_removes_components_without_a_rest(page, cdp, toggled):
    for _ in range(3):
        toggled()
    before = settled(cdp)  # a second run of Streamlit may be at work on what was just mounted
    for _ in range(TIMES):
        toggled()
    after = settled(cdp)
    assert grown(before, after)["listeners"] < TIMES  # Streamlit's own come and go; a leak is one for each time
