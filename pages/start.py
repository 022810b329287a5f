"""Page: what is this about? The commuting square of a plain CNN beside that of the chosen network."""

import streamlit as st

from core.checkpoints import CheckpointError
from core.equivariance import commuting_square, map_resampler
from core.models import MODELS
from core.resampling import resampling_floor
from pages.shared import cached, viewer
from pages.shared.controls import current_view
from pages.shared.server import enter_through_app
from pages.shared.text import explain
from pages.shared.view import View


def network_row(view: View, key: str) -> str:
    """Both ways through one network, with the error."""
    settings = view.settings if key == view.network else ()
    layers = cached.layer_names(key)
    layer = view.layer if view.layer in layers else layers[len(layers) // 2]
    before = cached.features(key, settings, view.digit, 1.0, "bicubic")
    after = cached.features(key, settings, view.digit, view.scale_factor, view.resampler)
    square = commuting_square(before[layer], after[layer], view.scale_factor, map_resampler(view.resampler))
    limits = viewer.limits_of(view.colour_range, [square.before, square.moved, square.after], [before, after])
    figure = viewer.number(viewer.percent(square.error), f"equivariance error of {layer}: the relative L2 difference")
    panels = viewer.square_panels(square, view.colour_range, limits, view.scale_factor)
    heading = viewer.heading(MODELS[key].title, readings(view, key, settings))
    return heading + viewer.row([*panels, figure]) + viewer.legend(view.colour_range, limits)


def readings(view: View, key: str, settings: cached.Settings) -> str:
    """What a trained network takes x and T x for."""
    if MODELS[key].control:
        return "not trained, so it reads no digits"
    digit, share = cached.reading(key, settings, view.digit, 1.0, "bicubic")
    scaled, scaled_share = cached.reading(key, settings, view.digit, view.scale_factor, view.resampler)
    return f"reads x as {digit} ({share:.0%}) and T x as {scaled} ({scaled_share:.0%})"


enter_through_app(__file__)
view = current_view()
st.title("Does a network see the same digit at another size?")
explain("start")
viewer.style()
x = cached.digit_image(view.digit)
tx = cached.scaled_digit(view.digit, view.scale_factor, view.resampler)
floor = 0.0 if view.resampler == "exact" else float(resampling_floor(x, view.scale_factor, view.resampler)[0])
rows = [
    viewer.row(
        [
            viewer.image_panel(x[0, 0].numpy(), "<b>x</b><br>the image", f"x, {view.digit.title}"),
            viewer.image_panel(
                tx[0, 0].numpy(), f"<b>T x</b><br>scaled by {view.scale_factor:.2f}", "T x, the scaled image"
            ),
            viewer.number(viewer.percent(floor), "floor: what scaling there and back costs the image itself"),
        ]
    )
]
for key in (view.network, "sesn_vector" if view.network == "cnn" else "cnn"):
    try:
        rows.append(network_row(view, key))
    except CheckpointError as error:
        st.warning(str(error))
viewer.show(*rows)
st.header("Go on")
for column, (path, label, text) in zip(
    st.columns(3),
    (
        ("pages/maps.py", "Feature maps", "What does each scale see?"),
        ("pages/errors.py", "Errors", "Which layer breaks equivariance?"),
        ("pages/scales.py", "Internal scales", "Which internal scales suit my data?"),
    ),
    strict=True,
):
    with column:
        st.page_link(path, label=f"**{label}** — {text}", icon=":material/arrow_forward:")
