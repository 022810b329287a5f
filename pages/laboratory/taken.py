"""What is taken away of the bars of one digit: a file that works by itself, the report, the maps, and code."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from components.stack_viewer import Row, viewer_data
from components.standalone import viewer_file
from core.equivariance import EquivarianceReport, to_csv
from pages.panels.charts import provenance
from pages.panels.handle import handle_at
from pages.panels.take_away import Taken, interactive, signed, table
from pages.panels.taken_view import code_of, maps_file, name_of, tell_digit, theme_now
from pages.state.session import current_amount
from pages.state.view import View


def bars_taken(view: View, rows: Sequence[Row], report: EquivarianceReport) -> Taken:
    """The bars as their handle stands now. Args: rows: as shown. report: of the shown digit, at all amounts."""
    view = replace(view, amount=view.transform.nearest(view.amounts, current_amount(view.transform)))
    heading, theme = f"Equivariance error of every layer of {view.shown().title}", theme_now()
    rests_on, name = provenance(view.shown(), data=tell_digit(view)), f"digit-{name_of(view.shown())}"

    def alone() -> str:
        return viewer_file(viewer_data(handle_at(view, view.amount), rows), [], heading, signed(rests_on), theme)

    files = [interactive(name, alone), table(name, partial(to_csv, report)), maps_file(view)]
    layer = view.layer if view.layer in report.layers else report.layers[-1]
    return Taken(heading, rests_on, files, code_of(view, layer))
