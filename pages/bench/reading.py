"""What the scales on the bench do to reading: error over the size of the digits, below the mixture.

It follows the handles: a first answer of few digits, which grows surer while the visitor looks on.
"""

from dataclasses import dataclass, replace
from functools import partial
from time import monotonic

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import checkpoints
from core.checkpoints import read_card
from core.data.mnist import MnistMissing
from core.data.one_size import TRAINED
from core.figures import plot_reading_by_size
from core.models import MODELS, broken_limit, configuration, has_scales
from core.results.reading_by_size import (
    NOTHING,
    STAGES,
    TRAINED_ON,
    Progress,
    ReadBySize,
    agreement,
    read_in_stages,
    reading_to_csv,
)
from core.scales import ScaleSet
from core.sentences import paragraphs, plain, tell_agreement, tell_reading
from core.tolerance import Mixture, ScaleMixture, sigma_of_unit
from pages.bench.choose import Chosen, set_scales
from pages.bench.cost import carried
from pages.bench.data import USUAL_UNIT
from pages.panels.charts import Drawn, show_chart
from pages.panels.text import note, say
from pages.results.digits import source_is_here
from pages.results.reading import digits_of_any_size, kept_reader, network_of_one_size
from pages.state.view import View

HEADING = "What the scales serve, and what is misread on them, over the size of the digits"
_FIRST, _NEXT = 2.5, 0.6  # seconds that a run reads: until there is an answer, and while it is made surer
_TICK = 0.2  # seconds between two runs
_READ = "tol_read"  # in the session: what was read last
_SMALLER = 2 ** (1 / 3)  # the ratio of neighbours in most published sets


@dataclass(frozen=True)
class Asked:
    """What is to be read. Attributes: tau_tol: of the mixture, in octaves. source: of the digits."""

    network: str
    scales: ScaleSet
    tau_tol: float
    source: str

    @property
    def trained(self) -> ScaleSet:
        return configuration(self.network).internal_scales

    def mixture(self, scales: ScaleSet) -> Mixture:
        """Over sizes × MNIST."""
        return ScaleMixture(tuple(sigma / sigma_of_unit(USUAL_UNIT) for sigma in scales), self.tau_tol)


@dataclass(frozen=True)
class Kept:
    """How far reading went. Attributes: ended: whether all is read, or the visitor stopped it."""

    asked: Asked
    progress: Progress = NOTHING
    ended: bool = False


def show_reading(mixture: Mixture, sigma_of_one: float, view: View) -> None:
    """The figure for the scales on the bench, or one sentence where there is nothing to read."""
    key = view.network
    if refused := _why_not(key):
        say(refused)
        return
    asked = Asked(
        key, carried(mixture, sigma_of_one), float(mixture.tau_tol), "mnist" if source_is_here("mnist") else "vector"
    )
    _offer_sets(asked, sigma_of_one)
    if broken := broken_limit(key, internal_scales=asked.scales):
        say(f"These scales are beyond what is built here: {broken}.")
        return
    try:
        for scales in (None, asked.scales):
            network_of_one_size(key, scales)
        digits_of_any_size(asked.source)
    except (ValueError, MnistMissing) as error:
        st.warning(f"These scales cannot be read: {error}")
        return
    polls = not _kept_of(asked).ended
    st.fragment(_follow, run_every=_TICK if polls else None)(asked, polls)
    of_digit = sigma_of_unit(USUAL_UNIT) / sigma_of_one
    note(
        f"The axis is that of the bench, for digits: size 1 × MNIST is {USUAL_UNIT:g} pixels long and stands at "
        f"{of_digit:.3g}× there. Intervals of the curves are binomial, 95 %."
    )


def _why_not(key: str) -> str:
    """Why a network reads nothing here; empty if it does."""
    title = MODELS[key].title
    if not has_scales(key):
        return f"{title} has no internal scales to choose, so there is nothing to compare; the sidebar offers others."
    if MODELS[key].control:
        return f"{title} is not trained, so it reads no digits."
    if not checkpoints.available(key, folder=checkpoints.folder_of(TRAINED_ON)):
        return f"{title} has no weights that were trained on digits of one size, so there is nothing to compare yet."
    return ""


def _offer_sets(asked: Asked, sigma_of_one: float) -> None:
    """Sets to begin with: a bench that serves large objects has little to say of digits."""
    own = asked.trained
    sets = {
        "own": ("Its own scales", "Puts the scales of its training on the bench.", own),
        "smaller": (
            "Its own and one smaller", "Nothing is trained again: the same filters look at one more size.",
            ScaleSet((own.smallest / _SMALLER, *own)),
        ),
    }  # fmt: skip
    with st.container(horizontal=True):
        for name, (label, told, scales) in sets.items():
            st.button(label, f"tol_{name}", told, on_click=_put, args=(scales, asked.tau_tol, sigma_of_one))


