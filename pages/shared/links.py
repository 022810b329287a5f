"""Links that reproduce a view: each shared control has a parameter in the URL, left out at its usual value.

Streamlit can bind widgets to the URL by itself, but then a link holds the texts of the menu ("Plain CNN") instead of
stable keys ("cnn"), an exact number has to be spelled as the control shows it, and what cannot be used is dropped
without a word. So a link is read once, at the start of a session, and written after every run.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st


@dataclass(frozen=True)
class Parameter:
    """One control in the URL. `parse` turns its text into a value or raises ValueError; `text` does the reverse."""

    key: str
    usual: Any
    parse: Callable[[str], Any]
    text: Callable[[Any], str] = str


def choice(key: str, options: Sequence[Any], usual: Any) -> Parameter:
    """One of several options, named by their text."""
    by_text = {str(option): option for option in options}

    def parse(text: str) -> Any:
        if text not in by_text:
            raise ValueError(text)
        return by_text[text]

    return Parameter(key, usual, parse)


def number(key: str, low: float, high: float, usual: float) -> Parameter:
    """A number in a range; whole if `usual` is."""
    kind = type(usual)

    def parse(text: str) -> float:
        value = kind(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return Parameter(key, usual, parse, lambda value: f"{value:g}")


def nearest(key: str, options: Sequence[float], usual: float) -> Parameter:
    """The option nearest to a positive number, which may lie 5 % outside them."""

    def parse(text: str) -> float:
        value = float(text)
        if not 0.95 * min(options) <= value <= 1.05 * max(options):
            raise ValueError(text)
        return min(options, key=lambda option: abs(option - value))

    return Parameter(key, usual, parse, lambda value: f"{value:g}")


def restore(parameters: Sequence[Parameter]) -> None:
    """Gives every control its value before it is drawn: from the link in the first run, else the usual one."""
    first, ignored = "link_ignored" not in st.session_state, []
    for parameter in parameters:
        if first and parameter.key in st.query_params:
            text = st.query_params[parameter.key]
            try:
                st.session_state[parameter.key] = parameter.parse(text)
            except (ValueError, OverflowError):
                ignored.append(f"{parameter.key} = {text[:40]}")
        if parameter.key not in st.session_state:
            st.session_state[parameter.key] = parameter.usual
    if first:
        st.session_state["link_ignored"] = ignored


def publish(parameters: Sequence[Parameter]) -> None:
    """Writes every value that is not the usual one into the URL."""
    for parameter in parameters:
        value = st.session_state.get(parameter.key, parameter.usual)
        if value is None or value == parameter.usual:
            if parameter.key in st.query_params:
                del st.query_params[parameter.key]
        elif st.query_params.get(parameter.key) != parameter.text(value):
            st.query_params[parameter.key] = parameter.text(value)


def report_ignored() -> None:
    """Says once which values of the link could not be used."""
    ignored = st.session_state.get("link_ignored")
    if ignored:
        shown = ", ".join("`" + each.replace("`", "") + "`" for each in ignored)
        st.warning(f"The link asks for {shown}, which there is not; the usual value is shown instead.")
        st.session_state["link_ignored"] = []
