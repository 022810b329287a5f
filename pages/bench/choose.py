"""The internal scales on the bench: four numbers, or a set of one's own; published sets, and the best fit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from core.glossary import define
from core.presets import PRESETS, Preset
from core.scales import SCALE_LIMITS
from core.sentences import explain_fit
from core.tolerance import AXIS, MIN_TAU_TOL, PUBLISHED_TAU_TOL, DataScales, Mixture, ScaleMixture, ToleranceModel
from pages.bench import scale_list
from pages.bench.scale_list import DECIMALS
from pages.panels.text import note, say
from pages.results.tolerance import best_fit, candidates
from pages.state.links import Parameter, flag, number

LIMITS: Final = {  # data scales of centres have limits of their own; the rest is that of all internal scales
    "num_scales": SCALE_LIMITS.num_scales, "reference": (scale_list.LIMITS[0], AXIS[1]), "isr": SCALE_LIMITS.isr,
    "tau_tol": (MIN_TAU_TOL, 2.0),
}  # fmt: skip
_KEYS = {"num_scales": "tol_n", "reference": "tol_ref", "isr": "tol_isr", "tau_tol": "tol_tau"}
OF_FIT = (flag("tol_fit_tau"), flag("tol_fit_n"))  # the options of the fit, in the URL
_ALIKE = 2e-3  # a ratio this close to 1 is the rounding of links


@dataclass(frozen=True)
class Chosen:
    """The internal scales on the bench, as data scales (×) that they serve.

    Attributes:
        reference, isr, num_scales, tau_tol: as in ToleranceModel.
        free: a set without equal steps, which then counts instead of reference, isr and num_scales; else none.
    """

    reference: float
    isr: float
    num_scales: int
    tau_tol: float
    free: tuple[float, ...] = ()

    @property
    def mixture(self) -> Mixture:
        if self.free:
            return ScaleMixture(self.free, self.tau_tol)
        return ToleranceModel(self.reference, self.isr, self.num_scales, self.tau_tol)


def scale_parameters(start: ToleranceModel) -> list[Parameter]:
    """The internal scales in the URL; they stand at `start` until they are moved."""
    usual = {
        "num_scales": start.num_scales, "reference": round(start.reference, DECIMALS),
        "isr": round(start.isr, DECIMALS), "tau_tol": round(start.tau_tol, DECIMALS),
    }  # fmt: skip
    return [
        *(number(_KEYS[name], *LIMITS[name], value, decimals=DECIMALS) for name, value in usual.items()),
        scale_list.centres("tol_scales", SCALE_LIMITS.num_scales[1]),
        *OF_FIT,
    ]


def chosen_scales() -> Chosen:
    values = {name: st.session_state[key] for name, key in _KEYS.items()}
    return Chosen(**values, free=tuple(st.session_state["tol_scales"]))


def take_marks(report: Any) -> None:
    """Keeps the scales that the marks and sliders show, from a report of the browser; anything may be in it.

    Raises: ValueError, in one sentence.
    """
    if not isinstance(report, dict) or not all(_is_number(report.get(name)) for name in _KEYS):
        raise ValueError("The browser sent no internal scales that can be read.")
    free = report.get("free")
    if free is not None and not (isinstance(free, list) and free and all(map(_is_number, free))):
        raise ValueError("The browser sent marks that cannot be read.")
    set_scales(
        Chosen(report["reference"], report["isr"], int(report["num_scales"]), report["tau_tol"], tuple(free or ()))
    )


def set_scales(chosen: Chosen) -> None:
    """Puts scales on the bench; what lies beyond its limits is brought within them before the next run."""
    for name, key in _KEYS.items():
        value = getattr(chosen, name)
        st.session_state[key] = int(value) if name == "num_scales" else round(float(value), DECIMALS)
    st.session_state["tol_scales"] = tuple(round(float(value), DECIMALS) for value in chosen.free)


def offer_presets(sigma_of_one: float) -> None:
    """A menu of published sets, and a sentence where the bench holds one of them."""
    st.menu_button(
        "Scales of a published network", PRESETS, key="tol_preset", format_func=lambda preset: preset.name,
        on_click=_take_preset, args=(sigma_of_one,), help="Puts its internal scales on the axis.",
    )  # fmt: skip


def tell_preset(mixture: Mixture, sigma_of_one: float) -> None:
    """Whose scales these are, if anybody's."""
    held = [preset for preset in PRESETS if _is_held(preset, mixture, sigma_of_one)]
    for preset in held[:1]:
        names = " and ".join(each.name for each in held)
        note(f"These are the scales of {names}. {preset.note} Source: {preset.source}.")


