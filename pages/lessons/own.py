"""The parameters that a figure has beside the shared ones, as the page has them that it comes from."""

import re

from core.models import MODELS
from core.results.findings import ALL_SIZES, ONE_SIZE
from pages.bench.bench import bench_parameters
from pages.panels.square_choices import other_parameter, square_parameters
from pages.state.links import Parameter, choice

_MANY = 999  # more than any layer has channels or scales; the page knows how many there are
BESIDE = choice("lesson_other", [None, *MODELS], None, name="other")
TRAINED = choice("part", [ONE_SIZE, ALL_SIZES], ONE_SIZE)


def own_parameters(figure: str) -> list[Parameter]:
    """Of a key of `core.lessons.FIGURES`."""
    if figure == "square":
        return [other_parameter(list(MODELS)), *square_parameters(_MANY, _MANY)]
    if figure == "maps":
        return [Parameter("maps_opened", "", _opened, name="map")]
    if figure in ("errors.layers", "errors.curve"):
        return [BESIDE]
    if figure == "sizes":
        return [BESIDE, TRAINED]
    return bench_parameters() if figure == "scales" else []


def _opened(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,4})?", text):
        raise ValueError(text)
    return text
