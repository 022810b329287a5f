"""Trains again every network that has a checkpoint, as its card says: `python -m core.training.retrain`.

What a card says is checked before it becomes part of a command; its line `command` is for people, and not run.
"""

import argparse
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from core import checkpoints
from core.checkpoints import Card, CheckpointError, read_card
from core.data.mnist_scale import REALISATIONS
from core.models import MODELS
from core.training.recipes import recipe_for


def cards(folder: Path = checkpoints.FOLDER) -> list[Card]:
    """Those of a folder, in the order of their names. Raises: CheckpointError."""
    found = []
    for path in sorted(folder.glob("*.json")):
        key, _, size = path.stem.rpartition("-")
        card = read_card(key, size, folder)
        if (card.key, card.size) != (key, size):
            raise CheckpointError(f"The card {path.name} is of {card.key}-{card.size}.")
        found.append(card)
    return found


def arguments_of(card: Card) -> list[str]:
    """What `python -m core.training` needs to train this network again.

    Raises: CheckpointError if the card names no network, size or realisation that there is.
    """
    spec, realisation = MODELS.get(card.key), card.data.get("realisation")
    if spec is None or spec.control or card.size not in spec.sizes:
        raise CheckpointError(f"The card of {card.key}-{card.size} names no network and size that can be trained.")
    if type(realisation) is not int or not 0 <= realisation < REALISATIONS:
        raise CheckpointError(
            f"The card of {card.key}-{card.size} must name a realisation of 0 to {REALISATIONS - 1}, got {realisation}."
        )
    if card.epochs < 1:
        raise CheckpointError(f"The card of {card.key}-{card.size} must name 1 epoch or more, got {card.epochs}.")
    usual = card.epochs == recipe_for(card.size).epochs
    epochs = [] if usual else ["--epochs", str(card.epochs)]
    return [card.key, "--size", card.size, "--realisation", str(realisation), "--seed", str(card.seed), *epochs]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m core.training.retrain", description=__doc__)
    parser.add_argument("--list", action="store_true", help="print the commands and run none")
    parser.add_argument("--folder", type=Path, default=checkpoints.FOLDER, help="of the cards, and of what is trained")
    options = parser.parse_args(arguments)
    try:
        commands = [arguments_of(card) for card in cards(options.folder)]
    except CheckpointError as error:
        print(error, file=sys.stderr)
        return 2
    for command in commands:
        print(shlex.join(["python", "-m", "core.training", *command]), flush=True)
        if options.list:
            continue
        run = [sys.executable, "-m", "core.training", *command, "--out", str(options.folder.resolve())]
        if status := subprocess.run(run).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
