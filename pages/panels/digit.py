"""The choice of a digit: a source of core.data.sources, and what its fields ask for."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.draw_pad import draw_pad
from core.data.drawing import Drawing
from core.data.mnist import MnistMissing
from core.data.sources import SOURCES, Field, Options, Pad, PictureFile, Source, WholeNumber
from pages.panels.picture import bring_picture, name_key
from pages.panels.segments import KEEP, segments
from pages.results.digits import digit_image, source_is_here, uploads
from pages.state.links import Parameter, choice, number
from pages.state.view import Digit

_BROUGHT = "brought own digit"  # in the session


def digit_parameters() -> list[Parameter]:
    """Source, name and size of the digit in the URL."""
    fields = [_parameter(source, field) for source in SOURCES.values() for field in source.fields]
    return [choice("source", list(SOURCES), "vector"), *fields, number("size", 0.3, 1.0, 0.7)]


def brings_own_digit() -> bool:
    """Whether the visitor draws or uploads the digit, or did before, for which the sidebar is needed.

    It is asked before the link is read, and stays open when another digit is chosen in it.
    """
    chosen = st.session_state.get("source", st.query_params.get("source"))
    if chosen in SOURCES and any(isinstance(field, Pad | PictureFile) for field in SOURCES[chosen].fields):
        st.session_state[_BROUGHT] = True
    return _BROUGHT in st.session_state


def choose_digit(rest: DeltaGenerator, takes_colour: bool) -> Digit:
    """Draws the controls; where a source has no digit yet, that is said, and a vector digit is shown.

    Args: rest: where those belong that a first look can do without: all but the source and its first field.
        takes_colour: whether the network can be shown pictures in colour.
    """
    offered = {key: source.title for key, source in SOURCES.items() if takes_colour or not source.in_colour}
    if st.session_state["source"] not in offered:
        st.info(f"{SOURCES[st.session_state['source']].title}s are for networks of three channels; a digit is shown.")
        st.session_state["source"] = "vector"
    source = SOURCES[segments("Picture" if takes_colour else "Digit", offered, "source")]
    _forget_absent(source)
    name = _choose_name(source, rest)
    if name is None:
        source = SOURCES["vector"]
        name = source.name_of({field.key: field.usual for field in source.fields})
    if source.has_size:
        rest.slider(
            "Size of the digit before the transform, × MNIST", 0.3, 1.0, step=0.05, key="size", persist_state=KEEP,
            help="1 is the size of an MNIST digit, 20 of 28 pixels, and of a drawing as you drew it. "
            "A smaller digit has room to grow.",
        )  # fmt: skip
    return Digit(source.key, name, float(st.session_state["size"]))


def _parameter(source: Source, field: Field) -> Parameter:
    """One field of a source in the URL."""

    def check(text: str) -> str:
        return source.check(text) if text else text

    match field:
        case Options():
            return choice(field.key, field.values, field.usual)
        case WholeNumber():
            return number(field.key, field.low, field.high, field.usual)
        case PictureFile():
            return Parameter(name_key(field), field.usual, check, name=field.key)
        case Pad():
            return Parameter(field.key, field.usual, check)


def shown_parameters() -> list[Parameter]:
    """Those of `digit_parameters` whose controls stand in `rest` at this moment."""
    source = SOURCES[st.session_state["source"]]
    own = {field.key for field in source.fields[1:]} | ({"size"} if source.has_size else set())
    return [parameter for parameter in digit_parameters() if parameter.key in own]


def _choose_name(source: Source, rest: DeltaGenerator) -> str | None:
    """The name of the chosen digit; None, and a sentence on the page, where there is none."""
    if not source_is_here(source.key):
        _offer_download(source)
        return None
    values = {}
    for field in source.fields:
        with st.container() if field is source.fields[0] else rest:
            values[field.key] = _choose_field(source, field)
    return None if None in values.values() else source.name_of(values)


def _choose_field(source: Source, field: Field) -> Any:
    match field:
        case Options():
            words = {value: str(value) for value in field.values}
            hidden = "collapsed" if field is source.fields[0] else "visible"  # the menu above says what it is
            return segments(field.label, words, field.key, label_visibility=hidden)
        case WholeNumber():
            return st.number_input(field.label, field.low, field.high, key=field.key, persist_state=KEEP)
        case PictureFile():
            return bring_picture(source, field)
        case Pad():
            return _draw(source, field)


def _offer_download(source: Source) -> None:
    st.info(f"{source.title} is not on this machine; a vector digit is shown instead.")
    if not st.button(source.download_title, key=f"{source.key}_download"):
        return
    bar = st.progress(0.0, f"Downloading {source.title} …")

    def show(share: float, text: str) -> None:
        bar.progress(min(1.0, share), text)

    try:
        source.download(show)
    except (OSError, ValueError, MnistMissing) as error:
        bar.empty()
        st.warning(str(error))
        return
    source_is_here.clear()
    st.rerun()


def _forget_absent(chosen: Source) -> None:
    """Another digit was chosen instead of a picture that is not here: the link need not name it any more."""
    for source in SOURCES.values():
        for field in source.fields:
            if source is not chosen and isinstance(field, PictureFile):
                key = name_key(field)
                st.session_state[key] = st.session_state[key] if st.session_state[key] in uploads() else ""


def _draw(source: Source, field: Pad) -> str | None:
    text = str(st.session_state[field.key])
    seen = digit_image(Digit(source.key, text, float(st.session_state["size"]))) if text else None
    draw_pad(text, seen, st.session_state.get("drawn_answers", ""), take_drawing)
    if seen is None:
        st.caption("Nothing is drawn yet, so a vector digit is shown.")
        return None
    return text


def take_drawing(drawing: Drawing | None, answers: str) -> None:
    """Callback: the visitor drew. Args: answers: the report that the server changed, if it did."""
    st.session_state["drawn"] = drawing.to_text() if drawing else ""
    st.session_state["drawn_answers"] = answers
