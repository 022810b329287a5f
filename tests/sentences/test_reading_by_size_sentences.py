"""What chosen scales do to reading, in words: each kind of size is named, and theory is right only where it is."""

import numpy as np

from core.results.reading_by_size import Agreement, ReadBySize
from core.sentences import tell_agreement, tell_reading
from tests.test_words import long_paragraphs

SIZES = (0.3, 0.4, 0.5, 0.6, 1.2)


def wrong(*counts: int) -> np.ndarray:
    return np.stack([np.arange(200) < count for count in counts])


def test_sizes_are_told_by_what_happens_there():
    told = tell_reading(ReadBySize(SIZES, wrong(100, 60, 20, 4, 20), wrong(40, 20, 20, 4, 50), "vector digits"))
    assert (
        "read **better** from 0.30 to 0.40 ×: at 0.30 × the error goes from 50.0 % to 20.0 %, **30.0 points f" in told
    )
    assert "read **worse** at 1.20 ×: the error goes from 10.0 % to 25.0 %, **15.0 points more** (" in told
    assert "**No difference found** from 0.50 to 0.60 ×." in told
    assert "n = 200 vector digits at each of 5 sizes" in told
    assert not long_paragraphs(told)


def test_equal_readings_have_no_difference():
    told = tell_reading(ReadBySize(SIZES, wrong(9, 9, 9, 9, 9), wrong(9, 9, 9, 9, 9), "digits"))
    assert told.startswith("**No difference found** at any size.")
    assert "better" not in told


def test_theory_is_right_only_where_it_is():
    agree = tell_agreement(Agreement((0.3, 0.4), (), -0.951, 5))
    assert agree.startswith("**Theory and reading agree** at all 2 sizes")
    assert "ρ = −0.95 over n = 5 sizes" in agree
    mixed = tell_agreement(Agreement((0.3, 0.4), (1.2,), None, 5))
    assert mixed.startswith("**Theory and reading agree at 2 of 3 sizes with a difference**, not at 1.20 ×")
    assert "ρ" not in mixed
    assert tell_agreement(Agreement((), (0.3, 1.2), 0.5, 5)).startswith(
        "**Theory and reading do not agree**, at 0.30, 1.20 ×"
    )
    assert "not put to the test" in tell_agreement(Agreement((), (), None, 5))
    for told in (agree, mixed):
        assert not long_paragraphs(told)
