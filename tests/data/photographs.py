"""Simulated photographs of a digit on paper: what the light, the table, the print and the camera do to it.

The paper is a sheet in its own coordinates, with the digit at its origin; the camera sees it through a rotation and a
perspective. Reflectances multiply, light multiplies them, then the lens blurs, the sensor adds noise and JPEG follows.
"""

import io
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter

KINDS = ("dark table", "vignette", "hard shadow", "ruled", "squared", "tilted", "tiny")


@dataclass(frozen=True)
class Scene:
    """What is photographed. Lengths are shares of the picture's shorter side, angles are in degrees."""

    width: int = 900  # pixels
    height: int = 700
    digit: float = 0.4  # longer side of the digit
    place: tuple[float, float] = (0.0, 0.0)  # of the digit, from the middle
    turn: float = 0.0  # of the paper in its plane
    tip: tuple[float, float] = (0.0, 0.0)  # perspective: how much nearer one side is, across and down
    paper: float = 0.88  # reflectance
    pen: float = 0.2  # the same, where the ink is full
    sheet: tuple[float, float, float, float] | None = None  # left, top, right, bottom of the paper; None: everywhere
    table: float = 0.12
    lines: float = 0.0  # distance of rulings; 0 for none
    squared: bool = False
    ruling: float = 0.7  # what a ruling leaves of the light
    vignette: float = 0.0  # how much darker the corners are
    shadow: float = 1.0  # what a hard shadow leaves of the light
    edge: float = 0.0  # direction of its edge
    across: float = 0.0  # how far its edge is from the middle
    noise: float = 0.012
    quality: int = 85


def scene(kind: str, rng: np.random.Generator) -> Scene:
    """One of KINDS, drawn at random within what phones see."""
    u = rng.uniform
    usual = Scene(
        digit=u(0.25, 0.6), place=(u(-0.12, 0.12), u(-0.08, 0.08)), turn=u(-6, 6), paper=u(0.78, 0.95),
        pen=u(0.1, 0.32), noise=u(0.005, 0.02), quality=int(u(70, 95)),
    )  # fmt: skip
    match kind:
        case "dark table":
            left, top, right, bottom = u(0.36, 0.5, 4)
            small = replace(usual, digit=u(0.2, 0.45), turn=u(-12, 12), table=u(0.05, 0.3))
            return replace(small, sheet=(-left, -top, right, bottom))
        case "vignette":
            return replace(usual, vignette=u(0.35, 0.6))
        case "hard shadow":
            return replace(usual, shadow=u(0.4, 0.65), edge=u(0, 360), across=u(-0.2, 0.2))
        case "ruled":
            return replace(usual, lines=u(0.06, 0.16), ruling=u(0.6, 0.8), digit=u(0.2, 0.5))
        case "squared":
            return replace(usual, lines=u(0.05, 0.1), squared=True, ruling=u(0.65, 0.85), digit=u(0.2, 0.5))
        case "tilted":
            return replace(usual, turn=float(rng.choice((-1, 1)) * u(8, 16)), tip=(u(-0.25, 0.25), u(-0.25, 0.25)))
        case "tiny":
            far = (u(-0.35, 0.35), u(-0.3, 0.3))
            return replace(usual, width=2400, height=1800, digit=u(0.04, 0.08), place=far, vignette=u(0, 0.3))
    raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")


def harsher(what: Scene, rng: np.random.Generator) -> Scene:
    """The same with three of eight things that are worse than usual."""
    u = rng.uniform
    worse = (
        {"shadow": u(0.25, 0.5), "edge": u(0, 360), "across": u(-0.2, 0.2)},
        {"lines": u(0.05, 0.12), "squared": True, "ruling": u(0.4, 0.65)},
        {"pen": u(0.5, 0.75)}, {"noise": u(0.04, 0.1)}, {"turn": u(-45, 45)}, {"quality": int(u(15, 30))},
        {"digit": u(0.8, 1.1)}, {"vignette": u(0.7, 0.9)},
    )  # fmt: skip
    for one in rng.choice(len(worse), 3, replace=False):
        what = replace(what, **worse[one])
    return what


