"""What a page shows, as values to compare: its controls, its words and numbers, and the pixels of its pictures."""

import hashlib
import json
from typing import Any

# Everything below the document, through shadow roots: components draw in one.
_EVERYTHING = """
const everything = (root = document.body) =>
    [...root.querySelectorAll('*')].flatMap(each => each.shadowRoot ? [each, ...everything(each.shadowRoot)] : [each]);
const shown = element => element.getClientRects().length > 0;
"""
_PIXELS = f"""() => {{
    {_EVERYTHING}
    const drawnAgain = image => {{
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        canvas.getContext('2d').drawImage(image, 0, 0);
        return canvas;
    }};
    const numbers = chart => JSON.stringify(chart.data.map(({{name, x, y, z}}) => [name, x, y, z]));
    const painted = each => each.matches('img') ? drawnAgain(each).toDataURL()
        : each.matches('canvas') ? each.toDataURL() : numbers(each);
    return everything().filter(each => each.matches('img, canvas, .js-plotly-plot') && shown(each)).map(painted);
}}"""
# The pen of the pad is a tool, no part of the view; nor is the fold of the sidebar, which would change `innerText`.
_CONTROLS = f"""() => {{
    {_EVERYTHING}
    const value = each => each.type === 'checkbox' ? each.checked
        : each.getAttribute('aria-checked') ?? each.getAttribute('aria-valuetext') ?? each.value;
    const controls = 'input:not(#pen, #field, [type=file]), [role=radio], [role=slider]';
    return everything().filter(each => each.matches(controls))
        .filter(each => each.closest('[data-testid=stSidebar], [data-testid=stMain]') || each.getRootNode().host)
        .map(each => [each.getAttribute('aria-label') ?? each.textContent, value(each)]);
}}"""
# Without the notices: they say how a view came about, and only once.
_WORDS = f"""() => {{
    {_EVERYTHING}
    const said = node => [...node.childNodes].filter(each => each.nodeType === Node.TEXT_NODE).map(each => each.data);
    return everything().filter(each => !each.closest('style, script, [data-testid=stAlert], [role=status]'))
        .filter(each => each.getRootNode() !== document || each.closest('[data-testid=stMain]'))
        .flatMap(said).map(each => each.trim()).filter(Boolean);
}}"""


def unfold(page) -> None:
    """Opens the fold of the sidebar that holds the further controls."""
    fold = page.get_by_test_id("stSidebar").locator("details:not([open]) > summary")
    if fold.count():
        fold.click()


def pixels(page) -> list[str]:
    """A hash of every visible picture in the order of the page; of a Plotly chart, the numbers it draws."""
    return [hashlib.sha256(each.encode()).hexdigest()[:16] for each in page.evaluate(_PIXELS)]


def controls(page) -> list[list[Any]]:
    """Every control's name and value."""
    return page.evaluate(_CONTROLS)


def words(page) -> list[str]:
    """Every text of the page, so every printed number."""
    return page.evaluate(_WORDS)


def view(page) -> dict[str, list]:
    return {"controls": controls(page), "words": words(page), "pixels": pixels(page)}


def view_at_rest(page, settle, expected: dict | None = None, tries: int = 20) -> dict[str, list]:
    """The view once it no longer changes, as charts and components draw after the app is calm; or once as expected."""
    last = None
    for _ in range(tries):
        settle(page)
        now = view(page)
        if now == (expected or last):
            return now
        last = now
    return now


def differences(one: dict[str, list], other: dict[str, list]) -> str:
    """What differs between two views, short enough for the message of a test."""
    found = []
    for kind in one:
        pairs = [(a, b) for a, b in zip(one[kind], other[kind], strict=False) if a != b]
        if one[kind] != other[kind]:
            found.append(f"{kind}: {len(one[kind])} and {len(other[kind])}, {json.dumps(pairs[:5])}")
    return "; ".join(found)
