"""The handle of a view: where it stands, and what is done where it is let go."""

from components.stack_viewer import Handle
from pages.state.session import choose_amount
from pages.state.view import View


def handle_at(view: View, amount: float) -> Handle:
    """The handle of the view's transform, which stands at an amount."""
    transform = view.transform
    return Handle(
        view.amounts, amount, view.steps, transform.identity, list(transform.ticks(transform.handle_amounts).items()),
        transform.label, transform.symbol, transform.unit, transform.log,
        [(*down, *across) for down, across in map(transform.point, view.amounts)],
        transform.decimals, f"one of the {transform.steps_noun}",
    )  # fmt: skip


def take_over(view: View, amount: float) -> None:
    """Sets the amount that a handle of the view reports; for a callback."""
    choose_amount(view.transform, view.transform.nearest(view.amounts, amount))
