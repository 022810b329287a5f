"""What a browser reports of a lesson: nothing is believed."""

import pytest

from components import curve_pad
from components.lesson_card import Answer, read_answer, read_report


@pytest.mark.parametrize("told", [None, "nonsense", 3, [], {"kept": {str(k): {} for k in range(300)}}])
def test_what_is_no_report_is_none(told):
    assert read_report(told) is None


def test_of_an_answer_only_what_can_be_one_is_taken():
    told = {
        "chosen": [1, True, -1, "2", 0, 99],
        "number": 9,
        "shown": "yes",
        "done": True,
        "drawn": [1, "x", float("nan")],
    }
    assert read_answer(told) == Answer((1, 0), 9.0, False, True, (1.0,))
    assert read_answer({"number": float("inf"), "chosen": 3, "drawn": None}) == Answer()
    report = read_report({"go": 5, "at": "a/b", "answer": told, "kept": {"c/d": 4}, "forgets": 1})
    assert report is not None
    assert (report.go, report.at, report.kept, report.forgets) == ("", "a/b", {"c/d": Answer()}, False)


@pytest.mark.parametrize(
    "told", [None, "1,2,3", {}, [1, 2], [1, 2, None], [1, 2, float("nan")], [1, 2, True], [1, 2, 3, 4]]
)
def test_a_curve_of_another_number_of_heights_is_none(told):
    assert curve_pad.read_report(told, 3) is None
    assert curve_pad.read_report([0, 1.5, 2], 3) == (0.0, 1.5, 2.0)
