"""Measuring many digits part by part: progress on the page, a button to stop, and the partial result stays."""

from collections.abc import Sequence

import streamlit as st

from core.equivariance import EquivarianceReport, join
from core.scales import ScaleSet
from pages.results.equivariance import Sample, part_report

_PART = 16  # digits measured between two looks at the visitor
_STOPPED = "sample_stopped"  # the measurements that the visitor stopped, with what they had


def measured(sample: Sample, keys: Sequence[tuple[str, ScaleSet | None]]) -> dict[str, EquivarianceReport]:
    """The reports of one sample for several networks; shorter where the visitor pressed Stop.

    Raises: CheckpointError, ValueError.
    """
    stopped = st.session_state.setdefault(_STOPPED, {})
    told = st.empty()
    starts = list(range(0, sample.count, _PART))
    limit = stopped.get(sample, len(starts))
    done: dict[str, list[EquivarianceReport]] = {key: [] for key, _ in keys}
    with told.container(horizontal=True, vertical_alignment="center"):
        bar = st.empty()
        if len(starts) > 2 and limit == len(starts):
            st.button("Stop", key="sample_stop", on_click=_stop, args=(sample,))
    for number, start in enumerate(starts[:limit]):
        for key, scales in keys:
            if len(starts) > 2:
                bar.progress(number / len(starts), f"Measuring digit {start + 1} of {sample.count} …")
            done[key].append(part_report(key, scales, sample, start, min(start + _PART, sample.count)))
        st.session_state["sample_parts"] = (sample, number + 1)
    told.empty()
    if limit < len(starts):
        with told.container(horizontal=True, vertical_alignment="center"):
            st.info(f"Stopped after {_PART * limit} of {sample.count} digits; the figures show these.")
            st.button("Go on", key="sample_go_on", on_click=lambda: stopped.pop(sample))
    return {key: join(parts) for key, parts in done.items()}


def _stop(sample: Sample) -> None:
    of, parts = st.session_state.get("sample_parts", (None, 0))
    st.session_state[_STOPPED][sample] = max(1, parts) if of == sample else 1
