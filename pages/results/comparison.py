"""Two networks on the same digits: differences with their intervals, and the digits that they read differently."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from jaxtyping import Float

from core.cost import Price, TimeComparison, compare_networks_ms, price_of
from core.data.sources import SOURCES
from core.equivariance import Pictures, readings_of_many
from core.freed_memory import giving_back
from core.models import Shown
from pages.results.equivariance import Sample, digits_of
from pages.results.networks import network

_TURNS = 20  # of a timing: after them the medians are good to some 5 %


@dataclass(frozen=True)
class Disagreement:
    """A digit that two networks read differently.

    Attributes:
        place: in the sample. name: of the digit in its source. amount: of the transform at which they differ.
        label: which digit it is. first, second: what A and B take it for, with their probabilities.
    """

    place: int
    name: str
    amount: float
    label: int
    first: tuple[int, float]
    second: tuple[int, float]


@st.cache_data(max_entries=256, show_spinner=False)
@giving_back
def read_digits(shown: Shown, sample: Sample, count: int) -> Float[np.ndarray, "amount n digit"]:
    """The probabilities of the digits for T x, of the first digits of a sample. Raises: CheckpointError, ValueError."""
    digits = digits_of(shown, sample, 0, count)
    return readings_of_many(network(shown), digits, sample.amounts, sample.resampler, sample.transform).numpy()


def disagreements(first: Shown, second: Shown, sample: Sample, count: int) -> list[Disagreement]:
    """Digits that A and B read differently, one amount of each: where they are surest of it; the surest first."""
    one, other = (read_digits(each, sample, count) for each in (first, second))
    differs = one.argmax(2) != other.argmax(2)
    sure = np.where(differs, np.minimum(one.max(2), other.max(2)), 0.0)  # (amount, n)
    places = [int(place) for place in np.argsort(-sure.max(0), kind="stable") if differs[:, place].any()]
    return [_disagreement(sample, place, int(sure[:, place].argmax()), one, other) for place in places]


def _disagreement(sample: Sample, place: int, k: int, one: np.ndarray, other: np.ndarray) -> Disagreement:
    source = SOURCES[sample.source]
    name = source.name_at(place)
    reads = [(int(each[k, place].argmax()), float(each[k, place].max())) for each in (one, other)]
    return Disagreement(place, name, sample.amounts[k], source.label_of(name), reads[0], reads[1])


def pictures_of(sample: Sample, found: list[Disagreement]) -> list[Float[np.ndarray, "1 h w"]]:
    """T x of each of them on the canvas of the digit."""
    moved = []
    for each in found:
        shown = Shown("identity")
        seen = Pictures(network(shown), digits_of(shown, sample, each.place, each.place + 1), sample.resampler,
                        transform=sample.transform, canvas="image")  # fmt: skip
        moved.append(seen.at(each.amount)[0].numpy())
    return moved


@st.cache_data(max_entries=256, show_spinner=False)
def price(shown: Shown) -> Price:
    """Parameters and multiply-adds. Raises: ValueError."""
    return price_of(shown.key) if shown.scales is None else price_of(shown.key, internal_scales=shown.scales)


def time_both(first: Shown, second: Shown) -> TimeComparison:
    """Both networks timed in turn, now, on the machine of this server. Raises: CheckpointError, ValueError."""
    return compare_networks_ms(network(first), network(second), _TURNS)
