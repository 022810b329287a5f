"""From which address a visitor came, to keep one from taking what many share; no proof of anything."""

import ipaddress
from collections.abc import Mapping

import streamlit as st


def address_of_visitor() -> str:
    """Of the visitor of this run; an empty text for one on this machine, or for none."""
    connected = st.context.ip_address
    return address_of(connected, st.context.headers) if isinstance(connected, str) else ""


def address_of(connected: str, headers: Mapping[str, str]) -> str:
    """What the proxy names, if the connection comes from this network, as that of a proxy does; else the connection's.

    Who sends `X-Forwarded-For` from within the network can claim another address, and so more of a limit.
    """
    try:
        near = ipaddress.ip_address(connected).is_private
        named = headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return str(ipaddress.ip_address(named)) if near and named else connected
    except ValueError:
        return connected
