"""One button under every figure, "Take it away": pictures, its data, Python, and what works without a server."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from components.take_away import offer_pictures
from core.checkout import revision

_PRINTS = "This Python prints its number:"


@dataclass(frozen=True)
class File:
    """A file that is made when it is asked for.

    Attributes: label: of its button. name: with its ending. mime: its type. make: gives what is in it.
    """

    label: str
    name: str
    mime: str
    make: Callable[[], str | bytes]


def table(name: str, make: Callable[[], str]) -> File:
    """The data of a figure. Args: name: of the file, without ending."""
    return File("Data, CSV", f"equiscope-{name}.csv", "text/csv", make)


def interactive(name: str, make: Callable[[], str]) -> File:
    """A figure whose handles work without a server. Args: name: of the file, without ending."""
    return File("Interactive, HTML", f"equiscope-{name}.html", "text/html", make)


def signed(rests_on: str) -> str:
    """What stands under the title of all that leaves the page: what it rests on, which code drew it, and when."""
    return " · ".join(filter(None, [rests_on, revision(), datetime.date.today().isoformat()]))


@dataclass(frozen=True)
class Taken:
    """What is taken away of a figure.

    Attributes: heading: what it shows. rests_on: n, data, resampler and the like, parts with ` · ` between them.
        files: beside the pictures. code: Python that gives its number again.
        colours: as `components.take_away.offer_pictures`.
    """

    heading: str
    rests_on: str
    files: Sequence[File] = ()
    code: str = ""
    colours: Sequence[tuple[str, str]] = ()


@st.fragment
def take_away(figure: str, make: Callable[[], Taken]) -> None:
    """The button. What is behind it is made when it is opened, in a run of its own, so that no move waits for it.

    Args: figure: as `components.take_away.offer_pictures`.
    """
    menu = st.popover("Take it away", icon=":material/download:", key=f"take_{figure}", on_change="rerun")
    if menu.open:
        with menu:
            _offer(figure, make())


def _offer(figure: str, taken: Taken) -> None:
    offer_pictures(figure, taken.heading, signed(taken.rests_on), f"equiscope-{figure}", taken.colours)
    with st.container(horizontal=True):
        for file in taken.files:
            st.download_button(
                file.label, file.make, file.name, file.mime, key=f"take_{figure}_{file.name}", on_click="ignore"
            )
    if taken.code:
        st.markdown(_PRINTS)
        st.code(taken.code, language="python", wrap_lines=True)
