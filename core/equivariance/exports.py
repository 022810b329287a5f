"""What a page shows, to take away: a report as CSV, feature maps as NPZ, a number as Python that computes it again."""

import csv
import io
import json
from collections.abc import Mapping, Sequence

import numpy as np
from torch import Tensor

from core.checkpoints import ALL_SIZES
from core.data.sources import SIDE, source_named
from core.equivariance.budget import Budget
from core.equivariance.comparison import Comparison
from core.equivariance.edge import EDGES
from core.equivariance.report import EquivarianceReport, LieReport
from core.models import MODELS, FeatureMap, Shown
from core.models.feature_map import AXES
from core.scales import ScaleSet
from core.transforms import transform_named

COLUMNS = ("layer", "amount", "mean", "low", "high", "cost", "image_cost", "silent", "known", "images")
_ABOUT = "about"


def to_csv(report: EquivarianceReport) -> str:
    """One line for each layer and amount (a scale factor, degrees or pixels), in the order of the report.

    Columns: `COLUMNS`, the relative L2 errors and shares without unit; empty where there is no number. Where the answer
    to a blank image was taken off, `blank_share` too.
    """
    mean, spread, cost, image_cost = report.error, report.spread, report.cost, report.image_cost
    rows, share = [], report.blank_share
    columns = COLUMNS if report.blank_share_per_image is None else (*COLUMNS, "blank_share")
    for i, layer in enumerate(report.layers):
        for k, amount in enumerate(report.amounts):
            numbers = (mean[i, k], *spread[i, k], cost[i, k], image_cost[k], report.silent[i, k], report.known[i, k])
            row = [layer, repr(float(amount)), *map(as_cell, numbers), report.num_images, as_cell(share[i])]
            rows.append(row[: len(columns)])
    return as_csv(columns, rows)


def budget_to_csv(found: Budget) -> str:
    """One line for each layer and cause, and one for its total: parts of the relative L2 error, without unit."""
    rows = [
        [layer, repr(found.scale_factor), cause, as_cell(float(part)), found.per_image.shape[2]]
        for i, layer in enumerate(found.layers)
        for cause, part in [("total", found.errors[0, i]), *zip(found.causes, found.parts[:, i], strict=True)]
    ]
    return as_csv(("layer", "scale_factor", "cause", "part", "images"), rows)


def lie_to_csv(found: LieReport) -> str:
    """One line for each layer: the Lie derivative, relative L2 per unit of ln s, with its spread over images."""
    rows = [
        [layer, as_cell(found.error[i]), *map(as_cell, found.spread[i]), found.num_images, found.reasons.get(layer, "")]
        for i, layer in enumerate(found.layers)
    ]
    return as_csv(("layer", "mean", "low", "high", "images", "reason"), rows)


def comparison_to_csv(found: Comparison, digits: Sequence[str]) -> str:
    """One line for each layer, amount and digit: the relative L2 errors of A and B, without unit."""
    rows = [
        [layer, repr(float(amount)), digit, as_cell(float(found.first[i, k, n])), as_cell(float(found.second[i, k, n]))]
        for i, layer in enumerate(found.layers)
        for k, amount in enumerate(found.amounts)
        for n, digit in enumerate(digits)
    ]
    return as_csv(("layer", "amount", "digit", "first", "second"), rows)


def as_csv(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table with its head, as text."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue()


def as_cell(number: float) -> str:
    """Six digits of a number; empty where there is none."""
    return "" if np.isnan(number) else f"{number:.6g}"


def to_npz(maps: Mapping[str, FeatureMap | Tensor]) -> bytes:
    """Feature maps as a NumPy archive: an array for each name, and `about`, JSON that says what its axes mean.

    The same maps give the same bytes; `numpy.load` reads them without pickle.
    Raises: ValueError if there is no map, or one is called `about` or `file`, which the archive itself uses.
    """
    if not maps or {_ABOUT, "file"} & set(maps):
        raise ValueError(f"expected maps with names other than 'about' and 'file', got {', '.join(maps) or 'none'}")
    arrays, about = {}, {}
    for name, found in maps.items():
        values = found.values if isinstance(found, FeatureMap) else found
        arrays[name] = values.detach().cpu().numpy()
        about[name] = _describe(found) if isinstance(found, FeatureMap) else {}
    arrays[_ABOUT] = np.array(json.dumps(about))
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


def snippet(
    network: Shown,
    layer: str,
    amount: float,
    *,
    source: str,
    name: str = "",
    num_images: int | None = None,
    data_scale: float = 1.0,
    resampler: str = "bicubic",
    transform: str = "scale",
    side: int = SIDE,
) -> str:
    """Python that prints the mean error of one layer at one amount of a transform, the number on screen.

    Args: source: of core.data.sources, as in a link. name: of the digit, as the source reads it.
          num_images: in place of a name, the first digits of the source's sample. data_scale: their size before T.
          side: of the network's canvas in pixels.
    Raises: ValueError for an unknown transform or source, a sample of a source that has none, or a name that is no
        MNIST index or no SHA-256.
    """
    how = "" if transform_named(transform).key == "scale" else f", transform={transform!r}"  # measure's usual one
    found = source_named(source)
    code = found.code(name, num_images, float(data_scale), side)
    if num_images is None and (edge := found.edge_of(name)) != EDGES[0]:
        how += f", edge={edge!r}"
    own = MODELS[network.key].code if network.key in MODELS else ()
    loads = own[:-1] or ("from core.models import load",)
    modules = {*code.imports, "from core.equivariance import measure", *loads}
    scales = "" if network.scales is None else f", {_argument(network.scales)}"
    digits = "" if network.trained_on == ALL_SIZES else f", trained_on={network.trained_on!r}"
    if "ScaleSet" in scales:
        modules.add("from core.scales import ScaleSet")
    return "\n".join(
        [
            *sorted(modules, key=lambda line: (line.startswith("from core"), line)),
            "",
            *code.lines,
            f"network = {own[-1]}" if own else f"network = load({network.key!r}, 'small'{digits}{scales})",
            f"report = measure(network, digits, [{float(amount)!r}], {resampler!r}{how})",
            f"print(report.error[report.layers.index({layer!r}), 0])",
            "",
        ]
    )


def _describe(found: FeatureMap) -> dict[str, object]:
    return {
        "axes": ["image", "channel", *AXES[found.group], "height", "width"],
        "group": found.group,
        "internal_scales": list(found.internal_scales),
        "stride": found.stride,
        "centre": list(found.centre),
    }


def _argument(scales: ScaleSet) -> str:
    """The set by three numbers where they make just this one, else as it is."""
    sigma_basis, isr, count = scales.smallest, scales.isr, len(scales)
    if len(scales) > 1 and ScaleSet.log_uniform(sigma_basis, isr, count) == scales:
        return f"sigma_basis={sigma_basis!r}, isr={isr!r}, num_scales={count}"
    return f"internal_scales={scales!r}"
