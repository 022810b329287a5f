"""The figure of the start page: a digit, and two networks' answers to it, put back to its place."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import streamlit as st

from components.stack_viewer import Act, Maps, Row
from core.checkpoints import ALL_SIZES, CheckpointError
from core.data.sources import SOURCES
from core.figures import Stack
from core.models import MODELS, Shown
from pages.panels.pictures import percent
from pages.panels.square import image_panel, term_colours
from pages.results.answers import Answers, answers_put_back
from pages.results.networks import layer_names
from pages.results.numbers import Numbers
from pages.state.view import View

PLAIN, COMMUTES = "cnn", "sesn_antialiased"
LAYER = "conv1"  # its maps have the most pixels, so that one sees what stands still


@dataclass(frozen=True)
class Stage:
    """Attributes: acts: the digit and the answers. stacks: of their maps. numbers: by network."""

    acts: list[Act]
    stacks: list[Stack]
    numbers: dict[Shown, Numbers]

    @property
    def rows(self) -> list[Row]:
        return [Row(self.acts)]


def stage_of(view: View, covered: Collection[str] = (), dimmed: Collection[str] = ()) -> Stage | None:
    """The figure; a network that cannot be shown is told, None if there is none.

    Args: covered, dimmed: networks of which nothing is to be seen yet, and that stand back.
    """
    view = replace(view, scales=None)  # both networks are shown as they were trained
    colours, found = term_colours(), {}
    for key, colour in zip(_networks(view), (colours["after"], colours["moved"]), strict=False):
        shown = view.shown(key)
        layer = LAYER if LAYER in layer_names(key) else layer_names(key)[0]
        try:
            answers = answers_put_back(shown, view.digit, view.resampler, layer, view.amounts, view.key)
        except (CheckpointError, ValueError) as error:
            st.warning(str(error))
            continue
        found[shown] = answers, _act_of(shown, answers, colour, key in covered, key in dimmed)
    if not found:
        return None
    (first, _), *_ = found.values()
    kind = "Photograph" if len(first.tx) > 1 else "Digit"
    title = f"{kind}, {view.transform.done}"
    image = image_panel("tx", title, view.digit.title, first.stack.name, first.tx, dimmed="tx" in dimmed)
    return Stage(
        [Act(image, ""), *(act for _, act in found.values())],
        [answers.stack for answers, _ in found.values()],
        {shown: answers.numbers for shown, (answers, _) in found.items()},
    )


def _networks(view: View) -> tuple[str, ...]:
    """The plain and the commuting one; of a picture in colour, which they do not take, the view's own."""
    return (view.network,) if SOURCES[view.digit.source].in_colour else (PLAIN, COMMUTES)


def _act_of(shown: Shown, found: Answers, colour: str, covered: bool, dimmed: bool) -> Act:
    """A network's answer, with the error of its layer under it."""
    place = f", {found.place}" if found.place else ""
    text = f"T′⁻¹Φ(T x) of {found.numbers.layer}, channel {found.channel + 1}{place}"
    maps = Maps(
        shown.key, "Answer, put back", text, found.stack.name, [1], space="before", colour=colour, covered=covered,
        dimmed=dimmed,
    )  # fmt: skip
    if covered:
        return Act(maps, MODELS[shown.key].title)
    errors = found.numbers.errors
    trained = "" if shown.trained_on == ALL_SIZES else f"; trained on {shown.trained_on}"  # beside the name is no room
    axis = f"equivariance error, 0–100 %{trained}"
    return Act(maps, MODELS[shown.key].title, errors, [percent(error) for error in errors], axis=axis)
