"""What it means that an amount falls between two steps of a network's axes."""

from collections.abc import Sequence

from core.transforms import Transform


def tell_steps(transform: Transform, amount: float, steps: Sequence[float]) -> str:
    """A sentence for an amount that T' cannot move by whole places; empty for one that it can.

    Args: steps: the amounts that it can (`Transform.steps`), besides the identity.
    """
    at_rest = sorted({transform.identity, *steps})
    if any(transform.distance(amount, step) < transform.alike / 2 for step in at_rest):
        return ""
    below = max((step for step in at_rest if step < amount), default=None)
    above = min((step for step in at_rest if step > amount), default=None)
    if below is None or above is None:
        beyond = transform.beyond or f"beyond the last of the {transform.steps_noun}: T′ {transform.between}"
        return f"{transform.told(amount)} lies {beyond}."
    two = f"{transform.number(below)} and {transform.number(above)}{transform.unit}"
    return f"{transform.told(amount)} falls between two {transform.steps_noun}, {two}: T′ {transform.between}."
