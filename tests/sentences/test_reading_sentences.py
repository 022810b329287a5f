"""Where a network first takes T x for another digit than x."""

from core.sentences import first_errors, tell_first_errors
from core.transforms import TRANSFORMS

SCALE, TURN = TRANSFORMS["scale"], TRANSFORMS["rotation"]
FACTORS = (0.5, 0.6, 0.8, 1.0, 1.2, 1.5, 2.0)


def test_the_first_error_is_that_nearest_to_no_change_on_each_side():
    assert first_errors(SCALE, FACTORS, (5, 5, 3, 3, 3, 8, 9), read=3) == (1, 5)
    assert first_errors(SCALE, FACTORS, (5, 3, 3, 3, 3, 3, 3), read=3) == (0, None)
    assert first_errors(TURN, (-90.0, 0.0, 90.0), (6, 6, 9), read=6) == (None, 2)
    assert first_errors(SCALE, FACTORS, (3,) * 7, read=3) == (None, None)


def test_it_is_told_with_what_is_read_instead():
    told = tell_first_errors("A", SCALE, FACTORS, (5, 5, 3, 3, 3, 8, 9), read=3)
    assert told == "A reads x as 3 and, going outwards, first errs at s = 0.60 (reads 5) and at s = 1.50 (reads 8)."
    one = tell_first_errors("A", SCALE, FACTORS, (3, 3, 3, 3, 3, 3, 1), read=3)
    assert one == "A reads x as 3 and, going outwards, first errs at s = 2.00 (reads 1)."


def test_where_there_is_no_error_the_range_is_told():
    told = tell_first_errors("B", SCALE, FACTORS, (7,) * 7, read=7)
    assert told == "B reads x as 7 and does not err from s = 0.50 to s = 2.00."
