"""Plotly charts on a page: titled with what they rest on, so that a saved picture still says it; files beside them."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.checkpoints import CheckpointError, available, read_card
from core.equivariance import snippet, to_npz
from core.figures import enlarge
from core.models import MODELS
from pages.panels.text import say
from pages.results.equivariance import shown_maps
from pages.results.networks import internal_scales
from pages.state.presenting import has_large_type
from pages.state.view import View

Drawn = tuple[go.Figure, str, str]  # with its alternative text and its sentence
FORMATS = ("png", "svg")
_LINE = 15  # pixels of a line of a title


def provenance(view: View, *others: str) -> str:
    """Network, internal scales, checkpoint and date, for the title of a figure."""
    told = []
    for key in (view.network, *others):
        scales = internal_scales(key, view.scales if key == view.network else None)
        told.append(MODELS[key].title)
        told += [f"σ = {', '.join(f'{sigma:.2f}' for sigma in scales)} px"] if scales else []
        told.append(_checkpoint(key))
    return " · ".join([*told, datetime.date.today().isoformat()])


def show_chart(key: str, rests_on: tuple, build: Callable[[], Drawn], title: str, **more: Any) -> None:
    """A chart under its sentence, made once for all that it rests on; its camera button saves it in the chosen format.

    Args: rests_on: everything that `build` depends on. build: gives the figure, its text for readers who do not see it,
              and the sentence. title: what the figure says of itself when it is saved.
    """
    large = has_large_type()
    figure, alt, said = _kept(key, (title, large, *rests_on), lambda: _sized(_signed(build(), title), large))
    image = {"format": st.session_state.get("errors_format", "png"), "filename": f"equiscope-{key}", "scale": 2}
    config = {"toImageButtonOptions": image, "displaylogo": False}
    st.plotly_chart(figure, key=key, alt=alt, config=config, **more)
    say(said, place=key)


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
        align="left", showarrow=False, font={"size": 11},
    )  # fmt: skip
    added = 10 + _LINE * len(lines)
    figure.update_layout(margin_t=figure.layout.margin.t + added, height=figure.layout.height + added)
    return drawn


def offer_files(view: View, tables: Mapping[str, Callable[[], str]], layer: str) -> None:
    """The numbers of the figures, the maps of the digit that is shown, and code that gives a number again.

    Args: tables: what makes a CSV, by what it holds.
    """
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for number, (name, text) in enumerate(tables.items()):
            st.download_button(
                f"CSV, {name}", text, f"equiscope-{view.network}-{number}.csv", "text/csv", key=f"csv_{number}",
                on_click="ignore",
            )  # fmt: skip
        st.download_button(
            "NPZ, maps of this digit", lambda: _maps(view), f"equiscope-maps-{view.network}.npz",
            "application/octet-stream", key="npz", on_click="ignore",
        )  # fmt: skip
        st.segmented_control("Camera button of the charts saves", FORMATS, key="errors_format", required=True)
    st.markdown(f"This Python prints the error of {layer} for this digit at {view.told}:")
    source, name = view.digit.source, view.digit.name
    st.code(
        snippet(
            view.network, layer, view.amount, source=source, name=name, data_scale=view.digit.data_scale,
            resampler=view.resampler, internal_scales=view.scales, transform=view.key,
        ),
        language="python",
        wrap_lines=True,
    )  # fmt: skip


def _maps(view: View) -> bytes:
    return to_npz(shown_maps(view))


def _checkpoint(key: str) -> str:
    if MODELS[key].control:
        return "random weights" if key != "identity" else "no weights"
    try:
        return f"checkpoint {read_card(key).sha256[:8]}" if available(key) else "no checkpoint"
    except CheckpointError:
        return "checkpoint not readable"


def _broken(title: str, width: int = 46) -> list[str]:
    """Lines of a title, broken between its parts."""
    lines = [""]
    for part in title.split(" · "):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += (" · " if lines[-1] else "") + part
    return lines
