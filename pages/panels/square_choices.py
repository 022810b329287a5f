"""What a visitor chooses of a square beside the shared view: a second network, a map, how it is shown."""

from collections.abc import Mapping, Sequence

from components.stack_viewer import CORNER_MODES, Note, Row
from core.models import Shown, titles
from pages.panels.cell import OTHER
from pages.panels.ribbons import probability_ribbons
from pages.panels.square import commuting_square, off_step
from pages.results.stacks import SquareStack
from pages.state.links import Parameter, choice, flag, number_or_word
from pages.state.view import View

STRONGEST = "strongest"
CHANNEL, LEVEL, UNDO, CORNER = "commute_channel", "commute_level", "commute_undo", "commute_corner"


def other_parameter(others: Sequence[str]) -> Parameter:
    """The network beside the first, in the session and in the link."""
    return choice(OTHER, [None, *others], None, name="other")


def square_parameters(channels: int, places: int) -> list[Parameter]:
    """In the session and in the link. Args: channels, places: how many the layer has."""
    return [
        number_or_word(CHANNEL, STRONGEST, 1, max(1, channels), name="channel"),
        number_or_word(LEVEL, STRONGEST, 1, max(1, places), name="scale"),
        flag(UNDO, name="untransform"),
        choice(CORNER, CORNER_MODES, CORNER_MODES[0], name="corner"),
    ]


def chosen_map(channel: int | str, level: int | str) -> dict[str, int | None]:
    """Channel and place on the third axis, counted from 0, as `pages.panels.square.square_of` takes them."""
    return {"channel": _counted(channel), "level": _counted(level)}


def square_rows(
    squares: Mapping[Shown, SquareStack], view: View, mode: str, undo: bool, brief: bool = False
) -> list[Row]:
    """The squares side by side; unless brief, what the networks read, and a sentence between two steps of an axis."""
    names = titles(squares)
    panels = [commuting_square(square, view, shown, names[shown], mode, undo) for shown, square in squares.items()]
    if brief:
        return [Row(panels)]
    numbers = {shown: square.numbers for shown, square in squares.items()}
    read = probability_ribbons(view, numbers)
    rows = [Row([*panels, read] if read else panels)]
    return rows + [Row([Note(between)]) for shown in squares if (between := off_step(view, shown))]


def _counted(chosen: int | str) -> int | None:
    return None if isinstance(chosen, str) else chosen - 1
