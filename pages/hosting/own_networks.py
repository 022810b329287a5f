"""Networks of whoever started the server: EQUISCOPE_NETWORKS names a Python file, which is run once.

No visitor can name one: nothing but the environment of the server is read.
"""

import logging
import os
from functools import cache
from pathlib import Path
from threading import Lock

import streamlit as st

from core.models import add_networks
from core.models.own import VARIABLE

_LOCK = Lock()  # two first visitors


def add_own_networks() -> None:
    """After `tune_server`, in every run: the file is read in the first; every page tells what is wrong with it."""
    with _LOCK:
        complaints = _read_once(os.environ.get(VARIABLE, ""))
    if complaints:
        st.warning(" ".join(complaints).replace("`", ""))


@cache
def _read_once(named: str) -> tuple[str, ...]:
    complaints = add_networks(Path(named)) if named else ()
    for complaint in complaints:
        logging.getLogger(__name__).warning(complaint)
    return complaints
