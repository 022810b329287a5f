"""The kernels of a layer as a stack of pictures that the viewer draws."""

from dataclasses import dataclass

import streamlit as st

from core.figures import Plane, Stack, stack, symmetric_range
from core.models import Shown
from pages.results.networks import kernels


@dataclass(frozen=True)
class KernelStack:
    """The first input channel's kernels of a layer, each with colours of its own range about 0.

    Attributes:
        stack: size by size, and of each size channel by channel. sides: in pixels of the layer's input, one for each
            internal scale, or a single one. num_channels: of the layer.
    """

    stack: Stack
    sides: tuple[int, ...]
    num_channels: int

    def planes(self, size: int) -> list[int]:
        return list(range(size * self.num_channels, (size + 1) * self.num_channels))


@st.cache_resource(max_entries=64, show_spinner=False)
def kernel_stack(shown: Shown, layer: str) -> KernelStack | None:
    """None for a layer without kernels. Raises: CheckpointError, ValueError."""
    found = kernels(shown).get(layer)
    if not found:
        return None
    pictures = [each.numpy() for size in found for each in size[:, 0]]
    planes = [Plane((picture,), symmetric_range(picture)) for picture in pictures]
    return KernelStack(stack(planes), tuple(size.shape[-1] for size in found), len(found[0]))
