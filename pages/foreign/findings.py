"""What was found of a network: five checks, the error of every layer, and what could not be placed."""

from functools import partial

import streamlit as st

from core.data.colour_photographs import colour_photographs
from core.equivariance import to_csv
from core.figures import data_uri, plot_error_curves, plot_error_heatmap, png_bytes, strip
from core.foreign import Check, Findings
from core.sentences import describe_error, explain_curves, explain_heatmap
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
    for sentence in report.warnings:
        note(f"{sentence[0].upper()}{sentence[1:]}.")


def show_pictures(found: Findings) -> None:
    """The photographs that were measured, in their colours, and what lies beyond their edge; of digits nothing."""
    if asked().source == "digits":
        return
    row = strip(colour_photographs(_SHOWN_SIDE).images.numpy())
    st.html(f'<img src="{data_uri(png_bytes(row))}" alt="{_PHOTOGRAPHS}" style="max-width:100%">')
    report = found.report
    if report.edge == "mirrored":
        note(f"Beyond its edge each goes on as its reflection, to {report.side} pixels; nothing of a map is masked.")
    else:
        least = 100 * float(report.known.min())
        note(f"What lies beyond their edge is not known: of a map at least {least:.0f} % is compared.")


def show_curve(brought: Brought, found: Findings) -> None:
    """Of one layer, with its spread and the cost of resampling."""
    report = found.report
    layer = st.selectbox("Layer", report.layers, index=len(report.layers) - 1, key="yours_layer")
    named, layers = {brought.name: report}, {brought.name: layer}

    def curves() -> Drawn:
        return plot_error_curves(named, layers), describe_error(report, brought.name), explain_curves(named, layers)

    rests_on = (brought.name, layer, report.amounts, report.error.tobytes())
    heading = f"Equivariance error of {layer} of {brought.name}"
    show_chart("yours_curves", rests_on, curves, heading, _rests_on(brought, found), partial(to_csv, report))


def show_left_out(found: Findings) -> None:
    """Layers without a place on the image, with the reason."""
    if not found.left_out:
        note("Every layer has its place on the image.")
    for layer, reason in found.left_out.items():
        note(f"`{layer}`: {reason}.")
    counted = ", ".join(f"{count} {name}" for name, count in found.operators.items())
    note(f"Operations in the file: {counted}.")


def _rests_on(brought: Brought, found: Findings) -> str:
    report = found.report
    shown = f"{report.num_images} {_kind(asked().source)} on {found.canvas} px"
    edge = f", mirrored to {report.side} px" if report.edge == "mirrored" else ""
    return f"{brought.name} · {shown}{edge} · {report.resampler}"


def _kind(source: str) -> str:
    return "vector digits" if source == "digits" else source
