"""How a network is trained: everything that, with data and seed, fixes the weights."""

import math
from dataclasses import dataclass

DRAWS = ("log-uniform", "uniform")
RESAMPLING = ("bilinear", "bicubic")


@dataclass(frozen=True)
class Recipe:
    """Adam on cross-entropy, with the learning rate falling by a schedule and the best validation epoch kept.

    Attributes:
        epochs, batch_size: passes over the training images, images a step.
        learning_rate, weight_decay: of Adam (decoupled decay).
        schedule: `steps` (× 0.1 at 1/3 and 2/3 of the epochs, as published) or `cosine` after one warm-up epoch.
        scales: range of a random change of size of each training image, without unit.
        draws: how sizes are drawn in it, `log-uniform` (ours) or `uniform` (as published).
        resampling: of the changed images, `bilinear` (ours) or `bicubic` (as published).
        rotation, shift: largest random turn in degrees and shift in pixels of each training image.
    Raises: ValueError for epochs or batches that are no whole number of at least 1, rates that are no numbers, or an
        unknown way to draw or to resample.
    """

    epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 0.01
    weight_decay: float = 0.0
    schedule: str = "steps"
    scales: tuple[float, float] = (1.0, 1.0)
    rotation: float = 0.0
    shift: float = 0.0
    draws: str = "log-uniform"
    resampling: str = "bilinear"

    def __post_init__(self) -> None:
        for name, count in (("epochs", self.epochs), ("batch_size", self.batch_size)):
            if type(count) is not int or count < 1:
                raise ValueError(f"{name} must be a whole number of at least 1, got {count!r}")
        for name, rate in (("learning_rate", self.learning_rate), ("weight_decay", self.weight_decay)):
            if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate < math.inf:
                raise ValueError(f"{name} must be a number of at least 0, got {rate!r}")
        for name, known in (("draws", DRAWS), ("resampling", RESAMPLING)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be {' or '.join(known)}, got {getattr(self, name)!r}")


@dataclass(frozen=True)
class PhotographRecipe:
    """Stochastic gradient descent with Nesterov's momentum, the learning rate falling in steps, the last epoch kept.

    Source: Sosnovik et al., arXiv:1910.11093, §6.2, and `experiments_stl.sh` of github.com/ISosnovik/sesn (deaa16c),
    which trains on all labelled photographs and validates on none. The pipeline of the images is that of
    core.training.stl10, and has no settings.
    Attributes:
        epochs, batch_size: passes over the training images, images a step.
        learning_rate, momentum, weight_decay: of the descent; decay is added to the gradient.
        milestones: shares of the epochs after which the learning rate is multiplied by `factor`.
    Raises: ValueError for epochs or batches that are no whole number of at least 1.
    """

    epochs: int = 1000
    batch_size: int = 128
    learning_rate: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    milestones: tuple[float, ...] = (0.3, 0.4, 0.6, 0.8)
    factor: float = 0.2

    def __post_init__(self) -> None:
        for name, count in (("epochs", self.epochs), ("batch_size", self.batch_size)):
            if type(count) is not int or count < 1:
                raise ValueError(f"{name} must be a whole number of at least 1, got {count!r}")

    def rate_after(self, epochs: int) -> float:
        """The learning rate of the epoch that begins after so many."""
        passed = sum(epochs >= round(share * self.epochs) for share in self.milestones)
        return self.learning_rate * self.factor**passed

    @classmethod
    def for_batches_of(cls, size: int) -> "PhotographRecipe":
        """As published for 128 images a step, and for 64: the learning rate goes with the size of a step."""
        return cls(batch_size=size, learning_rate=cls.learning_rate * size / cls.batch_size)


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
