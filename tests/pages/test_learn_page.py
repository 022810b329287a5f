"""The page of the lessons: where a visitor is, what an answer uncovers, and what a link asks for."""

import json

import pytest

from core.lessons import LESSONS, Facts, value_of
from pages.hosting.server import ENTERED
from pages.lessons.truth import POINTS
from tests.pages.test_app import component, open_page, panels, sentences

GUESS = LESSONS["who-breaks-it"].step("how-much")


def card(app) -> dict:
    return component(app, "equiscope_lesson_card")


def bars(app) -> dict[str, dict]:
    (found,) = panels(app, "bars")
    return {bar["name"]: bar for bar in found["bars"]}


def tell(app, **report):
    """What the card reports."""
    return send(app, "equiscope_lesson_card", "told", {"id": "visitor", **report})


def send(app, name: str, event: str, value: object):
    """What the browser reports; AppTest has no such gesture of its own."""
    (own,) = [each.proto for each in app.get("bidi_component") if each.proto.component_name == name]
    states = app._tree.get_widget_states()
    told = [{"event": event, "value": value}]
    states.widgets.add(id=f"$$STREAMLIT_INTERNAL_KEY_{own.id}__events", json_trigger_value=json.dumps(told))
    del app.session_state[ENTERED]
    app._run(states)
    assert not app.exception
    return app


def test_without_a_link_there_are_all_lessons_and_the_first_step_live():
    app = open_page("learn")
    assert not app.exception
    first = next(iter(LESSONS.values()))
    assert card(app)["at"] == f"{first.id}/{first.steps[0].id}"
    assert panels(app, "square")
    *lessons, _, teachers = app.main.button
    assert [each.label for each in lessons] == [f"**{lesson.title}**" for lesson in LESSONS.values()]
    teachers.click().run()
    assert "".join(app.query_params["for"]) == "teachers"
    told = " ".join(each.value for each in app.main.markdown)
    assert "Predict first." in told
    assert all(f"lesson={lesson.id}&step={step.id}" in told for lesson in LESSONS.values() for step in lesson.steps)
    app.main.button[0].click().run()
    assert card(app)["at"] == f"{first.id}/{first.steps[0].id}"
    said = " ".join(each.value for each in app.caption)
    assert all(str(lesson.minutes) in said for lesson in LESSONS.values())
    app = open_page("learn", hide="lessons.sidebar")
    assert not app.main.button
    (paper,) = [
        each.proto.body for each in open_page("learn", print="1").get("html") if 'class="eq-sheets"' in each.proto.body
    ]
    assert paper.count("eq-boxes") == sum(step.ask is not None and bool(step.ask.option) for step in first.steps)


def test_nonsense_is_one_sentence_and_the_first_step():
    app = open_page("learn", lesson="none", step="nowhere", s="many")
    assert "lesson = none" in sentences(app)
    assert "step = nowhere" in sentences(app)
    assert card(app)["place"] == 1


def test_a_step_is_covered_until_it_is_answered_and_the_guess_stays_beside_the_truth():
    app = open_page("learn", lesson="who-breaks-it", step="how-much")
    covered = bars(app)["pool1"]
    assert covered["covered"]
    assert set(covered["values"]) == set(covered["marks"]) == {None}
    assert set(covered["texts"]) == {"?"}
    assert not bars(app)["conv1"]["covered"]
    assert {name: bar["dimmed"] for name, bar in bars(app).items()} == {
        name: name not in GUESS.focus for name in bars(app)
    }
    assert not panels(app, "note")  # no sentence gives it away
    assert (card(app)["why"], card(app)["truth"]) == ("", None)
    truth = value_of(GUESS.ask.truth, Facts(GUESS.parameters))
    for guess, right in ((truth + GUESS.ask.within + 1, False), (truth, True)):
        app = tell(app, at="who-breaks-it/how-much", answer={"chosen": [], "number": guess, "shown": False})
        found = card(app)
        assert (found["truth"]["value"], found["truth"]["right"]) == (truth, right)
        assert f"it is **{truth:.3g} %**" in found["truth"]["said"]
        assert found["why"] == GUESS.why
        assert not bars(app)["pool1"]["covered"]
        assert bars(app)["pool1"]["guess"] == guess / 100
    assert "how-much" in app.query_params["step"]
    assert GUESS.ask.prompt in found["copied"]


