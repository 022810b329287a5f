"""The sizes in the visitor's data: a distribution to drag, or measured sizes from a file or from pictures."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.sizes import MeasuredSizes, SizesRefused, measure_pictures, read_sizes
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
    "A CSV or text file with one size in pixels a line, a ZIP of pictures, or several pictures with one object each. "
    "Nothing leaves this session."
)
_FOLDER_HELP = "Every picture counts once, by the longer side of what stands out in it. Nothing leaves this session."
_MAX_MB = 64  # of one file, if the server takes that much: five million sizes
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


def read_upload(files: Sequence[tuple[str, bytes]]) -> MeasuredSizes:
    """Sizes from the newest file, a table or a ZIP; or, if that is a picture, from all pictures.

    Raises: SizesRefused, in one sentence.
    """
    name, content = files[-1]
    if not _is_picture(name):
        return read_sizes(content, name)
    return measure_pictures([file for file in files if _is_picture(file[0])])


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
    if not files:
        return
    newest = tuple(file.file_id for file in files)
    if newest != st.session_state.get("tol_uploaded"):
        st.session_state["tol_uploaded"] = newest
        st.session_state["tol_refused"] = _take_over([(file.name, file.getvalue()) for file in files], folder)
    if refused := st.session_state["tol_refused"]:
        st.warning(refused)


def _take_over(files: Sequence[tuple[str, bytes]], folder: bool) -> str:
    """Makes the files the sizes of the session. Returns: why not, in a sentence, else nothing."""
    try:
        with st.spinner("Measuring …"):
            found = measure_pictures(files) if folder else read_upload(files)
    except SizesRefused as refused:
        return _plain(f"{refused} The chart goes on with the data before.")
    name = hashlib.sha256(found.values.tobytes()).hexdigest()[:12]
    if name != st.session_state["tol_sizes"]:  # a link has its own unit
        st.session_state["tol_unit"] = usual_unit(found.values)
    st.session_state["tol_sizes"] = name
    _kept()[name] = found
    return ""


def _forget_if_none(key: str) -> None:
    """Callback: the visitor took the file away."""
    if not st.session_state[key]:
        st.session_state["tol_sizes"], st.session_state["tol_uploaded"] = "", ()


def _plain(text: str) -> str:
    """As text in Markdown, whatever a file or its name may hold."""
    return re.sub(r"([\\`*_\[\]$<~])", r"\\\1", text)


def _is_picture(name: str) -> bool:
    return re.search(r"\.(png|jpe?g|webp|gif|bmp|tiff?)$", name, re.IGNORECASE) is not None


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
