"""Training on STL-10 as published: the pipeline of its images, and `python -m core.training.stl10`."""

from core.training.stl10.pipeline import STEPS, Step, augmented

__all__ = ["STEPS", "Step", "augmented"]
