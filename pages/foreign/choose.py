"""Which network, and what its images are like."""

from dataclasses import dataclass, replace

import streamlit as st

from core.foreign import MOST_BYTES, Question
from core.foreign.example import TITLE, example
from pages.state.links import Parameter, choice, flag

RANGES = {"0 to 1": (0.0, 1.0), "0 to 255": (0.0, 255.0), "-1 to 1": (-1.0, 1.0)}
"""Of the values of a pixel, from background to full ink."""
RANGE = choice("yours_range", list(RANGES), next(iter(RANGES)), name="range")
SHOWN = {
    "digits": Question(),
    "photographs": Question(source="photographs"),
    "photographs, mirrored": Question(source="photographs", edge="mirrored"),
}
"""What it is measured on; photographs end at a masked edge, or go on as their reflection."""
ON = choice("yours_on", list(SHOWN), next(iter(SHOWN)), name="on")
EXAMPLE = flag("yours_example", usual=True, name="example")
FILES = "yours_files"  # how many uploads were put away; another number is an empty one


@dataclass(frozen=True)
class Brought:
    """A file. Attributes: name: of it. content: all of it. is_ours: whether it is the example, and no visitor's."""

    name: str
    content: bytes
    is_ours: bool = False


def parameters() -> list[Parameter]:
    """Of this page, in the link: no file is."""
    return [RANGE, ON, EXAMPLE]


def chosen_file() -> Brought | None:
    """The controls, and what they gave; a file of one's own counts more than the example. Raises: CheckpointError."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        megabytes = MOST_BYTES >> 20
        found = st.file_uploader(
            f"Your network, an ONNX file of at most {megabytes} MB",
            type=["onnx"],
            key=f"yours_file_{st.session_state.get(FILES, 0)}",
            max_upload_size=megabytes,
        )
        st.selectbox("Values of a pixel", list(RANGES), key=RANGE.key, width=180)
        st.selectbox("Measured on", list(SHOWN), key=ON.key, width=210)
        st.toggle("An example of ours", key=EXAMPLE.key)
    if found is not None:
        return Brought(found.name, found.getvalue())
    return Brought(TITLE, _example(), is_ours=True) if st.session_state[EXAMPLE.key] else None


def asked() -> Question:
    """How it is measured."""
    low, high = RANGES[st.session_state[RANGE.key]]
    return replace(SHOWN[st.session_state[ON.key]], low=low, high=high)


@st.cache_data(show_spinner=False)
def _example() -> bytes:
    return example()
