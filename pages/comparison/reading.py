"""What two networks misread: test errors over the size of the digits, and the digits that they read differently."""

from html import escape

import numpy as np
import streamlit as st
from jaxtyping import Float

from core.figures import data_uri, mosaic, plot_size_curves, png_bytes
from core.models import MODELS
from core.results.findings import size_curves
from core.results.study import RunLine
from core.sentences import explain_test_errors, plain
from core.transforms import TRANSFORMS
from pages.comparison.choose import Pair
from pages.findings import tables
from pages.panels import cell
from pages.panels.charts import Drawn, show_chart
from pages.panels.pictures import percent
from pages.panels.text import say
from pages.results.comparison import Disagreement, disagreements, pictures_of
from pages.state.presenting import grown
from pages.state.session import choose_amount, choose_digit
from pages.state.view import Digit, View

_MOST, _WIDTH = 12, 150  # pictures, and the screen pixels of each: two stand side by side on a phone
_PIXEL = 5  # screen pixels of one of a picture


def show_test_sizes(pair: Pair) -> None:
    """A chart for each part of the study that trained both as they are; one sentence without any."""
    try:
        runs = [run for run in tables.study() if run.size == "small" and not run.setting]
    except (OSError, ValueError) as error:
        st.warning(f"The table of the study cannot be read: {error}.")
        return
    first, second = pair.first, pair.second
    if (first.key, first.trained_on) == (second.key, second.trained_on):
        say("The study tests networks as they were trained, so it does not tell these two apart.")
        return
    if first.trained_on == second.trained_on:
        parts = sorted(dict.fromkeys(run.part for run in runs), key=lambda part: part != first.trained_on)
        charts = [{MODELS[each.key].title: _of(runs, each.key, part) for each in (first, second)} for part in parts]
    else:
        charts = [{each.title_with_digits: _of(runs, each.key, each.trained_on) for each in (first, second)}]
    finished = [of for of in charts if all(of.values())]
    for of in finished:
        _show_part(of)
    if not finished:
        say("The study has not trained both of these networks, so there are no test errors to compare.")


def _of(runs: list[RunLine], key: str, part: str) -> list[RunLine]:
    return [run for run in runs if (run.part, run.network) == (part, key)]


def _show_part(of: dict[str, list[RunLine]]) -> None:
    parts = [each[0].part for each in of.values()]

    def drawn() -> Drawn:
        said = explain_test_errors(of)
        curves = [curve for runs, part in zip(of.values(), parts, strict=True) for curve in size_curves(runs, part)]
        return plot_size_curves(curves, list(of)), plain(f"Test error over size. {said}"), said

    runs = [len(each) for each in of.values()]
    trained = f"Trained on {' and '.join(dict.fromkeys(parts))}"
    show_chart(
        f"test_sizes_{parts[0].split()[0]}", (*tables.version(), *parts, *of), drawn,
        f"Test error of {' and '.join(of)} over the size of the digits",
        f"{trained} · n = {' and '.join(map(str, runs))} realisations · "
        f"{next(iter(of.values()))[0].images_per_scale:,} digits a size",
    )  # fmt: skip


def show_disagreements(view: View, pair: Pair, count: int) -> None:
    """Digits that A and B read differently at some amount, the surest first; a click opens one on /commute.

    Raises: CheckpointError, ValueError.
    """
    specs = [MODELS[each.key] for each in (pair.first, pair.second)]
    if silent := [spec for spec in specs if not spec.reads_digits]:
        say(f"{silent[0].title} {silent[0].not_reading}, so it reads no digits.")
        return
    found = disagreements(pair.first, pair.second, pair.sample, count)
    say(_told(pair, found, count), place="disagree")
    shown = found[:_MOST]
    pictures = pictures_of(pair.sample, shown)
    with st.container(horizontal=True, gap="small"):
        for each, picture in zip(shown, pictures, strict=True):
            with st.container(width=grown(_WIDTH)):
                st.html(_picture(pair, each, picture))
                st.button(
                    _label(each), key=f"disagree_{each.place}", help="See both networks on this digit, live.",
                    on_click=_open, args=(view, pair, each), width="stretch",
                )  # fmt: skip


def _told(pair: Pair, found: list[Disagreement], count: int) -> str:
    """On how many digits they disagree, and who is right how often."""
    amounts = f"{len(pair.sample.amounts)} {TRANSFORMS[pair.sample.transform].noun}s"
    if not found:
        return f"They read all {count} digits alike at {amounts}."
    a, b = (sum(read == each.label for each, read in zip(found, reads, strict=True)) for reads in (
        [each.first[0] for each in found], [each.second[0] for each in found],
    ))  # fmt: skip
    return (
        f"They disagree on **{len(found)} of {count} digits** at one or more of {amounts}. Where they are surest, A is "
        f"right on {a}, B on {b}."
    )


def _label(each: Disagreement) -> str:
    marks = ["✓" if read == each.label else "✗" for read in (each.first[0], each.second[0])]
    return f"A reads {each.first[0]} {marks[0]}, B {each.second[0]} {marks[1]}"


def _picture(pair: Pair, each: Disagreement, picture: Float[np.ndarray, "1 h w"]) -> str:
    told = TRANSFORMS[pair.sample.transform].told(each.amount)
    sure = f"A {percent(each.first[1])}, B {percent(each.second[1])} sure"
    source = data_uri(png_bytes(mosaic(picture, 1, 0.0, 1.0, "viridis", _PIXEL)))
    alt = f"Digit {each.label}, {told}"
    return (
        f'<figure class="eq-panel"><img src="{source}" alt="{escape(alt)}" width="{grown(picture.shape[-1] * _PIXEL)}">'
        f"<figcaption>{escape(f'{alt}; {sure}')}</figcaption></figure>"
    )


def _open(view: View, pair: Pair, each: Disagreement) -> None:
    """Callback: digit, amount and both networks, to be shown on /commute."""
    choose_digit(Digit(pair.sample.source, each.name, pair.sample.data_scale))
    choose_amount(view.transform, each.amount)
    same = (pair.first.key, pair.first.trained_on) == (pair.second.key, pair.second.trained_on)
    cell.leave_for(view, None if same else pair.second)
