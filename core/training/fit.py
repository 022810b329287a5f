"""A training run that can be killed at any moment and goes on where it last saved.

Every step draws its batch, its augmentation and its dropout from the seed, the epoch and the step alone, so a run
that was interrupted ends with the very weights of one that was not (same machine, same number of threads).
"""

import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import safetensors.torch
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from torch import Tensor

from core import files, typed_json
from core.models import Network
from core.training.augment import augment
from core.training.evaluate import as_images, error_rate
from core.training.optimiser import AdamW
from core.training.recipes import PhotographRecipe, Recipe

Progress = Callable[[int, int, float], None]  # epoch, step, loss
AnyRecipe = Recipe | PhotographRecipe


@runtime_checkable
class Labelled(Protocol):
    """Images, pixels from 0 to 255 (n, c, h, w), and the class of each (n)."""

    @property
    def images(self) -> Tensor: ...

    @property
    def labels(self) -> Tensor: ...


class Fit:
    """One network on its way through one recipe.

    Args: network: trained in place. recipe, seed: see above. folder: where the state is kept.
          save_every: seconds between two saves within an epoch.
    """

    def __init__(
        self, network: Network, recipe: AnyRecipe, seed: int, folder: Path, device: str = "cpu", save_every: float = 60
    ):
        self.network, self.recipe, self.seed = network.to(device), recipe, seed
        self.path, self.device, self.save_every = folder / "state.safetensors", device, save_every
        self.groups = network.parameter_groups()
        self.optimizer = self.make_optimizer()
        self.epoch, self.step, self.elapsed = 0, 0, 0.0
        self.history: list[dict[str, Any]] = []
        self.best_error, self.best = math.inf, self._weights()
        self._losses, self._alone = 0.0, False

    def make_optimizer(self) -> torch.optim.Optimizer:
        """What the recipe steps with, one group of parameters for each of the network's."""
        usual = self.recipe.weight_decay
        groups = [
            {"params": g.parameters, "weight_decay": usual if g.weight_decay is None else g.weight_decay}
            for g in self.groups
        ]
        return AdamW(groups, lr=self.recipe.learning_rate)

    def learning_rate(self, progress: float) -> float:
        """Of the recipe, after `progress` epochs."""
        assert isinstance(self.recipe, Recipe)
        return self.recipe.learning_rate * schedule(self.recipe, progress)

    def inputs(self, pixels: Tensor, generator: torch.Generator) -> Tensor:
        """What the network is trained on, from stored pixels."""
        assert isinstance(self.recipe, Recipe)
        return augment(as_images(pixels), self.recipe, generator)

    def loss(self, inputs: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
        """What a step makes smaller; `inputs` as above, on the device. Args: generator: for what it draws itself."""
        return F.cross_entropy(self.network(inputs), labels)

    @property
    def identity(self) -> str:
        """What a state must share to be continued."""
        config = asdict(self.network.config)
        return json.dumps({"config": config, "recipe": asdict(self.recipe), "seed": self.seed}, sort_keys=True)

    @property
    def finished(self) -> bool:
        return self.epoch >= self.recipe.epochs

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other process trains in the same folder until the block ends; may be nested, and `run` does it itself.

        Raises: core.files.InUse if another one does; OSError if the folder cannot be used.
        """
        if self._alone:
            yield
            return
        with files.lock(self.path):
            self._alone = True
            try:
                yield
            finally:
                self._alone = False

    def run(
        self,
        training: Labelled,
        validation: Labelled | None,
        max_minutes: float = math.inf,
        progress: Progress | None = None,
    ) -> bool:
        """Trains until the last epoch or for `max_minutes`; True if the recipe is finished.

        Afterwards the network holds the weights of the best validation epoch if finished, else the current ones.
        Without validation images the best epoch is the last.
        Raises: as `alone`; OSError if the state cannot be saved, and the one saved before stays.
        """
        with self.alone():
            return self._run(training, validation, max_minutes, progress)

    def _run(
        self, training: Labelled, validation: Labelled | None, max_minutes: float, progress: Progress | None
    ) -> bool:
        started = saved = time.monotonic()
        before = self.elapsed
        while not self.finished:
            for loss in self._steps(training):
                now = time.monotonic()
                self.elapsed = before + now - started
                if progress:
                    progress(self.epoch, self.step, loss)
                if now - started > 60 * max_minutes:
                    self.save()
                    return False
                if now - saved > self.save_every:
                    self.save()
                    saved = time.monotonic()
            self._close_epoch(validation, len(training.labels))
            self.elapsed = before + time.monotonic() - started
            self.save()
        self.network.load_state_dict(self.best)
        return True

    def save(self) -> None:
        """Writes the whole state, complete or not at all."""
        tensors = {f"network.{name}": tensor for name, tensor in self._weights().items()}
        tensors |= {f"best.{name}": tensor for name, tensor in self.best.items()}
        for index, values in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": torch.as_tensor(value).cpu() for name, value in values.items()}
        counters = {
            "identity": self.identity, "epoch": self.epoch, "step": self.step, "elapsed": self.elapsed,
            "history": self.history, "best_error": self.best_error, "losses": self._losses,
        }  # fmt: skip
        files.write(self.path, safetensors.torch.save(tensors, metadata={"state": json.dumps(counters)}))

    def forget(self) -> None:
        """Removes the saved state. Raises: OSError."""
        self.path.unlink(missing_ok=True)

    def resume(self) -> bool:
        """Continues from the saved state, if there is one.

        Raises: ValueError, in one sentence that names the file, if it is damaged or belongs to another configuration,
            recipe or seed; the fit is then to be thrown away.
        """
        if not self.path.is_file():
            return False
        try:
            data = self.path.read_bytes()
            tensors = safetensors.torch.load(data)
            counters = typed_json.loads(_metadata(data)["state"])
            identity = counters["identity"]
        except (OSError, SafetensorError, ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{self.path} is damaged: {_line(error)}") from error
        if identity != self.identity:
            raise ValueError(f"{self.path} holds another run: {identity}, expected {self.identity}")
        try:
            self._take(counters, tensors)
        except (RuntimeError, ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{self.path} is damaged: {_line(error)}") from error
        return True

    def _take(self, counters: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        self.network.load_state_dict(_under("network.", tensors))
        self.best = _under("best.", tensors)
        self._load_optimizer(_under("optimizer.", tensors))
        self.epoch, self.step, self.elapsed = counters["epoch"], counters["step"], counters["elapsed"]
        self.history, self.best_error = counters["history"], counters["best_error"]
        self._losses = counters["losses"]
        if self.finished:
            self.network.load_state_dict(self.best)

    def _steps(self, training: Labelled) -> Iterator[float]:
        order = torch.randperm(len(training.labels), generator=self._generator(self.epoch))
        batches = order.split(self.recipe.batch_size)
        if self.step == 0:
            self._losses = 0.0
        while self.step < len(batches):
            chosen = batches[self.step]
            loss = self._train_on(training, chosen, (self.epoch * len(batches) + self.step) / len(batches))
            self._losses += loss * len(chosen)
            self.step += 1
            yield loss

    def _train_on(self, training: Labelled, chosen: Tensor, progress: float) -> float:
        generator = self._generator(self.epoch, self.step + 1)
        inputs = self.inputs(training.images[chosen], generator)
        torch.manual_seed(self._generator(self.epoch, self.step + 1).initial_seed())
        self.network.train()
        for group, own in zip(self.optimizer.param_groups, self.groups, strict=True):
            warmed = min(1.0, progress / own.warm_up) if own.warm_up else 1.0
            group["lr"] = self.learning_rate(progress) * own.rate * warmed
        loss = self.loss(inputs.to(self.device), training.labels[chosen].to(self.device), generator)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())

    def validation_error(self, validation: Labelled) -> float:
        """In %; the weights of the epoch with the least are kept."""
        return error_rate(self.network, validation.images, validation.labels)

    def _close_epoch(self, validation: Labelled | None, num_images: int) -> None:
        record: dict[str, Any] = {"epoch": self.epoch + 1, "loss": round(self._losses / num_images, 5)}
        error = self.best_error
        if validation is not None:
            error = self.validation_error(validation)
            record["validation_error"] = round(error, 3)
        self.history.append(record | self.network.state_of_interest())
        if error <= self.best_error:
            self.best_error, self.best = error, self._weights()
        self.epoch, self.step = self.epoch + 1, 0

    def _generator(self, *place: int) -> torch.Generator:
        key = self.seed
        for number in place:
            key = key * 1_000_003 + number + 1
        return torch.Generator().manual_seed(key % 2**63)

    def _weights(self) -> dict[str, Tensor]:
        return {name: tensor.detach().cpu().clone() for name, tensor in self.network.state_dict().items()}

    def _load_optimizer(self, tensors: dict[str, Tensor]) -> None:
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            index, key = name.split(".", 1)
            state.setdefault(int(index), {})[key] = tensor
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": state})


def schedule(recipe: Recipe, progress: float) -> float:
    """Share of the learning rate after `progress` epochs. Raises ValueError for an unknown schedule."""
    if recipe.schedule == "steps":
        return 0.1 ** min(2, int(3 * progress / recipe.epochs))
    if recipe.schedule != "cosine":
        raise ValueError(f"schedule must be 'steps' or 'cosine', got {recipe.schedule!r}")
    if progress < 1:
        return 0.1 + 0.9 * progress
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - 1) / max(1, recipe.epochs - 1))))


def _metadata(data: bytes) -> dict[str, str]:
    """Of safetensors: JSON after eight bytes that say how long it is."""
    length = int.from_bytes(data[:8], "little")
    return dict(typed_json.loads(data[8 : 8 + length])["__metadata__"])


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
