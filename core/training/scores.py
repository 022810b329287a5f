"""Prints what the cards of all checkpoints say as a Markdown table: `python -m core.training.scores --size small`."""

import argparse
from collections.abc import Iterator

from core.checkpoints import available, read_card
from core.data.glyphs import GLYPHS
from core.models import MODELS
from core.results.published import MNIST_SCALE


def table(size: str = "small") -> Iterator[str]:
    """One row for each network that has a checkpoint of this size, in the order of the registry.

    Beside the test error stands its binomial standard error, of these weights on other images of the kind; another
    seed of the training moves it by more. Raises: CheckpointError if a card cannot be read.
    """
    published = size == "paper"  # what the papers print is of this size
    yield from _head(size, published)
    for key in MODELS:
        if MODELS[key].has_checkpoints and available(key, size):
            card = read_card(key, size)
            misread = "–" if card.glyph_error is None else str(round(card.glyph_error / 100 * len(GLYPHS)))
            error = f"{card.test_error:.2f} ± {card.standard_error:.2f} %"
            row = f"| `{key}` | {card.parameters:,} | {error} | {misread} of {len(GLYPHS)} | {card.epochs} |"
            theirs = f"{MNIST_SCALE[key]:.2f} %" if key in MNIST_SCALE else "–"
            yield f"{row} {theirs} |" if published else row


def _head(size: str, published: bool) -> Iterator[str]:
    titles = [f"network, size `{size}`", "parameters", "test error on MNIST-Scale", "vector digits misread", "epochs"]
    titles += ["as published"] if published else []
    yield f"| {' | '.join(titles)} |"
    yield "|---" * len(titles) + "|"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m core.training.scores", description=__doc__)
    parser.add_argument("--size", choices=("small", "paper"), default="small")
    print("\n".join(table(parser.parse_args().size)))


if __name__ == "__main__":
    main()
