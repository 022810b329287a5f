"""Pictures of a figure of the page, made by the browser that shows it: as PNG or SVG, for a slide or for a column."""

from collections.abc import Sequence

from components.bundle import register

_HTML = """
<div class="pictures">
  <label for="size">Size</label><select id="size"></select>
  <label for="ground">Ground</label><select id="ground"></select>
  <div class="both">
    <button type="button" id="png">Picture, PNG</button>
    <button type="button" id="svg">Picture, SVG</button>
  </div>
  <span id="said" role="status"></span>
</div>
"""

_component = register("take_away", html=_HTML)


def offer_pictures(figure: str, title: str, text: str, file: str, colours: Sequence[tuple[str, str]] = ()) -> None:
    """Puts the choice of sizes and the buttons on the page.

    Args: figure: what is drawn: the key of a chart or of a container with a piece of HTML, or the name under which a
              component offers itself (components/shared/figures.js).
          title: over the picture. text: below it, parts with ` · ` between them. file: its name, without ending.
          colours: on a light and on a dark ground, where the figure's data have colours of their own.
    """
    data = {"figure": figure, "title": title, "text": text, "file": file, "colours": [list(pair) for pair in colours]}
    _component(key=f"take_away_{figure}", data=data)
