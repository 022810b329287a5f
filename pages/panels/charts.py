"""Plotly charts on a page: titled with what they rest on, and with a button under each that takes it away."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.checkpoints import CheckpointError, available, folder_of, read_card
from core.figures import enlarge, figure_to_csv
from core.models import MODELS, Shown, titles
from pages.panels.take_away import Taken, table, take_away
from pages.panels.text import say
from pages.results.networks import internal_scales
from pages.state.presenting import has_large_type

Drawn = tuple[go.Figure, str, str]  # with its alternative text and its sentence
SIGNATURE = "signature"  # name of the annotation that says on the page what a chart rests on
_LINE = 15  # pixels of a line of a title


def provenance(*networks: Shown, data: str = "") -> str:
    """Networks, their internal scales and checkpoints, and the data, for the title of a figure."""
    names = titles(networks)
    return " · ".join(filter(None, [*(tell_network(shown, names[shown]) for shown in networks), data]))


def tell_network(shown: Shown, title: str) -> str:
    """A network by its name, with its internal scales and its checkpoint."""
    scales = internal_scales(shown)
    sigmas = f"σ = {', '.join(f'{sigma:.2f}' for sigma in scales)} px" if scales else ""
    return " · ".join(filter(None, [title, sigmas, _checkpoint(shown)]))


def show_chart(
    key: str,
    rests_on: tuple,
    build: Callable[[], Drawn],
    heading: str,
    title: str,
    make_table: Callable[[], str] | None = None,
    code: str = "",
    changes: bool = False,
    **more: Any,
) -> None:
    """A chart under its sentence, made once for all that it rests on, and a button that takes it away.

    Args: rests_on: everything that `build` depends on. build: gives the figure, its text for readers who do not see it,
              and the sentence. heading: what the figure shows. title: what it rests on; it says so on the page too.
          make_table: its data as CSV, the points that are drawn unless given. code: Python that gives its numbers.
          changes: whether it will be drawn anew by itself: then nothing is taken away, as a fragment in one that runs
              again and again may reach the browser before what stands above it.
    """
    large, signed = has_large_type(), f"{title} · {datetime.date.today().isoformat()}"
    figure, alt, said = _kept(key, (signed, large, *rests_on), lambda: _sized(_signed(build(), signed), large))
    config = {"modeBarButtonsToRemove": ["toImage"], "displaylogo": False}
    st.plotly_chart(figure, key=key, alt=alt, config=config, **more)
    say(said, place=key)
    if changes:
        return
    files = [table(key, make_table or partial(figure_to_csv, figure))]
    take_away(key, partial(Taken, heading, title, files, code))


@st.cache_resource(max_entries=256, show_spinner=False)
def _kept(key: str, rests_on: tuple, _build: Callable[[], Drawn]) -> Drawn:
    """All visitors share what is kept; nobody changes it."""
    return _build()


def _sized(drawn: Drawn, large: bool) -> Drawn:
    figure, alt, said = drawn
    return (enlarge(figure) if large else figure), alt, said


def _signed(drawn: Drawn, title: str) -> Drawn:
    figure, lines = drawn[0], _broken(title)
    figure.add_annotation(
        text="<br>".join(lines), x=0, xref="paper", xanchor="left", y=1, yref="paper", yanchor="bottom", yshift=18,
        align="left", showarrow=False, font={"size": 11}, name=SIGNATURE,
    )  # fmt: skip
    added = 10 + _LINE * len(lines)
    figure.update_layout(
        margin_t=figure.layout.margin.t + added, height=figure.layout.height + added, meta={SIGNATURE: added}
    )
    return drawn


def _checkpoint(shown: Shown) -> str:
    if MODELS[shown.key].control:
        return "random weights" if shown.key != "identity" else "no weights"
    if MODELS[shown.key].is_own:
        return f"from {MODELS[shown.key].source}"
    where = "small", folder_of(shown.trained_on)
    try:
        found = available(shown.key, *where)
        return f"checkpoint {read_card(shown.key, *where).sha256[:8]}" if found else "no checkpoint"
    except CheckpointError:
        return "checkpoint not readable"


def _broken(title: str, width: int = 36) -> list[str]:
    """Lines of a title, broken between its parts."""
    lines = [""]
    for part in title.split(" · "):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += (" · " if lines[-1] else "") + part
    return lines
