"""An empty page, tuned as the app is: a slider and what it says. What a move costs here is Streamlit's own."""

import sys
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # Streamlit looks beside this file only

from core.transforms import TRANSFORMS
from pages.hosting.server import tune_server

tune_server()
s = st.select_slider("Scale factor s", TRANSFORMS["scale"].handle_amounts, key="s", format_func=lambda s: f"{s:.2f}")
st.html(f'<div data-amount="{s:g}">vector digit {st.query_params.get("digit", "3")}</div>')
