"""Pictures that somebody brings, in colour, for a network of photographs; each is read within limits, never trusted."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from core.data.picture_files import ImageRefused
from core.data.picture_folder import picture_on_canvas
from core.data.sizes.pictures import MAX_SECONDS

MOST_PICTURES = 16
MOST_BYTES = 100_000_000  # of all together


@dataclass(frozen=True)
class OwnPictures:
    """Attributes: images: on one canvas, values in [0, 1]. note: how many were read, and what was left out."""

    images: Float[Tensor, "n 3 side side"]
    note: str


def read_pictures(pictures: Iterable[tuple[str, bytes]], side: int) -> OwnPictures:
    """The square in the middle of each picture, as `core.data.picture_folder.picture_on_canvas`.

    What cannot be read is left out, and so is the rest once the time of a core that an upload may take is over
    (EQUISCOPE_UPLOAD_SECONDS, 2); the note says so.

    Args: pictures: file names and contents. side: of the canvas in pixels.
    Raises: ValueError, in one sentence, for more than 16 pictures or 100 MB, or if none can be read.
    """
    given = list(pictures)
    if len(given) > MOST_PICTURES:
        raise ValueError(f"There are {len(given)} pictures: at most {MOST_PICTURES} are measured.")
    if sum(len(content) for _, content in given) > MOST_BYTES:
        raise ValueError(f"The pictures have more than {MOST_BYTES // 1_000_000} MB together.")
    images, reasons, late = [], [], 0
    started = time.thread_time()
    for name, content in given:
        if time.thread_time() - started > MAX_SECONDS:
            late += 1
            continue
        try:
            images.append(picture_on_canvas(content, side, 3))
        except ImageRefused as error:
            reasons.append(f"{name}: {str(error).rstrip('.')}")
    if not images:
        raise ValueError(f"No picture can be read. {reasons[0]}." if reasons else "There is no picture.")
    return OwnPictures(torch.cat(images), _note(len(images), reasons, late))


def _note(read: int, reasons: list[str], late: int) -> str:
    told = [f"{read} picture{'s' * (read != 1)} of your own, the square in the middle of each"]
    if reasons:
        told.append(f"{len(reasons)} left out (first {reasons[0]})")
    if late:
        told.append(f"{late} left out, since an upload has {MAX_SECONDS:g} seconds of computing time")
    return f"{'; '.join(told)}."
