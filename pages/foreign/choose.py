"""Which network, and what its images are like."""

from dataclasses import dataclass, replace

import streamlit as st

from core.checkpoints import read_weights
from core.data.own_pictures import MOST_PICTURES, OwnPictures, read_pictures
from core.data.picture_files import MAX_BYTES
from core.foreign import MOST_BYTES, Question, networks_with_weights
from core.foreign.example import TITLE, example
from core.foreign.question import LARGEST_CANVAS
from core.models import MODELS
from pages.state.links import Parameter, choice, flag, page_parameters

RANGES = {"0 to 1": (0.0, 1.0), "0 to 255": (0.0, 255.0), "-1 to 1": (-1.0, 1.0)}
"""Of the values of a pixel, from background to full ink."""
ONNX, WEIGHTS = "onnx", "weights"
_KINDS = {ONNX: "A network, as ONNX", WEIGHTS: "Weights for one of ours, as safetensors"}
_FEW = 4  # digits that a network of size paper is asked for, which takes ten times as long
KIND = choice("yours_kind", list(_KINDS), ONNX, name="file")
RANGE = choice("yours_range", list(RANGES), next(iter(RANGES)), name="values")
SHOWN = {
    "digits": Question(),
    "photographs": Question(source="photographs"),
    "photographs, mirrored": Question(source="photographs", edge="mirrored"),
}
"""What it is measured on; photographs end at a masked edge, or go on as their reflection."""
ON = choice("yours_on", list(SHOWN), next(iter(SHOWN)), name="on")
EXAMPLE = flag("yours_example", usual=True, name="example")
FILES = "yours_files"  # how many uploads were put away; another number is an empty one
_PICTURES = "yours_own_pictures"  # those that were read last, with the ids of their files
_NETWORK, _SIZE = "yours_network", "yours_size"


@dataclass(frozen=True)
class Brought:
    """A file. Attributes: name: of it. content: all of it. is_ours: whether it is the example, and no visitor's.
    pictures: of the visitor's own, on which it is measured instead of ours.
    """

    name: str
    content: bytes
    is_ours: bool = False
    pictures: OwnPictures | None = None


def parameters() -> list[Parameter]:
    """Of this page, in the link: no file is."""
    return [KIND, RANGE, ON, EXAMPLE, _network_parameter()]


def chosen_file() -> Brought | None:
    """The controls, and what they gave; a file of one's own counts more than the example. Raises: CheckpointError."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "What is in the file", list(_KINDS), key=KIND.key, format_func=lambda kind: _KINDS[kind], required=True
        )
        _choose_more()
        st.toggle("An example of ours", key=EXAMPLE.key)
    kind, megabytes = st.session_state[KIND.key], MOST_BYTES >> 20
    found = st.file_uploader(  # of any name, so that a sentence says why others are not opened
        f"Your {'network, an ONNX' if kind == ONNX else 'weights, a safetensors'} file of at most {megabytes} MB",
        key=f"yours_file_{kind}_{st.session_state.get(FILES, 0)}",
        max_upload_size=megabytes,
    )
    pictures = _own_pictures() if kind == ONNX and st.session_state[ON.key] != next(iter(SHOWN)) else None
    if found is not None:
        return Brought(found.name, found.getvalue(), pictures=pictures)
    return replace(_example(kind), pictures=pictures) if st.session_state[EXAMPLE.key] else None


def _own_pictures() -> OwnPictures | None:
    """Where photographs are measured: those of the visitor, if there are some; they are read once."""
    files = st.file_uploader(
        f"Pictures of your own instead of ours, at most {MOST_PICTURES}", accept_multiple_files=True,
        key=f"yours_pictures_{st.session_state.get(FILES, 0)}", max_upload_size=MAX_BYTES // 1_000_000,
    )  # fmt: skip
    if not files:
        st.session_state.pop(_PICTURES, None)
        return None
    names = tuple(file.file_id for file in files)
    if st.session_state.get(_PICTURES, (None,))[0] != names:
        given = ((file.name, file.getvalue()) for file in files)
        try:
            st.session_state[_PICTURES] = names, read_pictures(given, LARGEST_CANVAS)
        except ValueError as error:
            st.session_state[_PICTURES] = names, str(error)
    found = st.session_state[_PICTURES][1]
    if isinstance(found, OwnPictures):
        return found
    st.error(f"{found} Ours are shown instead.")
    return None


def asked(brought: Brought) -> Question:
    """How it is measured."""
    if st.session_state[KIND.key] == WEIGHTS:
        key, size = chosen_network()
        asked = Question(network=key, size=size)
        return asked if size == "small" else replace(asked, digits=_FEW)
    low, high = RANGES[st.session_state[RANGE.key]]
    own = 0 if brought.pictures is None else len(brought.pictures.images)
    return replace(SHOWN[st.session_state[ON.key]], low=low, high=high, pictures=own)


def chosen_network() -> tuple[str, str]:
    """Of the registry, and its size, where a file holds weights."""
    return st.session_state[_NETWORK], st.session_state[_SIZE]


def _choose_more() -> None:
    """What is asked of a network beside its file: pixels and pictures; of weights, whose they are."""
    if st.session_state[KIND.key] == ONNX:
        st.selectbox("Values of a pixel", list(RANGES), key=RANGE.key, width=180)
        st.selectbox("Measured on", list(SHOWN), key=ON.key, width=210)
        return
    networks = networks_with_weights()
    st.selectbox("Of the network", networks, key=_NETWORK, format_func=lambda key: MODELS[key].title, width=240)
    sizes = list(MODELS[st.session_state[_NETWORK]].sizes)
    page_parameters([choice(_SIZE, sizes, sizes[0], name="network_size")])
    st.segmented_control("Size", sizes, key=_SIZE, required=True)


def _network_parameter() -> Parameter:
    return choice(_NETWORK, networks_with_weights(), "cnn_small", name="weights_of")


def _example(kind: str) -> Brought:
    if kind == ONNX:
        return Brought(TITLE, _example_file(), is_ours=True)
    key, size = chosen_network()
    return Brought(f"{key}-{size}.safetensors", read_weights(key, size), is_ours=True)


@st.cache_data(show_spinner=False)
def _example_file() -> bytes:
    return example()
