"""A picture with a box on it that is dragged by its corners or as a whole: the part that is looked at."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import UInt8

from components.bundle import register
from components.reports import id_of, is_number, mount
from core.figures import data_uri, png_bytes

KEY = "crop_box"  # its state is {"crop": {"id": …, "box": percent}}
LEAST = 5  # percent of a side that a box has at least
Box = tuple[int, int, int, int]
_component = register("crop_box")


def crop_box(
    picture: UInt8[np.ndarray, "h w 3"], box: Box, answers: str, on_cropped: Callable[[Box, str], None]
) -> None:
    """Puts the picture on the page.

    Args: box: left, top, right, bottom in percent of the width and the height. answers: what `on_cropped` was given
        last. on_cropped: called before the run that a change causes, with the box and the id of the report.
    """

    def take(report: Any) -> None:
        found = read_report(report)
        if found is not None:
            on_cropped(found, id_of(report))

    data = {"picture": data_uri(png_bytes(picture)), "box": box, "least": LEAST, "answers": answers}
    mount(_component, KEY, data, "crop", take)


def read_report(report: Any) -> Box | None:
    """The box of a report; None for anything that is no box on the picture of at least `LEAST` percent a side."""
    told = report.get("box") if isinstance(report, dict) else None
    if not isinstance(told, list) or len(told) != 4 or not all(map(is_number, told)):
        return None
    left, top, right, bottom = (round(each) for each in told)
    if min(left, top) < 0 or max(right, bottom) > 100 or min(right - left, bottom - top) < LEAST:
        return None
    return left, top, right, bottom
