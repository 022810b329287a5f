"""The built files of a component, registered with Streamlit."""

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from core.files import ASSETS

BUILT = ASSETS / "components"


def register(folder: str, name: str = "", html: str = "") -> ComponentRenderer:
    """The component of a folder, as a function that puts it on the page.

    Args: name: that Streamlit knows it by, after `equiscope_`; that of the folder unless given.
          html: what its script finds in the page, if it needs any.
    Raises: FileNotFoundError if it was not built.
    """
    style = BUILT / f"{folder}.css"
    return st.components.v2.component(
        f"equiscope_{name or folder}",
        html=html or None,
        css=style.read_text("utf-8") if style.exists() else None,
        js=(BUILT / f"{folder}.js").read_text("utf-8"),
    )
