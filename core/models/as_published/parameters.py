"""The parameters of a network of the published layout under their published names, to read them and to hand them out.

The published code numbers the parts of `nn.Sequential`, those without parameters too, so the numbers follow from the
family: a projection after every convolution of a scalar network moves them by one, the enlargement stands in front as
a part of its own (SESN and the CNN: `1.main.0.weight`) or as the first of `main` (DISCO: `main.1.weight`). The filter
basis is among the parameters. That of SESN is a formula, and has to agree; that of DISCO was trained, and is taken.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from core.bases import SampledBasis
from core.bases.sampled import centred
from core.layers import LiftingConv2d, ScaleConv2d
from core.models.as_published.wide import WideResidual
from core.models.disco import Disco
from core.models.layouts import PUBLISHED
from core.models.staged import StagedNetwork

PublishedNetwork = StagedNetwork | WideResidual
Loaded = TypeVar("Loaded", bound=StagedNetwork | WideResidual)

_SAME_BASIS = 1e-5  # published functions are float32, of norm 1 at the smallest scale
_NAMED = 3  # parameters in a message; more are counted


def published_parameters(network: PublishedNetwork) -> dict[str, Tensor]:
    """Copies of parameters, statistics and bases by published name, in the published order.

    `load_published` of a network of the same kind takes them.
    Raises: ValueError for a network of another layout.
    """
    found: dict[str, Tensor] = {}
    for prefix, part in _parts(network):
        if isinstance(part, LiftingConv2d | ScaleConv2d):
            found |= {f"{prefix}.{name}": value for name, value in part.named_parameters(recurse=False)}
            found[prefix + _basis_ending(network)] = _basis(network, part).to(part.weight)
        else:
            found |= {f"{prefix}.{name}": value for name, value in part.state_dict().items()}
    return {name: value.detach().clone() for name, value in found.items()}


def load_published(network: Loaded, parameters: Mapping[str, Any]) -> Loaded:
    """Puts published parameters into a network of the published layout, all of them or none; returns the network.

    Args: network: of `published` or `published_wide`, or built with `layout="published"`; in training mode it stays.
          parameters: a published `state_dict()`, read for example by `torch.load(path, weights_only=True)`.
    Raises: ValueError, in one sentence, if parameters are missing, unknown or of another shape, are no finite numbers,
        or a basis of SESN is not that of its scales; for a network of another layout.
    """
    expected = published_parameters(network)
    _check(expected, parameters)
    bases: dict[LiftingConv2d | ScaleConv2d, SampledBasis] = {}
    for prefix, part in _parts(network):
        if isinstance(part, LiftingConv2d | ScaleConv2d):
            name = prefix + _basis_ending(network)
            if isinstance(network, Disco):
                bases[part] = SampledBasis(part.basis.internal_scales, parameters[name].detach().double().cpu())
            elif not torch.allclose(parameters[name].to(expected[name]), expected[name], rtol=0, atol=_SAME_BASIS):
                raise ValueError(f"{name} is the basis of another network: scales, sides or functions differ")
    for part, basis in bases.items():
        part.use(basis)
    with torch.no_grad():
        for prefix, part in _parts(network):
            for name, value in part.state_dict(keep_vars=True).items():
                value.copy_(parameters[f"{prefix}.{name}"])
    return network


def _check(expected: Mapping[str, Tensor], parameters: Mapping[str, Any]) -> None:
    if missing := [name for name in expected if name not in parameters]:
        raise ValueError(f"the parameters lack {_list(missing)}")
    if unknown := [str(name) for name in parameters if name not in expected]:
        raise ValueError(f"the network has no parameter {_list(unknown)}")
    for name, value in expected.items():
        given = parameters[name]
        if not isinstance(given, Tensor):
            raise ValueError(f"{name} should be a tensor, got {type(given).__name__}")
        if given.shape != value.shape:
            raise ValueError(f"{name} should have the shape {tuple(value.shape)}, got {tuple(given.shape)}")
        if given.is_complex() or not bool(given.isfinite().all()):
            raise ValueError(f"{name} should hold finite real numbers")


def _list(names: list[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _parts(network: PublishedNetwork) -> Iterator[tuple[str, nn.Module]]:
    """Every part with parameters, in the published order, with the beginning of its published names."""
    if isinstance(network, WideResidual):
        yield from network.published_parts()
        return
    if getattr(network.config, "layout", None) != PUBLISHED:
        raise ValueError(f'expected a network built with layout="published", got {type(network).__name__} without')
    is_disco, place, head = isinstance(network, Disco), 0, network.head
    outer = "1." if network.config.enlarge > 1 and not is_disco else ""
    place += is_disco
    for number, conv in enumerate(network.convs, start=1):
        yield f"{outer}main.{place}", conv
        place += 3 + (number in network.projects)  # what follows has an activation and a pooling in front
        if number < 3:
            yield f"{outer}main.{place}", network.norms[number - 1]
            place += 1
    yield ("pool.4" if is_disco else f"{outer}main.{place}"), head.norm
    for place, part in ((0, head.first), (1, head.first_norm), (4, head.last)):
        yield f"{outer}linear.{place}", part


def _basis_ending(network: PublishedNetwork) -> str:
    return ".basis.basis" if isinstance(network, Disco) else ".basis"


def _basis(network: PublishedNetwork, conv: LiftingConv2d | ScaleConv2d) -> Tensor:
    return centred(conv.basis.kernels(), network.config.filter_side or conv.basis.size)
