"""Lessons: what they claim is true of the networks as they are, and a file that is none is refused by file and step."""

import pytest

from core.lessons import CORE, FIGURES, FOLDER, LESSONS, Facts, read, value_of

STEPS = [(lesson.id, step.id) for lesson in LESSONS.values() for step in lesson.steps]
HEAD = 'title = "A lesson"\nmisconception = "Nothing."\nminutes = 3\n'
STEP = '\n[[step]]\nid = "one"\nfigure = "square"\nlink = "network=cnn&s=0.5"\ntext = "Look."\n'
ASK = '[step.ask]\nkind = "number"\nprompt = "How much?"\ntruth = "error[conv1]"\n'


def lesson(*changes: tuple[str, str], more: str = "") -> str:
    """Five steps of which the first is changed."""
    first = STEP
    for before, after in changes:
        assert before in first
        first = first.replace(before, after)
    return HEAD + first + more + "".join(STEP.replace('"one"', f'"step-{k}"') for k in range(4))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "step"), STEPS)
def test_every_claim_is_true(name, step):
    assert LESSONS[name].step(step).check()


@pytest.mark.parametrize(("name", "step"), STEPS)
def test_every_truth_lies_on_the_axis_of_its_question(name, step):
    """At every amount of a curve, and further from both ends than would be taken for right."""
    ask, parameters = LESSONS[name].step(step).ask, LESSONS[name].step(step).parameters
    if ask is None or not ask.truth:
        return
    facts = Facts(parameters)
    usual = facts.amount
    amounts = facts.transform.curve_amounts if ask.kind == "draw" else [usual]
    for amount in amounts:
        here = Facts({**parameters, facts.transform.parameter: str(amount)})
        for mark in range(1, max(1, ask.marks) + 1):
            truth = value_of(ask.truth, {**here, "mark": lambda key, mark=mark: float(mark)})
            assert ask.low <= truth <= ask.high, (name, step, amount, truth)
    assert 0 < ask.within < 0.3 * (ask.high - ask.low)


def test_every_file_is_a_lesson_of_the_table():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(LESSONS)
    assert len(LESSONS) == 9
    assert all(3 <= each.minutes <= 5 for each in LESSONS.values())


def test_the_core_lessons_are_short():
    steps = [step for name in CORE for step in LESSONS[name].steps]
    asked = [step.ask for step in steps if step.ask]
    texts = [*(f"{step.text} {step.why}" for step in steps), *(ask.prompt for ask in asked)]
    texts += [f"{option.text} {option.says}" for ask in asked for option in ask.option]
    assert len(steps) <= 25
    assert sum(len(text.split()) for text in texts) <= 1300
    assert 10 <= sum(LESSONS[name].minutes for name in CORE) <= 20


def test_a_claim_that_is_not_true_is_found_out(tmp_path):
    path = tmp_path / "made.toml"
    path.write_text(lesson(more='[step.check]\nexpect = "error[conv1] < 0.01"\n'), encoding="utf-8")
    first, second, *_ = read(path).steps
    assert not first.check()
    assert second.check()  # claims nothing


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            lesson(("square", "circle")),
            r"made.toml, step 1 \(one\): there is no figure 'circle'; there are stage, square",
        ),
        (lesson(("text", 'focus = ["conv1"]\ntext')), "the figure square has no part 'conv1'; it has x, tx"),
        (lesson(("text", "texts")), r"step 1 \(one\): it has no part 'texts'"),
        (lesson(('"Look."', f'"{"word " * 61}"')), "its text has 61 words, at most 60 are read"),
        (lesson(('"one"', '"Step one"')), "an id has small letters"),
        (lesson(more='[step.check]\nexpect = "error[conv1"\n'), "'error.conv1' is no formula"),
        (lesson(more='[step.check]\nexpected = "1"\n'), "claim: it has no part 'expected'"),
        (lesson(more=ASK), "what is asked needs a why"),
        (
            lesson(("text", 'why = "So."\ntext'), more=ASK.replace("number", "essay")),
            "kind must be one of choice, number",
        ),
        (lesson(("text", 'why = "So."\ntext'), more=ASK.replace("number", "choice")), "a choice needs two options"),
        (lesson(("text", 'hide = ["after"]\ntext')), "what is hidden needs a question"),
        (
            lesson(("text", 'hide = ["conv1"]\nwhy = "So."\ntext'), ("square", "errors.curve"), more=ASK),
            "a curve is drawn into the figure errors.curve, which hides it",
        ),
        (
            lesson(("text", 'hide = ["after"]\nwhy = "So."\ntext'), more=ASK.replace("number", "draw")),
            "a curve is drawn into the figure errors.curve, which hides it",
        ),
        (HEAD + STEP, "a lesson has 5 to 9 steps, got 1"),
        (lesson(('"one"', '"step-0"')), "two steps have the id step-0"),
        (lesson().replace("minutes", "hours"), "made.toml: it has no part 'hours'"),
        ("title = ", "made.toml is no lesson"),
    ],
)
def test_what_is_no_lesson_is_refused_by_file_and_step(text, complaint, tmp_path):
    path = tmp_path / "made.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read(path)


@pytest.mark.parametrize(
    ("parameters", "formula", "complaint"),
    [
        ({"network": "nobody"}, "s", "there is no network 'nobody'"),
        ({"transform": "shear"}, "s", "there is no transform 'shear'"),
        ({"s": "small"}, "s", "s must be a number, got 'small'"),
        ({}, "error[conv9]", "there is no layer 'conv9'"),
        ({}, "other[conv1]", "there is no fact 'other'"),
        ({}, "misread[fourier_2, 1]", "no network 'fourier_2' that was trained on one size"),
        ({}, "s[conv1]", "it takes nothing in brackets"),
    ],
)
def test_facts_that_there_are_not_are_sentences(parameters, formula, complaint):
    with pytest.raises(ValueError, match=complaint):
        value_of(formula, Facts(parameters))


def test_facts_are_those_of_the_link():
    facts = Facts({"network": "cnn", "s": "0.5", "other": "sesn_vector", "digit": "7"})
    assert value_of("s", facts) == 0.5
    assert value_of("label", facts) == 7
    assert value_of("error[conv1]", facts) > 5 * value_of("other[conv1]", facts)
    assert value_of("error[conv1, 1]", facts) == 0
    assert set(FIGURES) >= {step.figure for each in LESSONS.values() for step in each.steps}
