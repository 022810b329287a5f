"""The parts of /results: which rows each shows of the networks that are chosen, and in which figure and words."""

from collections.abc import Collection
from functools import partial

import streamlit as st

from core.data.dynamic_scale_mnist import RANGES
from core.figures import (
    plot_checkpoints,
    plot_error_curves,
    plot_payoff,
    plot_published,
    plot_readings,
    plot_size_curves,
    plot_standings,
)
from core.models import MODELS
from core.results import finding_tables as tables_of
from core.results.efficientnet import LAYERS, reports
from core.results.equivariance import FACTORS, RESAMPLER
from core.results.finding_tables import RESAMPLED
from core.results.findings import ALL_SIZES, ONE_SIZE, gain_over_baseline, in_groups, payoffs, readings, size_curves
from core.results.published import MNIST_SCALE
from core.sentences import (
    explain_checkpoints,
    explain_payoff,
    explain_photographs,
    explain_readings,
    explain_sizes,
    explain_standings,
    plain,
)
from core.sentences.photographs import TITLES, seeds_of
from core.tolerance import published_fit
from pages.bench import learning, measured
from pages.findings import as_published, tables
from pages.findings.view import Finding
from pages.panels.charts import Drawn
from pages.panels.segments import KEEP, segments
from pages.state.links import choice

Groups = Collection[str]
_AGAINST = {"equivariance": "Equivariance error", "parameters": "Parameters", "milliseconds": "Milliseconds"}
_TRAINED = {ONE_SIZE: "One size", ALL_SIZES: "All sizes"}
_TOY = {"isr": "Chosen range of scales", "learned": "Learned scales"}
AGAINST = choice("pay", list(_AGAINST), "equivariance")
TRAINED = choice("part", list(_TRAINED), ONE_SIZE)
TOY = choice("toy", list(_TOY), "isr")
_PUBLICATIONS = {"basting": "MNIST-Scale", "poster": "PCam and Cityscapes", "study": "Smaller digits"}
PUBLICATION = choice("publication", list(_PUBLICATIONS), "basting")
PHOTOGRAPH_LAYER = choice("photograph_layer", list(LAYERS.values()), "block 8")
NOBODY = "No network of the chosen groups is in this table yet."
_STUDY = """from core.results.by_size import FOLDER
from core.results.findings import {name}
from core.results.study import read_runs

for each in {name}(read_runs(FOLDER / "study.csv"){more}):
    print(each.network, each.{field})
"""
_RANKING = """from core.results.means import read, standings

for each in standings(read()):
    print(each.network, each.classifier.mean, each.classifier.ci_low, each.classifier.ci_high)
"""
_CARDS = """from core.results.findings import read_checkpoints

for each in read_checkpoints()[0]:
    print(each.card.key, each.card.size, each.card.test_error, each.card.standard_error)
"""
_PHOTOGRAPHS = """from core.results.efficientnet import LAYERS, difference, read_lines

for layer in LAYERS.values():
    print(layer, difference(read_lines(), "random, normalised", layer, s=1.25992).told())
"""
_PUBLISHED = """from core.results.published import MNIST_SCALE

print(MNIST_SCALE)
"""


def reading(groups: Groups) -> Finding | str:
    """Test error of every network. Raises: OSError, ValueError, as all of these."""
    found = in_groups(readings(tables.study()), groups)
    if not found:
        return NOBODY
    runs = [run for each in found for run in each.runs]

    def draw() -> Drawn:
        said = explain_readings(found)
        return plot_readings(found), plain(f"Test error of {len(found)} networks. {said}"), said

    rests_on = f"MNIST-Scale, all sizes · size small · {_realisations([each.error.n for each in found])}"
    sources = tables_of.sources_of_runs(runs, RESAMPLED[ALL_SIZES])
    code = _STUDY.format(name="readings", more="", field="error.told()")
    return Finding(
        "Test error", rests_on, draw, (*tables.version(), *groups), tables_of.reading_table(found), sources, code
    )


def equivariance(groups: Groups) -> Finding | str:
    """The ranking by equivariance error."""
    found = in_groups(tables.standings(), groups)
    if not found:
        return NOBODY

    def draw() -> Drawn:
        said = explain_standings(found)
        return plot_standings(found), plain(f"Equivariance error of {len(found)} networks. {said}"), said

    factors = f"{len(FACTORS)} factors from {min(FACTORS):g} to {max(FACTORS):g}"
    rests_on = f"n = {found[0].classifier.images} MNIST digits · mean over {factors} · {RESAMPLER}"
    table, sources = tables_of.ranking_table(found), tables_of.sources_of_means(found)
    return Finding("Equivariance error", rests_on, draw, (*tables.version(), *groups), table, sources, _RANKING)


def paying(groups: Groups) -> Finding | str:
    """Test error against equivariance error, parameters or time."""
    against = segments("Against", _AGAINST, AGAINST.key)
    found = in_groups(payoffs(readings(tables.study()), tables.standings(), tables.times()), groups)
    if not found:
        return NOBODY

    def draw() -> Drawn:
        said = explain_payoff(found, against)
        return plot_payoff(found, against), plain(f"Test error against {_AGAINST[against].lower()}. {said}"), said

    rests_on = f"MNIST-Scale · size small · n = {len(found)} networks"
    sources, heading = tables_of.sources_of_payoff(found), f"Test error against {_AGAINST[against].lower()}"
    code = _STUDY.format(name="readings", more="", field="error.mean, each.parameters")
    return Finding(
        heading, rests_on, draw, (*tables.version(), *groups, against), tables_of.payoff_table(found), sources, code
    )


