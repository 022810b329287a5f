"""Tells a term: its definition beside it, by mouse, touch and keyboard.

A term is `<dfn class="eq-term" tabindex="0" aria-description="its definition">`, on the page or in the shadow root of
any component; a screen reader reads the description by itself.
"""

from components.bundle import register

_component = register("glossary")


def glossary() -> None:
    """Listens on the whole page; draws nothing where it stands."""
    _component(key="glossary")
