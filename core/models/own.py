"""Networks of one's own in the table: a Python file with `networks = {"mine": module}`, run once.

Whoever starts a process names the file; it is code of theirs, and nobody else can bring one. Every module is made
measurable by `wrap`, or comes wrapped already, and joins MODELS in the group `yours`. What cannot be taken is told in a
sentence, and the others are taken.
"""

import importlib.util
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.models.network import NUM_CLASSES
from core.models.registry import MODELS, Group, ModelSpec
from core.models.wrapped import WrappedNetwork, wrap

VARIABLE = "EQUISCOPE_NETWORKS"  # of the environment, which names the file
GROUP: Group = "yours"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_MODULE = "equiscope_networks"  # name under which the file is imported
_SIDES = (28, 32, 64, 96, 128, 224)  # pixels of a canvas, those of a digit first; the first that it takes is shown
_OF_COLOURS = (96, 128, 224, 64, 32, 28)  # of a module of three channels: a photograph of 28 pixels shows little
LARGEST = 256  # pixels of a canvas that the pages show
_LONGEST = 300  # letters of an error that is not ours


@dataclass(frozen=True)
class OwnConfig:
    """Of a network of one's own: there is nothing to set."""


def add_networks(path: Path) -> tuple[str, ...]:
    """Puts the networks of a file into MODELS. Returns: a sentence for the file, or each network, that has an error."""
    try:
        networks = _networks_of(path)
    except ValueError as error:
        return (f"{path.name}: {error}.",)
    complaints = []
    for name, module in networks.items():
        try:
            checked = _checked(name)
            MODELS[checked] = _spec(checked, module, path)
        except ValueError as error:
            complaints.append(f"{path.name}: the network {str(name)[:40]!r} is left out: {error}.")
    return tuple(complaints)


def remove_networks() -> None:
    """Takes all networks of one's own out of MODELS again."""
    for name in [name for name, spec in MODELS.items() if spec.group == GROUP]:
        del MODELS[name]


def _networks_of(path: Path) -> Mapping[Any, Any]:
    """What the file names `networks`. Raises: ValueError, in words that follow its name."""
    if not path.is_file():
        raise ValueError(f"there is no such file, as {VARIABLE} names it")
    spec = importlib.util.spec_from_file_location(_MODULE, path)
    if spec is None or spec.loader is None:
        raise ValueError("it is no Python file, whose name ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module  # copies of its networks ask for their classes there
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last: what lies beside the file can be imported, and hides nothing
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: the file is anybody's
        raise ValueError(f"{_place(error, path)} {_told(error)}") from error
    networks = getattr(module, "networks", None)
    if not isinstance(networks, Mapping) or not networks:
        raise ValueError('it must say networks = {"a name": a module, …}, with one network at least')
    return networks


def _checked(name: Any) -> str:
    """Raises: ValueError for what cannot stand in a link, or is taken."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError("a name begins with a letter and has at most 40 letters, digits, - and _")
    taken = {each.lower() for key, spec in MODELS.items() for each in (key, spec.title)}
    if name.lower() in taken:
        raise ValueError("another network has this name already")
    return name


def _spec(name: str, module: Any, path: Path) -> ModelSpec:
    """Raises: ValueError for a module that cannot be measured on images of the pages."""
    if not isinstance(module, nn.Module):
        raise ValueError(f"it is no module, but {type(module).__name__}")
    try:
        network = module if isinstance(module, WrappedNetwork) else _wrapped(module)
        if network.trained_canvas > LARGEST:
            raise ValueError(f"its canvas has {network.trained_canvas} pixels a side, at most {LARGEST} are shown")
        answer = _answer(network)
    except Exception as error:  # the module is anybody's
        raise ValueError(_told(error)) from error
    reads = isinstance(answer, Tensor) and answer.shape == (1, NUM_CLASSES)
    side = network.trained_canvas
    return ModelSpec(
        name, lambda _: network, {"small": OwnConfig()}, f"{path.name}, on this machine", GROUP,
        " ".join(_summary(network, reads)), answers_digits=reads, code=_code(name, path, module, side),
        canvas=side, channels=network.channels,
    )  # fmt: skip


def _wrapped(module: nn.Module) -> WrappedNetwork:
    """On the first canvas that it takes. Raises: as `wrap`, of the first that was tried."""
    network = _first(module, _SIDES)
    return _first(module, _OF_COLOURS) if network.channels == 3 else network


def _first(module: nn.Module, sides: Sequence[int]) -> WrappedNetwork:
    try:
        return wrap(module, canvas=sides[0])
    except Exception:  # the module is anybody's
        for side in sides[1:]:
            with suppress(Exception):
                return wrap(module, canvas=side)
        raise


def _answer(network: WrappedNetwork) -> Any:
    """To a blank image of the pages. Raises: whatever the module does."""
    blank = torch.zeros(1, 1, network.trained_canvas, network.trained_canvas)
    with torch.no_grad():
        network.features(blank)
        return network.eval().requires_grad_(False)(blank)


def _summary(network: WrappedNetwork, reads: bool) -> Iterator[str]:
    """What a visitor must know of it."""
    yield "Brought by whoever started this server."
    if network.channels > 1:
        colour = ", a photograph is shown in colour" if network.channels == 3 else ""
        yield f"It takes {network.channels} channels: the grey digit is repeated in each{colour}."
    if network.trained_canvas != _SIDES[0]:
        yield f"Its images have {network.trained_canvas} pixels a side."
    if reads:
        yield "Its ten answers are taken for the digits 0 to 9."
    else:
        yield "It does not answer with ten classes, so it reads no digits."
    if network.left_out:
        yield f"{len(network.left_out)} of its layers have no even grid on the image and are left out."


def _code(name: str, path: Path, module: nn.Module, canvas: int) -> tuple[str, ...]:
    """Python that makes it again, for what a page gives to take away: imports, and an expression."""
    given = f"networks[{name!r}]"
    wrapped = isinstance(module, WrappedNetwork)
    imports = (f"from {path.stem} import networks", *(() if wrapped else ("from core.models import wrap",)))
    return (*imports, given if wrapped else f"wrap({given}, canvas={canvas})")


def _place(error: BaseException, path: Path) -> str:
    """Where in the file it ended."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return f"line {error.lineno} cannot be read:"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"it ended in line {lines[-1]}:" if lines else "it cannot be run:"


def _told(error: BaseException) -> str:
    first = next(iter(str(error).splitlines()), "").rstrip(".")[:_LONGEST]
    return first if type(error) is ValueError and first else f"{type(error).__name__}{first and f' ({first})'}"
