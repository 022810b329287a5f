"""Entry script: names the pages and holds the controls they share; everything else is in pages/."""

from pathlib import Path

import streamlit as st

from components.copy_link import copy_link
from pages.shared.controls import shared_controls
from pages.shared.server import tune_server

ASSETS = Path(__file__).parent / "assets"
ICON = ASSETS / "icon.png"  # a file: symbols and emoji come from another host

st.set_page_config(page_title="Equiscope", page_icon=str(ICON), layout="wide")
tune_server()
st.html(ASSETS / "style" / "app.css")
page = st.navigation(
    [
        st.Page("pages/start.py", title="Start", icon=":material/home:", default=True),
        st.Page("pages/commute.py", title="Commute", icon=":material/compare_arrows:", url_path="commute"),
        st.Page("pages/maps.py", title="Feature maps", icon=":material/grid_view:", url_path="maps"),
        st.Page("pages/errors.py", title="Errors", icon=":material/stacked_line_chart:", url_path="errors"),
        st.Page("pages/scales.py", title="Internal scales", icon=":material/straighten:", url_path="scales"),
        st.Page("pages/about.py", title="About", icon=":material/info:", url_path="about"),
    ],
    position="top",
)
shared_controls(with_factor=page.url_path == "errors")  # the viewer of other pages has a handle of its own
with st.sidebar:
    copy_link()
page.run()
