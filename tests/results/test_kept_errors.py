"""What is kept of /compare is what `measure` gives, of these weights, at every amount that a pair is compared at."""

from dataclasses import fields

import numpy as np
import pytest

from core.checkpoints import folder_of, read_card
from core.data.mnist import is_available, load_mnist
from core.equivariance import measure
from core.models import MODELS, Shown
from core.resampling import rescale
from core.results import codec, kept_errors
from core.results.kept_errors import NUM_DIGITS, KeptErrors, amounts_of_pairs, kept_report, read
from core.scales import ScaleSet

needs_mnist = pytest.mark.skipif(not is_available(), reason="needs MNIST; name a folder by EQUISCOPE_MNIST")
AMOUNTS = (0.5, 2.0)
ANY = Shown("sesn_vector")


def networks() -> list[Shown]:
    return list(dict.fromkeys(Shown(row.network, trained_on=row.trained_on) for row in read()))


@pytest.mark.slow
def test_every_network_with_an_axis_is_kept_at_all_amounts_of_its_pairs():
    kept: dict[Shown, set[float]] = {}
    for row in read():
        kept.setdefault(Shown(row.network, trained_on=row.trained_on), set()).add(row.amount)
    asked = amounts_of_pairs()
    assert len(asked) >= 26  # thirteen networks, trained on two kinds of digits
    assert kept == {shown: set(amounts) for shown, amounts in asked.items()}


@pytest.mark.slow
def test_the_table_is_of_the_weights_that_are_shipped():
    for row in read():
        assert row.checkpoint == read_card(row.network, folder=folder_of(row.trained_on)).sha256[:12], row.network
        assert len(row.errors) == NUM_DIGITS


@needs_mnist
@pytest.mark.parametrize("shown", networks(), ids=lambda shown: f"{shown.key}, {shown.trained_on}")
def test_it_is_what_measure_gives(shown):
    start, stop = 37, 39
    digits = rescale(load_mnist("test").images[start:stop].float() / 255, 0.7)
    fresh, kept = measure(shown.load(), digits, AMOUNTS, costs=False), kept_report(shown, AMOUNTS, start, stop)
    assert kept is not None
    for field in fields(kept):
        found, expected = getattr(kept, field.name), getattr(fresh, field.name)
        if field.name == "per_image":
            np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-6)
        elif field.name != "image_cost_per_image":  # is not asked for
            np.testing.assert_array_equal(found, expected, err_msg=field.name)


@pytest.mark.slow
def test_what_is_not_kept_is_left_to_be_measured(monkeypatch):
    assert kept_report(ANY, AMOUNTS, 0, NUM_DIGITS) is not None
    assert kept_report(ANY, AMOUNTS, 0, NUM_DIGITS + 1) is None
    assert kept_report(ANY, (0.5, 0.51), 0, 8) is None
    assert kept_report(Shown(ANY.key, ScaleSet((1.0, 2.0))), AMOUNTS, 0, 8) is None
    assert kept_report(Shown("cnn"), AMOUNTS, 0, 8) is None
    assert not MODELS[ANY.key].control
    monkeypatch.setattr(kept_errors, "_checkpoint", lambda shown: "0" * 12)
    assert kept_report(ANY, AMOUNTS, 0, NUM_DIGITS) is None


@pytest.mark.parametrize("text", [None, "network\n", "\xff"])
def test_a_table_that_is_not_there_or_is_damaged_is_measured_again(text, tmp_path, monkeypatch):
    if text is not None:
        (tmp_path / kept_errors.NAME).write_bytes(text.encode("latin1"))
    monkeypatch.setattr(kept_errors, "read", lambda: read(tmp_path / kept_errors.NAME))
    kept_errors._by_network.cache_clear()
    try:
        assert kept_report(ANY, AMOUNTS, 0, 8) is None
    finally:
        monkeypatch.undo()
        kept_errors._by_network.cache_clear()


@needs_mnist
def test_rows_are_written_and_read_as_they_were_measured():
    rows = kept_errors.measured(ANY, AMOUNTS, num_digits=3)
    text = codec.to_text(KeptErrors, rows)
    assert codec.parse(KeptErrors, text.encode(), "rows") == rows
    stored = {
        (row.layer, row.amount): row.errors[:3]
        for row in read()
        if row.network == ANY.key and row.trained_on == ANY.trained_on
    }
    for row in rows:
        assert row.errors == pytest.approx(stored[row.layer, row.amount], rel=2e-4)
