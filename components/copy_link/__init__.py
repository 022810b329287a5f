"""The button that copies the link to the present view; its script also keeps the URL true (docs/decisions/0004)."""

from components.bundle import register

_HTML = """
<div class="link">
  <button type="button" id="copy">Copy link to this view</button>
  <span id="said" role="status"></span>
  <input id="field" type="text" readonly aria-label="Link to this view" hidden>
</div>
"""

_component = register("copy_link", html=_HTML)


def copy_link() -> None:
    """Shows the button. A tab that finds its server again reports it here, only so that a run begins."""
    _component(key="copy_link", on_returned_change=lambda: None)
