"""Numbers of the environment are positive, or refused by name."""

import pytest

from core.from_environment import positive


@pytest.mark.parametrize(("text", "expected"), [(None, 2.0), ("", 2.0), (" 30 ", 30.0), ("0.5", 0.5)])
def test_a_number_or_the_usual_one(text, expected, monkeypatch):
    if text is not None:
        monkeypatch.setenv("EQUISCOPE_ANY", text)
    assert positive("EQUISCOPE_ANY", 2.0) == expected


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "two", "1,5"])
def test_anything_else_is_refused(text, monkeypatch):
    monkeypatch.setenv("EQUISCOPE_ANY", text)
    with pytest.raises(ValueError, match="EQUISCOPE_ANY must be a positive number, got"):
        positive("EQUISCOPE_ANY", 2.0)
