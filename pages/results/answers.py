"""What the start page shows: a network's answer to T x, put back to the size of x, at every amount of a transform."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from core.equivariance import Sweep, undone
from core.figures import Plane, Stack, stack, symmetric_range
from core.freed_memory import giving_back
from core.models import FeatureMap, Shown
from pages.hosting.aside import while_wanted
from pages.results.stacks import WINDOW, Kept, Numbers, image_planes, layer_numbers, swept_picture
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
    swept = swept_picture(shown, digit, resampler, amounts, transform, layer, Kept(layer, few=0))
    numbers = layer_numbers(shown, digit, swept, layer)
    before = swept.before[layer]
    place = _place(swept, layer)
    channel = _strongest(before, place)
    frames = [_plane(found, place) for found in undone(swept, layer, channel, window=WINDOW)]
    images = image_planes(swept.window(WINDOW).images)
    answers = Plane(tuple(frames), symmetric_range(*frames), before.stride, before.centre)
    name = before.place_names[place] if before.group != "plane" else ""
    places = (0, *range(2, 1 + len(images)))
    return Answers(stack([images[0], answers, *images[1:]]), numbers, name, channel, places)


def _place(swept: Sweep, layer: str) -> int:
    """Known at most amounts; the last of several such places."""
    if swept.before[layer].group == "plane":
        return 0
    known = [~found.values[0, 0].isnan().any(-1).any(-1) for found in undone(swept, layer, 0)]
    often = torch.stack(known).sum(0)
    return int((often == often.max()).nonzero()[-1])


def _strongest(before: FeatureMap, place: int) -> int:
    values = before.values[0] if before.group == "plane" else before.values[0, :, place]
    return int(values.flatten(1).square().sum(1).argmax())


def _plane(found: FeatureMap, place: int) -> np.ndarray:
    values = found.values[0, 0]
    return (values if found.group == "plane" else values[place]).numpy()
