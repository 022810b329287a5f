"""The concept test: eight items, each of a lesson, in two forms of one right option; and the gain."""

import json
from dataclasses import astuple
from pathlib import Path

import pytest

from core.lessons import LESSONS
from core.lessons.concept_test import FILE, FORMS, Choice, Form, Item, Score, read_items, score


def test_eight_items_of_eight_lessons_in_two_forms():
    items = read_items()
    assert len(items) == 8
    assert len({item.lesson for item in items} & set(LESSONS)) == 8
    prompts = [form.prompt for item in items for form in item.form]
    assert len(set(prompts)) == len(FORMS) * 8
    assert all(len(form.prompt.split()) <= 40 for item in items for form in item.form)


def test_the_right_option_does_not_stand_out():
    """By being far longer than the longest other; its place is shuffled by the page."""
    for item in read_items():
        for form in item.form:
            others = max(len(each.text) for each in form.option if not each.right)
            assert len(form.option[form.right].text) < 2 * others, form.prompt


def test_what_was_gained_of_what_was_not_known():
    items = read_items()
    right = [[item.form[k].right for item in items] for k in (0, 1)]
    wrong = [[(place + 1) % 3 for place in of_form] for of_form in right]
    half = [*right[0][:4], *wrong[0][4:]]
    found = score(items, half, [*right[1][:7], -1])
    assert (found.before, found.after, found.items) == (4, 7, 8)
    assert found.gain == pytest.approx(0.75)
    assert score(items, right[0], wrong[1]).gain is None
    assert Score(4, 2, 8).gain == pytest.approx(-0.5)
    with pytest.raises(ValueError, match="shorter"):
        score(items, half[:3], right[1])


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        (', idea = "equivariant means invariant"', "", "an option is right, or names the idea"),
        (", right = true", ', idea = "none"', "one of them is right"),
        ("lesson = ", "lessons = ", "it has no part 'lessons'"),
        ("[[item]]", "[[item", "concepts.toml"),
    ],
)
def test_what_is_no_concept_test_is_refused(before, after, complaint, tmp_path):
    text = FILE.read_text(encoding="utf-8")
    (tmp_path / FILE.name).write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read_items(tmp_path / FILE.name)


@pytest.mark.parametrize("case", json.loads((Path(__file__).parents[1] / "components/concept_scores.json").read_text()))
def test_the_browser_counts_alike(case):
    """tests/components/concept_test.test.mjs holds the browser to the same numbers."""

    def form(right: int) -> Form:
        return Form("?", tuple(Choice(str(k), k == right, "" if k == right else "an idea") for k in range(3)))

    items = [Item("a", (form(first), form(second))) for first, second in zip(*case["right"], strict=True)]
    found = score(items, case["before"], case["after"])
    assert astuple(found) == (case["score"]["before"], case["score"]["after"], len(items))
    assert found.gain == case["score"]["gain"]
