"""Empty axes on paper, to draw a curve into with a pencil; as a picture in HTML."""

from base64 import b64encode
from html import escape

from components.curve_pad import Axes

_WIDTH, _HEIGHT = 520, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 18, 8, 40
_INK = "#757575"  # read on white and on dark: a picture does not know the colours around it
_LINE = f'stroke="{_INK}" stroke-width="0.5"'


def blank_axes(axes: Axes) -> str:
    """Args: axes: as the pad of the page has them."""
    low, high = axes.levels[0], axes.levels[-1]
    right, floor = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for level in axes.levels:
        y = floor - (floor - _TOP) * (level - low) / (high - low)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{right}" {_LINE}/>')
        parts.append(_text(_LEFT - 6, y + 4, f"{level:g} {axes.unit}", "end"))
    for place, told in axes.ticks:
        x = _LEFT + (right - _LEFT) * place
        parts.append(f'<path d="M{x:.1f} {_TOP}V{floor}" {_LINE}/>')
        parts.append(_text(x, floor + 15, told, "middle"))
    parts.append(_text((_LEFT + right) / 2, floor + 33, axes.across, "middle"))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'font-family="sans-serif" font-size="12" fill="{_INK}">{"".join(parts)}</svg>'
    )
    label = escape(f"Empty axes: {axes.upward}, over {axes.across}")
    return f'<img alt="{label}" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
