"""The link of every step of every lesson is one that the pages can read, and its figure has the parts that it names."""

import pytest

from core.lessons import LESSONS, Lesson, Step
from core.lessons.lesson import EVERYTHING, PARTS
from pages.lessons.place import asked, known_parameters
from pages.results.networks import layer_names

STEPS = [
    pytest.param(lesson, step, id=f"{lesson.id}, {step.id}") for lesson in LESSONS.values() for step in lesson.steps
]


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
    if step.figure not in PARTS:
        parts = {*layer_names(step.parameters.get("network", "sesn_vector")), "image", EVERYTHING}
        assert {*step.focus, *step.hide} <= parts, f"{lesson.id}.toml, {step.id}: not all of these are layers"
