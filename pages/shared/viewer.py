"""Draws images, feature maps and errors as one piece of HTML, so that a move of the slider replaces it at once.

Only numbers and texts of this project go into the HTML; texts are escaped all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st
from torch import Tensor

from core.equivariance import CommutingSquare
from core.figures import data_uri, mosaic, png_bytes, symmetric_range
from core.models import FeatureMap, Features
from pages.shared.controls import current_view

_CSS = Path(__file__).resolve().parents[2] / "assets" / "style" / "viewer.css"
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
        columns = min(self.columns, n)
        scale = max(1, self.width // (columns * (w + 1)))
        cmap = _diverging() if self.signed else "viridis"
        picture = mosaic(self.maps, columns, *self.limits, cmap, scale, gap=1 if n > 1 else 0)
        return (
            f'<figure class="eq-panel" style="width:{self.width}px">'
            f'<img src="{data_uri(png_bytes(picture))}" alt="{escape(self.alt)}" '
            f'width="{self.width}" data-vmin="{self.limits[0]:.6g}" data-vmax="{self.limits[1]:.6g}">'
            f"<figcaption>{self.caption}</figcaption></figure>"
        )


def style() -> None:
    """The style sheet of the viewer; once on each page."""
    st.html(_CSS)


def show(*rows: str) -> None:
    """Puts rows on the page as one element; it carries the scale factor that it shows."""
    st.html(f'<div data-scale-factor="{current_view().scale_factor:g}">{"".join(rows)}</div>')


def row(items: Iterable[str]) -> str:
    return f'<div class="eq-row">{"".join(items)}</div>'


def image_panel(image: np.ndarray, caption: str, alt: str) -> str:
    """An image (h, w) with values in [0, 1]."""
    return Panel(image[None], caption, alt, (0.0, 1.0), signed=False).html()


def legend(colour_range: str, limits: tuple[float, float]) -> str:
    """What the colours of signed maps mean."""
    span = "its own range, so panels cannot be compared" if colour_range == "unit" else f"±{limits[1]:.3g}, all alike"
    return f'<p class="eq-legend">Colours: red positive, blue negative, background 0; each panel spans {span}.</p>'


def heading(title: str, text: str) -> str:
    return f'<h2 class="eq-heading">{escape(title)} <span>{escape(text)}</span></h2>'


def number(figure: str, text: str) -> str:
    return f'<div class="eq-number"><div class="eq-figure">{escape(figure)}</div>{escape(text)}</div>'


def percent(value: float) -> str:
    """An error as text; a layer without one says so."""
    return "not measurable" if np.isnan(value) else f"{100 * value:.1f} %"


def limits_of(colour_range: str, maps: Sequence[FeatureMap], everything: Sequence[Features]) -> tuple[float, float]:
    """The range of colours that all panels share: of the layer that is shown, or of all layers."""
    if colour_range == "global":
        maps = [fm for features in everything for fm in features.values()]
    return symmetric_range(*[fm.values.double().numpy() for fm in maps])


def square_panels(square: CommutingSquare, colour_range: str, limits: tuple[float, float], s: float) -> list[str]:
    """The strongest channel both ways round, and the difference, in one range of colours."""
    channel, level = square.strongest()

    def pick(values: np.ndarray, at: int | None) -> np.ndarray:
        return values[0, channel] if at is None else values[0, channel, at]

    planes = [
        pick(square.before.values.double().numpy(), source_level(square.before, level, s)),
        pick(square.moved.values.double().numpy(), level),
        pick(square.after.values.double().numpy(), level),
        pick(square.difference.double().numpy(), level),
    ]
    where = f"channel {channel + 1}"
    before_where = where + sigma_text(square.before, source_level(square.before, level, s))
    where += sigma_text(square.before, level)
    texts = [
        ("Φ(x)", f"map of the image, {before_where}"),
        ("T′Φ(x)", f"that map scaled by {s:.2f}, {where}"),
        ("Φ(T x)", f"map of the scaled image, {where}"),
        ("difference", "T′Φ(x) − Φ(T x) where both are known"),
    ]
    return [
        Panel(
            plane[None], f"<b>{escape(name)}</b><br>{escape(text)}", f"{name}: {text}",
            symmetric_range(plane) if colour_range == "unit" else limits,
        ).html()
        for plane, (name, text) in zip(planes, texts, strict=True)
    ]  # fmt: skip


def map_panel(
    maps: np.ndarray,
    name: str,
    feature_map: FeatureMap,
    level: int | None,
    colour_range: str,
    limits: tuple[float, float],
    width: int = 224,
    columns: int = 4,
) -> str:
    """Channels of one layer (at one internal scale) side by side."""
    n, h, w = maps.shape
    text = f"{n} channels of {h}×{w}{sigma_text(feature_map, level)}"
    chosen = symmetric_range(maps) if colour_range == "unit" else limits
    alt = f"{name}: {text}, values from {maps.min():.2g} to {maps.max():.2g}"
    return Panel(maps, f"<b>{escape(name)}</b><br>{escape(text)}", alt, chosen, columns=columns, width=width).html()


def kernel_row(kernels: Sequence[Tensor], feature_map: FeatureMap) -> str:
    """The kernels (o, i, k, k) of each internal scale, first input channel, each on the largest one's canvas."""
    size = max(kernel.shape[-1] for kernel in kernels)
    panels = []
    for level, kernel in enumerate(kernels):
        margin = (size - kernel.shape[-1]) // 2
        maps = np.pad(kernel[:, 0].double().numpy(), ((0, 0), (margin, margin), (margin, margin)))
        side = kernel.shape[-1]
        text = f"{side}×{side} pixels" + (sigma_text(feature_map, level) if feature_map.internal_scales else "")
        panel = Panel(maps, escape(text), f"kernels, {text}", symmetric_range(maps), columns=4, width=224)
        panels.append(panel.html())
    return row(panels)


def source_level(feature_map: FeatureMap, level: int | None, s: float) -> int | None:
    """The internal scale of Φ(x) that T' moves onto `level`: the nearest to σ / s; turns stay where they are."""
    if level is None or feature_map.group == "rotation":
        return level
    wanted = np.log(feature_map.internal_scales[level] / s)
    return int(np.abs(np.log(feature_map.internal_scales) - wanted).argmin())


def sigma_text(feature_map: FeatureMap, level: int | None) -> str:
    if feature_map.group == "rotation" and level is not None:
        return f", turn {360 * level / feature_map.values.shape[2]:.0f}°"
    return "" if level is None else f", σ = {feature_map.internal_scales[level]:.2f} px"


def error_bars(rows: Sequence[tuple[str, float, bool]]) -> str:
    """Horizontal bars of errors (name, relative error, is it a comparison), 0 to 100 %."""
    cells = []
    for name, value, other in rows:
        width = 0 if np.isnan(value) else min(100.0, 100 * value)
        kind = "eq-bar eq-other" if other else "eq-bar"
        cells.append(
            f'<span>{escape(name)}</span><div class="{kind}"><span style="width:{width:.1f}%"></span></div>'
            f"<span>{escape(percent(value))}</span>"
        )
    return f'<div class="eq-bars">{"".join(cells)}</div>'


def _diverging() -> str:
    return "diverging_dark" if st.context.theme.type == "dark" else "diverging"
