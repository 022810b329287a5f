"""What is said of a layer at every amount of a transform, beside its maps."""

from dataclasses import dataclass

import streamlit as st

from core.equivariance import LayerSweep, Sweep, readings
from core.models import MODELS, Shown
from pages.results.networks import network
from pages.state.view import Digit


@dataclass(frozen=True)
class Reading:
    """What a network takes an image for. Attributes: probabilities: of the ten digits (softmax)."""

    probabilities: tuple[float, ...]

    @property
    def digit(self) -> int:
        return self.probabilities.index(self.probability)

    @property
    def probability(self) -> float:
        """Of the digit that it takes the image for."""
        return max(self.probabilities)


@dataclass(frozen=True)
class Numbers:
    """What is said of a layer at every amount; computed with its maps, so that no move runs a network.

    Attributes:
        layer: its name.
        errors: relative L2 error of the layer at each amount.
        costs, image_costs: what resampling costs the map, and the image, there and back, in the same unit.
        read: what the network takes x for. readings: and T x at each amount. None for a network that reads no digits.
        not_reading: why it reads none, to follow its name.
    """

    layer: str
    errors: tuple[float, ...]
    costs: tuple[float, ...]
    image_costs: tuple[float, ...]
    read: Reading | None
    readings: tuple[Reading, ...] | None
    not_reading: str = ""


def compared_layer(swept: Sweep) -> LayerSweep:
    """What is shown of the layer that was compared on the way: the middle of a wide canvas, or the picture itself.

    Raises: ValueError if none was.
    """
    found = swept.compared
    if found is None:
        raise ValueError("no layer was compared")
    return found if swept.mirror is None else found.on_picture(swept.mirror, found.layer)


def compared_numbers(shown: Shown, digit: Digit, swept: Sweep) -> Numbers:
    """What is said of it at every amount. Raises: as `compared_layer`."""
    read, answers, spec, found = None, None, MODELS[shown.key], compared_layer(swept)
    if spec.reads_digits:
        read, *more = digits_read(shown, digit, swept.resampler, swept.amounts, swept.transform, swept)
        answers = tuple(more)
    return Numbers(found.layer, found.errors, found.costs, swept.image_costs, read, answers, spec.not_reading)


@st.cache_resource(max_entries=256, show_spinner=False)
def digits_read(
    shown: Shown, digit: Digit, resampler: str, amounts: tuple[float, ...], transform: str, _swept: Sweep
) -> tuple[Reading, ...]:
    """What a network takes x for, and T x at every amount; the same for every layer that is shown.

    Args: _swept: what is read. It is no part of what the readings are kept by, since all the others say which it is.
    """
    return tuple(Reading(tuple(each)) for each in readings(network(shown), _swept).tolist())
