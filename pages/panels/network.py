"""The menu of networks: by group, each with a line on what it does."""

import streamlit as st

from core.models import GROUPS, MODELS, Group, is_ready
from pages.panels.terms import SIDEBAR
from pages.panels.text import note
from pages.state.session import choose_network

KEY = "network"  # in the session


def offer_networks() -> str:
    """Draws the menu. Returns: the key of the chosen network."""
    chosen = str(st.session_state[KEY])
    with st.popover(f"Network: {network_title(chosen)}", width="stretch", key="network_menu"):
        for group in groups():
            _offer_group(group, chosen)
    note(MODELS[chosen].summary, part=SIDEBAR)
    return chosen


def groups() -> list[Group]:
    """Those that have a network; that of one's own has some only if the server was started with them."""
    return [group for group in GROUPS if any(spec.group == group for spec in MODELS.values())]


def network_title(key: str) -> str:
    """As the menu shows it."""
    return MODELS[key].title + ("" if is_ready(key) else " (not trained yet)")


def _offer_group(group: Group, chosen: str) -> None:
    """One of several groups of buttons, of which together one is pressed."""
    keys = [key for key, spec in MODELS.items() if spec.group == group]
    state = f"{KEY}_{group}"
    st.session_state[state] = chosen if chosen in keys else None
    st.radio(
        group.capitalize(), keys, key=state, format_func=network_title,
        captions=[MODELS[key].summary for key in keys], on_change=_take, args=(state,),
    )  # fmt: skip


def _take(state: str) -> None:
    """Callback: another network was chosen."""
    choose_network(st.session_state[state])
