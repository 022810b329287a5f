"""Training: recipes, a resumable fit, evaluation on whole splits; yields results and draws nothing."""

from core.training.evaluate import error_rate
from core.training.fit import Fit
from core.training.recipes import Recipe, recipe_for

__all__ = ["Fit", "Recipe", "error_rate", "recipe_for"]