def sizes(groups: Groups) -> Finding | str:
    """Test error over the size of the digits."""
    part = segments("Trained on", _TRAINED, TRAINED.key)
    runs = tables.study()
    found = in_groups(size_curves(runs, part), groups)
    if not found:
        return f"The study has no finished run of the part *{part}* yet." if not groups else NOBODY
    keys = {each.network for each in found}

    def draw() -> Drawn:
        said = explain_sizes(gain_over_baseline(runs, part), part)
        return plot_size_curves(found), plain(f"Test error of {len(found)} networks over size. {said}"), said

    counts = [error.n for each in found for error in each.errors]
    rests_on = f"trained on {part} · {found[0].images:,} digits at each size · {_realisations(counts)}"
    own = [run for run in runs if run.part == part and run.network in keys]
    sources = tables_of.sources_of_runs(own, f"{RESAMPLED[part]}; the sizes that are read: {RESAMPLED[ONE_SIZE]}")
    code = _STUDY.format(name="size_curves", more=f", {part!r}", field="errors")
    depends, table = (*tables.version(), *groups, part), tables_of.size_table(found, part)
    return Finding("Test error over the size of the digits", rests_on, draw, depends, table, sources, code)


def scales(groups: Groups) -> Finding | str:
    """What the toy network says of internal scales, chosen and learned; it is in no group."""
    if segments("Study", _TOY, TOY.key) == "learned":
        return _learned()
    errors, fits = tables.isr_errors(), dict(zip(RANGES, published_fit(), strict=True))
    draw, n = partial(measured.draw_against_isr, errors, fits), f"{len(errors[0].seeds)} seeds"
    sources = tables_of.sources_of_toy("isr", f"{n}, {errors[0].images:,} test digits each")
    table, rests_on = tables_of.isr_table(errors, fits), measured.rests_on(errors[0])
    depends = tuple(each.error.tobytes() for each in errors)
    return Finding(measured.HEADING, rests_on, draw, depends, table, sources, measured.CODE_OF_ERRORS)


def checkpoints(groups: Groups) -> Finding | str:
    """Test error of the weights that are shipped."""
    rows, complaints = tables.shipped()
    for complaint in complaints:
        st.warning(complaint)
    found = in_groups(rows, groups)
    if not found:
        return NOBODY

    def draw() -> Drawn:
        said = explain_checkpoints(found)
        return plot_checkpoints(found), plain(f"Test error of {len(found)} checkpoints. {said}"), said

    rests_on = f"{len(found)} checkpoints · {found[0].card.test_images:,} test images each · ± 1 standard error"
    depends = tuple(row.card.sha256 for row in found)
    table, sources = tables_of.checkpoint_table(found), tables_of.sources_of_checkpoints(found)
    return Finding("Test error of the checkpoints", rests_on, draw, depends, table, sources, _CARDS)


def photographs(groups: Groups) -> Finding | str:
    """Error of one layer of EfficientNet-Lite0 over the factor, with published and with random weights."""
    lines, key = tables.photographs(), PHOTOGRAPH_LAYER.key
    layer = str(st.selectbox("Layer", LAYERS.values(), key=key, persist_state=KEEP, width=300))
    named = {TITLES[weights]: report for weights, report in reports(lines).items()}

    def draw() -> Drawn:
        said = explain_photographs(lines, layer)
        alternative = plain(f"Equivariance error of {layer} of EfficientNet-Lite0 over the scale factor. {said}")
        return plot_error_curves(named, layer, costs=False), alternative, said

    first, heading = lines[0], f"Equivariance error of {layer} of EfficientNet-Lite0"
    rests_on = (
        f"n = {len(first.photographs)} photographs · {first.side} px · {seeds_of(lines)} seeds · {first.resampler}"
    )
    depends = layer, tuple(each.error.tobytes() for each in named.values())
    table, sources = tables_of.photograph_table(lines), tables_of.sources_of_photographs(lines)
    return Finding(heading, rests_on, draw, depends, table, sources, _PHOTOGRAPHS)


def published(groups: Groups) -> Finding | str:
    """What a publication prints, and nothing of ours."""
    source = segments("Publication", _PUBLICATIONS, PUBLICATION.key)
    if source != "basting":
        return as_published.poster_table(groups) if source == "poster" else as_published.study_numbers(groups)
    pairs = [pair for pair in MNIST_SCALE.items() if not groups or MODELS[pair[0]].group in groups]
    found = dict(sorted(pairs, key=lambda pair: pair[1]))
    if not found:
        return NOBODY
    said = (
        "**Not measured here**: networks of about 495,000 parameters on 56×56 pixels, without scale augmentation. The "
        "nearest of ours are the checkpoints of size *paper*."
    )

    def draw() -> Drawn:
        return plot_published(list(found.items())), plain(f"Published test errors. {said}"), said

    table, rests_on = tables_of.published_table(found), "Basting, Table 5 · mean over six realisations"
    return Finding(
        "Test error as published", rests_on, draw, tuple(found), table, tables_of.PUBLISHED_SOURCES, _PUBLISHED
    )


def _learned() -> Finding:
    runs = tables.learned_scales()
    data = [name for name in RANGES if any(run.data == name for run in runs)][-1]
    shown = [run for run in runs if run.data == data]
    sources = tables_of.sources_of_toy("learning", f"{len(runs)} runs")
    depends = tuple((run.mode, run.initial_isr, run.isr) for run in shown)
    return Finding(
        learning.HEADING, learning.rests_on(shown), partial(learning.draw_learned, shown), depends,
        tables_of.learned_table(runs), sources, learning.CODE,
    )  # fmt: skip


def _realisations(counts: Collection[int]) -> str:
    least, most = min(counts), max(counts)
    several = f"{least} to {most}" if least != most else str(most)
    return f"n = {several} realisation{'s' * (most > 1)} a network"
