"""The sizes in the visitor's data: a distribution to drag, or measured sizes from a file or from pictures."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.sizes import Candidate, FoundSizes, MeasuredSizes, SizesRefused, read_files
from core.tolerance import AXIS, PUBLISHED_RANGES, DataScales, Measured
from pages.bench.scale_list import DECIMALS, ends
from pages.state.links import Parameter, choice, complain, number

PUBLISHED = {f"{low:g} to {high:g}": (low, high) for low, high in PUBLISHED_RANGES}
OWN, LOG_NORMAL, NORMAL, MEASURED = "own range", "log-normal", "normal", "measured"
USUAL_UNIT = 20.0  # pixels: the longer side of the ink of an MNIST digit
UNITS = (1.0, 9999.0)  # pixels
STD_LIMITS = {LOG_NORMAL: (0.05, 3.0), NORMAL: (0.05, 8.0)}  # octaves, ×
_LEAST_SHARE = 0.02  # of the mean, that the std of a normal distribution is at least
_TITLES = {
    **{name: f"Log-uniform, {name}× (published)" for name in PUBLISHED},
    OWN: "Log-uniform, ends of your own", LOG_NORMAL: "Log-normal", NORMAL: "Normal", MEASURED: "Measured sizes",
}  # fmt: skip
_FROM = {"file": "A file or several pictures", "folder": "A folder of pictures"}
_FILE_HELP = (
    "A table of sizes or boxes (CSV or text, COCO, YOLO, ImageJ …), a ZIP of pictures, or several pictures with one "
    "object each. Nothing leaves this session."
)
_FOLDER_HELP = "Every picture counts once, by the longer side of what stands out in it. Nothing leaves this session."
_MAX_MB = 64  # of one file, if the server takes that much: five million sizes
_FOUND, _COLUMN, _TAKEN = "tol_found", "tol_column", "tol_taken"  # in the session: what a file holds, what is meant
_IMAGE_KEYS = {"Width": "tol_image_width", "Height": "tol_image_height"}
_IMAGE_SIDES = (1.0, 100_000.0)  # pixels
_KEEP: Final = "session"  # a control that another choice hides for a while keeps its value
_SIZES_ELSEWHERE = (
    "The link shows measured sizes, {}, which never left the session they were uploaded in; "
    "another distribution is shown until you upload the same file."
)


def data_parameters() -> list[Parameter]:
    """The sizes in the data in the URL."""
    return [
        choice("tol_data", list(_TITLES), "1 to 4.76"),
        ends("tol_range", (1.0, 4.0)),
        number("tol_median", *AXIS, 2.0, decimals=DECIMALS),
        number("tol_spread", *STD_LIMITS[LOG_NORMAL], 0.8, decimals=DECIMALS),
        number("tol_mean", *AXIS, 3.0, decimals=DECIMALS),
        number("tol_std", *STD_LIMITS[NORMAL], 1.0, decimals=DECIMALS),
        number("tol_unit", *UNITS, USUAL_UNIT, decimals=1),
        choice("tol_from", list(_FROM), "file"),
        Parameter("tol_sizes", "", _sizes_name),
    ]


def choose_data(row: DeltaGenerator) -> DataScales:
    """Draws the controls in a row, and below it what belongs to measured sizes.

    Where sizes are missing or refused, the page goes on with those before them.
    """
    below = st.container()
    row.selectbox("Sizes in the data", list(_TITLES), key="tol_data", format_func=lambda key: _TITLES[key])
    kind = st.session_state["tol_data"]
    if kind == MEASURED:
        with below:
            _take_upload()  # first, since a new file sets the unit
    row.number_input(
        "Object size that counts as ×1, pixels", *UNITS, step=1.0, format="%.1f", key="tol_unit", persist_state=_KEEP,
        help="The longer side of an object of data scale 1. It ties data scales to internal scales σ in pixels: "
        "in the thesis' joint fit, σ = 2 pixels serves a digit a little larger than MNIST's 20 pixels best.",
    )  # fmt: skip
    if kind != MEASURED:
        st.session_state["tol_described"] = kind
        return described(kind)
    name = st.session_state["tol_sizes"]
    if name in _kept():
        return _measured(name)
    if name:
        complain(_SIZES_ELSEWHERE, f"tol_sizes = {name}")
    instead = described(st.session_state.get("tol_described", "1 to 4.76"))
    below.caption(f"Until sizes are here, the chart shows data that are {instead.name}.")
    return instead


def described(kind: str) -> DataScales:
    """A distribution by the name of its kind, with the session's numbers."""
    state = st.session_state
    if kind == LOG_NORMAL:
        return DataScales.log_normal(state["tol_median"], state["tol_spread"])
    if kind == NORMAL:
        return DataScales.normal(state["tol_mean"], max(state["tol_std"], _LEAST_SHARE * state["tol_mean"]))
    return DataScales.log_uniform(*PUBLISHED.get(kind, state["tol_range"]))


