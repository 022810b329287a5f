"""A picture file that the visitor brings: the part of it that is looked at, what the network sees of it, and doubts."""

from typing import Final

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from components.crop_box import Box, crop_box
from core.data.images import WHOLE, Crop, DecodedImage, ImageRefused, original_of
from core.data.sources import PictureFile, Source, crop_of, name_of_crop, name_of_file
from pages.results.digits import uploads
from pages.state.links import complain

_PICTURES: Final = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "avif"]
_MAX_MB = 20  # what core.data.images reads; a telephone's largest are about 15
_ELSEWHERE = (
    "The link shows an uploaded picture, {}, which never left the session it was uploaded in; "
    "a vector digit is shown until you upload the same file."
)
_SEEN_SIDE = 280  # pixels: ten for each that the network sees


def bring_picture(source: Source, field: PictureFile) -> str | None:
    """The uploader, and the name of the picture that is here; None, and a sentence, where there is none."""
    key = name_key(field)
    file = st.file_uploader(
        field.label, type=_PICTURES, key=field.key, max_upload_size=_MAX_MB, on_change=_forget, args=(field,)
    )
    data = None if file is None else file.getvalue()
    if data is not None:
        try:
            st.session_state[key] = source.keep(data, uploads(), _asked_crop(field, data))
        except ImageRefused as refused:
            st.warning(f"{refused} A vector digit is shown instead.")
            _offer_crop(field, data)
            return None
    name = str(st.session_state[key])  # of this file, of one that was here before, or of the link
    if name not in uploads():
        if name:
            complain(_ELSEWHERE, f"{field.key} = {name}")
        st.caption("Until a picture is here, a vector digit is shown.")
        return None
    picture = uploads()[name]
    came, seen = st.columns([3, 2])
    with came:
        if data is None:
            st.image(_framed(picture.original, crop_of(name)), "Your picture", width="stretch")
        else:
            _offer_crop(field, data)
    with seen:
        _show_seen(picture)
    st.caption(" ".join(picture.notes))
    if picture.doubts:
        st.warning(f"It may be read wrongly. {' '.join(picture.doubts)}")
    return name


def name_key(field: PictureFile) -> str:
    """Of the session, where the name of a kept picture stands; the field's own key is the uploader's."""
    return f"{field.key}_name"


def _asked_crop(field: PictureFile, data: bytes) -> Crop:
    """What the visitor, or the link, framed of this file."""
    name = str(st.session_state[name_key(field)])
    return crop_of(name) if name.startswith(name_of_file(data)) else WHOLE


def _offer_crop(field: PictureFile, data: bytes) -> None:
    """The picture as it came, with the box around what is looked at; nothing of a file that is no picture."""
    file, answers_key = name_of_file(data), f"{field.key}_answers"

    def take(box: Box, answers: str) -> None:
        st.session_state[name_key(field)] = name_of_crop(file, box)
        st.session_state[answers_key] = answers

    try:
        original = _original(file, data)
    except ImageRefused:
        return
    left, top, right, bottom = (round(100 * share) for share in _asked_crop(field, data))
    crop_box(original, (left, top, right, bottom), st.session_state.get(answers_key, ""), take)


@st.cache_data(max_entries=16, show_spinner=False)
def _original(file: str, _data: bytes) -> UInt8[np.ndarray, "h w 3"]:
    """Args: file: its name, which stands for the bytes."""
    return original_of(_data)


def _show_seen(picture: DecodedImage) -> None:
    side = _SEEN_SIDE // picture.image.shape[-1]
    grey = (255 * picture.image[0, 0].clamp(0, 1)).round().numpy().astype(np.uint8)
    st.image(np.kron(grey, np.ones((side, side), np.uint8)), "What the network sees", width="stretch")


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
