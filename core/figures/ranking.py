"""The networks in the order of their equivariance error, as an SVG for a page without scripts.

Drawn by `python -m core.figures.ranking` from the table of core.results.means, with no library, since Plotly
writes images only with a browser's help. The picture brings its own background, so it reads the same on a light and on
a dark page.
"""

import argparse
import sys
from collections.abc import Sequence
from html import escape

import numpy as np

from core import files
from core.models import MODELS
from core.results.equivariance import DATA_SCALE, FACTORS, RESAMPLER
from core.results.means import Mean, Standing, read, standings

FIGURE = files.ROOT / "docs" / "ranking.svg"

_WIDTH, _LEFT, _RIGHT, _TOP, _ROW, _BOTTOM = 860, 270, 36, 104, 26, 84  # pixels
_PAPER, _INK, _FAINT, _GRID = "#ffffff", "#1f2328", "#59636e", "#d8dee4"
_CLASSIFIER, _ALL = "#0072B2", "#D55E00"  # Okabe and Ito: blue and vermilion; the marks differ in shape too


def ranking_svg(means: Sequence[Mean], factors: Sequence[float] = FACTORS) -> str:
    """The standings as a picture: filled the classifier's map, open the convolutions; the interval, and 16–84 %.

    Args: factors: over which the means were taken.
    """
    rows = standings(means)
    if not rows:
        raise ValueError("expected results of networks with convolutions and a map that the classifier reads, got none")
    height = _TOP + _ROW * len(rows) + _BOTTOM
    most = max(max(row.classifier.high, row.all.high) for row in rows)
    top = 20 * int(np.ceil(100 * most / 20))
    incomplete = {row.network for row in rows if min(row.classifier.factors, row.all.factors) < len(factors)}
    missing = " * not at every s: no scale is known there." if incomplete else ""
    title = "Equivariance error under a change of size, network by network"
    text = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" font-size="13" role="img" '
        'aria-labelledby="title summary">',
        f'<title id="title">{title}</title>',
        f'<desc id="summary">{escape(_summary(rows))}</desc>',
        f'<rect width="{_WIDTH}" height="{height}" rx="8" fill="{_PAPER}"/>',
        _write(24, 34, title, size=17, weight=600),
        _write(
            24,
            56,
            f"Mean over s = {', '.join(f'{s:.2f}' for s in sorted(factors))}; lower is better.{missing}",
            ink=_FAINT,
        ),
        *_legend(80),
        *_axis(rows, top),
        *(
            part
            for i, row in enumerate(rows)
            for part in _draw(row, _TOP + _ROW * (i + 0.5), top, row.network in incomplete)
        ),
        _write(24, height - 14, _source(means), ink=_FAINT, size=11),
        "</svg>",
    ]
    return "\n".join(text) + "\n"


def _summary(rows: Sequence[Standing]) -> str:
    told = ", ".join(f"{_name(row)} {100 * row.classifier.mean:.0f}" for row in rows)
    return f"Error of the map that the classifier reads, %: {told}."


def _source(means: Sequence[Mean]) -> str:
    images = means[0].images
    text = f"Source: first {images} MNIST test digits at {DATA_SCALE} of their size, {RESAMPLER} resampling; "
    return text + "python -m core.results.equivariance, then core.figures.ranking."


def _name(row: Standing) -> str:
    return MODELS[row.network].title if row.network in MODELS else row.network


def _x(error: float | int, top: float | int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * 100 * error / top


def _axis(rows: Sequence[Standing], top: int) -> list[str]:
    bottom = _TOP + _ROW * len(rows)
    parts = []
    for percent in range(0, top + 1, 20):
        x = _x(percent / 100, top)
        parts.append(f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="{_GRID}"/>')
        parts.append(_write(x, bottom + 18, str(percent), ink=_FAINT, anchor="middle"))
    middle = (_x(0, top) + _x(top / 100, top)) / 2
    return [*parts, _write(middle, bottom + 40, "relative L2 equivariance error, %", anchor="middle")]


def _legend(y: float | int) -> list[str]:
    return [
        _mark(30, y - 4, filled=True), _write(44, y, "map that the classifier reads"),
        _mark(244, y - 4, filled=False), _write(258, y, "mean over its convolutions"),
        _line(440, 466, y - 4, _FAINT, 3), _write(476, y, "95 % interval of the mean (BCa)"),
        _line(690, 716, y - 4, _FAINT, 1), _write(726, y, "16–84 % of digits"),
    ]  # fmt: skip


def _draw(row: Standing, y: float | int, top: float | int, incomplete: bool) -> list[str]:
    name = _name(row) + (" *" if incomplete else "")
    control = row.network in MODELS and MODELS[row.network].control
    parts = [_write(_LEFT - 12, y + 4, name, ink=_FAINT if control else _INK, anchor="end")]
    for bar, filled, shift in ((row.all, False, 5), (row.classifier, True, -4)):
        colour = _CLASSIFIER if filled else _ALL
        parts.append(_line(_x(bar.low, top), _x(bar.high, top), y + shift, colour, 1))
        parts.append(_line(_x(bar.ci_low, top), _x(bar.ci_high, top), y + shift, colour, 3))
        parts.append(_mark(_x(bar.mean, top), y + shift, filled))
    return parts


def _mark(x: float | int, y: float | int, filled: bool) -> str:
    if filled:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{_CLASSIFIER}"/>'
    return f'<path d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z" fill="{_PAPER}" stroke="{_ALL}" stroke-width="1.8"/>'


def _line(low: float | int, high: float | int, y: float | int, colour: str, width: int) -> str:
    return f'<path d="M{low:.1f} {y:.1f}H{high:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def _write(
    x: float | int, y: float | int, text: str, ink: str = _INK, size: int = 13, anchor: str = "start", weight: int = 400
) -> str:
    style = f'fill="{ink}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.figures.ranking", description=f"Draws docs/{FIGURE.name}.")
    parser.add_argument("--size", choices=("small", "paper"), default="small")
    options = parser.parse_args(arguments)
    try:
        files.write(FIGURE, ranking_svg(read(options.size)))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(FIGURE, file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
