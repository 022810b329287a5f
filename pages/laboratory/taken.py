"""What is taken away of the bars of one digit: the report at all amounts, the maps, and code."""

from functools import partial

from core.equivariance import EquivarianceReport, to_csv
from core.models import MODELS
from pages.panels.charts import provenance
from pages.panels.take_away import table, take_away
from pages.panels.taken_view import code_of, maps_file, tell_digit
from pages.state.view import View

BARS = "error_bars"  # key of the container that holds them


def take_bars_away(view: View, report: EquivarianceReport) -> None:
    """The button of the bars. Args: report: of the digit that is shown, at all amounts."""
    layer = view.layer if view.layer in report.layers else report.layers[-1]
    take_away(
        BARS,
        f"Equivariance error of every layer of {MODELS[view.network].title} at {view.told}",
        provenance(view, view.network, data=tell_digit(view)),
        [table(f"digit-{view.network}", partial(to_csv, report)), maps_file(view)],
        code_of(view, layer),
    )
