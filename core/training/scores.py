"""Prints what the cards of all checkpoints say as a Markdown table: `python -m core.training.scores`."""

import math
from collections.abc import Iterator

from core.checkpoints import Card, available, read_card
from core.data.glyphs import GLYPHS
from core.models import MODELS


def table(size: str = "small") -> Iterator[str]:
    """One row for each network that has a checkpoint of this size, in the order of the registry.

    Beside the test error stands its binomial standard error, of these weights on other images of the kind; another
    seed of the training moves it by more. Raises: CheckpointError if a card cannot be read.
    """
    yield f"| network, size `{size}` | parameters | test error on MNIST-Scale | vector digits misread | epochs |"
    yield "|---|---|---|---|---|"
    for key in MODELS:
        if not MODELS[key].control and available(key, size):
            card = read_card(key, size)
            misread = "–" if card.glyph_error is None else str(round(card.glyph_error / 100 * len(GLYPHS)))
            error = f"{card.test_error:.2f} ± {standard_error(card):.2f} %"
            yield f"| `{key}` | {card.parameters:,} | {error} | {misread} of {len(GLYPHS)} | {card.epochs} |"


def standard_error(card: Card) -> float:
    """√(p (1 − p) / n) of the test error, in percent."""
    share = card.test_error / 100
    return 100 * math.sqrt(share * (1 - share) / card.test_images)


if __name__ == "__main__":
    print("\n".join(table()))
