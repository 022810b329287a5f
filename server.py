"""The app behind its guards (pages/hosting/guards.py), for `streamlit run server.py` or any ASGI server."""

import streamlit as st

from pages.hosting.guards import guards

app = st.App("app.py", middleware=guards())
