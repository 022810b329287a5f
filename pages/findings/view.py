"""One finding and the four ways to see it: chart, table, what it rests on, and text to take away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from core.results.finding_tables import Sources
from core.results.shared_tables import FORMATS, SharedTable, in_words, sorted_by, to_csv
from pages.panels.charts import Drawn, show_chart
from pages.panels.segments import KEEP, segments
from pages.panels.text import note
from pages.state.links import Parameter, choice, page_parameters
from pages.state.presenting import has_large_type

_WAYS = {"chart": "Chart", "table": "Table", "sources": "Sources", "share": "Share"}
_AS_DRAWN = "as in the chart"
_LIVE = "Live view"
_LANGUAGES = {"CSV": None, "LaTeX": "latex", "Markdown": "markdown"}


@dataclass(frozen=True)
class Finding:
    """What one part of the page found.

    Attributes:
        heading: what its figure shows. rests_on: n, data and the like, parts with ` · ` between them.
        draw: gives figure, alternative text and sentence. depends: everything that `draw` depends on.
        table: the same numbers and more. sources: what they rest on. code: Python that gives them again.
    """

    heading: str
    rests_on: str
    draw: Callable[[], Drawn]
    depends: tuple
    table: SharedTable
    sources: Sources
    code: str


def way_parameter(part: str) -> Parameter:
    """How a part is seen, in the link."""
    return choice(f"see_{part}", list(_WAYS), "chart")


def show_finding(part: str, finding: Finding, question: str = "") -> None:
    """The choice of a way, and what it shows; nothing else is made.

    Args: part: its name in keys and in the link. question: that it answers, beside the choice.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        if question:
            st.subheader(question, width="content")
        way = segments("Way to see it", _WAYS, f"see_{part}", label_visibility="collapsed")
    if way == "chart":
        show_chart(
            f"found_{part}", finding.depends, finding.draw, finding.heading, finding.rests_on,
            make_table=partial(to_csv, finding.table), code=finding.code,
        )  # fmt: skip
    elif way == "sources":
        st.table(
            {"Of what": list(finding.sources), "What it rests on": list(finding.sources.values())}, hide_index=True
        )
    else:
        rests_on = finding.rests_on.replace(" · ", "; ")
        table = replace(finding.table, caption=f"{finding.table.caption} {rests_on[0].upper()}{rests_on[1:]}.")
        (_show_table if way == "table" else _share)(part, _sorted(part, table))


def _sorted(part: str, table: SharedTable) -> SharedTable:
    """The table in the order that is chosen for it, so that what is shared is what is shown."""
    parameter = choice(f"sort_{part}", (_AS_DRAWN, *table.titles), _AS_DRAWN)
    page_parameters([parameter])
    title = st.selectbox("Sorted by", (_AS_DRAWN, *table.titles), key=parameter.key, persist_state=KEEP, width=260)
    return table if title == _AS_DRAWN else sorted_by(table, str(title))


def _show_table(part: str, table: SharedTable) -> None:
    note(table.caption, place=part)
    if has_large_type():  # that of a data frame does not grow
        rows = in_words(table)
        st.table({title: [row[k] for row in rows] for k, title in enumerate(table.titles)}, hide_index=True)
        return
    shown = {title: [row[k] for row in table.rows] for k, title in enumerate(table.titles)}
    kinds = {
        column.title: st.column_config.NumberColumn(format=f"%.{column.decimals}f" if column.decimals else "localized")
        for column in table.columns
        if column.decimals is not None
    }
    if table.views:
        link = st.column_config.LinkColumn(display_text="Open", help="The page that shows this row live.")
        shown, kinds = shown | {_LIVE: list(table.views)}, kinds | {_LIVE: link}
    st.dataframe(shown, hide_index=True, column_config=kinds, key=f"table_{part}", alt=table.caption, placeholder="–")


def _share(part: str, table: SharedTable) -> None:
    """The rows of this very view as text to copy, and as a file."""
    parameter = choice(f"as_{part}", list(FORMATS), "CSV")
    page_parameters([parameter])
    name = segments("As", {each: each for each in FORMATS}, parameter.key)
    ending, mime, write = FORMATS[name]
    text = write(table, _address())
    st.code(text, language=_LANGUAGES[name], wrap_lines=True)  # what scrolls by itself is out of reach of keys
    st.download_button(
        f"Download {name}", text, f"equiscope-{table.name}.{ending}", mime, key=f"take_found_{part}",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _address() -> str:
    """Of this very view; empty where the server does not know it."""
    url = st.context.url
    return f"{url}?{urlencode(st.query_params.to_dict())}".rstrip("?") if url else ""
