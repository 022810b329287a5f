"""How long networks take for a digit: measured in turn, kept as a table, and refused where it is none."""

from dataclasses import replace

import pytest

from core.models import MODELS
from core.results import codec
from core.results.times import NAME, NetworkTime, measure_times, read_times


def test_the_table_has_every_network_that_can_be_trained():
    found = read_times()
    assert [each.network for each in found] == [key for key, spec in MODELS.items() if not spec.control]
    assert len({(each.turns, each.threads, each.processor, each.torch) for each in found}) == 1


def test_a_network_with_more_to_do_takes_longer(tmp_path):
    """Fourier layers take some ten times as long as the small plain CNN."""
    plain, other = measure_times(["cnn_small", "fourier"], 5)
    assert plain.ms < other.ms
    assert (plain.network, plain.turns) == ("cnn_small", 5)
    (tmp_path / NAME).write_text(codec.to_text(NetworkTime, [plain, other]), encoding="utf-8")
    assert read_times(tmp_path) == [plain, other]
    with pytest.raises(ValueError, match="at least one repeat"):
        measure_times(["cnn"], 0)


def test_a_time_that_is_none_is_refused(tmp_path):
    first = read_times()[0]
    with pytest.raises(ValueError, match="positive and between"):
        replace(first, ms=0.0, low=0.0)
    text = codec.to_text(NetworkTime, [first]).replace(f",{first.turns},", ",many,")
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=NAME):
        read_times(tmp_path)
