"""What was found of a network: five checks, the error of every layer, and what could not be placed."""

from functools import partial

import streamlit as st
from jaxtyping import Float
from torch import Tensor

from core.data.colour_photographs import colour_photographs
from core.equivariance import budget_to_csv, to_csv
from core.equivariance.edge import mirrored
from core.figures import data_uri, plot_budget, plot_error_curves, plot_error_heatmap, png_bytes, strip
from core.foreign import Check, Findings, expected
from core.models.feature_map import middle
from core.resampling import rescale, resize
from core.sentences import describe_error, explain_budget, explain_curves, explain_heatmap
from pages.foreign.choose import Brought, asked
from pages.panels.charts import Drawn, show_chart
from pages.panels.text import note, say

_SHOWN_SIDE = 96  # pixels
_PHOTOGRAPHS = "An astronaut, a cat, a cup of coffee and a rocket"
_SIGNS = {True: ":material/check_circle:", False: ":material/error:", None: ":material/help:"}


def show_checks(checks: tuple[Check, ...]) -> None:
    """One line each."""
    for check in checks:
        say(f"{_SIGNS[check.passed]} **{check.name}.** {check.said}", place=check.name)


def show_errors(brought: Brought, found: Findings) -> None:
    """Every layer at every scale factor."""
    report = found.report
    rests_on = (brought.name, hash(brought.content), report.amounts, report.layers, report.error.tobytes())

    def heatmap() -> Drawn:
        return plot_error_heatmap(report), describe_error(report, brought.name), explain_heatmap(report, brought.name)

    heading = f"Equivariance error of every layer of {brought.name}"
    show_chart("yours_heatmap", rests_on, heatmap, heading, _rests_on(brought, found), partial(to_csv, report))
    for sentence in found.notes:
        note(sentence)
    for sentence in report.warnings:
        note(f"{sentence[0].upper()}{sentence[1:]}.")


def show_pictures(brought: Brought, found: Findings) -> None:
    """The photographs that were measured, in their colours, and what lies beyond their edge; of digits nothing."""
    if asked(brought).source == "digits":
        return
    own = brought.pictures
    images = colour_photographs(_SHOWN_SIDE).images if own is None else resize(own.images, (_SHOWN_SIDE, _SHOWN_SIDE))
    shown = _PHOTOGRAPHS if own is None else "Your pictures"
    s = min(found.report.amounts)
    for row, told in ((images, shown), (_scaled(images, s, found.report.edge), f"{shown}, scaled to s = {s:g}")):
        uri = data_uri(png_bytes(strip(row.numpy())))
        st.html(f'<img src="{uri}" alt="{told}" style="max-width:100%">')
    note(f"x, and T x at s = {s:g}.")
    if own is not None:
        note(own.note)
    report = found.report
    if report.edge == "mirrored":
        note(f"Beyond its edge each goes on as its reflection, to {report.side} pixels; nothing of a map is masked.")
    else:
        least = 100 * float(report.known.min())
        note(f"What lies beyond their edge is not known: of a map at least {least:.0f} % is compared.")


def _scaled(images: Float[Tensor, "n c h w"], s: float, edge: str) -> Float[Tensor, "n c h w"]:
    """T x as it is measured: with black, or with its reflection, beyond the edge."""
    if edge != "mirrored":
        return rescale(images, s)
    side = images.shape[-1]
    return middle(rescale(mirrored(images, side), s), side)


def show_curve(brought: Brought, found: Findings) -> None:
    """Of one layer, with its spread and the cost of resampling."""
    report = found.report
    read = report.classifier_map or report.layers[-1]
    layer = st.selectbox("Layer", report.layers, index=report.layers.index(read), key="yours_layer")
    named, layers = {brought.name: report}, {brought.name: layer}

    def curves() -> Drawn:
        return plot_error_curves(named, layers), describe_error(report, brought.name), explain_curves(named, layers)

    rests_on = (brought.name, layer, report.amounts, report.error.tobytes())
    heading = f"Equivariance error of {layer} of {brought.name}"
    show_chart("yours_curves", rests_on, curves, heading, _rests_on(brought, found), partial(to_csv, report))


def show_budget(brought: Brought, found: Findings) -> None:
    """What makes the error of every layer at one scale factor."""
    parts = found.budget
    if parts is None:
        note("A budget is measured of digits alone: beyond the edge of a photograph is no background.")
        return
    layer = found.report.classifier_map or parts.layers[-1]

    def drawn() -> Drawn:
        said = explain_budget(parts, layer, brought.name)
        return plot_budget(parts), said, said

    rests_on = (brought.name, layer, parts.layers, parts.scale_factor, parts.per_image.tobytes())
    heading = f"Where the error of {brought.name} comes from, at s = {parts.scale_factor:g}"
    title = f"{brought.name} · {parts.per_image.shape[2]} vector digits · {parts.resampler}"
    show_chart("yours_budget", rests_on, drawn, heading, title, partial(budget_to_csv, parts))
    if not parts.applies[1:].any():
        note("Nothing that can be taken away makes a part of it: no border, no axis of scales. All of it remains.")


def show_left_out(found: Findings) -> None:
    """Layers without a place on the image, with the reason."""
    if not found.left_out:
        note("Every layer has its place on the image.")
    for layer, reason in found.left_out.items():
        note(f"`{layer}`: {reason}.")
    if not found.operators:
        return
    counted = ", ".join(f"{count} {name}" for name, count in found.operators.items())
    note(f"Operations in the file: {counted}.")


def show_expected(key: str, size: str) -> None:
    """What a file of weights must hold. Raises: ValueError."""
    tensors = expected(key, size)
    st.table({
        "Name": [f"`{name}`" for name in tensors],
        "Shape": ["×".join(map(str, each.shape)) or "1 (no axes)" for each in tensors.values()],
        "Type": [str(each.dtype).removeprefix("torch.") for each in tensors.values()],
    })  # fmt: skip


def _rests_on(brought: Brought, found: Findings) -> str:
    report = found.report
    is_mirrored = report.edge == "mirrored"
    side = found.canvas if is_mirrored else report.side or found.canvas
    shown = f"{report.num_images} {_kind(brought)} on {side} px"
    edge = f", mirrored to {report.side} px" if is_mirrored else ""
    return f"{brought.name} · {shown}{edge} · {report.resampler}"


def _kind(brought: Brought) -> str:
    source = asked(brought).source
    if brought.pictures is not None:
        return f"own picture{'s' * (len(brought.pictures.images) != 1)}"
    return "vector digits" if source == "digits" else source
