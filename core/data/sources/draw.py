"""A visitor's own drawing; its name is the drawing itself, as text."""

from jaxtyping import Float
from torch import Tensor

from core.data.drawing import Drawing
from core.data.sources.source import NOTHING_KEPT, Code, Pad, Source, Store


class Draw(Source):
    """Strokes drawn by hand; 1 is the size at which they were drawn."""

    key, title = "draw", "Draw"
    fields = (Pad("drawn"),)
    has_strokes = True

    def check(self, name: str) -> str:
        self.scene(name)
        return name

    def title_of(self, name: str) -> str:
        return "your drawing"

    def image(self, name: str, data_scale: float = 1.0, store: Store = NOTHING_KEPT) -> Float[Tensor, "1 1 28 28"]:
        return self.scene(name).render(data_scale)

    def scene(self, name: str) -> Drawing:
        return Drawing.from_text(name)

    def code_of_one(self, name: str, data_scale: float) -> Code:
        return Code(
            ("from core.data.drawing import Drawing", "from core.data.glyphs import SizedGlyph"),
            (f"digits = [SizedGlyph(Drawing.from_text({name!r}), data_scale={data_scale!r})]",),
        )
