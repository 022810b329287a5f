"""Pretrained networks, and what follows from one alone; all visitors share them, in eval mode and never changed.

Keys of these caches, as of all in this folder, are names and numbers, never modules or tensors.
"""

import streamlit as st
import torch

from core.checkpoints import CheckpointError
from core.models import MODELS, Features, Network, Shown, build
from core.scales import ScaleSet
from core.transforms import TRANSFORMS

# More threads make single images no faster, and several visitors slower.
torch.set_num_threads(1)


@st.cache_resource(max_entries=64, show_spinner=False)
def network(shown: Shown) -> Network:
    """Raises: CheckpointError, ValueError."""
    return shown.load()


def internal_scales(shown: Shown) -> ScaleSet | None:
    """In pixels of a map's own grid; none if a network has none or no weights that can be read."""
    try:
        return getattr(network(shown), "internal_scales", None)
    except (CheckpointError, ValueError):
        return None


@st.cache_data(show_spinner=False)
def layer_names(key: str) -> list[str]:
    """The layers of a network, in order; they do not depend on its weights or scales."""
    return list(build(key).eval().features(_blank(key)))


@st.cache_resource(max_entries=64, show_spinner=False)
def blank_maps(shown: Shown) -> Features:
    """The maps of a blank image, for what every map declares of itself. Raises: CheckpointError, ValueError."""
    found = network(shown)  # made outside inference mode, whose tensors no gradient passes
    with torch.inference_mode():
        return found.features(_blank(shown.key))


def steps(shown: Shown, transform: str) -> tuple[float, ...]:
    """The amounts that T' moves by whole places of the network's maps; none if it has no weights that can be read."""
    try:
        return TRANSFORMS[transform].steps(blank_maps(shown))
    except (CheckpointError, ValueError):
        return ()


def _blank(key: str) -> torch.Tensor:
    return torch.zeros(1, 1, MODELS[key].canvas, MODELS[key].canvas)


@st.cache_resource(max_entries=64, show_spinner=False)
def kernels(shown: Shown) -> dict[str, list[torch.Tensor]]:
    """The first input channel's kernels of every convolution at each internal scale."""
    found = network(shown)
    with torch.inference_mode():
        return found.kernels(slice(0, 1))
