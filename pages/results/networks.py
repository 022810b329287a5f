"""Pretrained networks, and what follows from one alone; all visitors share them, in eval mode and never changed.

Keys of these caches, as of all in this folder, are names and numbers, never modules or tensors.
"""

import streamlit as st
import torch

from core.checkpoints import CheckpointError
from core.models import Features, Network, build, load
from core.scales import ScaleSet
from core.transforms import TRANSFORMS

# More threads make single images no faster, and several visitors slower.
torch.set_num_threads(1)


@st.cache_resource(max_entries=64, show_spinner=False)
def network(key: str, scales: ScaleSet | None = None) -> Network:
    """A pretrained network on its own or on chosen internal scales. Raises: CheckpointError, ValueError."""
    return load(key) if scales is None else load(key, internal_scales=scales)


def internal_scales(key: str, scales: ScaleSet | None = None) -> ScaleSet | None:
    """In pixels of a map's own grid; none if a network has none or no weights that can be read."""
    try:
        return getattr(network(key, scales), "internal_scales", None)
    except (CheckpointError, ValueError):
        return None


@st.cache_data(show_spinner=False)
def layer_names(key: str) -> list[str]:
    """The layers of a network, in order; they do not depend on its weights or scales."""
    return list(build(key).eval().features(torch.zeros(1, 1, 28, 28)))


@st.cache_resource(max_entries=64, show_spinner=False)
def blank_maps(key: str, scales: ScaleSet | None = None) -> Features:
    """The maps of a blank image, for what every map declares of itself. Raises: CheckpointError, ValueError."""
    shown = network(key, scales)  # made outside inference mode, whose tensors no gradient passes
    with torch.inference_mode():
        return shown.features(torch.zeros(1, 1, 28, 28))


def steps(key: str, scales: ScaleSet | None, transform: str) -> tuple[float, ...]:
    """The amounts that T' moves by whole places of the network's maps; none if it has no weights that can be read."""
    try:
        return TRANSFORMS[transform].steps(blank_maps(key, scales))
    except (CheckpointError, ValueError):
        return ()


@st.cache_resource(max_entries=64, show_spinner=False)
def kernels(key: str, scales: ScaleSet | None) -> dict[str, list[torch.Tensor]]:
    """The first input channel's kernels of every convolution at each internal scale."""
    shown = network(key, scales)
    with torch.inference_mode():
        return shown.kernels(slice(0, 1))
