"""The pad to draw a digit on: a component in the browser that reports strokes, and what becomes of its reports."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st
from torch import Tensor

from components.bundle import register
from components.reports import id_of, is_number, mount
from core.data.drawing import PEN_WIDTHS, Drawing
from core.figures import data_uri, png_bytes

_KEY = "draw_pad"
_PROBLEM = "draw_pad.problem"
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

_component = register("draw_pad", html=_HTML)


def draw_pad(text: str, seen: Tensor | None, answers: str, on_drawing: Callable[[Drawing | None, str], None]) -> None:
    """Shows the pad, and a sentence where its last report could not be read.

    Args:
        text: the drawing to begin with (`Drawing.to_text`), or none. seen: what the network sees of it, (1, 1, h, w).
        answers: what `on_drawing` was given last.
        on_drawing: called before the run that a change causes, with the drawing, None for an empty pad, and with the id
            of the report if the strokes are no longer the browser's own (it asked to centre them), else with no text.
            It refuses with ValueError, a sentence.
    """

    def take(report: Any) -> None:
        try:
            drawing = read_report(report)
            on_drawing(drawing, id_of(report) if report.get("centre") is True else "")
        except ValueError as problem:
            st.session_state[_PROBLEM] = f"{problem} So the last change was not taken over."
            return
        st.session_state[_PROBLEM] = ""

    drawing = Drawing.from_text(text) if text else None
    data = {
        "strokes": drawing.strokes if drawing else [],
        "pen": drawing.pen_width if drawing else _USUAL_PEN,
        "answers": answers,
        "picture": "" if seen is None else _picture(seen),
    }
    mount(_component, _KEY, data, "drawing", take)
    if problem := st.session_state.get(_PROBLEM):
        st.warning(problem)


def read_report(report: Any) -> Drawing | None:
    """The drawing in a report of the pad, None for an empty pad; centred where the report asks for it.

    Reports come from the browser, so anything may be in them.
    Raises: ValueError, in one sentence.
    """
    if not isinstance(report, dict):
        raise ValueError("The browser sent no drawing.")
    strokes, pen_width = report.get("strokes"), report.get("pen")
    if not isinstance(strokes, list) or not is_number(pen_width):
        raise ValueError("The browser sent no drawing.")
    if not strokes:
        return None
    if not all(isinstance(stroke, list) and all(map(_is_point, stroke)) for stroke in strokes):
        raise ValueError("The browser sent strokes that cannot be read.")
    drawing = Drawing(tuple(tuple((float(x), float(y)) for x, y in stroke) for stroke in strokes), float(pen_width))
    return drawing.centred() if report.get("centre") is True else drawing


def _is_point(point: Any) -> bool:
    return isinstance(point, list) and len(point) == 2 and all(map(is_number, point))


def _picture(image: Tensor) -> str:
    grey = (255 * image[0, 0].clamp(0, 1)).round().numpy().astype(np.uint8)
    return data_uri(png_bytes(np.stack([grey, grey, grey], axis=-1)))