def written(digit: torch.Tensor) -> torch.Tensor:
    """A digit of 28×28 pixels (values 0 to 1) as ink that can be photographed: ten times as large, sharp edges."""
    large = F.interpolate(digit[None, None], size=(280, 280), mode="bicubic")[0, 0]
    return ((large - 0.5) * 3 + 0.5).clamp(0, 1)


def photograph(what: Scene, ink: torch.Tensor, rng: np.random.Generator) -> bytes:
    """The JPEG of a scene. Args: ink: of a digit in the middle 20/28 of a square, (h, w), 1 where the pen was."""
    x, y = _on_paper(what)
    reflectance = what.paper * (1 - (1 - what.pen / what.paper) * _digit(what, ink, x, y))
    reflectance *= 1 + 0.01 * _grain(rng, x.shape, 3)
    for coordinate in (y, x)[: 1 + what.squared] if what.lines else ():
        phase = np.abs((coordinate / what.lines + 0.3) % 1 - 0.5) * what.lines  # from the nearest line
        thick = 0.004
        reflectance *= 1 - (1 - what.ruling) * np.clip(1.5 - phase / (thick / 2), 0, 1)
    if what.sheet:
        left, top, right, bottom = what.sheet
        on = (x > left) & (x < right) & (y > top) & (y < bottom)
        table = what.table * (1 + 0.15 * _grain(rng, x.shape, 12))
        reflectance = np.where(on, reflectance, table)
    light = _light(what)
    seen = Image.fromarray((255 * np.clip(light * reflectance, 0, 1)).astype(np.uint8))
    blurred = np.asarray(seen.filter(ImageFilter.GaussianBlur(min(x.shape) / 900))).astype(float) / 255
    grey = np.clip(blurred + what.noise * rng.standard_normal(x.shape), 0, 1)
    warm = np.stack([grey, grey * 0.97, grey * 0.9], axis=2)
    file = io.BytesIO()
    Image.fromarray((255 * warm).astype(np.uint8)).save(file, "JPEG", quality=what.quality)
    return file.getvalue()


def _grid(what: Scene) -> tuple[np.ndarray, np.ndarray]:
    shorter = min(what.width, what.height)
    rows, columns = np.mgrid[0 : what.height, 0 : what.width]
    return (columns + 0.5 - what.width / 2) / shorter, (rows + 0.5 - what.height / 2) / shorter


def _on_paper(what: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Where on the paper each pixel looks, from the digit's middle."""
    x, y = _grid(what)
    depth = 1 + what.tip[0] * x + what.tip[1] * y
    x, y = x / depth - what.place[0], y / depth - what.place[1]
    angle = np.deg2rad(what.turn)
    return np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x


def _digit(what: Scene, ink: torch.Tensor, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    half = what.digit / 2 * 28 / 20  # of the square that the ink comes in
    places = torch.tensor(np.stack([x / half, y / half], axis=-1)[None], dtype=torch.float32)
    return F.grid_sample(ink[None, None], places, align_corners=False)[0, 0].numpy()


def _light(what: Scene) -> np.ndarray:
    x, y = _grid(what)
    radius = np.hypot(x, y) / np.hypot(x, y).max()
    light = 1 - what.vignette * radius**2
    angle = np.deg2rad(what.edge)
    beyond = np.cos(angle) * x + np.sin(angle) * y - what.across
    return light * (1 - (1 - what.shadow) * np.clip(0.5 + beyond / 0.006, 0, 1))


def _grain(rng: np.random.Generator, shape: tuple[int, int], size: int) -> np.ndarray:
    """Smooth noise with a standard deviation near 1, as of fibres or wood."""
    coarse = rng.standard_normal((shape[0] // size + 2, shape[1] // size + 2)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize(shape[::-1], Image.Resampling.BICUBIC))
