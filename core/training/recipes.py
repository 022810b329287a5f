"""How a network is trained: everything that, with data and seed, fixes the weights."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Adam on cross-entropy, with the learning rate falling by a schedule and the best validation epoch kept.

    Attributes:
        epochs, batch_size: passes over the training images, images a step.
        learning_rate, weight_decay: of Adam (decoupled decay).
        schedule: `steps` (× 0.1 at 1/3 and 2/3 of the epochs, as published) or `cosine` after one warm-up epoch.
        scales: range of a log-uniform random change of size of each training image, without unit.
        rotation, shift: largest random turn in degrees and shift in pixels of each training image.
    """

    epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 0.01
    weight_decay: float = 0.0
    schedule: str = "steps"
    scales: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    shift: float = 0.0


# Sosnovik et al., arXiv:1910.11093, §6.1: 60 epochs, steps at 20 and 40, without the scale augmentation ("+").
PUBLISHED = Recipe()

# Ours, for minutes on two CPU cores: a short cosine and mild affine augmentation instead of 60 epochs.
SMALL = Recipe(
    epochs=30, learning_rate=0.01, weight_decay=0.01, schedule="cosine", scales=(0.75, 1.33), rotation=8.0, shift=1.5
)


def recipe_for(size: str) -> Recipe:
    """The recipe of a size, the same for every network of that size. Raises ValueError for an unknown size."""
    recipes = {"small": SMALL, "paper": PUBLISHED}
    if size not in recipes:
        raise ValueError(f"no recipe for size {size!r}; there are {', '.join(recipes)}")
    return recipes[size]
