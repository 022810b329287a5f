"""Which digits of any size the networks of one size misread: shared by all visitors, kept part by part."""

import numpy as np
import streamlit as st
from jaxtyping import Bool

from core.data.any_size import ANY_SIZE, AnySize
from core.freed_memory import giving_back
from core.models import Network, load
from core.results.reading_by_size import TRAINED_ON, Misread, misread
from core.scales import ScaleSet


@st.cache_resource(max_entries=len(ANY_SIZE), show_spinner=False)
def digits_of_any_size(source: str) -> AnySize:
    """Nobody changes them. Raises: MnistMissing."""
    return ANY_SIZE[source]()


@st.cache_resource(max_entries=32, show_spinner=False)
def network_of_one_size(key: str, scales: ScaleSet | None) -> Network:
    """As `load`. Raises: CheckpointError, ValueError."""
    if scales is None:
        return load(key, trained_on=TRAINED_ON)
    return load(key, trained_on=TRAINED_ON, internal_scales=scales)


def kept_reader(key: str, scales: ScaleSet | None, source: str) -> Misread:
    """Reads what nobody has asked for before. Raises, when it reads: CheckpointError, ValueError, MnistMissing."""
    return lambda size, start, stop: _misread(key, scales, source, size, start, stop)


@st.cache_data(max_entries=10_000, show_spinner=False)
@giving_back
def _misread(
    key: str, scales: ScaleSet | None, source: str, size: float, start: int, stop: int
) -> Bool[np.ndarray, " n"]:
    return misread(network_of_one_size(key, scales), digits_of_any_size(source).at(size, start, stop))
