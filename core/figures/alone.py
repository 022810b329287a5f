"""Charts in one HTML file that opens from disk anywhere: Plotly's script in it, a policy that forbids the network."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:"
"""Of every file that is taken away: what is in it is shown, and nothing else is asked for."""
STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem 1.25rem 4rem; color: #16202a; background: #fff;
  font: 1rem/1.5 "Source Sans 3", "Source Sans Pro", system-ui, sans-serif; }
h2 { margin: 3rem 0 0.5rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid #d5dbe1; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; }
.strip img { max-width: 100%; max-height: 8rem; }
details { margin: 0.75rem 0; }
summary { cursor: pointer; font-weight: 600; }
"""


def chart(figure: go.Figure, name: str) -> str:
    """A figure for the body of such a file. Args: name: of its element, unlike that of others."""
    return figure.to_html(full_html=False, include_plotlyjs=False, config={"responsive": True}, div_id=name)


def page(title: str, body: Sequence[str]) -> str:
    """The file. Args: title: over it, as text. body: HTML, charts among it."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><style>{STYLE}</style>'
        f"<script>{get_plotlyjs()}</script></head><body><h1>{escape(title)}</h1>\n"
        + "\n".join(body)
        + "</body></html>\n"
    )
