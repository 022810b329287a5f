"""Draws images, feature maps and errors as one piece of HTML, so that a move of the slider replaces it at once.

Only numbers and texts of this project go into the HTML; texts are escaped all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from torch import Tensor

from core.figures import data_uri, mosaic, png_bytes, symmetric_range
from core.files import ASSETS
from pages.panels.terms import marked
from pages.state.presenting import grown
from pages.state.session import current_view

_CSS = ASSETS / "style" / "viewer.css"
_SIDE = 168  # CSS pixels of a panel


@dataclass(frozen=True)
class Panel:
    """One picture with its caption; `alt` says what there is to see."""

    maps: np.ndarray  # (n, h, w)
    caption: str
    alt: str
    limits: tuple[float, float]
    signed: bool = True
    columns: int = 1
    width: int = _SIDE

    def html(self) -> str:
        n, _, w = self.maps.shape
        columns, width = min(self.columns, n), grown(self.width)
        scale = max(1, width // (columns * (w + 1)))
        cmap = _diverging() if self.signed else "viridis"
        picture = mosaic(self.maps, columns, *self.limits, cmap, scale, gap=1 if n > 1 else 0)
        return (
            f'<figure class="eq-panel" style="width:{width}px">'
            f'<img src="{data_uri(png_bytes(picture))}" alt="{escape(self.alt)}" '
            f'width="{width}" data-vmin="{self.limits[0]:.6g}" data-vmax="{self.limits[1]:.6g}">'
            f"<figcaption>{self.caption}</figcaption></figure>"
        )


def style() -> None:
    """The style sheet of the viewer; once on each page."""
    st.html(_CSS)


def show(*rows: str) -> None:
    """Puts rows on the page as one element; it carries the amount that it shows."""
    st.html(marked(f'<div data-amount="{current_view().amount:g}">{"".join(rows)}</div>'))


def row(items: Iterable[str]) -> str:
    return f'<div class="eq-row">{"".join(items)}</div>'


def percent(value: float) -> str:
    """An error as text; a layer without one says so."""
    return "not measurable" if np.isnan(value) else f"{100 * value:.1f} %"


def kernel_row(kernels: Sequence[Tensor], names: Sequence[str]) -> str:
    """The kernels (o, i, k, k) of each internal scale, first input channel, each on the largest one's canvas.

    Args: names: of the scales, or other places, if there are as many as kernels.
    """
    size = max(kernel.shape[-1] for kernel in kernels)
    panels = []
    for level, kernel in enumerate(kernels):
        margin = (size - kernel.shape[-1]) // 2
        maps = np.pad(kernel[:, 0].double().numpy(), ((0, 0), (margin, margin), (margin, margin)))
        side = kernel.shape[-1]
        place = names[level] if len(names) == len(kernels) else ""
        text = f"{side}×{side} pixels" + (f", {place}" if place else "")
        panel = Panel(maps, escape(text), f"kernels, {text}", symmetric_range(maps), columns=4, width=224)
        panels.append(panel.html())
    return row(panels)


def _diverging() -> str:
    return "diverging_dark" if st.context.theme.type == "dark" else "diverging"
