"""Links that reproduce a view: each control has a parameter in the URL, left out at its usual value.

Streamlit can bind widgets to the URL by itself, but then a link holds the texts of the menu ("Plain CNN") instead of
stable keys ("cnn"), an exact number has to be spelled as the control shows it, and what cannot be used is dropped
without a word. So a control that has no value yet takes it from the URL, and every run writes what it shows
(docs/decisions/0004).
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

_KEPT = "link_kept"  # values of all parameters: Streamlit forgets those of controls that a run did not draw
_STAND_IN = "link_stand_in"  # values that a link leaves out instead of the usual ones, by key
_COMPLAINTS = "link_complaints"
_IGNORED = "The link asks for {}, which there is not; the usual value is shown instead."
_CORRECTED = "The link asks for a value out of range; the nearest one is shown instead: {}."


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Parameter:
    """One control in the URL.

    Args: key: of the control in st.session_state.
          usual: the value that the URL leaves out.
          parse: turns the text of the URL into a value or raises ValueError.
          text: the reverse.
          fit: the allowed value nearest to any value that `parse` may return or that the session may hold.
          name: in the URL; the key if empty.
          ignored: the sentence about a text that `parse` refuses; its {} takes name and text.
    """

    key: str
    usual: Any
    parse: Callable[[str], Any]
    text: Callable[[Any], str] = str
    fit: Callable[[Any], Any] = _as_it_is
    name: str = ""
    ignored: str = _IGNORED

    @property
    def url_name(self) -> str:
        return self.name or self.key


def choice(key: str, options: Sequence[Any], usual: Any, name: str = "") -> Parameter:
    """One of several options, named by their text; None is `none`."""

    def text(option: Any) -> str:
        return "none" if option is None else str(option)

    by_text = {text(option): option for option in options}

    def parse(asked: str) -> Any:
        if asked not in by_text:
            raise ValueError(asked)
        return by_text[asked]

    return Parameter(key, usual, parse, text, lambda value: value if value in options else usual, name)


def several(key: str, options: Sequence[str], name: str = "") -> Parameter:
    """Any number of texts without a dot, usually none: `groups=plain.ours`."""

    def parse(asked: str) -> list[str]:
        found = asked.split(".")
        if not set(found) <= set(options):
            raise ValueError(asked)
        return found

    def fit(value: Any) -> list[str]:
        return [option for option in options if option in value] if isinstance(value, list | tuple) else []

    return Parameter(key, [], parse, ".".join, fit, name)


def flag(key: str, usual: bool = False, name: str = "") -> Parameter:
    """Yes or no, written 1 or 0."""
    by_text = {"1": True, "true": True, "0": False, "false": False}

    def parse(asked: str) -> bool:
        if asked.lower() not in by_text:
            raise ValueError(asked)
        return by_text[asked.lower()]

    return Parameter(key, usual, parse, lambda value: str(int(value)), bool, name)


def number(key: str, low: float, high: float, usual: float, name: str = "", decimals: int = 2) -> Parameter:
    """A number in a range, with so many decimals; whole if `usual` is."""
    kind = type(usual)

    def parse(asked: str) -> float:
        value = kind(asked)
        if not -math.inf < value < math.inf:
            raise ValueError(asked)
        return kind(round(value, decimals))

    def fit(value: Any) -> float:
        return kind(min(high, max(low, value))) if isinstance(value, int | float) else usual

    return Parameter(key, usual, parse, _number_text, fit, name)


def number_or_word(key: str, word: str, low: int, high: int, name: str = "") -> Parameter:
    """A whole number in a range, or the word that is usual: `channel=3`, `channel=strongest`."""
    whole = number(key, low, high, low)

    def parse(asked: str) -> int | str:
        return word if asked == word else whole.parse(asked)

    def fit(value: Any) -> int | str:
        return whole.fit(value) if isinstance(value, int) else word

    return Parameter(key, word, parse, str, fit, name)


def nearest(key: str, options: Sequence[float], usual: float, name: str = "") -> Parameter:
    """The option nearest to a positive number, which may lie 5 % outside them."""
    low, high = 0.95 * min(options), 1.05 * max(options)

    def parse(asked: str) -> float:
        value = float(asked)
        if not -math.inf < value < math.inf:
            raise ValueError(asked)
        return fit(value) if low <= value <= high else value

    def fit(value: Any) -> float:
        return min(options, key=lambda option: abs(option - value)) if isinstance(value, int | float) else usual

    return Parameter(key, usual, parse, _number_text, fit, name)


def _number_text(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def restore(parameters: Sequence[Parameter]) -> None:
    """Gives every control its value before it is drawn.

    The value of this session comes first, drawn or not; a control without one takes it from the link, else the usual
    one. So a page that the browser's Back brings again shows the present state, whatever its old URL says.
    """
    kept = st.session_state.setdefault(_KEPT, {})
    for parameter in parameters:
        key = parameter.key
        if key in st.session_state:
            value = parameter.fit(st.session_state[key])
        elif key in kept:
            value = parameter.fit(kept[key])
        else:
            value = _read(parameter)
        kept[key] = value
        if key not in st.session_state or st.session_state[key] != value:
            st.session_state[key] = value


def is_new(parameter: Parameter) -> bool:
    """Whether this session has no value for a control yet, so that the link decides."""
    return parameter.key not in st.session_state and parameter.key not in st.session_state.get(_KEPT, {})


def _read(parameter: Parameter) -> Any:
    """The value that the link asks for, or one that is possible and a complaint."""
    asked = st.query_params.get(parameter.url_name)
    if asked is None:
        return _left_out(parameter)
    shown = f"{parameter.url_name} = {' '.join(asked[:40].split())}"
    try:
        value = parameter.parse(asked)
    except (ValueError, OverflowError):
        complain(parameter.ignored, shown)
        return _left_out(parameter)
    fitted = parameter.fit(value)
    if fitted != value:
        complain(_CORRECTED, shown, f"{parameter.url_name} = {parameter.text(fitted)}")
    return fitted


def publish(parameters: Sequence[Parameter]) -> None:
    """Writes every value that a link does not leave out into the URL; other parameters stay as they are."""
    present = st.query_params.to_dict()
    wanted = dict(present)
    for parameter in parameters:
        value = st.session_state.get(parameter.key, parameter.usual)
        if value == _left_out(parameter):
            wanted.pop(parameter.url_name, None)
        else:
            wanted[parameter.url_name] = parameter.text(value)
    if wanted != present:
        st.query_params.from_dict(wanted)  # in one message: each message is a URL of its own


def leave_out(values: Mapping[str, Any]) -> None:
    """What a link leaves out from now on, by key of the control; nothing brings the usual values back."""
    st.session_state[_STAND_IN] = dict(values)


def _left_out(parameter: Parameter) -> Any:
    return st.session_state.get(_STAND_IN, {}).get(parameter.key, parameter.usual)


def forget(keep: Collection[Parameter]) -> None:
    """Lets the link of the next run decide on every control again, those on other pages too, except for `keep`."""
    kept, staying = st.session_state.get(_KEPT, {}), {parameter.key for parameter in keep}
    for key in [key for key in kept if key not in staying]:
        del kept[key]
        st.session_state.pop(key, None)


def page_parameters(parameters: Sequence[Parameter]) -> None:
    """The controls of one page in the URL: call this before they are drawn, and where a warning may stand.

    Leaving the page takes them out of the URL, coming back puts them in again. Where the options of one control depend
    on another, call it for the other first.
    """
    restore(parameters)
    publish(parameters)
    report_ignored()


def complain(sentence: str, *values: str) -> None:
    """Keeps a sentence for `report_ignored`; its {} takes the values, from all complaints of that kind together."""
    complaints = st.session_state.setdefault(_COMPLAINTS, {})
    shown = " → ".join("`" + value.replace("`", "") + "`" for value in values)
    complaints.setdefault(sentence, []).append(shown)


def report_ignored() -> None:
    """Says once what of the link could not be shown as it asks."""
    complaints = st.session_state.pop(_COMPLAINTS, {})
    if complaints:
        st.warning(" ".join(sentence.format(", ".join(values)) for sentence, values in complaints.items()))
