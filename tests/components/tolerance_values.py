"""What core.tolerance gives today, for the tests of the browser's own formulas.

`python -m tests.components.tolerance_values` writes tolerance.json beside this file.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from components.scale_axis import POINTS, handles
from core.tolerance import AXIS, DataScales, Mixture, ScaleMixture, ToleranceModel, dips

FILE = Path(__file__).with_name("tolerance.json")
EVERY = 25  # of the points of the grid
DATA = (
    DataScales.log_uniform(1, 4.76),
    DataScales.log_uniform(0.5, 17),
    DataScales.log_uniform(1, 8),
    DataScales.log_normal(2.5, 0.9),
    DataScales.log_normal(3, 0.05),  # most of the axis is empty
    DataScales.log_normal(16, 0.5),  # 43 % lie beyond the axis
    DataScales.log_normal(18, 0.5),  # 57 % do: no KL
    DataScales.normal(3, 1),
    DataScales.normal(2, 5),  # a third would be negative
    DataScales.normal(8, 0.4),
    DataScales.measured([1.0, 1.3, 1.9, 2.0, 2.2, 4.1, 5.0]),
)
MIXTURES = (
    ToleranceModel(1.04, 4.4, 3, 0.44),
    ToleranceModel(2.0, 4.0, 1, 1.2),
    ToleranceModel(0.1, 30.0, 8, 0.25),
    ScaleMixture((1.0, 1.1, 9.0), 0.3),
    ScaleMixture((3.0,), 0.1),
    ScaleMixture((1.0, 8.0), 0.45),
)


def values() -> dict[str, Any]:
    """Curves on the common axis, density per octave; KL in nats, None where core refuses; dips in octaves."""
    scales = np.geomspace(*AXIS, POINTS)
    return {
        "axis": list(AXIS),
        "every": EVERY,
        "mixtures": [
            {
                "centres": list(mixture.centres),
                "tau_tol": mixture.tau_tol,
                "density": _short(mixture.density(scales)[::EVERY]),
                "components": [_short(part) for part in mixture.components(scales)[:, ::EVERY]],
            }
            for mixture in MIXTURES
        ],
        "data": [
            {
                "name": data.name,
                "handles": handles(data, AXIS),
                "density": _short(data.density(scales)[::EVERY]),
                "kl": [_kl(mixture, data) for mixture in MIXTURES],
                "dips": [_dips(mixture, data) for mixture in MIXTURES],
            }
            for data in DATA
        ],
    }


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.10g}") for value in values]


def _kl(mixture: Mixture, data: DataScales) -> float | None:
    try:
        return mixture.kl(data)
    except ValueError:
        return None


def _dips(mixture: Mixture, data: DataScales) -> list[list[float]]:
    """From, to and the smallest share of every dip that begins on the axis."""
    return [[math.log2(dip.low), math.log2(dip.high), dip.share] for dip in dips(mixture, _OnAxis(data))]


class _OnAxis(DataScales):
    """Data of which core looks at the axis only, as the browser does."""

    def __init__(self, data: DataScales) -> None:
        self.data = data

    @property
    def name(self) -> str:
        return self.data.name

    def _log_density(self, octaves: np.ndarray) -> np.ndarray:
        return self.data._log_density(octaves)

    def _quantile(self, p: float) -> float:
        return min(math.log2(AXIS[1]), max(math.log2(AXIS[0]), self.data._quantile(p)))


if __name__ == "__main__":
    FILE.write_text(json.dumps(values(), indent=1) + "\n", encoding="utf-8")
