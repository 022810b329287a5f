"""A lesson in the browser: the keyboard answers, the cover goes, and the way leads on and back."""

import pytest

from core.lessons import LESSONS, Facts, value_of
from core.lessons.concept_test import read_items

pytestmark = pytest.mark.browser

STEP = "/learn?lesson=who-breaks-it&step="


def test_the_keyboard_answers_a_choice_and_a_number_and_goes_on(page, visit, settle):
    visit(STEP + "first-guess")
    card, covers = page.locator(".card"), page.locator(".bars .covered")
    covers.first.wait_for()
    assert page.locator(".bars .dimmed .way").first.evaluate("way => getComputedStyle(way).opacity") == "0.3"
    step = LESSONS["who-breaks-it"].step("how-much")
    truth = f"{value_of(step.ask.truth, Facts(step.parameters)):.3g} %"
    assert truth not in page.locator(".bars").inner_text()
    page.get_by_role("button", name="The pooling.").focus()
    page.keyboard.press("Enter")
    covers.first.wait_for(state="detached")
    card.get_by_text("It treats a small digit and a large one with one window.").wait_for()
    assert page.get_by_role("button", name="The pooling.").get_attribute("aria-pressed") == "true"
    page.keyboard.press("ArrowRight")  # a button has the focus, which needs no arrows
    page.locator(".card[data-at='who-breaks-it/how-much']").wait_for()
    settle(page)
    guess = card.get_by_role("slider")
    guess.focus()
    guess.press("ArrowRight")  # the slider's own
    assert card.get_attribute("data-at") == "who-breaks-it/how-much"
    card.get_by_role("button", name="That is my guess").press("Enter")
    page.locator(".bars [data-guess]").wait_for()
    assert f"it is {truth}" in card.inner_text()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    page.locator(".card[data-at='who-breaks-it/first-guess'][data-revealed=true]").wait_for()
    page.reload()  # another session of the same browser
    page.locator(".card[data-revealed=true]").wait_for()
    card.get_by_role("button", name="Forget them").click()
    covers.first.wait_for()


def test_moving_the_handle_does_what_a_step_asks_for(page, visit):
    visit(STEP + "shrink-it")
    handle = page.get_by_role("slider", name="Scale factor s")
    handle.press("Home")
    page.locator(".card").get_by_text("Done.").wait_for()


def test_a_concept_test_is_taken_twice_and_nothing_leaves_the_browser(page, visit, settle):
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    visit("/learn?test=1")
    card = page.locator(".test")
    items = read_items()
    before = len(sent)
    for which, button in enumerate(("Done", "I have taken the lessons: second form")):
        if which:
            card.get_by_role("button", name=button).press("Enter")
        for item in items[: 3 + 4 * which]:
            form = item.form[which]
            card.get_by_role("group", name=form.prompt).get_by_label(form.option[form.right].text, exact=True).check()
        assert f"{3 + 4 * which} of 8 answered" in card.inner_text()
        card.get_by_role("button", name="Done").press("Enter")
    card.get_by_text("Before: 3 of 8 right. After: 7 of 8. Normalised gain: 0.80").wait_for()
    assert len(sent) == before
    assert card.get_by_text("no answer").count() == 5 + 1
    page.reload()
    card.get_by_text("Normalised gain").wait_for()
    card.get_by_role("button", name="Forget my answers").press("Enter")
    card.get_by_text("0 of 8 answered").wait_for()


def test_the_script_of_charts_is_here_before_the_step_that_has_one(page, visit):
    loaded = "() => performance.getEntriesByType('resource').filter(each => each.name.includes('PlotlyChart')).length"
    visit("/learn?lesson=who-breaks-it")
    assert page.evaluate(loaded) == 0
    visit("/learn?lesson=which-scales&step=use")
    assert page.locator(".js-plotly-plot").count() == 0
    page.wait_for_function(loaded)
