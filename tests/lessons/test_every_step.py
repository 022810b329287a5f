"""What every step of every lesson claims is true, and its link is one that the pages can read."""

import pytest

from core.lessons import LESSONS, Facts, Lesson, Step, value_of
from pages.lessons.place import asked, known_parameters
from pages.results.networks import layer_names

STEPS = [
    pytest.param(lesson, step, id=f"{lesson.id}, {step.id}") for lesson in LESSONS.values() for step in lesson.steps
]


@pytest.mark.parametrize(("lesson", "step"), STEPS)
def test_a_claim_is_true_and_a_question_has_its_truth_on_the_axis(lesson: Lesson, step: Step):
    assert step.check(), f"{lesson.id}.toml, {step.id}: {step.claim} is not true"
    if step.ask and step.ask.kind == "number":
        truth = value_of(step.ask.truth, Facts(step.parameters))
        assert step.ask.low <= truth <= step.ask.high


@pytest.mark.parametrize(("lesson", "step"), STEPS)
def test_the_pages_read_the_link_as_it_is(lesson: Lesson, step: Step):
    known = {parameter.url_name: parameter for parameter in known_parameters(step)}
    for name, text in step.parameters.items():
        where = f"{lesson.id}.toml, {step.id}: {name}={text}"
        assert name in known, f"{where}: the figure {step.figure} has no such parameter"
        try:
            value = asked(step, known[name])
        except ValueError as error:
            raise AssertionError(f"{where} is refused") from error
        assert known[name].fit(value) == value, f"{where} is out of range"
    if "layer" in step.parameters:
        network = step.parameters.get("network", "sesn_vector")
        assert step.parameters["layer"] in layer_names(network), f"{lesson.id}.toml, {step.id}: {network} has none"
