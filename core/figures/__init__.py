"""Figures: a report goes in; a Plotly figure, or a picture of feature maps, comes out."""

from core.figures.as_published import (
    plot_correlation,
    plot_park_published,
    plot_published_bars,
    plot_residuals,
    plot_shrunk_errors,
    plot_shrunk_reading,
)
from core.figures.budget import plot_budget
from core.figures.colour import (
    CLASS_COLOURS,
    COLOUR_MAPS,
    NETWORK_STYLES,
    NO_VALUE,
    NetworkStyle,
    colour_table,
    colourise,
    colourscale,
    network_style,
    symmetric_range,
)
from core.figures.comparison import NONE_FOUND, plot_cell_differences, plot_differences
from core.figures.equivariance import (
    plot_error_curves,
    plot_error_difference,
    plot_error_heatmap,
)
from core.figures.findings import (
    plot_checkpoints,
    plot_payoff,
    plot_published,
    plot_readings,
    plot_size_curves,
    plot_standings,
)
from core.figures.large_type import enlarge
from core.figures.lie_derivative import plot_lie_derivative
from core.figures.measured import (
    plot_error_against_isr,
    plot_error_over_scale,
    plot_joint_fits,
)
from core.figures.mosaic import data_uri, mosaic, png_bytes
from core.figures.points import figure_to_csv
from core.figures.reading_by_size import plot_reading_by_size
from core.figures.stack import Plane, Stack, quantise, stack
from core.figures.strip import strip
from core.figures.trajectories import Trajectory, plot_trajectories

__all__ = [
    "CLASS_COLOURS",
    "COLOUR_MAPS",
    "NETWORK_STYLES",
    "NONE_FOUND",
    "NO_VALUE",
    "NetworkStyle",
    "Plane",
    "Stack",
    "Trajectory",
    "colour_table",
    "colourise",
    "colourscale",
    "data_uri",
    "enlarge",
    "figure_to_csv",
    "mosaic",
    "network_style",
    "plot_budget",
    "plot_cell_differences",
    "plot_checkpoints",
    "plot_correlation",
    "plot_differences",
    "plot_error_against_isr",
    "plot_error_curves",
    "plot_error_difference",
    "plot_error_heatmap",
    "plot_error_over_scale",
    "plot_joint_fits",
    "plot_lie_derivative",
    "plot_park_published",
    "plot_payoff",
    "plot_published",
    "plot_published_bars",
    "plot_reading_by_size",
    "plot_readings",
    "plot_residuals",
    "plot_shrunk_errors",
    "plot_shrunk_reading",
    "plot_size_curves",
    "plot_standings",
    "plot_trajectories",
    "png_bytes",
    "quantise",
    "stack",
    "strip",
    "symmetric_range",
]
