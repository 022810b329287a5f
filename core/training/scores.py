"""Prints what the cards of all checkpoints say as a Markdown table: `python -m core.training.scores`."""

from collections.abc import Iterator

from core.checkpoints import available, read_card
from core.data.glyphs import GLYPHS
from core.models import MODELS


def table(size: str = "small") -> Iterator[str]:
    """One row for each network that has a checkpoint of this size, in the order of the registry.

    Raises: CheckpointError if a card cannot be read.
    """
    yield f"| network, size `{size}` | parameters | test error on MNIST-Scale | vector digits misread | epochs |"
    yield "|---|---|---|---|---|"
    for key in MODELS:
        if not MODELS[key].control and available(key, size):
            card = read_card(key, size)
            misread = "–" if card.glyph_error is None else str(round(card.glyph_error / 100 * len(GLYPHS)))
            yield (
                f"| `{key}` | {card.parameters:,} | {card.test_error:.2f} % | {misread} of {len(GLYPHS)} "
                f"| {card.epochs} |"
            )


if __name__ == "__main__":
    print("\n".join(table()))
