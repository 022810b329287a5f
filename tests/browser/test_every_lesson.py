"""Every step of every lesson, walked by keyboard alone: covered, answered, revealed, and read by axe."""

import re

import pytest

from core.lessons import LESSONS, Lesson, Step
from pages.lessons.place import Place
from pages.lessons.truth import told, value_asked
from tests.browser.tabs import Complaints
from tests.browser.test_accessibility import EXCEPTION, MAIN, NARROW, WIDE, grave_findings
from tests.thorough import rest

pytestmark = pytest.mark.browser

COVERED = ".covered, .curve-pad"
SAID = {  # of figures that cover nothing: what they say only while something is a secret, or only after
    "sizes": ("Each network at the size that it was trained on; the other sizes come with your answer.", True),
    "scales": ("says how badly the blue curve matches", False),
}
SCREENS = (  # lessons take them in turn
    ("", {"viewport": WIDE}),
    ("", {"viewport": NARROW}),
    ("", {"viewport": WIDE, "color_scheme": "dark"}),
    ("", {"viewport": NARROW, "color_scheme": "dark"}),
    ("&present=1", {"viewport": {"width": 1920, "height": 1080}}),
)
NO_FOCUS = """() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    element?.blur();
}"""


def plain(text: str) -> str:
    """As a card shows it."""
    return re.sub(r"[*`]", "", text)


def is_covered(page, step: Step) -> bool:
    if step.figure not in SAID:
        return page.locator(COVERED).count() > 0
    said, while_secret = SAID[step.figure]
    return (page.get_by_text(said).count() > 0) == while_secret


def press(card, name: str) -> None:
    button = card.get_by_role("button", name=name, exact=True)
    button.focus()
    button.press("Enter")


def answer(page, place: Place) -> None:
    """By keys, wrong ones first; waits for what the card must say to each."""
    ask, card = place.step.ask, page.locator(".card")
    assert ask is not None
    if ask.kind == "choice":
        for option in sorted(ask.option, key=lambda each: each.right):
            press(card, plain(option.text))
            card.get_by_text(plain(option.says)).wait_for()
    elif ask.kind == "number":
        guess = card.get_by_role("slider")
        guess.focus()
        guess.press("End")
        press(card, "That is my guess")
        card.get_by_text(f"it is {told(value_asked(place)[0], ask)}").wait_for()
    elif ask.kind == "draw":
        pad = page.locator(".plot")
        pad.focus()
        for key in ("ArrowUp", "ArrowRight", "ArrowDown"):
            pad.press(key)
        press(page.locator(".curve-pad"), "That is my curve")
        card.get_by_text("apart on average").wait_for()
        page.locator(".legendtext").get_by_text("your curve").wait_for()
    else:
        press(card, "That is my guess")
        card.get_by_text(told(value_asked(place)[0], ask)).first.wait_for()


def look(page, place: Place, settle, axe) -> None:
    """One step, from its cover to its why."""
    step: Step = place.step
    page.locator(f".card[data-at='{place.at}']").wait_for()
    settle(page)
    assert page.locator(EXCEPTION).count() == 0
    assert is_covered(page, step) == bool(step.hide)
    assert (page.locator(".dimmed").count() > 0) == dims(step)
    if step.ask:
        answer(page, place)
        page.locator(".card[data-revealed=true]").wait_for()
        page.locator(".card .why").get_by_text(plain(step.why)).wait_for()
        settle(page)
        assert not is_covered(page, step)
    rest_is_known = place.step is not place.lesson.steps[0]  # what stands beside the lesson stays
    assert grave_findings(axe, page, MAIN if rest_is_known else None) == []


def dims(step: Step) -> bool:
    """Whether the figure has parts that stand back: charts have none."""
    return bool(step.focus) and step.figure not in ("errors.curve", "sizes", "scales")


@pytest.mark.parametrize("lesson", rest(LESSONS.values(), "so-what", of=lambda lesson: lesson.id), ids=LESSONS)
def test_a_whole_lesson_by_keyboard(lesson: Lesson, tabs, server, settle, axe):
    more, options = SCREENS[list(LESSONS).index(lesson.id) % len(SCREENS)]
    with tabs.open(server, Complaints(), **options) as page:
        page.goto(f"/learn?lesson={lesson.id}{more}")
        for step in lesson.steps:
            look(page, Place(lesson, step), settle, axe)
            page.evaluate(NO_FOCUS)
            page.keyboard.press("ArrowRight")
