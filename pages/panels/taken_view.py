"""What is taken away of the viewer: a file that works by itself, its numbers, its maps, and code."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import streamlit as st

from components.stack_viewer import Row, viewer_data
from components.standalone import viewer_file
from core.checkpoints import ALL_SIZES
from core.equivariance import snippet, to_npz
from core.equivariance.exports import as_cell, as_csv
from core.figures import Stack
from core.models import MODELS, Shown, titles
from pages.panels.charts import provenance
from pages.panels.handle import handle_at
from pages.panels.square import colour_pairs
from pages.panels.take_away import File, Taken, interactive, signed, table
from pages.results.equivariance import shown_maps
from pages.results.numbers import Numbers
from pages.state.session import current_amount
from pages.state.view import View

COLUMNS = ("network", "trained_on", "layer", "amount", "error", "cost", "image_cost", "read_as", "probability")


def view_taken(view: View, rows: Sequence[Row], stacks: Sequence[Stack], numbers: Mapping[Shown, Numbers]) -> Taken:
    """The view as its handle stands now. Args: as `pages.panels.following.follow`."""
    view = replace(view, amount=view.transform.nearest(view.amounts, current_amount(view.transform)))
    (shown, first), *_ = numbers.items()
    if shown != view.shown():  # a page may show networks of its own
        view = replace(view, network=shown.key, scales=None, trained_on=shown.trained_on)
    heading, theme = heading_of(numbers), theme_now()
    rests_on = provenance(*numbers, data=tell_digit(view))

    def alone() -> str:
        return viewer_file(viewer_data(handle_at(view, view.amount), rows), stacks, heading, signed(rests_on), theme)

    files = [
        interactive(f"view-{name_of(shown)}", alone),
        table(f"view-{name_of(shown)}", lambda: numbers_to_csv(view.amounts, numbers)),
        maps_file(view),
    ]
    return Taken(heading, rests_on, files, code_of(view, first.layer), colour_pairs())


def theme_now() -> Literal["light", "dark"]:
    """Of the visitor's page."""
    return "dark" if st.context.theme.type == "dark" else "light"


def maps_file(view: View) -> File:
    """Every layer's map of the shown digit at the view's amount."""

    def maps() -> bytes:
        return to_npz(shown_maps(view))

    return File("Maps, NPZ", f"equiscope-maps-{name_of(view.shown())}.npz", "application/octet-stream", maps)


def name_of(shown: Shown) -> str:
    """For the name of a file."""
    return shown.key if shown.trained_on == ALL_SIZES else f"{shown.key}-{shown.trained_on.replace(' ', '-')}"


def heading_of(numbers: Mapping[Shown, Numbers]) -> str:
    """The layers that are shown, e.g. `conv2 of SESN and Plain CNN`."""
    by_layer: dict[str, list[str]] = {}
    names = titles(numbers)
    for shown, found in numbers.items():
        by_layer.setdefault(found.layer, []).append(names[shown])
    return "; ".join(f"{layer} of {' and '.join(titles)}" for layer, titles in by_layer.items())


def code_of(view: View, layer: str) -> str:
    """Python that prints the error of a layer of the view's network at its amount."""
    digit = view.digit
    return snippet(
        view.shown(), layer, view.amount, source=digit.source, name=digit.name, data_scale=digit.data_scale,
        resampler=view.resampler, transform=view.key, side=MODELS[view.network].canvas,
    )  # fmt: skip


def numbers_to_csv(amounts: Sequence[float], numbers: Mapping[Shown, Numbers]) -> str:
    """One line for each network and amount. Columns: `COLUMNS`; errors and costs relative L2, without unit."""
    rows = []
    for shown, found in numbers.items():
        for k, amount in enumerate(amounts):
            read = found.readings[k] if found.readings else None
            told = [read.digit, as_cell(read.probability)] if read else ["", ""]
            sizes = map(as_cell, (found.errors[k], found.costs[k], found.image_costs[k]))
            rows.append([shown.key, shown.trained_on, found.layer, repr(float(amount)), *sizes, *told])
    return as_csv(COLUMNS, rows)


def tell_digit(view: View) -> str:
    """The digit and the resampler, for the title of a figure."""
    return f"n = 1: {view.digit.told} · resampler {view.resampler}"
