"""All maps of one layer as a part of the viewer, and which of them is open, in a link too."""

import re

from components.stack_viewer import Layer, Maps
from pages.panels.square import image_panel
from pages.results.kernels import KernelStack
from pages.results.stacks import LayerStack
from pages.state.links import Parameter
from pages.state.view import View

_SPELLED = re.compile(r"([0-9]{1,4})(?:\.([0-9]{1,4}))?")


def opened_map(num_channels: int, num_places: int) -> Parameter:
    """The open map: `map=3.2` is channel 3 at the second place of the third axis, `map=3` channel 3 on a plane."""

    def parse(asked: str) -> str:
        if not _SPELLED.fullmatch(asked):
            raise ValueError(asked)
        return asked if "." in asked or num_places == 1 else f"{asked}.1"

    def fit(opened: str) -> str:
        found = _SPELLED.fullmatch(opened)
        if not found:
            return ""
        channel, place = (min(max(1, int(n or 1)), most) for n, most in zip(found.groups(), most_of, strict=True))
        return f"{channel}.{place}" if num_places > 1 else str(channel)

    most_of = (num_channels, num_places)
    return Parameter("maps_opened", "", parse, fit=fit, name="map")


def layer_part(found: LayerStack, kernels: KernelStack | None, view: View) -> Layer:
    """T x, and the maps of every place with their kernels."""
    image = image_panel("tx", "T x", f"{view.digit.title}, {view.transform.done}", found.stack.name, found.tx)
    return Layer(image, _places(found, view.layer), _kernels(kernels, len(found.names)) if kernels else [])


def _places(found: LayerStack, layer: str) -> list[Maps]:
    return [
        Maps(
            f"{layer}-{place}", name, _sees(found.fields[place]), found.stack.name, found.planes(place), columns=4,
            receptive=found.fields[place],
        )
        for place, name in enumerate(found.names)
    ]  # fmt: skip


def _sees(field: int | None) -> str:
    return "sees the whole image" if field is None else f"sees {field}×{field} px"


def _kernels(found: KernelStack, num_places: int) -> list[Maps]:
    shared = ", one for all" if len(found.sides) < num_places else ""
    return [
        Maps(
            f"kernel-{size}", "Its kernel", f"{side}×{side} px, of the first input channel{shared}", found.stack.name,
            found.planes(size),
        )
        for size, side in enumerate(found.sides)
    ]  # fmt: skip