def test_the_way_leads_on_and_back_and_every_step_sets_the_view():
    app = open_page("learn", lesson="shift-first", step="what-moves")
    app = tell(app, go=card(app)["next"])
    assert card(app)["at"] == "shift-first/one-pixel"
    assert app.query_params == {"step": "one-pixel"}  # the rest is the step's
    view = app.session_state["view"]
    assert (view.network, view.key, view.amount) == ("cnn", "translation", 1.0)
    app.session_state["shift"] = 3.0  # as the handle leaves it
    app = tell(app, at="shift-first/one-pixel", answer={"shown": True})
    assert app.query_params["shift"] in ("3", ["3"])
    assert app.session_state["view"].amount == 3.0
    app = tell(app, go=card(app)["back"])
    assert card(app)["at"] == "shift-first/what-moves"
    assert app.session_state["view"].amount == 4.0
    assert card(tell(app, go="no/where"))["at"] == "shift-first/what-moves"
    assert card(tell(app, go=5, at=None, answer="nonsense", kept=[1]))["at"] == "shift-first/what-moves"


def test_what_is_to_be_done_is_done_by_the_handle_and_earlier_answers_come_back():
    app = open_page("learn", lesson="who-breaks-it", step="shrink-it")
    assert not card(app)["answer"]["done"]
    app.session_state["s"] = 0.63
    app = tell(app, kept={"who-breaks-it/how-much": {"number": 9}, "no/where": {"shown": True}})
    app = tell(app)
    assert card(app)["answer"]["done"]
    assert set(card(app)["kept"]) == {"who-breaks-it/how-much", "who-breaks-it/shrink-it"}
    assert "who-breaks-it/how-much" not in card(tell(app, forgets=True))["kept"]


def test_a_curve_is_drawn_into_the_figure_and_stays_there_beside_the_truth():
    step = LESSONS["smaller"].step("a-little")
    app = open_page("learn", lesson="smaller", step="a-little")
    axes = component(app, "equiscope_curve_pad")
    assert len(axes["amounts"]) == POINTS == 20
    assert axes["places"][0] == 0
    assert axes["places"][-1] == 1
    assert sorted(axes["places"]) == axes["places"]
    assert [text for _, text in axes["ticks"]] == ["0.5", "0.71", "1", "1.41", "2"]
    assert [place for place, _ in axes["ticks"]] == pytest.approx(
        [0, 0.25, 0.5, 0.75, 1], abs=1e-3
    )  # 0.71 and 1.41 are rounded
    assert (axes["levels"][0], axes["levels"][-1], axes["unit"]) == (step.ask.low, step.ask.high, "%")
    assert not app.get("plotly_chart")  # nothing gives it away
    heights = [50.0] * POINTS
    app = send(app, "equiscope_curve_pad", "drawn", heights)
    (chart,) = app.get("plotly_chart")
    drawn = [trace for trace in json.loads(chart.proto.spec)["data"] if trace["name"] == "your curve"]
    assert [trace["y"] for trace in drawn] == [heights]
    amounts = drawn[0]["x"]
    facts = [Facts({**step.parameters, "s": f"{s:g}"}) for s in amounts]
    gap = sum(abs(50 - value_of(step.ask.truth, each)) for each in facts) / POINTS
    assert f"Your curve and the computed one are **{gap:.3g} %** apart on average." in card(app)["truth"]["said"]
    assert card(app)["kept"]["smaller/a-little"]["drawn"] == heights
    (paper,) = [
        each.proto.body
        for each in open_page("learn", lesson="smaller", print="1").get("html")
        if "eq-sheets" in each.proto.body and "<article>" in each.proto.body
    ]
    assert paper.count("Empty axes: relative L2 error, %, over scale factor s") == 1


def test_the_concept_test_has_both_forms_and_a_way_there_and_back():
    app = open_page("learn")
    app.main.button(key="to_concepts").click().run()
    assert "".join(app.query_params["test"]) == "1"
    items = component(app, "equiscope_concept_test")["items"]
    assert len(items) == 8
    assert {item["title"] for item in items} <= {lesson.title for lesson in LESSONS.values()}
    assert all(len(item["form"]) == 2 for item in items)
    app.main.button[0].click().run()
    assert card(app)["place"] == 1
