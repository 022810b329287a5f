"""The pipeline of STL-10 as pictures: what a few photographs are after each step."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from torch import Tensor

from core.data.colour_photographs import colour_photographs
from core.data.stl10 import SIDE, Stl10Missing, is_available, load_stl10
from core.figures.photographs import photograph_row
from core.training.stl10.pipeline import steps

_SHOWN = 4
SEED = 4  # by which all five steps can be seen on the photographs that come along


@dataclass(frozen=True)
class StepPicture:
    """Photographs in a row, RGBA, and what was done to them."""

    name: str
    told: str
    picture: np.ndarray


@dataclass(frozen=True)
class PipelinePictures:
    """The photographs as they come, and after each step. Attributes: source: what they are, in a sentence."""

    source: str
    rows: tuple[StepPicture, ...]


@st.cache_data(max_entries=2, show_spinner=False)
def pipeline_pictures() -> PipelinePictures:
    """Of the first photographs of STL-10 if it is on this machine, else of those that come along."""
    images, source = _photographs()
    rows = [
        StepPicture("as it comes", f"{SIDE}×{SIDE} pixels, values from 0, black, to 1", photograph_row(images, False))
    ]
    rows += [
        StepPicture(step.name, step.told, photograph_row(after, step.has_mean_0)) for step, after in steps(images, SEED)
    ]
    return PipelinePictures(source, tuple(rows))


def _photographs() -> tuple[Tensor, str]:
    if is_available():
        try:
            found = load_stl10("train").images[:_SHOWN].clone()
            return found.float() / 255, f"The first {_SHOWN} training photographs of STL-10 on this machine."
        except Stl10Missing as error:
            return _along(), f"{error} Shown are photographs that come along."
    return _along(), "STL-10 is not on this machine; shown are photographs that come along, at its size."


def _along() -> Tensor:
    return colour_photographs(SIDE).images[:_SHOWN]