def offer_fit(chosen: Chosen, data: DataScales) -> None:
    """The button that moves the scales to the best fit, and what the fit says of the present ones."""
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")  # of the button, which knows the fit only after its two options
    with row:
        fit_n = bool(st.session_state["tol_fit_n"])
        fit_tau = st.toggle("Fit τ_tol too", key="tol_fit_tau", disabled=fit_n) and not fit_n
        st.toggle("Choose the number of scales too (BIC)", key="tol_fit_n", help=define("BIC"))
    note(_tell_tolerance(chosen.tau_tol, by_criterion=fit_n), place="tolerance")
    tau = None if fit_tau else chosen.tau_tol
    try:
        found = candidates(data, chosen.tau_tol) if fit_n else ()
        best = min(found, key=lambda each: each.score).model if found else best_fit(data, chosen.num_scales, tau)
    except ValueError as error:
        st.warning(f"There is no fit: {error}.")
        return
    best = replace(best, tau_tol=min(best.tau_tol, LIMITS["tau_tol"][1]))  # as far as the slider goes
    place.button("Fit", "tol_fit", on_click=_move_to, args=(best,))
    say(f"**{_compare(chosen.mixture, best, data, bool(found))}** {explain_fit(best, data, fit_tau)}", place="fit")
    if found:
        st.table(
            {
                "Number of scales": [str(each.model.num_scales) for each in found],
                "KL, nats": [f"{each.model.kl(data):.4f}" for each in found],
                "τ_tol, octaves": [f"{each.model.tau_tol:.3f}" for each in found],
                "BIC": [f"{each.score:.1f}" for each in found],
            },
            hide_index=True, alt="Fits with one to eight internal scales and the criterion that chooses among them",
        )  # fmt: skip


def _tell_tolerance(tau_tol: float, by_criterion: bool) -> str:
    """Why τ_tol stays as it is unless it is asked for, and with BIC always."""
    why = (
        f"τ_tol, how many octaves a scale tolerates, belongs to the network ({PUBLISHED_TAU_TOL:g} by the joint fit of "
        "the thesis), not to the data: fitted, it grows with their width until one scale looks best."
    )
    return f"{why}\n\nSo BIC compares numbers of scales at the slider's {tau_tol:.3f} octaves." if by_criterion else why


def _compare(present: Mixture, best: ToleranceModel, data: DataScales, by_criterion: bool) -> str:
    if _agree(present, best):
        return "This is the best fit."
    if by_criterion:
        return "BIC chooses another set."
    if present.kl(data) <= best.kl(data):
        return "No equal steps do better than these scales. The best are these:"
    return "A fit would do better."


def _move_to(best: ToleranceModel) -> None:
    set_scales(Chosen(best.reference, max(best.isr, LIMITS["isr"][0]), best.num_scales, best.tau_tol))


def _take_preset(sigma_of_one: float) -> None:
    preset = st.session_state["tol_preset"]
    served = [sigma / sigma_of_one for sigma in preset.internal_scales]
    isr = max(served[-1] / served[0], LIMITS["isr"][0])
    chosen = Chosen(served[0], isr, len(served), st.session_state["tol_tau"])
    set_scales(chosen if _alike(chosen.mixture.centres, served) else replace(chosen, free=tuple(served)))


def _is_held(preset: Preset, mixture: Mixture, sigma_of_one: float) -> bool:
    return _alike(mixture.centres, [sigma / sigma_of_one for sigma in preset.internal_scales])


def _agree(mixture: Mixture, other: Mixture) -> bool:
    return _alike((*mixture.centres, mixture.tau_tol), (*other.centres, other.tau_tol))


def _alike(scales: Sequence[float], others: Sequence[float]) -> bool:
    return len(scales) == len(others) and all(abs(a / b - 1) < _ALIKE for a, b in zip(scales, others, strict=True))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) < 1e6
