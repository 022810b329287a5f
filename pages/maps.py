"""Page: what does each scale see? Every layer's feature maps, and the kernels at every internal scale."""

import streamlit as st

from components.stack_viewer import Maps, Row
from core.checkpoints import CheckpointError
from core.models import MODELS
from pages.hosting.server import enter_through_app
from pages.panels import pictures
from pages.panels.following import follow
from pages.panels.kernels import show_kernels
from pages.panels.square import legend
from pages.panels.text import explain
from pages.results.networks import kernels
from pages.results.stacks import FewMaps, LayerStack, layer_stack
from pages.state.session import current_view


def layer_panels(found: LayerStack, layer: str) -> list[Maps]:
    """All channels of one layer; over scales, one panel for each internal scale."""
    h, w = found.sizes
    size = f"{found.num_channels} channels of {h}×{w} of x"
    return [
        Maps(
            f"{layer}-{place}", name or layer, size, found.stack.name, found.planes(place), columns=4, width=236,
            receptive=found.fields[place],
        )
        for place, name in enumerate(found.names)
    ]  # fmt: skip


def few_panel(few: FewMaps, stack: str) -> Maps:
    """A few channels of one layer."""
    h, w = few.sizes
    text = f"{len(few.planes)} channels of {h}×{w}" + (f", {few.place}" if few.place else "")
    return Maps(
        f"few-{few.layer}", few.layer, text, stack, few.planes, columns=8, width=280, receptive=few.field
    )  # fmt: skip


enter_through_app(__file__)
view = current_view()
st.title("What does each scale see?")
explain("maps")
pictures.style()
try:
    filters = kernels(view.network, view.scales)
    found = layer_stack(
        view.network, view.scales, view.digit, view.resampler, view.layer, view.colour_range, view.amounts, view.key
    )
except (CheckpointError, ValueError) as error:
    st.error(str(error))
    st.stop()

st.header(f"{view.layer} of {MODELS[view.network].title}")
picture = Maps(
    "tx", "T x", f"{view.digit.title}, {view.transform.done}", found.stack.name, [0], cmap="viridis", image=True
)
rows = [
    Row([picture]),
    Row(layer_panels(found, view.layer)),
    Row([few_panel(few, found.stack.name) for few in found.overview], "All layers"),
]
follow(view, rows, [found.stack], {view.network: found.numbers})
st.caption("All layers: the first eight channels of every layer, over scales at the middle one.")
legend(view, {view.network: found.limits})
if view.layer in filters:
    st.header("Its kernels")
    st.markdown(
        "The first input channel's kernels of all output channels. One row of weights makes all of a network's "
        "scales: from left to right the same filters, sampled at a larger internal scale. Each panel has its own range "
        "of colours, since a wider kernel is a flatter one."
        if len(filters[view.layer]) > 1
        else "The first input channel's kernels of all output channels. There is one size only."
    )
    show_kernels(view, filters[view.layer], found.names)
