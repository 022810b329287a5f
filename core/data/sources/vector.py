"""Vector digits, drawn from their strokes: `3-round`."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from core.data.glyphs import GLYPHS, HANDS, Glyph, glyph
from core.data.sources.source import NOTHING_KEPT, Code, Options, Pictures, Source, Store, sized

_IMPORT = "from core.data.glyphs import "


class Vector(Source):
    """Ten digits in every hand; a name is digit and hand."""

    key, title, title_of_many = "vector", "Vector", "Vector digits"
    fields = (Options("digit", "Which digit", tuple(range(10)), 3), Options("hand", "Hand", HANDS, HANDS[0]))
    has_strokes, count = True, len(GLYPHS)

    def name_of(self, values: Mapping[str, object]) -> str:
        return f"{values['digit']}-{values['hand']}"

    def check(self, name: str) -> str:
        return self.scene(name).name

    def title_of(self, name: str) -> str:
        found = self.scene(name)
        return f"vector digit {found.digit}, {found.hand}"

    def image(self, name: str, data_scale: float = 1.0, store: Store = NOTHING_KEPT) -> Float[Tensor, "1 1 28 28"]:
        return self.scene(name).render(data_scale)

    def scene(self, name: str) -> Glyph:
        return glyph(name)

    def first(self, count: int, data_scale: float = 1.0, drawn: bool = False, start: int = 0) -> Pictures:
        scenes = sized(GLYPHS[start:count], data_scale)
        return scenes if drawn else torch.cat([each.render() for each in scenes])

    def name_at(self, place: int) -> str:
        return GLYPHS[place].name

    def label_of(self, name: str) -> int:
        return self.scene(name).digit

    def values_of(self, name: str) -> dict[str, str | int]:
        found = self.scene(name)
        return {"digit": found.digit, "hand": found.hand}

    def code_of_one(self, name: str, data_scale: float) -> Code:
        return Code(
            (_IMPORT + "SizedGlyph, glyph",),
            (f"digits = [SizedGlyph(glyph({name!r}), data_scale={data_scale!r})]",),
        )

    def code_of_first(self, count: int, data_scale: float) -> Code:
        return Code(
            (_IMPORT + "GLYPHS, SizedGlyph",),
            (f"digits = [SizedGlyph(each, data_scale={data_scale!r}) for each in GLYPHS[:{count}]]",),
        )
