"""The theory of internal scales against what training measured: the joint fits, error over ISR and over data scale."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from core.data.dynamic_scale_mnist import RANGES
from core.figures import plot_error_against_isr, plot_error_over_scale, plot_joint_fits
from core.results.isr import TABLE, IsrErrors, read_isr_errors
from core.sentences import compare_isrs, explain_error_against_isr, explain_error_over_scale, plain
from core.tolerance import PUBLISHED_ISRS, PUBLISHED_TAU_TOL, DataScales, ToleranceModel, published_fit
from pages.panels.charts import Drawn, show_chart
from pages.panels.sections import section
from pages.panels.text import explain, note
from pages.state.links import choice, page_parameters

_TITLE = "Toy network at half resolution · Dynamic Scale MNIST"
HEADING = "Test error against the ISR of the internal scales"
_CODE_OF_FITS = """from core.tolerance import published_fit

for model in published_fit():
    print(model.reference, model.isr, model.tau_tol)
"""
CODE_OF_ERRORS = """from core.results.isr import read_isr_errors

for each in read_isr_errors():
    print(each.data, each.isrs, each.mean)
"""
_PARAMETERS = [choice("measured_range", tuple(RANGES), list(RANGES)[-1])]


@st.cache_resource(max_entries=1, show_spinner=False)
def _errors(path: str, changed: float) -> list[IsrErrors]:
    """All visitors share the table; nobody changes it. Args: changed: when the file was written."""
    return read_isr_errors(Path(path))


@st.fragment
def show_measured() -> None:
    """The folded part about theory and measurement."""
    page_parameters(_PARAMETERS)
    with section("Does training agree with the theory?", "theory", _PARAMETERS) as is_open:
        if is_open:
            _show()


def _show() -> None:
    """What the theory says, and what was measured; a table that cannot be read becomes one sentence."""
    fits = dict(zip(RANGES, published_fit(), strict=True))
    _show_fits(fits)
    explain("measured")
    try:
        changed = TABLE.stat().st_mtime
        measured = _errors(str(TABLE), changed)
    except FileNotFoundError as missing:
        st.warning(f"The measured table cannot be shown: {Path(str(missing.filename)).name} is missing.")
        return
    except (OSError, ValueError) as error:
        st.warning(f"The measured table cannot be shown: {error}.")
        return

    show_chart(
        "measured_isr", (changed,), partial(draw_against_isr, measured, fits), HEADING, rests_on(measured[0]),
        code=CODE_OF_ERRORS,
    )  # fmt: skip
    names = [each.data for each in measured]
    chosen = st.segmented_control(
        "Trained on data scales, ×", names, key="measured_range", required=True, format_func=_words
    )  # fmt: skip
    each = measured[names.index(str(chosen))]

    def over_scale() -> Drawn:
        said = explain_error_over_scale(each)
        return plot_error_over_scale(each), plain(f"Test error over data scale. {said}"), said

    title = f"{_TITLE} · trained on {_words(each.data)} × · {_runs(each)}"
    heading = "Test error over the size of the digits"
    show_chart("measured_scale", (changed, each.data), over_scale, heading, title, code=CODE_OF_ERRORS)


def draw_against_isr(measured: Sequence[IsrErrors], fits: Mapping[str, ToleranceModel]) -> Drawn:
    """Test error over ISR, for each range of data scales."""
    said = explain_error_against_isr(measured, fits)
    return plot_error_against_isr(measured, fits), plain(f"Test error over ISR. {said}"), said


def rests_on(each: IsrErrors) -> str:
    """For the title of a figure."""
    return f"{_TITLE} · {_runs(each)}"


def _show_fits(fits: dict[str, ToleranceModel]) -> None:
    def joint() -> Drawn:
        tau = next(iter(fits.values())).tau_tol
        said = (
            "The joint fit of the thesis: three scales for each range of data scales and one tolerance for all, "
            f"**τ_tol = {tau:.3f} octaves** (published: {PUBLISHED_TAU_TOL:g}). "
            "The wider the range, the larger the ISR."
        )
        return plot_joint_fits(fits), plain(said), said

    heading = "The joint fit of the tolerance model to three ranges of data scales"
    show_chart(
        "measured_fits", (), joint, heading, "Joint fit of the tolerance model · three ranges", code=_CODE_OF_FITS
    )
    rows = {
        "Data scales, ×": [_words(name) for name in fits],
        "Reference, ×": [f"{model.reference:.2f}" for model in fits.values()],
        "ISR, our fit": [f"{model.isr:.2f}" for model in fits.values()],
        "ISR, printed in the thesis": [f"{isr:.2f}" for isr in PUBLISHED_ISRS],
        "KL, nats": [f"{m.kl(DataScales.log_uniform(*RANGES[name])):.4f}" for name, m in fits.items()],
    }
    st.table(rows, hide_index=True, alt="Joint fit of three internal scales to the three published ranges")
    note(compare_isrs(fits, PUBLISHED_ISRS))


def _runs(each: IsrErrors) -> str:
    return f"n = {len(each.seeds)} seeds, {each.images:,} test images"


def _words(data: str) -> str:
    return data.replace("-", " to ")
