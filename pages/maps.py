"""Page: what does each scale see? Every layer's feature maps, and the kernels at every internal scale."""

import streamlit as st

from components.stack_viewer import Maps, Row, show_viewer
from core.checkpoints import CheckpointError
from core.models import MODELS, Features
from pages.shared import cached, viewer
from pages.shared.controls import choose_factor, current_view
from pages.shared.server import enter_through_app
from pages.shared.square import handle_of, legend, numbers
from pages.shared.stacks import LayerStack, layer_stack
from pages.shared.text import explain


def layer_panels(found: LayerStack, layer: str) -> list[Maps]:
    """All channels of one layer; over scales, one panel for each internal scale."""
    h, w = found.sizes
    size = f"{found.num_channels} channels of {h}×{w} at s = 1"
    return [
        Maps(
            f"{layer}-{place}", name or layer, size, found.stack.name, found.planes(place), columns=4, width=236,
            receptive=found.fields[place],
        )
        for place, name in enumerate(found.names)
    ]  # fmt: skip


def overview(features: Features, colour_range: str) -> str:
    """A few channels of every layer, in order."""
    panels = []
    for name, feature_map in features.items():
        values = feature_map.values[0].double().numpy()
        level = None if feature_map.group == "plane" else values.shape[1] // 2
        limits = viewer.limits_of(colour_range, [feature_map], [features])
        shown = (values if level is None else values[:, level])[:8]
        panels.append(viewer.map_panel(shown, name, feature_map, level, colour_range, limits, width=280, columns=8))
    return viewer.row(panels)


enter_through_app(__file__)
view = current_view()
st.title("What does each scale see?")
explain("maps")
viewer.style()
try:
    features = cached.features(view.network, view.settings, view.digit, view.scale_factor, view.resampler)
    kernels = cached.kernels(view.network, view.settings)
    found = layer_stack(
        view.network, view.settings, view.digit, view.resampler, view.layer, view.colour_range, view.factors
    )
except (CheckpointError, ValueError) as error:
    st.error(str(error))
    st.stop()

shown = features[view.layer]
st.header(f"{view.layer} of {MODELS[view.network].title}")
picture = Maps("tx", "T x", f"{view.digit.title}, scaled", found.stack.name, [0], cmap="viridis", image=True)
show_viewer(handle_of(view), [Row([picture]), Row(layer_panels(found, view.layer))], [found.stack], choose_factor)
legend(view, {view.network: found.limits})
st.html(numbers(view, [view.network]))
if view.layer in kernels:
    st.header("Its kernels")
    st.markdown(
        "The first input channel's kernels of all output channels. One row of weights makes all of a network's "
        "scales: from left to right the same filters, sampled at a larger internal scale. Each panel has its own range "
        "of colours, since a wider kernel is a flatter one."
        if len(kernels[view.layer]) > 1
        else "The first input channel's kernels of all output channels. There is one size only."
    )
    viewer.show(viewer.kernel_row(kernels[view.layer], shown))
st.header("All layers")
st.markdown("The first eight channels of every layer, over scales at the middle one.")
viewer.show(overview(features, view.colour_range))
