"""What was measured of networks as a file: one HTML page whose figures work by themselves, or a table as CSV.

`equiscope measure` is here, above `core.figures` and `core.results`; `python -m core.equivariance` is the same command
without files.
"""

import datetime
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from core import sentences
from core.checkout import revision
from core.equivariance import EquivarianceReport
from core.equivariance import __main__ as command
from core.equivariance.own import Measured, tell_edge
from core.figures import data_uri, plot_error_curves, plot_error_heatmap, png_bytes, strip
from core.figures.alone import chart, page
from core.results import codec


@dataclass(frozen=True)
class Row:
    """One layer of one network at one amount.

    Attributes:
        network, layer: their names. transform: in core.transforms. amount: scale factor, degrees or pixels.
        mean, low, high: relative L2 error over the images, its 16 % and 84 % quantiles; NaN if there is none.
        cost, image_cost: of resampling there and back. silent, known, blank_share: as in `EquivarianceReport`.
        images: how many. edge: as in `EquivarianceReport`.
    """

    network: str
    layer: str
    transform: str
    amount: float
    mean: float
    low: float
    high: float
    cost: float
    image_cost: float
    silent: float
    known: float
    blank_share: float
    images: int
    edge: str


def rows_of(found: Sequence[Measured]) -> Iterator[Row]:
    """Network by network, layer by layer, in the order of the report."""
    for each in found:
        report = each.report
        mean, spread, cost, image_cost, share = (
            report.error, report.spread, report.cost, report.image_cost, report.blank_share,
        )  # fmt: skip
        for i, layer in enumerate(report.layers):
            for k, amount in enumerate(report.amounts):
                low, high = map(float, spread[i, k])
                yield Row(
                    each.name, layer, report.transform, float(amount), float(mean[i, k]), low, high, float(cost[i, k]),
                    float(image_cost[k]), float(report.silent[i, k]), float(report.known[i, k]), float(share[i]),
                    report.num_images, report.edge,
                )  # fmt: skip


def to_csv(found: Sequence[Measured]) -> str:
    """The rows, as `core.results.codec` writes and reads them."""
    return codec.to_text(Row, rows_of(found))


def to_html(found: Sequence[Measured]) -> str:
    """The page: of each network the heat map, the curve of a layer to choose, its numbers and what was left out."""
    title = f"Equivariance error of {', '.join(each.name for each in found)}"
    made = f"<p>Relative L2 error, measured by Equiscope; {escape(revision())} · {datetime.date.today()}.</p>"
    return page(title, [made, *(part for number, each in enumerate(found) for part in _section(number, each))])


def _section(number: int, found: Measured) -> Iterator[str]:
    report, name = found.report, found.name
    yield f"<h2>{escape(name)}</h2>"
    yield f"<p>{escape(found.shown)} · resampler {escape(report.resampler)}; {escape(tell_edge(report))}.</p>"
    if found.images is not None:
        row = data_uri(png_bytes(strip(found.images.numpy())))
        yield f'<p class="strip"><img src="{row}" alt="The first images that were measured"></p>'
    yield chart(plot_error_heatmap(report), f"map-{number}")
    yield f"<p>{sentences.as_html(sentences.explain_heatmap(report, name))}</p>"
    yield from (f"<p>{escape(sentence[0].upper() + sentence[1:])}.</p>" for sentence in report.warnings)
    yield "<h3>How does one layer err?</h3>" + chart(_curves(name, report), f"curves-{number}")
    yield "<details><summary>Table</summary>" + _table(found) + "</details>"
    if found.left_out:
        told = found.left_out.items()
        reasons = "".join(f"<li><code>{escape(layer)}</code>: {escape(why)}</li>" for layer, why in told)
        yield f"<h3>What was left out?</h3><p>These layers have no even grid on the image.</p><ul>{reasons}</ul>"


def _curves(name: str, report: EquivarianceReport) -> go.Figure:
    """The curves of every layer in one figure, and a menu that shows those of one; first of the one that errs most."""
    figures = [plot_error_curves({name: report}, layer) for layer in report.layers]
    means = [_mean(row) for row in report.error]
    first, whole = means.index(max(means)), go.Figure(layout=figures[0].layout)
    owners = [place for place, figure in enumerate(figures) for _ in figure.data]
    for place, figure in enumerate(figures):
        whole.add_traces([trace.update(visible=place == first) for trace in figure.data])
    buttons = [
        {"label": layer, "method": "restyle", "args": ["visible", [owner == place for owner in owners]]}
        for place, layer in enumerate(report.layers)
    ]
    menu = {"buttons": buttons, "active": first, "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    return whole.update_layout(updatemenus=[menu], margin_t=60)


def _mean(errors: Float[np.ndarray, " amount"]) -> float:
    told = errors[~np.isnan(errors)]
    return float(told.mean()) if len(told) else -1.0


def _table(found: Measured) -> str:
    head = ("layer", "amount", "error, %", "16 %", "84 %", "resampling the map, %", "the image, %", "known, %")
    rows = []
    for row in rows_of([found]):
        numbers = (row.mean, row.low, row.high, row.cost, row.image_cost, row.known)
        cells = "".join(f'<td class="number">{_percent(each)}</td>' for each in numbers)
        rows.append(f'<tr><td>{escape(row.layer)}</td><td class="number">{row.amount:g}</td>{cells}</tr>')
    titles = "".join(f"<th>{each}</th>" for each in head)
    return f'<div class="table"><table><tr>{titles}</tr>{"".join(rows)}</table></div>'


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f}"


WRITERS: Mapping[str, Callable[[Sequence[Measured]], str]] = {"html": to_html, "csv": to_csv}


def main(arguments: list[str] | None = None, prog: str = "python -m core.measured_page") -> int:
    """As `core.equivariance.__main__.main`, with files."""
    return command.main(arguments, prog, WRITERS)


if __name__ == "__main__":
    sys.exit(main())