def take_handles(report: Any) -> None:
    """Keeps what the handles of the data show, from a report of the browser; anything may be in it.

    Raises: ValueError, in one sentence.
    """
    kind = report.get("kind") if isinstance(report, dict) else None
    names = {
        "log-uniform": ("low", "high"), "log-normal": ("median", "std"), "normal": ("mean", "std"),
    }.get(str(kind), ())  # fmt: skip
    values = [report.get(name) for name in names] if names else []
    if not values or not all(isinstance(value, int | float) and abs(value) < 1e6 for value in values):
        raise ValueError("The browser sent no distribution of sizes that can be read.")
    first, second = (round(float(value), DECIMALS) for value in values)
    if kind == "log-uniform":
        st.session_state["tol_data"], st.session_state["tol_range"] = OWN, (first, second)
    elif kind == "log-normal":
        st.session_state["tol_median"], st.session_state["tol_spread"] = first, second
    else:
        st.session_state["tol_mean"], st.session_state["tol_std"] = first, second


def usual_unit(sizes: np.ndarray) -> float:
    """The object size in pixels that counts as ×1: 5 % of the objects are smaller. Two digits are enough."""
    least = float(np.quantile(sizes, 0.05))
    return min(UNITS[1], max(UNITS[0], float(f"{least:.2g}")))


def _take_upload() -> None:
    """The uploader; a new file becomes the sizes of the session, a bad one a sentence."""
    st.segmented_control(
        "Sizes from", list(_FROM), key="tol_from", required=True, format_func=lambda key: _FROM[key],
        persist_state=_KEEP,
    )  # fmt: skip
    folder = st.session_state["tol_from"] == "folder"
    key = "tol_folder" if folder else "tol_file"
    most = min(_MAX_MB, st.get_option("server.maxUploadSize"))
    files = st.file_uploader(
        "A folder of pictures with one object each" if folder else "Sizes of objects",
        key=key, accept_multiple_files="directory" if folder else True, max_upload_size=most,
        help=_FOLDER_HELP if folder else _FILE_HELP, on_change=_forget_if_none, args=(key,),
    )  # fmt: skip
    newest = tuple(file.file_id for file in files)
    if files and newest != st.session_state.get("tol_uploaded"):
        st.session_state["tol_uploaded"] = newest
        st.session_state["tol_refused"] = _look_at([(file.name, file.getvalue()) for file in files], folder)
    if found := st.session_state.get(_FOUND):
        _choose(found)
    if files and (refused := st.session_state["tol_refused"]):
        st.warning(_plain(f"{refused} The chart goes on with the data before."))


def _look_at(files: Sequence[tuple[str, bytes]], folder: bool) -> str:
    """Keeps what the files may mean by sizes, for `_choose`. Returns: why they mean none, else nothing."""
    state = st.session_state
    state[_FOUND], state[_COLUMN], state[_TAKEN] = None, None, None
    try:
        with st.spinner("Measuring …"):
            found = read_files(files, folder)
    except SizesRefused as refused:
        return str(refused)
    linked = next((i for i, each in enumerate(found) if _named(each) == state["tol_sizes"]), None)
    state[_FOUND], state[_COLUMN] = found, found.clear if linked is None else linked
    return ""


