"""Measuring many digits part by part: progress on the page, a button to stop, and the partial result stays."""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.equivariance import EquivarianceReport, join
from core.models import Shown
from pages.hosting.aside import aside
from pages.results.equivariance import Sample, part_report

_PART = 16  # digits measured between two looks at the visitor
_STOPPED = "sample_stopped"  # the measurements that the visitor stopped, with what they had


def measured(
    sample: Sample,
    networks: Sequence[Shown],
    so_far: Callable[[list[EquivarianceReport]], str] | None = None,
) -> list[EquivarianceReport]:
    """The reports of one sample for several networks, in their order; shorter where the visitor pressed Stop.

    Args: so_far: what the parts that are done say, beside the bar of progress.
    Raises: CheckpointError, ValueError.
    """
    told = st.empty()
    try:
        return _measured(told, sample, networks, so_far)
    except ValueError:  # what could not be measured is told where the page tells it; no bar stays beside it
        told.empty()
        raise


def _measured(
    told: DeltaGenerator,
    sample: Sample,
    networks: Sequence[Shown],
    so_far: Callable[[list[EquivarianceReport]], str] | None,
) -> list[EquivarianceReport]:
    parts = _parts(sample)
    going = _unstopped(sample)
    done: list[list[EquivarianceReport]] = [[] for _ in networks]
    with told.container(horizontal=True, vertical_alignment="center"):
        bar = st.empty()
        if len(parts) > 2 and going == parts:
            st.button("Stop", key="sample_stop", on_click=_stop, args=(sample,))
    for number, part in enumerate(going):
        said = f" So far: {so_far(_joined(done))}" if so_far and number and len(parts) > 2 else ""
        for shown, reports in zip(networks, done, strict=True):
            if len(parts) > 2:
                bar.progress(number / len(parts), f"Measuring digit {part[0] + 1} of {sample.count} …{said}")
            reports.append(aside(part_report, shown, sample, *part, told=bar))
        st.session_state["sample_parts"] = (sample, number + 1)
    told.empty()
    if going != parts:
        with told.container(horizontal=True, vertical_alignment="center"):
            st.info(f"Stopped after {going[-1][1]} of {sample.count} digits; the figures show these.")
            st.button("Go on", key="sample_go_on", on_click=_go_on, args=(sample,))
    return _joined(done)


def _joined(done: Sequence[Sequence[EquivarianceReport]]) -> list[EquivarianceReport]:
    return [join(reports) for reports in done]


def _parts(sample: Sample) -> list[tuple[int, int]]:
    return [(start, min(start + _PART, sample.count)) for start in range(0, sample.count, _PART)]


def _unstopped(sample: Sample) -> list[tuple[int, int]]:
    """The parts that the visitor has not stopped."""
    return _parts(sample)[: _stopped().get(sample)]


def _stopped() -> dict[Sample, int]:
    """How many parts there are of each measurement that the visitor stopped."""
    return st.session_state.setdefault(_STOPPED, {})


def _stop(sample: Sample) -> None:
    of, parts = st.session_state.get("sample_parts", (None, 0))
    _stopped()[sample] = max(1, parts) if of == sample else 1


def _go_on(sample: Sample) -> None:
    _stopped().pop(sample)