def _put(scales: ScaleSet, tau_tol: float, sigma_of_one: float) -> None:
    """Callback: puts internal scales on the bench."""
    served = scales.scaled_by(1 / sigma_of_one)
    even = scales.is_log_uniform and len(scales) > 1
    isr = served.isr if len(scales) > 1 else 2.0
    set_scales(Chosen(served.smallest, isr, len(served), tau_tol, () if even else tuple(served)))


def _follow(asked: Asked, polls: bool) -> None:
    """Shows what is known, reads on for a moment, and says how far it is. Args: polls: whether it runs again.

    What a run read is drawn by the next one, before that reads on: a figure drawn late fades until then.
    """
    told, kept = st.empty(), _kept_of(asked)
    if kept.ended:
        if polls:
            st.rerun()  # nobody looks any more
        _offer_rest(told, kept)
        _draw(kept)
        return
    with told.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(*_how_far(kept.progress))
        st.button("Stop", key="tol_read_stop", on_click=_keep, args=(replace(kept, ended=True),))
    if known := bool(kept.progress.found):
        _draw(kept)
    kept = _advance(kept, bar)
    _keep(kept)
    if kept.ended:
        st.rerun()
    if not known:
        _draw(kept)


def _offer_rest(told: DeltaGenerator, kept: Kept) -> None:
    """What the visitor stopped can go on."""
    if kept.progress.share < 1:
        with told.container(horizontal=True, vertical_alignment="center"):
            st.info(f"Stopped. {_how_far(kept.progress)[1]}")
            st.button("Go on", key="tol_read_on", on_click=_keep, args=(replace(kept, ended=False),))


def _advance(kept: Kept, bar: DeltaGenerator) -> Kept:
    """Reads for a moment, beyond what is known. A run is short, so that what a handle asks for meanwhile comes soon."""
    began, asked, progress = monotonic(), kept.asked, kept.progress
    trained, chosen = (kept_reader(asked.network, scales, asked.source) for scales in (None, asked.scales))
    for progress in read_in_stages(trained, chosen, digits_of_any_size(asked.source), STAGES):
        if progress.share <= kept.progress.share:
            continue
        bar.progress(*_how_far(progress))
        spent = monotonic() - began
        if spent > _FIRST or (spent > _NEXT and progress.found):
            break
    return Kept(asked, progress, progress.share >= 1)


def _how_far(progress: Progress) -> tuple[float, str]:
    """Share and text of a bar."""
    found = progress.found
    if not found:
        return progress.share, "Reading the first digits …"
    return progress.share, f"The figure shows n = {found.count:,} {found.kind} at {len(found.sizes)} sizes."


def _draw(kept: Kept) -> None:
    asked, found = kept.asked, kept.progress.found
    if not found:
        return
    before, after = asked.mixture(asked.trained), asked.mixture(asked.scales)

    def drawn() -> Drawn:
        said = paragraphs(tell_reading(found), tell_agreement(agreement(found, before, after)))
        figure = plot_reading_by_size(found, before, after)
        return figure, plain(f"Above, the mixtures; below, test error over size. {said}"), said

    show_chart(
        "reading", (asked, found.count, len(found.sizes)), drawn, HEADING, _rests_on(asked, found),
        partial(reading_to_csv, found, before, after), code_of(asked, found),
        changes=not kept.ended,
    )  # fmt: skip


def _rests_on(asked: Asked, found: ReadBySize) -> str:
    """For the title of the figure."""
    sigmas = ", ".join(f"{sigma:.2f}" for sigma in asked.scales)
    card = read_card(asked.network, folder=checkpoints.folder_of(TRAINED_ON))
    return (
        f"{MODELS[asked.network].title} · trained on size {TRAINED:g} × only · chosen σ = {sigmas} px · checkpoint "
        f"{card.sha256[:8]} · n = {found.count:,} {found.kind} a size"
    )


def code_of(asked: Asked, found: ReadBySize) -> str:
    """Python that prints the differences at every size."""
    return (
        "from core.results.reading_by_size import read_scales\n\n"
        f"scales = {tuple(asked.scales)!r}  # σ in pixels\n"
        f"found = read_scales({asked.network!r}, scales, {asked.source!r}, {found.count}, {found.sizes!r})\n"
        "for size, difference in zip(found.sizes, found.differences):\n"
        '    print(size, difference.told(), "points")\n'
    )


def _kept_of(asked: Asked) -> Kept:
    kept = st.session_state.get(_READ)
    return kept if kept and kept.asked == asked else Kept(asked)


def _keep(kept: Kept) -> None:
    """Also a callback."""
    st.session_state[_READ] = kept