def _choose(found: FoundSizes) -> None:
    """Asks which sizes are meant, where a file does not say, and makes them those of the session."""
    if found.clear is None or len(found.candidates) > 1:
        st.selectbox(
            f"Sizes in {_plain(found.file)}", range(len(found.candidates)), index=None, key=_COLUMN,
            format_func=lambda i: found.candidates[i].preview, placeholder="Choose what the sizes are",
            persist_state=_KEEP,
        )  # fmt: skip
    column = st.session_state[_COLUMN]
    if column is None:
        why = found.question if len(found.candidates) == 1 else "More than one reading is possible, so none is taken."
        st.caption(_plain(f"{why} The chart goes on with the data before."))
        return
    chosen = found.candidates[column]
    image = _image_size() if chosen.fractions else None
    if (column, image) == st.session_state[_TAKEN]:
        return
    st.session_state[_TAKEN], st.session_state["tol_refused"] = (column, image), ""
    try:
        _take(chosen.sizes(image))
    except SizesRefused as refused:
        st.session_state["tol_refused"] = str(refused)


def _image_size() -> tuple[float, float] | None:
    """Width and height of the images whose fractions the boxes are, if the visitor has said both."""
    places = st.columns(2)
    sides = [
        place.number_input(
            f"{side} of the images, pixels", *_IMAGE_SIDES, None, step=1.0, format="%.0f", key=key, persist_state=_KEEP
        )
        for place, (side, key) in zip(places, _IMAGE_KEYS.items(), strict=True)
    ]
    width, height = sides
    return None if width is None or height is None else (width, height)


def _take(sizes: MeasuredSizes) -> None:
    """Makes them the sizes of the session."""
    name = _hash(sizes)
    if name != st.session_state["tol_sizes"]:  # a link has its own unit
        st.session_state["tol_unit"] = usual_unit(sizes.values)
    st.session_state["tol_sizes"] = name
    _kept()[name] = sizes


def _hash(sizes: MeasuredSizes) -> str:
    return hashlib.sha256(sizes.values.tobytes()).hexdigest()[:12]


def _named(candidate: Candidate) -> str | None:
    """What a link calls these sizes, if anything asks for it."""
    if not st.session_state["tol_sizes"] or candidate.fractions:
        return None
    try:
        return _hash(candidate.sizes())
    except SizesRefused:
        return None


def _forget_if_none(key: str) -> None:
    """Callback: the visitor took the file away."""
    if not st.session_state[key]:
        st.session_state["tol_sizes"], st.session_state["tol_uploaded"] = "", ()
        st.session_state[_FOUND] = None


def _plain(text: str) -> str:
    """As text in Markdown, whatever a file or its name may hold."""
    return re.sub(r"([\\`*_\[\]$<~])", r"\\\1", text)


def _measured(name: str) -> Measured:
    """The density of kept sizes at the chosen unit, made once for both."""
    found, unit = _kept()[name], st.session_state["tol_unit"]
    made = st.session_state.get("tol_density")
    if made is None or made[0] != (name, unit):
        made = (name, unit), DataScales.measured(found.values / unit)
        st.session_state["tol_density"] = made
    smaller = 100 * float(np.mean(found.values < unit))
    st.caption(
        f"{_plain(found.note)} From {found.values.min():g} to {found.values.max():g} pixels; {unit:g} pixels count as "
        f"×1, and {smaller:.0f} % of the objects are smaller."
    )
    return made[1]


def _kept() -> dict[str, MeasuredSizes]:
    """This visitor's sizes, by their hash."""
    return st.session_state.setdefault("tol_measured", {})


def _sizes_name(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{12}", text):
        raise ValueError(text)
    return text
