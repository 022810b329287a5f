"""A figure as one HTML file: the component's script, its style and its data, so that it opens from disk anywhere."""

import base64
import json
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import streamlit

from components.bundle import BUILT
from core.figures import Stack
from core.figures.alone import POLICY

_FONT = '"Source Sans", "Source Sans 3", "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
_FONTS = Path(streamlit.__file__).parent / "static" / "static" / "media"  # those of the page
_THEMES = {  # as in .streamlit/config.toml
    "light": {
        "background-color": "#ffffff", "secondary-background-color": "#f1f4f6", "text-color": "#0e141b",
        "primary-color": "#1b6087", "link-color": "#1b6087", "border-color": "#cdd5db",
    },
    "dark": {
        "background-color": "#14191e", "secondary-background-color": "#1f262d", "text-color": "#e4e9ed",
        "primary-color": "#6cb4dd", "link-color": "#7fc0e6", "border-color": "#3a454f",
    },
}  # fmt: skip
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<header><h1>{title}</h1><p>{text}</p></header>
<main id="figure"></main>
<script type="application/json" id="told">{told}</script>
<script type="module">
{script}
</script>
</body>
</html>
"""


def viewer_file(data: Mapping[str, Any], stacks: Sequence[Stack], title: str, text: str, theme: str = "light") -> str:
    """The maps under their handle.

    Args: data: as `components.stack_viewer.viewer_data` gives them. stacks: that the rows name.
          title, text: over the figure. theme: `light` or `dark`, for which the colours of the data are meant.
    """
    unique = {each.name: vars(each) for each in stacks}
    told = {"figure": "viewer", "data": data, "stacks": list(unique.values())}
    return _page("stack_viewer", told, title, text, theme)


def bench_file(data: Mapping[str, Any], title: str, text: str, theme: str = "light") -> str:
    """The bench of internal scales. Args: data: as `components.scale_axis.bench_data` gives them; else as above."""
    return _page("scale_axis", {"figure": "scale_axis", "data": data, "stacks": []}, title, text, theme)


def _page(component: str, told: Mapping[str, Any], title: str, text: str, theme: str) -> str:
    style = "\n".join([_font(), _colours(theme), _built("standalone.css"), _built(f"{component}.css")])
    return _PAGE.format(
        policy=POLICY, title=escape(title), text=escape(text), style=style.replace("</", "<\\/"),
        told=json.dumps(told, separators=(",", ":")).replace("<", "\\u003c"),
        script=_built("standalone.js").replace("</script", "<\\/script"),
    )  # fmt: skip


@cache
def _font() -> str:
    """The rule that holds the letters of the page; empty where Streamlit keeps them elsewhere."""
    for found in _FONTS.glob("SourceSansVF-Upright*.woff2"):
        letters = base64.b64encode(found.read_bytes()).decode("ascii")
        return (
            '@font-face { font-family: "Source Sans"; font-weight: 200 900; '
            f'src: url("data:font/woff2;base64,{letters}") format("woff2"); }}'
        )
    return ""


def _colours(theme: str) -> str:
    named = "".join(f"--st-{name}: {colour}; " for name, colour in _THEMES[theme].items())
    return (
        f":root {{ {named}--st-font: {_FONT}; --st-base-radius: 4px; --st-button-radius: 4px; color-scheme: {theme}; }}"
    )


def _built(name: str) -> str:
    return (BUILT / name).read_text("utf-8")
