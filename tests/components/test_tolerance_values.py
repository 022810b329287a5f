"""The values that the browser's formulas are tested against are those that core gives today."""

import json

import pytest

from tests.components.tolerance_values import FILE, values


def test_the_committed_values_are_those_of_core():
    committed, today = json.loads(FILE.read_text(encoding="utf-8")), json.loads(json.dumps(values()))
    assert shape(committed) == shape(today)
    assert numbers(committed) == pytest.approx(numbers(today), rel=1e-9, abs=1e-12)


def shape(value):
    """Everything but the numbers."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return "number" if isinstance(value, float | int) else value


def numbers(value) -> list[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for each in value for number in numbers(each)]
    return [float(value)] if isinstance(value, float | int) else []
