"""Entry script: draws the menu of PAGES and the controls that they share; everything else is in pages/."""

import streamlit as st

from components.copy_link import copy_link
from components.glossary import glossary
from components.reports import take_late_reports
from core.files import ASSETS
from pages import PAGES
from pages.hosting.company import note_visitor
from pages.hosting.own_networks import add_own_networks
from pages.hosting.server import tune_server
from pages.lessons.place import enter_step
from pages.panels.digit import brings_own_digit
from pages.panels.presenting import offer_presenting, open_saved_view
from pages.panels.sidebar import shared_controls
from pages.panels.terms import begin

ICON = ASSETS / "icon.png"  # a file: symbols and emoji come from another host

tune_server()
note_visitor()
add_own_networks()
take_late_reports()
st.html(ASSETS / "style" / "app.css")
menu: dict[str, list] = {"": [], "More": []}
for p in PAGES:
    entry = st.Page(p.file, title=p.title, icon=p.icon, url_path=p.url_path or None, default=not p.url_path)
    menu["More" if p.is_folded else ""].append(entry)
chosen = st.navigation(menu, position="top")
page = next(p for p in PAGES if p.url_path == chosen.url_path)
st.set_page_config(
    page_title="Equiscope", page_icon=str(ICON), layout="wide",
    initial_sidebar_state="collapsed" if page.is_stage and not brings_own_digit() else "auto",
)  # fmt: skip
open_saved_view()
begin()
enter_step(page)
shared_controls(page)
with st.sidebar:
    copy_link()
    offer_presenting()
    glossary()
chosen.run()
