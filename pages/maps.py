"""Page: what does each scale see? Every layer's feature maps, and the kernels at every internal scale."""

import streamlit as st

from components.stack_viewer import Maps, Row
from core.checkpoints import CheckpointError
from core.files import ASSETS
from core.models import Shown
from pages import PAGES
from pages.hosting.server import enter_through_app
from pages.panels import pictures
from pages.panels.following import follow
from pages.panels.kernels import show_kernels
from pages.panels.layer import layer_part, opened_map
from pages.panels.square import legend
from pages.panels.text import explain, say
from pages.results.kernels import kernel_stack
from pages.results.networks import kernels
from pages.results.stacks import FewMaps, LayerStack, layer_stack
from pages.state.links import page_parameters
from pages.state.session import current_view


def few_panel(few: FewMaps, stack: str) -> Maps:
    """A few channels of one layer."""
    h, w = few.sizes
    text = f"{len(few.planes)} channels of {h}×{w}" + (f", {few.place}" if few.place else "")
    return Maps(
        f"few-{few.layer}", few.layer, text, stack, few.planes, columns=8, width=280, receptive=few.field
    )  # fmt: skip


def heading(layer: str, shown: Shown, found: LayerStack) -> str:
    """What the row of maps shows."""
    h, w = found.sizes
    return f"{layer} of {shown.title}: {found.num_channels} channels of {h}×{w}"


enter_through_app(__file__)
view = current_view()
st.title("What does each scale see?")
pictures.style()
st.html(ASSETS / "style" / "commute.css")
explain("maps")
try:
    filters = kernels(view.shown())
    kernel_pictures = kernel_stack(view.shown(), view.layer)
    found = layer_stack(view.shown(), view.digit, view.resampler, view.layer, view.colour_range, view.amounts, view.key)
except (CheckpointError, ValueError) as error:
    st.error(str(error))
    st.stop()

opened = opened_map(found.num_channels, len(found.names))
page_parameters([opened])
rows = [
    Row([layer_part(found, kernel_pictures, view)], heading(view.layer, view.shown(), found)),
    Row(
        [few_panel(few, found.stack.name) for few in found.overview],
        "All layers: their first eight channels, over scales at the middle one",
        folded=True,
    ),
]
stacks = [found.stack, *([kernel_pictures.stack] if kernel_pictures else [])]
follow(view, rows, stacks, {view.shown(): found.numbers}, opened=opened)
legend(view, {view.shown(): found.limits})
if view.layer in filters:
    with st.expander("All kernels of this layer"):
        say(
            "Of the first input channel, for every output channel. One row of weights makes all sizes: from left to "
            "right the same filters at a larger internal scale. Each panel has its own range of colours."
            if len(filters[view.layer]) > 1
            else "Of the first input channel, for every output channel. There is one size only."
        )
        show_kernels(view, filters[view.layer], found.names)
if view.shown().key == "dss":
    results = next(page for page in PAGES if page.url_path == "results")
    st.page_link(
        results.file, label="A scale correlation with interaction, level by level", icon=":material/layers:",
        query_params={"open_deep": "1"},
    )  # fmt: skip
