"""What the start page shows: a network's answer to T x, put back to the size of x, at every amount of a transform."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
import torch

from core.equivariance import Sweep, undone
from core.figures import Plane, Stack, stack, symmetric_range
from core.freed_memory import giving_back
from core.models import FeatureMap, Features, Shown
from pages.hosting.aside import while_wanted
from pages.results.numbers import Numbers, compared_numbers
from pages.results.stacks import WINDOW, image_planes, swept_picture
from pages.state.view import Digit


@dataclass(frozen=True)
class Answers:
    """One channel of one layer.

    Attributes:
        stack: plane 0 is T x, plane 1 T'⁻¹Φ(T x); NaN where that is not known.
        numbers: of the whole layer at every amount. place: on the third axis of Φ(x), as a name; empty on a plane.
        channel: counted from 0. tx: the planes of T x, one, or red, green and blue.
    """

    stack: Stack
    numbers: Numbers
    place: str
    channel: int
    tx: tuple[int, ...] = (0,)


# All visitors share what is kept here, and nobody changes it.
@st.cache_resource(max_entries=48, show_spinner=False)
@giving_back
@while_wanted()
def answers_put_back(
    shown: Shown, digit: Digit, resampler: str, layer: str, amounts: tuple[float, ...], transform: str
) -> Answers:
    """For the place of the third axis that is known at most amounts, the largest scale of several, which pixels sample
    best, and the channel that answers strongest there.

    Raises: CheckpointError, ValueError.
    """
    kept = _Strongest(layer)
    swept = swept_picture(shown, digit, resampler, amounts, transform, layer, kept, compared=layer)
    numbers = compared_numbers(shown, digit, swept)
    before = swept.before[layer]
    place = _place(swept, layer)
    strongest = _strongest(before, place)
    channel = kept.channels[strongest] if kept.channels else strongest
    frames = [_plane(found, place) for found in undone(swept, layer, strongest, window=WINDOW)]
    images = image_planes(swept.window(WINDOW).images)
    answers = Plane(tuple(frames), symmetric_range(*frames), before.stride, before.centre)
    name = before.place_names[place] if before.group != "plane" else ""
    places = (0, *range(2, 1 + len(images)))
    return Answers(stack([images[0], answers, *images[1:]]), numbers, name, channel, places)


class _Strongest:
    """Keeps of one layer the channels of which Φ(x) is strongest, at one place of the third axis or another.

    Attributes: channels: counted from 0; empty where all are kept.
    """

    def __init__(self, layer: str):
        self._layer = layer
        self.channels: list[int] = []

    def __call__(self, features: Features, window: int | None = None) -> Features:
        found = features[self._layer]
        if not self.channels:  # x comes first
            places = range(1 if found.group == "plane" else found.values.shape[2])
            self.channels = sorted({_strongest(found, place) for place in places})
        return {self._layer: replace(found, values=found.values[:, self.channels])}


def _place(swept: Sweep, layer: str) -> int:
    """Known at most amounts; the last of several such places."""
    if swept.before[layer].group == "plane":
        return 0
    few = swept.window(WINDOW) if swept.mirror is None else swept  # on a wide canvas a place is known or is not
    known = [~found.values[0, 0].isnan().any(-1).any(-1) for found in undone(few, layer, 0)]
    often = torch.stack(known).sum(0)
    return int((often == often.max()).nonzero()[-1])


def _strongest(before: FeatureMap, place: int) -> int:
    values = before.values[0] if before.group == "plane" else before.values[0, :, place]
    return int(values.flatten(1).square().sum(1).argmax())


def _plane(found: FeatureMap, place: int) -> np.ndarray:
    values = found.values[0, 0]
    return (values if found.group == "plane" else values[place]).numpy()
