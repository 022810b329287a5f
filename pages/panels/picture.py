"""A picture file that the visitor brings: the part of it that is looked at, what the network sees of it, and doubts."""

from typing import Final

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from core.data.images import Crop, DecodedImage, ImageRefused
from core.data.sources import PictureFile, Source, crop_of, name_of_file
from pages.results.digits import uploads
from pages.state.links import complain

_PICTURES: Final = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif"]
_MAX_MB = 20  # what core.data.images reads; a telephone's largest are about 15
_ELSEWHERE = (
    "The link shows an uploaded picture, {}, which never left the session it was uploaded in; "
    "a vector digit is shown until you upload the same file."
)
_SIDES: Final = {"across": "from left to right", "down": "from top to bottom"}
_LEAST = 5  # percent of a side that a crop must have
_SEEN_SIDE = 280  # pixels: ten for each that the network sees


def bring_picture(source: Source, field: PictureFile) -> str | None:
    """The uploader, and the name of the picture that is here; None, and a sentence, where there is none."""
    key = name_key(field)
    file = st.file_uploader(
        field.label, type=_PICTURES, key=field.key, max_upload_size=_MAX_MB, on_change=_forget, args=(field,)
    )
    pictures = st.container()  # above the sliders that frame one of them
    if file is not None:
        data = file.getvalue()
        name = str(st.session_state[key])  # of a link, it may be that of another file
        crop = _choose_crop(field, name if name.startswith(name_of_file(data)) else "")
        try:
            st.session_state[key] = source.keep(data, uploads(), crop)
        except ImageRefused as refused:
            st.warning(f"{refused} A vector digit is shown instead.")
            return None
    name = str(st.session_state[key])  # of this file, of one that was here before, or of the link
    if name not in uploads():
        if name:
            complain(_ELSEWHERE, f"{field.key} = {name}")
        st.caption("Until a picture is here, a vector digit is shown.")
        return None
    picture = uploads()[name]
    with pictures:
        _show(picture, crop_of(name))
    st.caption(" ".join(picture.notes))
    if picture.doubts:
        st.warning(f"It may be read wrongly. {' '.join(picture.doubts)}")
    return name


def name_key(field: PictureFile) -> str:
    """Of the session, where the name of a kept picture stands; the field's own key is the uploader's."""
    return f"{field.key}_name"


def _choose_crop(field: PictureFile, name: str) -> Crop:
    """Two sliders of percent, which begin with the crop of the name."""
    left, top, right, bottom = crop_of(name)
    usual = {"across": (left, right), "down": (top, bottom)}
    ends = {}
    for side, words in _SIDES.items():
        low, high = (round(100 * share) for share in usual[side])
        first, last = st.slider(f"Crop {words}, in %", 0, 100, (low, high), key=_crop_key(field, side))
        first = min(first, 100 - _LEAST)
        ends[side] = (first / 100, max(last, first + _LEAST) / 100)
    (left, right), (top, bottom) = ends["across"], ends["down"]
    return left, top, right, bottom


def _crop_key(field: PictureFile, side: str) -> str:
    return f"{field.key}_{side}"


def _show(picture: DecodedImage, crop: Crop) -> None:
    """The picture as it came beside what the network sees."""
    came, seen = st.columns(2, vertical_alignment="bottom")
    came.image(_framed(picture.original, crop), "Your picture", width="stretch")
    side = _SEEN_SIDE // picture.image.shape[-1]
    grey = (255 * picture.image[0, 0].clamp(0, 1)).round().numpy().astype(np.uint8)
    seen.image(np.kron(grey, np.ones((side, side), np.uint8)), "What the network sees", width="stretch")


def _framed(original: UInt8[np.ndarray, "h w 3"], crop: Crop) -> UInt8[np.ndarray, "h w 3"]:
    """The original, darker outside the crop."""
    h, w = original.shape[:2]
    left, top, right, bottom = crop
    rows, columns = slice(round(top * h), max(1, round(bottom * h))), slice(round(left * w), max(1, round(right * w)))
    framed = original // 3
    framed[rows, columns] = original[rows, columns]
    return framed


def _forget(field: PictureFile) -> None:
    """Callback: the visitor gave another file, or took this one away."""
    name = str(st.session_state[name_key(field)])
    if name in uploads():  # of a link it stays, for its crop
        st.session_state[name_key(field)] = ""
        for side in _SIDES:
            st.session_state.pop(_crop_key(field, side), None)
