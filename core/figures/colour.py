"""Colours with a meaning: viridis for magnitudes, a diverging map for signed values, one style per network.

A colour map is a table of 256 sRGB colours, from the lowest value to the highest. Distances within a map are
even to the eye, and no reader needs to tell red from green.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

Array = np.ndarray

NO_VALUE = (128, 128, 128)  # colour of NaN: a position that is not known


@dataclass(frozen=True)
class NetworkStyle:
    """How every chart draws one network, in Plotly's words; dash and marker tell it apart without hue."""

    colour: str
    dash: str
    symbol: str


# Okabe and Ito's palette, less the yellow lost on a light page; grey for the black lost on a dark one.
_HUES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#808080")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star")
NETWORK_STYLES = tuple(NetworkStyle(_HUES[i % 7], _DASHES[i % 6], _SYMBOLS[i % 7]) for i in range(42))

# Ten classes side by side. Paul Tol's `muted` scheme, which colour-blind readers tell apart, and its pale grey.
CLASS_COLOURS = (
    "#332288", "#88CCEE", "#44AA99", "#117733", "#999933", "#DDCC77", "#CC6677", "#882255", "#AA4499", "#DDDDDD",
)  # fmt: skip


def network_style(index: int) -> NetworkStyle:
    """The style of the network at `index` of the list of networks; 42 in all, then they repeat.

    Raises: ValueError if the index is negative.
    """
    if index < 0:
        raise ValueError(f"the index of a network must be at least 0, got {index}")
    return NETWORK_STYLES[index % len(NETWORK_STYLES)]


def colourise(
    values: Float[Array, "*shape"], vmin: float | int, vmax: float | int, cmap: str = "viridis"
) -> UInt8[Array, "*shape 3"]:
    """Values as colours: vmin and below take the first colour of the map, vmax and above the last.

    NaN is grey. With vmin = vmax, as for a silent layer, that value takes the first colour.
    Raises: ValueError for an unknown colour map, or a range that is not finite and ascending.
    """
    table = colour_table(cmap)
    if not -math.inf < vmin <= vmax < math.inf:
        raise ValueError(f"a colour range needs finite vmin ≤ vmax, got {vmin} and {vmax}")
    unknown = np.isnan(values)
    per_step = max((vmax - vmin) / 255, 1e-300)
    position = np.rint((np.clip(values.astype(np.float64), vmin, vmax) - vmin) / per_step)
    colours = table[np.where(unknown, 0, position).astype(np.uint8)]
    colours[unknown] = NO_VALUE
    return colours


def colour_table(cmap: str) -> UInt8[Array, "256 3"]:
    """The 256 colours of a map, one of `COLOUR_MAPS`; read-only.

    Raises: ValueError for an unknown colour map.
    """
    if cmap not in COLOUR_MAPS:
        raise ValueError(f"unknown colour map {cmap!r}; known are {', '.join(COLOUR_MAPS)}")
    return COLOUR_MAPS[cmap]


def colourscale(cmap: str) -> list[list[float | str]]:
    """The same map in Plotly's form, at every fifth colour."""
    table = colour_table(cmap)
    return [[i / 255, f"rgb({table[i, 0]},{table[i, 1]},{table[i, 2]})"] for i in range(0, 256, 5)]


def symmetric_range(*arrays: Float[Array, "..."]) -> tuple[float, float]:
    """The smallest range (−m, m) that holds every finite value of all arrays; (−1, 1) if they are silent."""
    largest = max((float(np.abs(a[np.isfinite(a)]).max(initial=0.0)) for a in arrays), default=0.0)
    return (-largest, largest) if largest > 0 else (-1.0, 1.0)


def _viridis() -> UInt8[Array, "256 3"]:
    """Smith and van der Walt's map, from sixteen even stops; linear in between."""
    stops = bytes.fromhex(
        "440154 481a6c 472f7d 414487 39568c 31688e 2a788e 23888e "
        "1f988b 22a884 35b779 54c568 7ad151 a5db36 d2e21b fde725"
    )
    anchors = np.frombuffer(stops, dtype=np.uint8).reshape(16, 3)
    channels = [np.interp(np.arange(256), np.arange(0, 256, 17), channel) for channel in anchors.T]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def _diverging(middle: float, end: float, chroma: float, blue: float, red: float) -> UInt8[Array, "256 3"]:
    """Two straight lines through CIELAB, from blue over a grey middle to red.

    Equal steps are then equally visible, and a value and its negative equally light.

    Args: middle, end: lightness L* (0 to 100) in the middle and at both ends; chroma: at both ends.
          blue, red: hue angles of the ends in degrees.
    """
    t = np.linspace(-1, 1, 256)
    lightness = middle + (end - middle) * np.abs(t)
    hue = np.radians(np.where(t < 0, blue, red))
    a, b = chroma * np.abs(t) * np.cos(hue), chroma * np.abs(t) * np.sin(hue)
    return _srgb_from_lab(np.stack([lightness, a, b], axis=1))


def _srgb_from_lab(lab: Float[Array, "n 3"]) -> UInt8[Array, "n 3"]:
    """CIELAB to 8-bit sRGB, both under D65 (IEC 61966-2-1)."""
    root = (lab[:, :1] + 16) / 116 + lab[:, 1:2] * (1 / 500, 0, 0) - lab[:, 2:] * (0, 0, 1 / 200)
    xyz = np.where(root > 6 / 29, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29)) * (0.95047, 1.0, 1.08883)
    linear = xyz @ np.array(
        [
            [3.2404542, -0.969266, 0.0556434],
            [-1.5371385, 1.8760108, -0.2040259],
            [-0.4985314, 0.041556, 1.0572252],
        ]
    )
    linear = np.clip(linear, 0, 1)
    return np.rint(255 * np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)).astype(
        np.uint8
    )


# The dark variant has a dark middle, for signed values on a dark page.
COLOUR_MAPS = {
    "viridis": _viridis(),
    "diverging": _diverging(middle=97.0, end=41.0, chroma=49.0, blue=280.0, red=33.0),
    "diverging_dark": _diverging(middle=14.0, end=70.0, chroma=47.0, blue=265.0, red=38.0),
}
for _table in COLOUR_MAPS.values():
    _table.flags.writeable = False  # shared by all callers
