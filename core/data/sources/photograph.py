"""The photographs that come along, in colour, for networks that take three channels: `cat-masked`."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor

from core.data.colour_photographs import colour_photograph
from core.data.sources.source import NOTHING_KEPT, SIDE, Code, Options, Source, Store

_FILES = {"astronaut": "astronaut.jpg", "cat": "chelsea.jpg", "coffee": "coffee.jpg", "rocket": "rocket.jpg"}
_TITLES = {"astronaut": "an astronaut", "cat": "a cat", "coffee": "a cup of coffee", "rocket": "a rocket"}
_EDGES = ("masked", "mirrored")  # as `core.equivariance.edge`


class Photograph(Source):
    """Four photographs; a name is which one, and what is taken for what lies beyond its edge.

    They fill their canvas, whatever its side, so no data scale changes them.
    """

    key, title = "photograph", "Photograph"
    fields = (
        Options("photograph", "Which photograph", tuple(_FILES), "astronaut"),
        Options("edge", "Beyond its edge", _EDGES, "masked"),
    )
    in_colour, has_size = True, False

    def name_of(self, values: Mapping[str, object]) -> str:
        return f"{values['photograph']}-{values['edge']}"

    def check(self, name: str) -> str:
        which, _, edge = name.partition("-")
        if which not in _FILES or edge not in _EDGES:
            known = f"{', '.join(_FILES)} with {' or '.join(f'-{each}' for each in _EDGES)}"
            raise ValueError(f"a photograph is one of {known}, got {name!r}")
        return name

    def title_of(self, name: str) -> str:
        return f"a photograph of {_TITLES[self._which(name)]}"

    def edge_of(self, name: str) -> str:
        return self.check(name).partition("-")[2]

    def image(self, name: str, data_scale: float = 1.0, store: Store = NOTHING_KEPT) -> Float[Tensor, "1 3 28 28"]:
        return self.on_canvas(name, SIDE)

    def on_canvas(
        self, name: str, side: int, data_scale: float = 1.0, store: Store = NOTHING_KEPT
    ) -> Float[Tensor, "1 3 side side"]:
        return colour_photograph(_FILES[self._which(name)], side)

    def values_of(self, name: str) -> dict[str, str | int]:
        which, _, edge = self.check(name).partition("-")
        return {"photograph": which, "edge": edge}

    def code(self, name: str, count: int | None, data_scale: float, side: int = SIDE) -> Code:
        if count is not None:
            return super().code(name, count, data_scale, side)
        return Code(
            ("from core.data.colour_photographs import colour_photograph",),
            (f"digits = colour_photograph({_FILES[self._which(name)]!r}, {side})",),
        )

    def code_of_one(self, name: str, data_scale: float) -> Code:
        return self.code(name, None, data_scale)

    def _which(self, name: str) -> str:
        return self.check(name).partition("-")[0]
