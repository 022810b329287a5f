"""Parts of /results that stand beside the figures of two publications, and what these print."""

from collections.abc import Collection, Mapping

from core.figures import (
    plot_correlation,
    plot_park_published,
    plot_published_bars,
    plot_residuals,
    plot_shrunk_errors,
    plot_shrunk_reading,
)
from core.models import MODELS
from core.results import published
from core.results import tables_as_published as tables_of
from core.results.dss_residual import POSITIONS, WHOLE, ResidualLine
from core.results.park import OURS, RESAMPLER, THEIRS, ZOOM
from core.results.scale_correlation import ScaleCorrelation
from core.sentences import (
    DSS_PUBLISHED,
    PARK_PUBLISHED,
    explain_correlation,
    explain_residuals,
    explain_shrunk_errors,
    explain_shrunk_reading,
    plain,
)
from pages.findings import tables
from pages.findings.view import Finding
from pages.panels.charts import Drawn
from pages.panels.segments import segments
from pages.state.links import choice

Groups = Collection[str]
_SHRUNK: Mapping[str, str] = {
    "reading": "Accuracy", "zoomed": "Accuracy, its zoom", "l2": "Equivariance error", "spectral": "Its own error",
}  # fmt: skip
_LEVELS: Mapping[str, str] = {"levels": "Level by level", "whole": "Error over layers", "middle": "Far from the border"}
SHRUNK = choice("shrunk", list(_SHRUNK), "reading")
LEVELS = choice("dss", list(_LEVELS), "levels")
NOBODY = "None of the networks that this study compares is in the chosen groups."
_READING = """from core.results.park import read_reading

for each in read_reading():
    print(each.network, each.shrunk, each.resampler, each.accuracy.told())
"""
_ERRORS = """from core.results.park import read_equivariance

for each in read_equivariance():
    print(each.network, each.layer, each.shrunk, each.error, each.mean, each.low, each.high)
"""
_RESIDUALS = """from core.results.dss_residual import read_residuals

for each in read_residuals():
    print(each.correlations, each.level, each.halvings, each.positions, each.mean)
"""
_CORRELATION = """from core.results.scale_correlation import shown_correlation

found = shown_correlation()
print(found.levels.shape, found.response.shape, found.dilations)
"""
_PUBLISHED = """from core.results import published

print(published.PCAM, published.CITYSCAPES, published.PARK_READ)
"""


def shrunk(groups: Groups) -> Finding | str:
    """Accuracy or error of four networks on smaller digits. Raises: OSError, ValueError, as all of these."""
    what = segments("Show", _SHRUNK, SHRUNK.key)
    return _shrunk_reading(groups, what) if what in ("reading", "zoomed") else _shrunk_errors(groups, what)


def _shrunk_reading(groups: Groups, what: str) -> Finding | str:
    resampler = RESAMPLER if what == "reading" else ZOOM
    lines = [x for x in tables.shrunk_reading() if x.resampler == resampler and _is_in(x.network, groups)]
    if not lines:
        return NOBODY

    def draw() -> Drawn:
        said = explain_shrunk_reading(lines)
        return plot_shrunk_reading(lines), plain(f"Accuracy over how much digits are shrunk. {said}"), said

    heading = "Accuracy on smaller digits"
    rests_on = f"n = {lines[0].images:,} MNIST test digits · {resampler} · size small"
    table, sources = tables_of.shrunk_reading_table(lines), tables_of.sources_of_shrunk_reading(lines)
    return Finding(heading, rests_on, draw, (what, *groups, *_changed(lines)), table, sources, _READING)


def _shrunk_errors(groups: Groups, what: str) -> Finding | str:
    error = OURS if what == "l2" else THEIRS
    lines = [x for x in tables.shrunk_errors() if x.error == error and _is_in(x.network, groups)]
    if not lines:
        return NOBODY

    def draw() -> Drawn:
        said = explain_shrunk_errors(lines)
        return plot_shrunk_errors(lines), plain(f"Error over how much digits are shrunk. {said}"), said

    heading = "Equivariance error on smaller digits" if error == OURS else "The study's own error on smaller digits"
    rests_on = f"n = {lines[0].images} MNIST test digits · {lines[0].resampler} · 16–84 % of digits"
    table, sources = tables_of.shrunk_error_table(lines), tables_of.sources_of_shrunk_errors(lines)
    return Finding(heading, rests_on, draw, (what, *groups, *_changed(lines)), table, sources, _ERRORS)


def deep_scale_space(groups: Groups) -> Finding | str:
    """The two figures of the poster; the groups of networks change nothing here."""
    what = segments("Show", _LEVELS, LEVELS.key)
    return _correlation(tables.correlation()) if what == "levels" else _residuals(POSITIONS[what == "middle"])


def _correlation(found: ScaleCorrelation) -> Finding:
    def draw() -> Drawn:
        said = explain_correlation(found)
        alternative = f"Maps of {len(found.levels)} levels with the kernels that read them and the response. {said}"
        return plot_correlation(found), plain(alternative), said

    rests_on = f"Deep scale-spaces, two levels a filter · checkpoint {found.checkpoint[:8]} · {found.digit}"
    return Finding(
        "A scale correlation, level by level", rests_on, draw, (found.checkpoint,),
        tables_of.correlation_table(found), tables_of.sources_of_correlation(found), _CORRELATION,
    )  # fmt: skip


def _residuals(positions: str) -> Finding:
    lines: list[ResidualLine] = [line for line in tables.residuals() if line.positions == positions]

    def draw() -> Drawn:
        said = explain_residuals(lines)
        return plot_residuals(lines), plain(f"Residual over the size of the photograph, by level. {said}"), said

    first = lines[0]
    where = "whole map" if positions == WHOLE else "middle half of the map"
    rests_on = f"random weights · n = {first.photographs} photographs × {first.seeds} seeds · {first.side} px · {where}"
    return Finding(
        "Equivariance error (normalised L2) over layers", rests_on, draw, (positions, first.commit, len(lines)),
        tables_of.residual_table(lines), tables_of.sources_of_residuals(lines), _RESIDUALS,
    )  # fmt: skip


def poster_table(groups: Groups) -> Finding:
    """Table 1 of the poster of deep scale-spaces."""
    said = DSS_PUBLISHED

    def draw() -> Drawn:
        return (
            plot_published_bars(published.DSS_TABLE, "%"),
            plain(f"Accuracy on PCam and mAP on Cityscapes. {said}"),
            said,
        )

    return Finding(
        "Deep scale-spaces as published", "Poster · Table 1", draw, (),
        tables_of.dss_published_table(), tables_of.sources_of_published(published.DSS_POSTER), _PUBLISHED,
    )  # fmt: skip


def study_numbers(groups: Groups) -> Finding:
    """What chanhopark's study prints or plots."""
    said = PARK_PUBLISHED

    def draw() -> Drawn:
        return plot_park_published(), plain(f"Published accuracies over how much digits are shrunk. {said}"), said

    return Finding(
        "Accuracy on smaller digits as published", "chanhopark00/scale_equivariance · n = 10,000 digits", draw, (),
        tables_of.park_published_table(), tables_of.sources_of_published(published.PARK), _PUBLISHED,
    )  # fmt: skip


def _is_in(key: str, groups: Groups) -> bool:
    return not groups or MODELS[key].group in groups


def _changed(lines: Collection) -> tuple[str, ...]:
    """Of which weights and code the lines are."""
    return tuple(dict.fromkeys(f"{line.network} {line.checkpoint} {line.commit} {len(lines)}" for line in lines))
