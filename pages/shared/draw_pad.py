"""The pad to draw a digit on: a component in the browser that reports strokes, and what becomes of its reports."""

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from torch import Tensor

from core.data.drawing import PEN_WIDTHS, Drawing
from core.figures import data_uri, png_bytes

_ASSETS = Path(__file__).resolve().parents[2] / "assets"
_KEY = "draw_pad"
_USUAL_PEN = 2.5  # pixels at s = 1, about the pen of MNIST
_HTML = f"""
<div class="pad">
  <canvas tabindex="0" role="application" aria-label="Pad to draw a digit on" aria-describedby="keys"></canvas>
  <span id="keys" hidden>
    With the keyboard: arrow keys move the pen, with Shift in small steps; Space or Enter puts it down and lifts it.
  </span>
  <div class="buttons">
    <button type="button" id="undo">Undo</button>
    <button type="button" id="clear">Clear</button>
    <button type="button" id="centre" title="Moves the ink's centre of mass to the middle">Centre</button>
  </div>
  <label>Pen width <input id="pen" type="range" min="{PEN_WIDTHS[0]}" max="{PEN_WIDTHS[1]}" step="0.25"></label>
  <p id="status" role="status"></p>
  <figure id="seen" hidden>
    <img alt="Your drawing as the network sees it, 28×28 pixels">
    <figcaption>What the network sees: 28×28 pixels</figcaption>
  </figure>
</div>
"""

_component = st.components.v2.component(
    "equiscope_draw_pad",
    html=_HTML,
    css=(_ASSETS / "style" / "draw_pad.css").read_text(encoding="utf-8"),
    js=(_ASSETS / "js" / "draw_pad.js").read_text(encoding="utf-8"),
)


def draw_pad(text: str, seen: Tensor | None) -> None:
    """Shows the pad. What is drawn on it goes as text (`Drawing.to_text`) into the session's `drawn`.

    Args: text: the drawing to begin with, or none. seen: what the network sees of it, (1, 1, h, w).
    """
    drawing = Drawing.from_text(text) if text else None
    data = {
        "strokes": drawing.strokes if drawing else [],
        "pen": drawing.pen_width if drawing else _USUAL_PEN,
        "answers": st.session_state.get("drawn_answers", ""),
        "picture": "" if seen is None else _picture(seen),
    }
    _component(key=_KEY, data=data, on_drawing_change=_take_report)
    if problem := st.session_state.get("drawn_problem"):
        st.warning(problem)


def read_report(report: Any) -> Drawing | None:
    """The drawing in a report of the pad, None for an empty pad; centred where the report asks for it.

    Reports come from the browser, so anything may be in them.
    Raises: ValueError, in one sentence.
    """
    if not isinstance(report, dict):
        raise ValueError("The browser sent no drawing.")
    strokes, pen_width = report.get("strokes"), report.get("pen")
    if not isinstance(strokes, list) or pen_width is None or not _is_number(pen_width):
        raise ValueError("The browser sent no drawing.")
    if not strokes:
        return None
    if not all(isinstance(stroke, list) and all(map(_is_point, stroke)) for stroke in strokes):
        raise ValueError("The browser sent strokes that cannot be read.")
    drawing = Drawing(tuple(tuple((float(x), float(y)) for x, y in stroke) for stroke in strokes), float(pen_width))
    return drawing.centred() if report.get("centre") is True else drawing


def _take_report() -> None:
    """Called by Streamlit before the run that a report causes."""
    report = st.session_state[_KEY].get("drawing")
    try:
        drawing = read_report(report)
        st.session_state["drawn"] = drawing.to_text() if drawing else ""
    except ValueError as problem:
        st.session_state["drawn_problem"] = f"{problem} So the last change was not taken over."
        return
    st.session_state["drawn_problem"] = ""
    # Only these strokes are not the browser's own.
    st.session_state["drawn_answers"] = str(report.get("id"))[:40] if report.get("centre") is True else ""


def _is_point(point: Any) -> bool:
    return isinstance(point, list) and len(point) == 2 and all(map(_is_number, point))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 1e6  # false for nan, and before float() overflows


def _picture(image: Tensor) -> str:
    grey = (255 * image[0, 0].clamp(0, 1)).round().numpy().astype(np.uint8)
    return data_uri(png_bytes(np.stack([grey, grey, grey], axis=-1)))
