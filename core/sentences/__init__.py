"""Reports in words: every sentence that explains a result is made here, the one place to translate."""

from core.sentences.as_published import (
    DSS_PUBLISHED,
    PARK_PUBLISHED,
    explain_correlation,
    explain_residuals,
    explain_shrunk_errors,
    explain_shrunk_reading,
)
from core.sentences.budget import explain_budget
from core.sentences.comparison import (
    explain_cells,
    explain_test_errors,
    tell_layers_compared,
    tell_outcome,
    tell_prices,
    tell_read_layer,
    tell_times,
)
from core.sentences.equivariance import (
    describe_error,
    explain_argmax_scale,
    explain_curves,
    explain_difference,
    explain_heatmap,
    tell_layers,
    tell_network,
)
from core.sentences.findings import (
    explain_checkpoints,
    explain_payoff,
    explain_readings,
    explain_sizes,
    explain_standings,
)
from core.sentences.fit import compare_isrs, describe_bench, explain_fit, tell_dips
from core.sentences.lie_derivative import explain_lie_derivative
from core.sentences.markdown import as_html, paragraphs, plain
from core.sentences.measured import explain_error_against_isr, explain_error_over_scale, explain_learned_scales
from core.sentences.photographs import explain_photographs
from core.sentences.reading_by_size import tell_agreement, tell_reading
from core.sentences.readings import first_errors, tell_first_errors
from core.sentences.steps import tell_steps
from core.sentences.trajectories import explain_trajectories

__all__ = [
    "DSS_PUBLISHED",
    "PARK_PUBLISHED",
    "as_html",
    "compare_isrs",
    "describe_bench",
    "describe_error",
    "explain_argmax_scale",
    "explain_budget",
    "explain_cells",
    "explain_checkpoints",
    "explain_correlation",
    "explain_curves",
    "explain_difference",
    "explain_error_against_isr",
    "explain_error_over_scale",
    "explain_fit",
    "explain_heatmap",
    "explain_learned_scales",
    "explain_lie_derivative",
    "explain_payoff",
    "explain_photographs",
    "explain_readings",
    "explain_residuals",
    "explain_shrunk_errors",
    "explain_shrunk_reading",
    "explain_sizes",
    "explain_standings",
    "explain_test_errors",
    "explain_trajectories",
    "first_errors",
    "paragraphs",
    "plain",
    "tell_agreement",
    "tell_dips",
    "tell_first_errors",
    "tell_layers",
    "tell_layers_compared",
    "tell_network",
    "tell_outcome",
    "tell_prices",
    "tell_read_layer",
    "tell_reading",
    "tell_steps",
    "tell_times",
]
