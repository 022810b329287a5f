"""Values in a link that cannot be used: Streamlit drops them without a word, this says so."""

import streamlit as st


def drop_bad_parameters() -> None:
    """Once a session: names what a link asked for and did not get."""
