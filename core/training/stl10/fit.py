"""A training run on photographs, which goes on where it last saved as every `Fit`."""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from core.models.as_published import WideResidual
from core.training.evaluate import as_images
from core.training.fit import Fit
from core.training.recipes import PhotographRecipe
from core.training.stl10.pipeline import augmented


class PhotographFit(Fit):
    """As `Fit`, with gradient descent and the pipeline of core.training.stl10; the last weights are kept."""

    network: WideResidual
    recipe: PhotographRecipe

    def make_optimizer(self) -> torch.optim.Optimizer:
        recipe = self.recipe
        return torch.optim.SGD(
            [{"params": group.parameters} for group in self.groups],
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=True,
        )

    def learning_rate(self, progress: float) -> float:
        return self.recipe.rate_after(int(progress))

    def inputs(self, pixels: UInt8[Tensor, "b 3 h w"], generator: torch.Generator) -> Float[Tensor, "b 3 96 96"]:
        return augmented(as_images(pixels), generator.initial_seed())

    def loss(
        self, inputs: Float[Tensor, "b 3 h w"], labels: Int64[Tensor, " b"], generator: torch.Generator
    ) -> Float[Tensor, ""]:
        return F.cross_entropy(self.network.of_normalised(inputs), labels)
