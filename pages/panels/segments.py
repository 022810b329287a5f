"""One of a few options side by side."""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

KEEP: Final = "session"  # a control that another choice hides for a while keeps its value


def segments(label: str, options: Mapping[Any, str], key: str, **more: Any) -> Any:
    """A segmented control that always has a choice. Args: options: with their words."""
    return st.segmented_control(
        label, list(options), key=key, format_func=lambda option: options[option], required=True,
        persist_state=KEEP, **more,
    )  # fmt: skip
